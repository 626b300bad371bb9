// SPDX-License-Identifier: MIT
// The two engines: fast, and watched.
#include "cpu/engine/engine.hpp"

#include "cpu/engine/loop.hpp"

namespace trapgate::cpu::engine {

Stop Engine::run(u64 until) {
    return Loop<timing::Unit, Unwatched>(cpu_, blocks_, until, {}).run();
}

Stop Engine::run_watched(u64 until, trace::Observer& observer) {
    set_watched(cpu_, true);
    cpu_.observer = &observer;
    const Stop stop = Loop<timing::Unit, Watched>(cpu_, blocks_, until, {observer}).run();
    cpu_.observer = nullptr;
    set_watched(cpu_, false);
    return stop;
}

} // namespace trapgate::cpu::engine
