// SPDX-License-Identifier: MIT
// What happens when the user interrupts a run that writes a file which must be ended properly.
//
// A thread waits for the signal. It asks the run to pause, which ends it in the ordinary way. If the run does not come to
// that (it waits for input, or the guest never leaves a loop), the thread ends the file itself and lets the signal kill us.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace trapgate::frontend::timeline {

class SignalGuard {
  public:
    /// From here on SIGINT, SIGTERM and SIGHUP are waited for. `last_resort` runs on another thread.
    explicit SignalGuard(std::function<void()> last_resort);
    ~SignalGuard();
    SignalGuard(const SignalGuard&) = delete;
    SignalGuard& operator=(const SignalGuard&) = delete;

    /// The signal that came; 0: none. The run asks this often, and pauses.
    int signal() const { return signal_.load(std::memory_order_relaxed); }
    /// The run has ended: signals mean what they always do. To be called before the file is closed.
    void retire();

  private:
    void wait();

    std::function<void()> last_resort_;
    std::atomic<int> signal_ = 0;
    std::atomic<bool> retired_ = false;
    std::thread thread_;
};

/// Ends the process as if nobody had caught `signal`.
[[noreturn]] void die_of(int signal);

} // namespace trapgate::frontend::timeline
