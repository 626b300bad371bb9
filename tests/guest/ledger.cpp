// SPDX-License-Identifier: MIT
// The kernel's accounts, read from outside: see the header.
#include "guest/ledger.hpp"

#include "catch.hpp"
#include "kernel/debug_info.hpp"
#include "kernel/guest_memory.hpp"

#include <chrono>

namespace trapgate::tests {

namespace {
constexpr u32 longest_list = 100'000; // a list that is longer is a circle

u32 size_of(const Guest& g, std::string_view structure) {
    const auto layout = g.image().debug_info().layout(structure);
    INFO("struct " << structure);
    REQUIRE(layout.has_value());
    return layout->size;
}

/// Calls `visit` with every structure on the list_head ring at `head`. False: the ring does not close.
template <class Visit>
bool each_in_ring(const Guest& g, u32 head, std::string_view structure, std::string_view link, Visit visit) {
    const u32 offset = g.offset(structure, link);
    u32 steps = 0;
    for (u32 at = g.word(head); at != head; at = g.word(at)) {
        if (++steps > longest_list) return false;
        visit(at - offset);
    }
    return true;
}

void read_slabs(const Guest& g, Ledger& ledger) {
    const bool whole = each_in_ring(g, g.kernel("cache_chain"), "kmem_cache_s", "caches", [&](u32 cache) {
        const u32 total = g.member(cache, "kmem_cache_s", "total");
        const u32 num = g.member(cache, "kmem_cache_s", "num");
        ledger.slab_pages += total / num << g.member(cache, "kmem_cache_s", "gfporder");
        ledger.objects[g.text(g.member(cache, "kmem_cache_s", "name"))] +=
            g.member(cache, "kmem_cache_s", "active");
    });
    if (!whole) ledger.trouble.emplace_back("cache_chain is no ring");
}

void read_pidmap(const Guest& g, Ledger& ledger) {
    const u32 map = g.kernel("pidmap_array"), page = g.member(map, "pidmap", "page");
    ledger.nr_free_pids = g.member(map, "pidmap", "nr_free");
    for (u32 i = 0; i < 1024; ++i)
        for (u32 bits = g.word(page + 4 * i), n = 32 * i; bits; bits >>= 1, ++n)
            if (bits & 1) ledger.pids.insert(n);
}

/// All tasks that one of the hash tables knows: the first with a number hangs in the chain, the others on its ring.
void read_pid_hash(const Guest& g, Ledger& ledger, u32 type) {
    const u32 bits = g.word(g.kernel("pidhash_bits")), pid_size = size_of(g, "pid");
    const u32 table = g.kernel("pid_hash") + type * 4 * 4096;
    const u32 pids = g.offset("task_struct", "pids") + type * pid_size;
    const auto note = [&](u32 pid) {
        ledger.hashed[type].insert(g.member(pid, "pid", "nr"));
        if (type == PidTypePid) {
            const u32 user = g.member(pid - pids, "task_struct", "user");
            ++ledger.tasks_of_user[g.member(user, "user_struct", "uid")];
            const bool queued = g.member(pid - pids, "task_struct", "array") != 0;
            ledger.queued += queued;
            ledger.waiting += !queued && g.member(pid - pids, "task_struct", "state") == 2;
        }
    };
    u32 steps = 0;
    for (u32 bucket = 0; bucket < u32{1} << bits; ++bucket)
        for (u32 pid = g.word(table + 4 * bucket); pid && steps < longest_list; pid = g.word(pid), ++steps) {
            note(pid);
            const u32 nr = g.member(pid, "pid", "nr");
            const u32 ring = pid + g.offset("pid", "pid_list");
            const bool whole = each_in_ring(g, ring, "pid", "pid_list", [&](u32 other) {
                note(other);
                if (g.member(other, "pid", "nr") != nr)
                    ledger.trouble.push_back("on the ring of number " + std::to_string(nr) +
                                             " hangs another number");
            });
            if (!whole) ledger.trouble.push_back("the ring of number " + std::to_string(nr) + " does not close");
        }
}

void read_users(const Guest& g, Ledger& ledger) {
    const auto note = [&](u32 user) {
        ledger.users[g.member(user, "user_struct", "uid")] = {g.member(user, "user_struct", "__count"),
                                                              g.member(user, "user_struct", "processes")};
    };
    for (u32 bucket = 0; bucket < 256; ++bucket)
        if (!each_in_ring(g, g.kernel("uidhash_table") + 8 * bucket, "user_struct", "uidhash_list", note))
            ledger.trouble.emplace_back("a list of users is no ring");
}

void read_modules(const Guest& g, Ledger& ledger) {
    const bool whole = each_in_ring(g, g.kernel("modules"), "module", "list", [&](u32 module) {
        ledger.modules[g.text(g.member(module, "module", "name"))] = g.member(module, "module", "refcount");
    });
    if (!whole) ledger.trouble.emplace_back("the list of modules is no ring");
}

std::string change(const std::string& what, s64 before, s64 after) {
    return what + ": " + std::to_string(before) + " -> " + std::to_string(after);
}

/// The values of two maps side by side, a missing one as 0.
template <class Key, class Value, class Note>
void compare(const std::map<Key, Value>& before, const std::map<Key, Value>& after, Note note) {
    std::set<Key> keys;
    for (const auto& [key, value] : before) keys.insert(key);
    for (const auto& [key, value] : after) keys.insert(key);
    for (const Key& key : keys) {
        const auto a = before.find(key), b = after.find(key);
        const Value x = a == before.end() ? Value{} : a->second, y = b == after.end() ? Value{} : b->second;
        if (!(x == y)) note(key, x, y);
    }
}
} // namespace

Ledger Ledger::of(const Guest& guest) {
    Ledger ledger;
    ledger.free_pages = guest.word(guest.kernel("free_pages_count"));
    ledger.nr_threads = guest.word(guest.kernel("nr_threads"));
    ledger.nr_running = guest.member(guest.kernel("runqueue"), "runqueue", "nr_running");
    ledger.nr_uninterruptible = guest.member(guest.kernel("runqueue"), "runqueue", "nr_uninterruptible");
    read_slabs(guest, ledger);
    read_pidmap(guest, ledger);
    for (u32 type = 0; type < PidTypes; ++type) read_pid_hash(guest, ledger, type);
    read_users(guest, ledger);
    read_modules(guest, ledger);
    return ledger;
}

std::vector<std::string> Ledger::changes_until(const Ledger& later) const {
    std::vector<std::string> changes;
    if (free_pages + slab_pages != later.free_pages + later.slab_pages)
        changes.push_back(change("pages that are free or a slab's", free_pages + slab_pages,
                                 later.free_pages + later.slab_pages));
    compare(objects, later.objects, [&](const std::string& cache, u32 x, u32 y) {
        changes.push_back(change("objects of " + cache, x, y));
    });
    for (const u32 pid : later.pids)
        if (!pids.contains(pid)) changes.push_back("pid " + std::to_string(pid) + " is new");
    for (const u32 pid : pids)
        if (!later.pids.contains(pid)) changes.push_back("pid " + std::to_string(pid) + " is free");
    if (nr_free_pids != later.nr_free_pids)
        changes.push_back(change("free pids", nr_free_pids, later.nr_free_pids));
    if (nr_threads != later.nr_threads) changes.push_back(change("nr_threads", nr_threads, later.nr_threads));
    compare(modules, later.modules, [&](const std::string& module, u32 x, u32 y) {
        changes.push_back(change("uses of module " + module, x, y));
    });
    compare(users, later.users, [&](u32 uid, User x, User y) {
        const std::string user = "user " + std::to_string(uid);
        if (x.count != y.count) changes.push_back(change(user + ": __count", x.count, y.count));
        if (x.processes != y.processes) changes.push_back(change(user + ": processes", x.processes, y.processes));
    });
    return changes;
}

std::vector<std::string> Ledger::contradictions() const {
    std::vector<std::string> found = trouble;
    std::set<u32> used;
    for (const auto& table : hashed) used.insert(table.begin(), table.end());
    for (const u32 pid : used)
        if (!pids.contains(pid)) found.push_back("number " + std::to_string(pid) + " is used, but its bit is 0");
    for (const u32 pid : pids)
        if (!used.contains(pid))
            found.push_back("bit " + std::to_string(pid) + " is set, but nobody uses the number");
    if (nr_free_pids != 32768 - pids.size())
        found.push_back(change("free pids, counted and told", 32768 - static_cast<s64>(pids.size()), nr_free_pids));
    // The idle task has number 0 and is not counted.
    if (nr_threads != hashed[PidTypePid].size() - 1)
        found.push_back(change("tasks but the idle one, and nr_threads",
                               static_cast<s64>(hashed[PidTypePid].size()) - 1, nr_threads));
    if (nr_running != queued) found.push_back(change("tasks in the queue, and nr_running", queued, nr_running));
    if (nr_uninterruptible != waiting)
        found.push_back(
            change("tasks that wait uninterruptibly, and nr_uninterruptible", waiting, nr_uninterruptible));
    for (const auto& [uid, user] : users) {
        const auto tasks = tasks_of_user.find(uid);
        const u32 number = tasks == tasks_of_user.end() ? 0 : tasks->second;
        if (number != user.processes)
            found.push_back(
                change("tasks of user " + std::to_string(uid) + ", and its processes", number, user.processes));
        if (user.count < number)
            found.push_back("user " + std::to_string(uid) + " has fewer references than tasks");
    }
    return found;
}

static bool run_to(Guest& guest, u32 address, int seconds) {
    machine::Machine& machine = guest.machine();
    machine::Limits limits;
    limits.host_time = std::chrono::seconds(seconds);
    machine.set_limits(limits);
    machine.set_stops({address}, {});
    for (;;) {
        machine.pass_breakpoint_at(guest.cpu().instructions); // it may stand where it stopped last time
        const machine::Stop stop = machine.run();
        if (stop.kind != machine::StopKind::Breakpoint) {
            INFO("stopped: " << stop.text << "; the guest printed: " << guest.output() << guest.errors()
                             << "; its log: " << guest.kernel_log());
            REQUIRE(stop.kind == machine::StopKind::GuestExit);
            return false;
        }
        const u32 task = guest.word((guest.esp0() - 1) & ~(guest.stack_size() - 1));
        if (guest.text(task + guest.offset("task_struct", "comm")) != "init") return true;
    }
}

bool run_to_program(Guest& guest, std::string_view symbol, int seconds) {
    return run_to(guest, guest.program(symbol), seconds);
}

bool run_to_kernel(Guest& guest, std::string_view symbol, int seconds) {
    return run_to(guest, guest.kernel(symbol), seconds);
}

void run_long(Guest& guest, int seconds) {
    machine::Machine& machine = guest.machine();
    machine::Limits limits;
    limits.host_time = std::chrono::seconds(seconds);
    machine.set_stops({}, {});
    machine.set_limits(limits);
    const machine::Stop stop = machine.run();
    INFO("stopped: " << stop.text << "; the guest printed: " << guest.output() << guest.errors()
                     << "; its log: " << guest.kernel_log());
    REQUIRE(stop.kind == machine::StopKind::GuestExit);
    REQUIRE(machine::exit_status_of_wait_status(stop.value) == 0);
}

namespace {
std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "; ";
    return text;
}
} // namespace

int check_topics(Guest& guest) {
    int topics = 0;
    while (run_to_program(guest, "ledger_mark")) {
        INFO(guest.text(guest.word(guest.program("ledger_topic"))));
        const Ledger before = Ledger::of(guest);
        CHECK(joined(before.contradictions()) == "");
        REQUIRE(run_to_program(guest, "ledger_mark"));
        const Ledger after = Ledger::of(guest);
        CHECK(joined(after.contradictions()) == "");
        CHECK(joined(before.changes_until(after)) == "");
        ++topics;
    }
    return topics;
}

} // namespace trapgate::tests
