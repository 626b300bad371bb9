// SPDX-License-Identifier: MIT
// Trapgate's processor in the child's place: ring 3 under paging, with the pages, descriptors and gates that an i386
// process has on an x86-64 Linux, as far as ring 3 can tell.
// Source: case.hpp; Linux's GDT as its LAR and LSL show it to a program.
#pragma once

#include "test_memory.hpp"

#include <memory>
#include <span>

namespace trapgate::silicon {

class EmulatedProcessor {
  public:
    /// `processor_descriptor_limit`: see NativeProcessor; the recorded sample was made on processor 0.
    explicit EmulatedProcessor(uint32_t processor_descriptor_limit = 0);
    ~EmulatedProcessor();

    /// Answers `cases` in order. REQUIRES: both spans have the same length.
    void run(std::span<const Case> cases, std::span<Outcome> outcomes);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace trapgate::silicon
