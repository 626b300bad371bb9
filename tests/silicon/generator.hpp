// SPDX-License-Identifier: MIT
// Case number N of seed S: the same on every host, whatever ran before it.
// Source: the shapes of the instruction table (shape.hpp).
#pragma once

#include "shape.hpp"
#include "values.hpp"

#include <functional>
#include <span>

namespace trapgate::silicon {

/// A test and the row it is about.
struct Question {
    Case test;
    const Shape* shape;
    uint32_t operand_address = 0; // linear, of a ModRM memory operand
    bool is_sequence = false;
    uint32_t sequence_undefined = 0; // flags that the sequence leaves undefined at its end
    uint32_t sequence_doubtful = 0;  // flags that are undefined anywhere inside it
};

/// Gives case `number` of a series.
using Series = std::function<Question(uint64_t number)>;

/// REQUIRES: `shapes` holds at least one without an excuse.
class Generator {
  public:
    Generator(std::span<const Shape> shapes, uint64_t seed);

    /// Rows take turns, so that N cases give each row about N / rows of them; every eighth case has no row at all.
    Question make(uint64_t index) const;

  private:
    const Shape& choose(uint64_t index) const;

    std::vector<const Shape*> shapes_, undefined_;
    uint64_t seed_;
};

} // namespace trapgate::silicon
