// SPDX-License-Identifier: MIT
// The host's processor as an oracle: runs batches of tests in a 32-bit child (native/child.cpp) over shared memory.
// Source: our protocol with the child, stated in case.hpp and native/child.cpp.
#pragma once

#include "case.hpp"

#include <span>
#include <stdexcept>
#include <string>

namespace trapgate::silicon {

/// The host cannot answer: no 32-bit programs, no child executable, or a test that killed the child.
struct NativeFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class NativeProcessor {
  public:
    /// `child_path` is the executable built from native/child.cpp. Raises NativeFailure if it cannot run here.
    explicit NativeProcessor(std::string child_path);
    ~NativeProcessor();
    NativeProcessor(const NativeProcessor&) = delete;
    NativeProcessor& operator=(const NativeProcessor&) = delete;

    /// Answers `cases` in order. REQUIRES: both spans have the same length.
    void run(std::span<const Case> cases, std::span<Outcome> outcomes);

    /// The number Linux keeps in the limit of descriptor 15 (the processor the child is bound to).
    uint32_t processor_descriptor_limit() const { return exchange_->processor_descriptor_limit; }

    /// "model name" of /proc/cpuinfo with family, model and stepping.
    static std::string name();

  private:
    void start();
    void stop();
    void wait_for_answer(const char* during);
    [[noreturn]] void report_death(const char* during);

    std::string child_path_;
    int shared_ = -1, command_ = -1, answer_ = -1;
    int child_ = -1;
    void* memory_ = nullptr;
    Exchange* exchange_ = nullptr;
};

} // namespace trapgate::silicon
