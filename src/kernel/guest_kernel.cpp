// SPDX-License-Identifier: MIT
#include "kernel/guest_kernel.hpp"

#include <fmt/format.h>

namespace trapgate::kernel {

namespace {

constexpr u32 default_stack_size = 8192;
constexpr u32 tss_esp0 = 4; ///< [SDM3] "Task-State Segment (TSS)"

Status take(const DebugInfo& debug, const std::string& file, std::string_view name, Layout& into) {
    auto layout = debug.layout(name);
    if (!layout) return Error{fmt::format("{}: no debug information about struct {}", file, name)};
    into = std::move(*layout);
    return Nothing{};
}

Status take_member(const Layout& layout, const std::string& file, std::string_view name, u32& offset) {
    const Member* member = layout.find(name);
    if (!member) return Error{fmt::format("{}: struct {} has no member {}", file, layout.name, name)};
    offset = member->offset;
    return Nothing{};
}

} // namespace

GuestKernel::GuestKernel(Symbols symbols, DebugInfo debug)
    : symbols_(std::move(symbols)), debug_(std::move(debug)) {}

Result<GuestKernel> GuestKernel::from_file(const std::string& vmlinux) {
    TRY(symbols, Symbols::from_file(vmlinux));
    TRY(debug, DebugInfo::from_file(vmlinux));
    GuestKernel kernel(std::move(symbols), std::move(debug));
    const DebugInfo& info = kernel.debug_;
    for (const auto& [name, layout] : {std::pair{"pt_regs", &kernel.pt_regs_},
                                       {"thread_info", &kernel.thread_info_},
                                       {"task_struct", &kernel.task_struct_}}) {
        TRY(taken, take(info, vmlinux, name, *layout));
        (void)taken;
    }
    struct Wanted {
        const Layout& layout;
        std::string_view member;
        u32& offset;
    };
    const Layout& task = kernel.task_struct_;
    for (const Wanted& wanted :
         {Wanted{kernel.thread_info_, "task", kernel.task_of_thread_info_}, Wanted{task, "pid", kernel.pid_},
          Wanted{task, "tgid", kernel.tgid_}, Wanted{task, "comm", kernel.comm_}}) {
        TRY(taken, take_member(wanted.layout, vmlinux, wanted.member, wanted.offset));
        (void)taken;
    }
    kernel.comm_size_ = task.find("comm")->size;
    const auto whole_stack = info.layout("thread_union");
    kernel.stack_size_ = whole_stack ? whole_stack->size : default_stack_size;
    return kernel;
}

std::optional<Task> GuestKernel::current(const cpu::Cpu& cpu) const {
    const CpuMemory memory(cpu);
    const auto esp0 = memory.get<u32>(cpu.tr.base + tss_esp0);
    if (!esp0 || *esp0 == 0) return std::nullopt;
    const u32 bottom = (*esp0 - 1) & ~(stack_size_ - 1);
    const auto task = memory.get<u32>(bottom + task_of_thread_info_);
    if (!task) return std::nullopt;
    const auto pid = memory.get<s32>(*task + pid_), tgid = memory.get<s32>(*task + tgid_);
    if (!pid || !tgid) return std::nullopt;
    return Task{*task, bottom, *esp0, *pid, *tgid, memory.text(*task + comm_, comm_size_).value_or("")};
}

/// thread.saved_esp0 is what esp0 will be again: not 0 from vm86() to save_v86_state(). [linux-2.6.11] arch/i386/kernel/vm86.c
bool GuestKernel::in_virtual8086(const GuestMemory& memory, const Task& task) const {
    const u32 saved = task_word(memory, task.address, "thread.saved_esp0").value_or(0);
    return saved && saved != task.stack_top;
}

const Layout& GuestKernel::trap_frame(const GuestMemory& memory, const Task& task) const {
    const Layout* const wide = in_virtual8086(memory, task) ? debug_.structure("kernel_vm86_regs") : nullptr;
    return wide ? *wide : pt_regs_;
}

std::optional<u32> GuestKernel::task_word(const GuestMemory& memory, u32 task, std::string_view member) const {
    const Member* found = task_struct_.find(member);
    return found ? memory.get<u32>(task + found->offset) : std::nullopt;
}

} // namespace trapgate::kernel
