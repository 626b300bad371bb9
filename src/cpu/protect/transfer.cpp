// SPDX-License-Identifier: MIT
// The runner while somebody watches.
#include "cpu/protect/transfer.hpp"

namespace trapgate::cpu::protect {

void run_observed(Transfer& t, const StepList& list) {
    trace::Observer& observer = *t.cpu.observer;
    for (const Step& step : list.steps) {
        const auto id = static_cast<u8>(step.id);
        observer.on(trace::MicroStep{t.kind, id, t.number, true, &t});
        step.run(t);
        observer.on(trace::MicroStep{t.kind, id, t.number, false, &t});
        ++t.number;
    }
}

} // namespace trapgate::cpu::protect
