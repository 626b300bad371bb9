// SPDX-License-Identifier: MIT
// What the guest's kernel has given out at one moment, read from its memory by the names in its symbol table and DWARF: two
// ledgers that should be equal and are not show a leak; one ledger that contradicts itself shows a count that went wrong.
// Source: guest/kernel/mm/page_alloc.c, slab.c, kernel/pid.c, user.c, fork.c.
#pragma once

#include "base/types.hpp"
#include "guest/guest.hpp"

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::tests {

/// enum pid_type.
enum PidType : u8 { PidTypePid, PidTypeTgid, PidTypePgid, PidTypeSid, PidTypes };

struct Ledger {
    struct User {
        u32 count;     ///< __count: references
        u32 processes; ///< what RLIMIT_NPROC is compared with
        bool operator==(const User&) const = default;
    };

    u32 free_pages = 0;
    u32 slab_pages = 0;                 ///< with those of slabs that are empty and kept
    std::map<std::string, u32> objects; ///< in use, by cache
    std::set<u32> pids;                 ///< the bits of the pid map that are set
    u32 nr_free_pids = 0;               ///< what the map says of itself
    u32 nr_threads = 0;
    u32 nr_running = 0, nr_uninterruptible = 0; ///< what the run queue says
    u32 queued = 0, waiting = 0;                ///< tasks in an array, and tasks in none that are uninterruptible
    std::map<u32, User> users;                  ///< by uid
    std::map<std::string, u32> modules;         ///< use counts of the parts that could be modules
    std::array<std::multiset<u32>, PidTypes> hashed; ///< the numbers under which tasks hang in the four hash tables
    std::map<u32, u32> tasks_of_user;                ///< tasks in the PID table, by the uid of task->user
    std::vector<std::string> trouble;                ///< lists that could not be followed

    /// The ledger now. Call it between two instructions of user code, or where the kernel is at rest.
    static Ledger of(const Guest& guest);

    /// What `later` has more or less of: one line each; empty if nothing leaked. A slab that is kept empty is no leak.
    std::vector<std::string> changes_until(const Ledger& later) const;
    /// What in this ledger cannot be true: a bit without a task, a count that is not the number of tasks; empty if all agrees.
    std::vector<std::string> contradictions() const;
};

/// Lets an unwatched guest run, at full speed, until its program (not init) is about to execute `symbol`, for at most so many
/// seconds of host time. False if it ended first.
bool run_to_program(Guest& guest, std::string_view symbol, int seconds = 120);
/// The same for a symbol of the kernel, whoever comes there but init.
bool run_to_kernel(Guest& guest, std::string_view symbol, int seconds = 120);
/// Lets an unwatched guest run to its end, however long that takes: `seconds` of host time. Its exit status must be 0.
void run_long(Guest& guest, int seconds);

/// A guest that runs at full speed.
inline GuestSetup unwatched(std::vector<std::string> command, u64 megabytes = 64) {
    GuestSetup setup;
    setup.command = std::move(command);
    setup.watched = false;
    setup.memory = megabytes << 20;
    return setup;
}

/// Runs a probe that calls ledger_mark() before and after each of its topics (ledger_topic names them), and checks that the
/// kernel has given out the same at both marks. How many topics there were.
int check_topics(Guest& guest);

} // namespace trapgate::tests
