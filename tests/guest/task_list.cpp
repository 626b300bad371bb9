// SPDX-License-Identifier: MIT
// Readers of the guest's own structures: the family of tasks, the run queue, stacks, areas, page tables.
// Source: guest/kernel/include/linux/sched.h, mm.h; [SDM3] "32-Bit Paging".
#include "kernel/task_list.hpp"
#include "catch.hpp"
#include "guest/guest.hpp"
#include "kernel/address_space.hpp"
#include "kernel/page_ranges.hpp"
#include "kernel/pid_tables.hpp"
#include "paths.hpp"

#include <algorithm>

using namespace trapgate;
using namespace trapgate::tests;

namespace {

const kernel::GuestKernel& guest_kernel() {
    static const kernel::GuestKernel kernel = [] {
        auto read = kernel::GuestKernel::from_file((guest_folder() / "vmlinux").string());
        REQUIRE(read);
        return std::move(read.value());
    }();
    return kernel;
}

/// Runs 07-fork until its child stands in wake_up_new_task: born, never ran.
struct Birth {
    Guest guest{by_int80({"demos/07-fork"})};
    bool born = false;
    Birth() {
        guest.at_kernel("wake_up_new_task", [this](Guest& g) {
            if (born || g.current_pid() == 0 || g.current_pid() == 1) return;
            born = true;
            g.pause();
        });
        guest.run();
        REQUIRE(born);
    }
};

} // namespace

TEST_CASE("all_tasks finds the whole family, the child that never ran included", "[guest][task_list]") {
    Birth birth;
    const auto tasks = kernel::all_tasks(guest_kernel(), birth.guest.cpu());
    REQUIRE(tasks.size() >= 4);
    CHECK(tasks[0].pid == 0);
    const auto running = std::find_if(tasks.begin(), tasks.end(), [](const auto& task) { return task.running; });
    REQUIRE(running != tasks.end());
    CHECK(running->comm == "07-fork");
    const auto child =
        std::find_if(tasks.begin(), tasks.end(), [&](const auto& task) { return task.parent == running->address; });
    REQUIRE(child != tasks.end());
    CHECK(child->never_ran);
    CHECK(child->letter() == 'R');
    CHECK(child->comm == "07-fork");
    CHECK(child->eip == birth.guest.kernel("ret_from_fork"));
    CHECK(child->stack_top == child->thread_info + 8192);
    CHECK(child->esp == child->stack_top - 60);
    CHECK(running->parent_pid == 1);
}

TEST_CASE("a sleeping task's callers lead from schedule to where it waits", "[guest][task_list]") {
    Guest guest(by_int80({"demos/06-vfork"}));
    bool seen = false;
    guest.at_kernel("do_exit", [&](Guest& g) {
        if (seen || g.current_pid() != 3) return;
        seen = true;
        g.pause();
    });
    guest.run();
    REQUIRE(seen);
    const auto tasks = kernel::all_tasks(guest_kernel(), guest.cpu());
    const auto* parent = kernel::find_task(tasks, 2);
    REQUIRE(parent);
    CHECK(parent->letter() == 'D');
    const kernel::CpuMemory memory(guest.cpu());
    const auto chain = kernel::sleeping_chain(memory, *parent);
    REQUIRE(!chain.empty());
    CHECK(guest_kernel().symbols().name_at(chain[0].return_address).starts_with("schedule"));
    const u32 place = kernel::waits_in(guest_kernel(), chain);
    CHECK(guest_kernel().symbols().name_at(place).starts_with("do_fork"));
    const auto use = kernel::stack_use(guest_kernel(), memory, *parent);
    REQUIRE(use);
    CHECK(use->used() > 60);
    CHECK(use->used() < use->size());
    CHECK(use->lowest <= parent->esp);
}

TEST_CASE("the run queue holds whoever is ready, in order", "[guest][task_list]") {
    Guest guest(by_int80({"demos/07-fork"}));
    bool seen = false;
    guest.at_kernel("ret_from_fork", [&](Guest& g) {
        if (seen || g.current_pid() < 3) return;
        seen = true;
        g.pause();
    });
    guest.run();
    REQUIRE(seen);
    const auto queue = kernel::run_queue(guest_kernel(), guest.cpu());
    REQUIRE(queue);
    const auto tasks = kernel::all_tasks(guest_kernel(), guest.cpu());
    CHECK(queue->nr_running == queue->queued.size());
    CHECK(queue->curr == guest.current_task());
    CHECK(queue->idle == tasks[0].address);
    for (const auto& queued : queue->queued)
        CHECK(std::any_of(tasks.begin(), tasks.end(), [&](const auto& t) { return t.address == queued.task; }));
}

TEST_CASE("areas of a task tell text, heap and stack, and the page tables agree with them", "[guest][task_list]") {
    Birth birth;
    const auto& cpu = birth.guest.cpu();
    const auto tasks = kernel::all_tasks(guest_kernel(), cpu);
    const auto running = std::find_if(tasks.begin(), tasks.end(), [](const auto& task) { return task.running; });
    REQUIRE(running != tasks.end());
    CHECK(running->page_directory == cpu.cr3);
    const auto space = kernel::address_space(guest_kernel(), kernel::CpuMemory(cpu), running->mm);
    REQUIRE(space);
    CHECK(space->program == "07-fork");
    const auto of = [&](std::string_view use) {
        return std::find_if(space->areas.begin(), space->areas.end(), [&](const auto& a) { return a.use == use; });
    };
    REQUIRE(of("text") != space->areas.end());
    CHECK(of("text")->rights() == "r-xp");
    REQUIRE(of("stack") != space->areas.end());
    CHECK(of("stack")->end == 0xc0000000);

    const auto ranges = kernel::page_ranges(birth.guest.machine().memory(), cpu.paging_mode());
    REQUIRE(!ranges.empty());
    for (const auto& range : ranges) {
        if (range.first < 0xc0000000) {
            CHECK(range.user);
            CHECK(std::any_of(space->areas.begin(), space->areas.end(), [&](const auto& area) {
                return range.first >= area.start && range.first < area.end;
            }));
        }
    }
    const auto kernel_range =
        std::find_if(ranges.begin(), ranges.end(), [](const auto& r) { return r.first == 0xc0000000; });
    REQUIRE(kernel_range != ranges.end());
    CHECK(kernel_range->large);
    CHECK(kernel_range->physical == 0);
    CHECK(kernel_range->bytes() == 64 << 20);
    CHECK(!kernel_range->user);
}

TEST_CASE("pid_tables finds a child that was just born in all four tables", "[guest][task_list][I03]") {
    Birth birth;
    const auto uses = kernel::pid_tables(guest_kernel(), birth.guest.cpu());
    REQUIRE(!uses.empty());
    const auto tasks = kernel::all_tasks(guest_kernel(), birth.guest.cpu());
    const auto running = std::find_if(tasks.begin(), tasks.end(), [](const auto& task) { return task.running; });
    const auto child =
        std::find_if(tasks.begin(), tasks.end(), [&](const auto& task) { return task.parent == running->address; });
    REQUIRE(child != tasks.end());
    const auto use_of = [&](s32 number) {
        const auto found =
            std::find_if(uses.begin(), uses.end(), [&](const auto& use) { return use.number == number; });
        REQUIRE(found != uses.end());
        return *found;
    };
    const auto has = [](const kernel::PidUse& use, kernel::PidType type, s32 pid) {
        const auto& list = use.tasks[static_cast<std::size_t>(type)];
        return std::count(list.begin(), list.end(), pid) == 1;
    };
    const kernel::PidUse own = use_of(child->pid);
    CHECK(own.reserved);
    CHECK(has(own, kernel::PidType::Pid, child->pid));
    CHECK(has(own, kernel::PidType::Tgid, child->pid));
    const kernel::PidUse group = use_of(running->pid); // init gave the program a group of its own, or not
    CHECK(has(group, kernel::PidType::Pid, running->pid));
    u32 groups = 0, sessions = 0;
    for (const kernel::PidUse& use : uses) {
        groups += has(use, kernel::PidType::Pgid, child->pid);
        sessions += has(use, kernel::PidType::Sid, child->pid);
    }
    CHECK(groups == 1);
    CHECK(sessions == 1);
}
