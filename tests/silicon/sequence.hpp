// SPDX-License-Identifier: MIT
// Tests of several instructions in a row, which one instruction at a time cannot judge: decoded blocks, fused pairs, flags that
// nobody reads, links between blocks, and the exact state when the third of five faults.
// Source: the rows of the instruction table that neither branch nor touch segments; flags by their columns.
#pragma once

#include "generator.hpp"

namespace trapgate::silicon {

class SequenceGenerator {
  public:
    /// REQUIRES: `shapes` is the whole table and outlives the generator.
    SequenceGenerator(std::span<const Shape> shapes, uint64_t seed);

    /// Two to six instructions, perhaps in a loop, perhaps ended by a conditional jump; runs to int3.
    Question make(uint64_t index) const;

  private:
    std::vector<const Shape*> shapes_;
    std::vector<Shape> name_;
    uint64_t seed_;
};

} // namespace trapgate::silicon
