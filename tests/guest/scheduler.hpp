// SPDX-License-Identifier: MIT
// A guest whose words a test changes while it runs: a hook asks for the change, the machine pauses for it and goes on.
#pragma once

#include "guest/guest.hpp"

#include "catch.hpp"

#include <utility>
#include <vector>

namespace trapgate::tests {

struct Play {
    explicit Play(GuestSetup setup) : guest(std::move(setup)) {}

    Guest guest;
    u32 copied = 0;
    u32 pauses = 0; ///< how often the run was stopped for a change

    /// Before the next instruction: a word of memory, a member of a task.
    void poke_at(u32 address, u32 value) {
        pokes_.emplace_back(address, value);
        guest.pause();
    }
    void poke(u32 task, std::string_view member, u32 value) {
        poke_at(task + guest.offset("task_struct", member), value);
    }
    /// Before the next instruction the timer's line rises.
    void tick() {
        tick_ = true;
        guest.pause();
    }
    /// To the program's end.
    void run() {
        for (;;) {
            const machine::Stop stop = guest.run();
            INFO(stop.text << "; the guest printed: " << guest.output() << "; its log: " << guest.kernel_log());
            if (stop.kind != machine::StopKind::Paused) {
                REQUIRE(stop.kind == machine::StopKind::GuestExit);
                REQUIRE(machine::exit_status_of_wait_status(stop.value) == 0);
                return;
            }
            change();
        }
    }

    u32 queue(std::string_view member) const { return guest.member(guest.kernel("runqueue"), "runqueue", member); }
    u32 curr() const { return queue("curr"); }

  private:
    void change() {
        ++pauses;
        for (const auto& [address, value] : pokes_) guest.poke(address, value);
        pokes_.clear();
        if (!tick_) return;
        tick_ = false;
        machine::Snapshot snapshot = guest.machine().save();
        snapshot.board.pic.master.latched |= 1;
        guest.machine().restore(snapshot);
    }

    std::vector<std::pair<u32, u32>> pokes_;
    bool tick_ = false;
};

} // namespace trapgate::tests
