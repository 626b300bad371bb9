// SPDX-License-Identifier: MIT
// Interrupts in odd places: the timer's line rises at seeded random instructions of the kernel, each time at the end of the
// running task's slice, so that a preemptible kernel switches tasks there.
#pragma once

#include "guest/guest.hpp"

#include <random>

namespace trapgate::tests {

class RandomTicks {
  public:
    /// On the average one tick in so many instructions. The guest must not be watched.
    RandomTicks(Guest& guest, u32 seed, u32 mean_distance)
        : guest_(guest), random_(seed), mean_distance_(mean_distance) {}

    /// To the next stop that is not for a tick.
    machine::Stop run() {
        for (;;) {
            const u64 next = guest_.cpu().instructions + 1 + random_() % (2 * mean_distance_);
            const machine::Stop stop = guest_.machine().run_until(next);
            if (stop.kind != machine::StopKind::Reached) return stop;
            tick();
        }
    }

    u32 preemptible_hits = 0; ///< how often it was where the kernel may be preempted
    u32 under_lock = 0;       ///< of these: under the big kernel lock

  private:
    void tick() {
        const u32 curr =
            guest_.word_if_mapped(guest_.kernel("runqueue") + guest_.offset("runqueue", "curr")).value_or(0);
        if (!curr || (guest_.selector(cpu::SegmentRegister::cs) & 3) != 0) return;
        const bool preemptible = (guest_.flags() & 0x200) != 0 &&
                                 guest_.member(guest_.thread_info(), "thread_info", "preempt_count") == 0;
        preemptible_hits += preemptible;
        under_lock += preemptible && guest_.member(curr, "task_struct", "lock_depth") != ~0u;
        guest_.poke(curr + guest_.offset("task_struct", "time_slice"), 1);
        machine::Snapshot snapshot = guest_.machine().save();
        snapshot.board.pic.master.latched |= 1;
        guest_.machine().restore(snapshot);
    }

    Guest& guest_;
    std::mt19937 random_;
    u32 mean_distance_;
};

} // namespace trapgate::tests
