// SPDX-License-Identifier: MIT
#include "frontend/timeline/signal_guard.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <unistd.h>

namespace trapgate::frontend::timeline {

namespace {

constexpr auto patience = std::chrono::milliseconds(300); ///< for the run to come to its pause
constexpr timespec look_again{0, 50'000'000};

sigset_t guarded() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
    return set;
}

} // namespace

SignalGuard::SignalGuard(std::function<void()> last_resort) : last_resort_(std::move(last_resort)) {
    const sigset_t set = guarded();
    pthread_sigmask(SIG_BLOCK, &set, nullptr); // the thread inherits it, so that sigtimedwait() gets them
    thread_ = std::thread([this] { wait(); });
}

SignalGuard::~SignalGuard() {
    retire();
}

void SignalGuard::retire() {
    retired_ = true;
    if (thread_.joinable()) thread_.join();
    const sigset_t set = guarded();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void SignalGuard::wait() {
    const sigset_t set = guarded();
    while (!retired_) {
        const int signal = sigtimedwait(&set, nullptr, &look_again);
        if (signal <= 0) continue;
        signal_ = signal;
        for (auto waited = std::chrono::milliseconds(0); waited < patience;
             waited += std::chrono::milliseconds(10)) {
            if (retired_) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        if (retired_) return;
        last_resort_();
        die_of(signal);
    }
}

void die_of(int signal) {
    std::signal(signal, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    kill(getpid(), signal);
    for (;;) pause();
}

} // namespace trapgate::frontend::timeline
