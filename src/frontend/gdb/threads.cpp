// SPDX-License-Identifier: MIT
// Threads from the kernel's own structures, by DWARF.
#include "frontend/gdb/threads.hpp"

#include "mmu/page_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace trapgate::frontend::gdb {

namespace {

constexpr u32 thread_of(s32 pid) {
    return pid == 0 ? idle_thread : static_cast<u32>(pid);
}

/// Memory behind another page directory than the one in CR3.
class OtherSpace final : public kernel::GuestMemory {
  public:
    OtherSpace(const cpu::Cpu& cpu, u32 page_directory) : cpu_(cpu), mode_(cpu.paging_mode()) {
        mode_.cr3 = page_directory;
    }
    bool read(u32 address, std::span<u8> out) const override {
        const auto& memory = cpu_.bus.memory();
        while (!out.empty()) {
            const std::size_t piece = std::min<std::size_t>(out.size(), page_size - (address & page_offset_mask));
            const auto walk = mmu::walk_page_table(memory, mode_, {address}, Intent::Read, false);
            const PhysicalAddress physical = walk.page + (address & page_offset_mask);
            if (!walk.ok || !memory.contains(physical, piece)) return false;
            std::copy_n(memory.bytes().begin() + static_cast<std::ptrdiff_t>(physical.value), piece, out.begin());
            out = out.subspan(piece);
            address += static_cast<u32>(piece);
        }
        return true;
    }

  private:
    const cpu::Cpu& cpu_;
    mmu::PagingMode mode_;
};

/// Registers of the core by their name in struct pt_regs.
struct SavedRegister {
    std::string_view member, name;
};
constexpr SavedRegister saved_registers[] = {
    {"eax", "eax"}, {"ebx", "ebx"}, {"ecx", "ecx"}, {"edx", "edx"}, {"esi", "esi"},
    {"edi", "edi"}, {"ebp", "ebp"}, {"esp", "esp"}, {"eip", "eip"}, {"eflags", "eflags"},
    {"xcs", "cs"},  {"xss", "ss"},  {"xds", "ds"},  {"xes", "es"},  {"orig_eax", "orig_eax"}};

void put(RegisterImage& image, std::string_view name, std::optional<u32> value) {
    image[*register_number(name)] = value ? std::optional(Value{*value}) : std::nullopt;
}

/// What the processor has only once keeps its value; what belongs to a task is unknown until it is read.
RegisterImage without_own_registers(const RegisterSource& processor) {
    RegisterImage image = read_registers(processor);
    for (unsigned i = 0; i < image.size(); ++i)
        if (registers()[i].feature != Feature::System) image[i].reset();
    return image;
}

} // namespace

std::vector<u32> Threads::all() const {
    std::vector<u32> threads{current()};
    if (!debuggee_.guest()) return threads;
    for (const kernel::TaskState& task : kernel::all_tasks(*debuggee_.guest(), debuggee_.cpu()))
        if (const u32 thread = thread_of(task.pid); thread != threads[0]) threads.push_back(thread);
    return threads;
}

u32 Threads::current() const {
    const auto task = debuggee_.task();
    return task ? thread_of(task->pid) : idle_thread;
}

bool Threads::exists(u32 thread) const {
    return thread == current() || task(thread);
}

std::optional<kernel::TaskState> Threads::task(u32 thread) const {
    if (!debuggee_.guest()) return std::nullopt;
    const auto tasks = kernel::all_tasks(*debuggee_.guest(), debuggee_.cpu());
    const auto found = std::find_if(tasks.begin(), tasks.end(),
                                    [&](const kernel::TaskState& t) { return thread_of(t.pid) == thread; });
    return found == tasks.end() ? std::nullopt : std::optional(*found);
}

std::string Threads::description(u32 thread) const {
    const auto found = task(thread);
    if (thread == current())
        return fmt::format("{}, ring {}", found ? found->comm : "the processor", debuggee_.cpu().cpl);
    if (!found) return {};
    const u32 where = kernel::waits_in(*debuggee_.guest(), kernel::sleeping_chain(debuggee_.memory(), *found));
    return fmt::format("{}, {}{}", found->comm, found->state_text(),
                       where ? " in " + debuggee_.kernel_symbols().name_at(where) : "");
}

std::optional<RegisterImage> Threads::image(u32 thread, const RegisterSource& processor) const {
    if (thread == current()) return read_registers(processor);
    const auto found = task(thread);
    if (!found) return std::nullopt;
    return found->mm ? saved_by_entry(*found, processor) : saved_by_switch(*found, processor);
}

/// A task of user space: what it had in ring 3 when it entered the kernel, from struct pt_regs at the top of its stack.
RegisterImage Threads::saved_by_entry(const kernel::TaskState& task, const RegisterSource& processor) const {
    const kernel::GuestKernel& guest = *debuggee_.guest();
    const u32 frame = task.stack_top - guest.pt_regs().size;
    RegisterImage image = without_own_registers(processor);
    for (const SavedRegister& saved : saved_registers)
        if (const kernel::Member* member = guest.pt_regs().find(saved.member))
            put(image, saved.name, debuggee_.memory().get<u32>(frame + member->offset));
    for (const std::string_view name : {"fs", "gs"})
        put(image, name, guest.task_word(debuggee_.memory(), task.address, fmt::format("thread.{}", name)));
    put(image, "cpl", 3);
    return image;
}

/// A kernel thread: where switch_to left it. EBP and the flags lie on its stack, the rest belongs to nobody.
RegisterImage Threads::saved_by_switch(const kernel::TaskState& task, const RegisterSource& processor) const {
    RegisterImage image = without_own_registers(processor);
    put(image, "esp", task.esp);
    put(image, "eip", task.eip);
    put(image, "ebp", debuggee_.memory().get<u32>(task.esp));
    put(image, "eflags", debuggee_.memory().get<u32>(task.esp + 4));
    put(image, "cpl", 0);
    return image;
}

std::unique_ptr<kernel::GuestMemory> Threads::memory(u32 thread) const {
    if (thread != current())
        if (const auto found = task(thread); found && found->page_directory)
            return std::make_unique<OtherSpace>(debuggee_.cpu(), *found->page_directory);
    return std::make_unique<kernel::CpuMemory>(debuggee_.cpu());
}

std::string Threads::auxv(u32 thread) const {
    const auto found = task(thread);
    if (!found || !found->mm) return {};
    const auto mm = debuggee_.guest()->debug().layout("mm_struct");
    const kernel::Member* member = mm ? mm->find("saved_auxv") : nullptr;
    if (!member) return {};
    std::vector<u8> bytes(member->size);
    if (!debuggee_.memory().read(found->mm + member->offset, bytes)) return {};
    constexpr std::size_t entry = 8; // type and value; type 0 ends the vector
    for (std::size_t at = 0; at + entry <= bytes.size(); at += entry)
        if (std::all_of(&bytes[at], &bytes[at] + 4, [](u8 b) { return b == 0; }))
            return {reinterpret_cast<const char*>(bytes.data()), at + entry};
    return {};
}

std::optional<u32> Threads::current_call_address() const {
    const auto now = debuggee_.task();
    if (!now || debuggee_.cpu().cpl == 3) return std::nullopt;
    const kernel::Layout& pt_regs = debuggee_.guest()->pt_regs();
    const kernel::Member* member = pt_regs.find("orig_eax");
    return member ? std::optional(now->stack_top - pt_regs.size + member->offset) : std::nullopt;
}

s32 Threads::current_call() const {
    const auto address = current_call_address();
    return address ? debuggee_.memory().get<s32>(*address).value_or(-1) : -1;
}

bool Threads::current_is_init() const {
    const auto now = debuggee_.task();
    return now && now->comm == "init" && std::filesystem::path(debuggee_.program_name()).filename() != "init";
}

} // namespace trapgate::frontend::gdb
