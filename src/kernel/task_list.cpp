// SPDX-License-Identifier: MIT
// The tree of tasks goes by `children` and `sibling`: every task, threads too, hangs on its parent's list.
#include "kernel/task_list.hpp"

#include "kernel/guest_struct.hpp"

#include <algorithm>
#include <array>

namespace trapgate::kernel {

namespace {

constexpr std::size_t most_tasks = 4096; ///< a damaged list must not keep us for ever
constexpr u32 page_offset = 0xc0000000;  ///< PAGE_OFFSET of the guest

// The guest's TASK_ and EXIT_ values. [linux-2.6.11] include/linux/sched.h
constexpr u32 task_interruptible = 1, task_uninterruptible = 2, task_stopped = 4, task_traced = 8, exit_zombie = 16,
              exit_dead = 32;

struct Reader {
    const GuestKernel& kernel;
    CpuMemory memory;
    std::optional<Task> current;
    u32 ret_from_fork;

    GuestStruct task(u32 address) const { return {memory, &kernel.task_struct(), address}; }
    TaskState read(u32 address) const;
    /// Where the lists' next elements lie: list_head begins with `next`.
    std::vector<u32> list(std::optional<u32> head) const;
};

TaskState Reader::read(u32 address) const {
    const GuestStruct t = task(address);
    TaskState state;
    state.address = address;
    state.thread_info = t.word_or_zero("thread_info");
    state.stack_top = t.word_or_zero("thread.esp0");
    if (state.stack_top == 0) state.stack_top = state.thread_info + kernel.stack_size();
    state.pid = static_cast<s32>(t.word_or_zero("pid"));
    state.tgid = static_cast<s32>(t.word_or_zero("tgid"));
    state.comm = t.text("comm");
    state.parent = t.word_or_zero("parent");
    state.parent_pid = static_cast<s32>(task(state.parent).word_or_zero("pid"));
    state.state = t.word_or_zero("state");
    state.exit_state = t.word_or_zero("exit_state");
    state.prio = static_cast<s32>(t.word_or_zero("prio"));
    state.static_prio = static_cast<s32>(t.word_or_zero("static_prio"));
    state.time_slice = t.word_or_zero("time_slice");
    state.esp = t.word_or_zero("thread.esp");
    state.eip = t.word_or_zero("thread.eip");
    state.mm = t.word_or_zero("mm");
    const GuestStruct mm(memory, kernel.debug().structure("mm_struct"), state.mm);
    if (const auto pgd = mm.word("pgd")) state.page_directory = *pgd - page_offset;
    state.running = current && current->address == address;
    state.never_ran = !state.running && ret_from_fork && state.eip == ret_from_fork;
    return state;
}

std::vector<u32> Reader::list(std::optional<u32> head) const {
    std::vector<u32> elements;
    if (!head) return elements;
    auto at = memory.get<u32>(*head);
    while (at && *at != *head && *at != 0 && elements.size() < most_tasks) {
        elements.push_back(*at);
        at = memory.get<u32>(*at);
    }
    return elements;
}

Reader reader_of(const GuestKernel& kernel, const cpu::Cpu& cpu) {
    const auto fork = kernel.symbols().address_of("ret_from_fork");
    return {kernel, CpuMemory(cpu), kernel.current(cpu), static_cast<u32>(fork.value_or(0))};
}

void add_family(const Reader& reader, u32 address, std::vector<TaskState>& tasks) {
    const auto known = [&](const TaskState& task) { return task.address == address; };
    if (tasks.size() >= most_tasks || std::any_of(tasks.begin(), tasks.end(), known)) return;
    tasks.push_back(reader.read(address));
    for (const u32 sibling : reader.list(reader.task(address).address_of("children")))
        add_family(reader, container_of(sibling, &reader.kernel.task_struct(), "sibling"), tasks);
}

/// The lists of one prio_array, best priority first.
void add_queues(const Reader& reader, u32 array, bool active, std::vector<QueuedTask>& queued) {
    const Layout* layout = reader.kernel.debug().structure("prio_array");
    const Member* queues = layout ? layout->find("queue") : nullptr;
    if (!queues || array == 0 || queues->count == 0) return;
    const u32 stride = queues->size / queues->count;
    for (u32 i = 0; i < queues->count; ++i)
        for (const u32 entry : reader.list(array + queues->offset + i * stride))
            queued.push_back({container_of(entry, &reader.kernel.task_struct(), "run_list"), i, active});
}

} // namespace

char TaskState::letter() const {
    if (exit_state == exit_zombie) return 'Z';
    if (exit_state == exit_dead) return 'X';
    switch (state) {
    case 0: return 'R';
    case task_interruptible: return 'S';
    case task_uninterruptible: return 'D';
    case task_stopped: return 'T';
    case task_traced: return 't';
    default: return state & (exit_zombie | exit_dead) ? 'X' : '?';
    }
}

std::string_view TaskState::state_text() const {
    switch (letter()) {
    case 'R': return running ? "on the processor" : never_ran ? "ready, never ran" : "ready";
    case 'S': return "sleeping";
    case 'D': return "sleeping, deaf to signals";
    case 'T': return "stopped";
    case 't': return "stopped by its tracer";
    case 'Z': return "zombie";
    case 'X': return "dead";
    default: return "?";
    }
}

std::vector<TaskState> all_tasks(const GuestKernel& kernel, const cpu::Cpu& cpu) {
    std::vector<TaskState> tasks;
    const Reader reader = reader_of(kernel, cpu);
    const auto first = kernel.symbols().address_of("init_task");
    // Before the kernel has set up its lists their heads are zero, and before paging nothing is mapped.
    if (!first || !reader.current || !reader.memory.get<u32>(static_cast<u32>(*first))) return tasks;
    add_family(reader, static_cast<u32>(*first), tasks);
    return tasks;
}

TaskState read_task(const GuestKernel& kernel, const cpu::Cpu& cpu, u32 address) {
    return reader_of(kernel, cpu).read(address);
}

const TaskState* find_task(const std::vector<TaskState>& tasks, s32 pid) {
    const auto found = std::find_if(tasks.begin(), tasks.end(), [&](const TaskState& t) { return t.pid == pid; });
    return found == tasks.end() ? nullptr : &*found;
}

std::optional<RunQueue> run_queue(const GuestKernel& kernel, const cpu::Cpu& cpu) {
    const Reader reader = reader_of(kernel, cpu);
    const auto at = kernel.symbols().address_of("runqueue");
    const Layout* layout = kernel.debug().structure("runqueue");
    if (!at || !layout) return std::nullopt;
    const GuestStruct rq(reader.memory, layout, static_cast<u32>(*at));
    if (!rq.word("curr")) return std::nullopt;
    RunQueue queue{rq.word_or_zero("nr_running"),
                   rq.word_or_zero("nr_switches"),
                   rq.word_or_zero("curr"),
                   rq.word_or_zero("idle"),
                   {}};
    add_queues(reader, rq.word_or_zero("active"), true, queue.queued);
    add_queues(reader, rq.word_or_zero("expired"), false, queue.queued);
    return queue;
}

std::optional<StackUse> stack_use(const GuestKernel& kernel, const GuestMemory& memory, const Task& task) {
    StackUse use;
    use.first_usable = task.thread_info + kernel.thread_info().size;
    use.top = task.thread_info + kernel.stack_size();
    std::vector<u8> bytes(use.size());
    if (!memory.read(use.first_usable, bytes)) return std::nullopt;
    const auto used = std::find_if(bytes.begin(), bytes.end(), [](u8 byte) { return byte != 0; });
    use.lowest = use.first_usable + (static_cast<u32>(used - bytes.begin()) & ~3u);
    return use;
}

std::vector<StackFrame> frame_chain(const GuestMemory& memory, u32 ebp, u32 bottom, u32 top) {
    std::vector<StackFrame> frames;
    constexpr u32 frame_bytes = 8;
    while (ebp % 4 == 0 && ebp >= bottom && top - ebp >= frame_bytes && ebp < top) {
        const auto words = memory.get<std::array<u32, 2>>(ebp);
        if (!words) break;
        frames.push_back({ebp, (*words)[1]});
        if ((*words)[0] <= ebp) break; // frames lie above one another
        ebp = (*words)[0];
    }
    return frames;
}

std::vector<StackFrame> sleeping_chain(const GuestMemory& memory, const TaskState& task) {
    if (task.running || task.never_ran) return {};
    const auto ebp = memory.get<u32>(task.esp); // switch_to has pushed it last
    return ebp ? frame_chain(memory, *ebp, task.thread_info, task.stack_top) : std::vector<StackFrame>{};
}

u32 waits_in(const GuestKernel& kernel, const std::vector<StackFrame>& chain) {
    for (const StackFrame& frame : chain) {
        const Symbol* symbol = kernel.symbols().containing(frame.return_address);
        if (!symbol) continue;
        const std::string_view name = symbol->name;
        if (name.starts_with("schedule") || name.starts_with("__schedule") || name == "cond_resched" ||
            name == "yield" || name.starts_with("interruptible_sleep_on") || name.starts_with("sleep_on") ||
            name.starts_with("wait_for_completion"))
            continue;
        return frame.return_address;
    }
    return 0;
}

} // namespace trapgate::kernel
