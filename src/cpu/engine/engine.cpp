// SPDX-License-Identifier: MIT
// The two engines: fast, and watched.
#include "cpu/engine/engine.hpp"

#include "cpu/engine/loop.hpp"

namespace trapgate::cpu::engine {

namespace {

/// An observer may leave by an exception (time travel stops inside an instruction that way): nothing stays behind.
class WatchedRun {
  public:
    WatchedRun(Cpu& cpu, trace::Observer& observer) : cpu_(cpu) {
        set_watched(cpu_, true);
        cpu_.observer = &observer;
    }
    ~WatchedRun() {
        cpu_.observer = nullptr;
        cpu_.current = nullptr;
        cpu_.open_link = nullptr;
        set_watched(cpu_, false);
    }
    WatchedRun(const WatchedRun&) = delete;
    WatchedRun& operator=(const WatchedRun&) = delete;

  private:
    Cpu& cpu_;
};

} // namespace

Stop Engine::run(u64 until) {
    return Loop<timing::Unit, Unwatched>(cpu_, blocks_, until, {}).run();
}

Stop Engine::run_watched(u64 until, trace::Observer& observer) {
    const WatchedRun watched(cpu_, observer);
    return Loop<timing::Unit, Watched>(cpu_, blocks_, until, {observer}).run();
}

} // namespace trapgate::cpu::engine
