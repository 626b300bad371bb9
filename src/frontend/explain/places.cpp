// SPDX-License-Identifier: MIT
// Members of the TSS: [SDM3] "Task-State Segment (TSS)".
#include "frontend/explain/places.hpp"

#include <fmt/format.h>

namespace trapgate::frontend {

namespace {

constexpr u32 tss_bytes = 104;

std::string tss_member(u32 offset) {
    if (offset == 4) return "TSS.esp0";
    if (offset == 8) return "TSS.ss0";
    return fmt::format("TSS+{:x}", offset);
}

std::string member_at(const kernel::Layout& layout, u32 offset) {
    const kernel::Member* best = nullptr;
    for (const kernel::Member& member : layout.members)
        if (member.offset == offset && (!best || member.size < best->size)) best = &member;
    return best ? best->name : fmt::format("+{:x}", offset);
}

} // namespace

std::string_view frame_member(const PictureContext& context, u32 offset) {
    for (const kernel::Member& member : context.kernel.pt_regs().members)
        if (member.offset == offset) return member.name;
    return "?";
}

std::string place_name(const SwitchRecording& recording, const PictureContext& context, u32 linear) {
    const kernel::Task& task = recording.task;
    const u32 frame = task.stack_top - context.kernel.pt_regs().size;
    if (linear - recording.idt.base <= recording.idt.limit)
        return fmt::format("IDT[{:02x}]", (linear - recording.idt.base) / 8);
    if (linear - recording.gdt.base <= recording.gdt.limit)
        return fmt::format("GDT[{:02x}]", (linear - recording.gdt.base) / 8);
    if (linear - recording.tss < tss_bytes) return tss_member(linear - recording.tss);
    if (linear >= frame && linear < task.stack_top)
        return fmt::format("pt_regs.{}", frame_member(context, linear - frame));
    if (linear - task.thread_info < context.kernel.thread_info().size)
        return "thread_info." + member_at(context.kernel.thread_info(), linear - task.thread_info);
    if (linear >= task.thread_info && linear < task.stack_top)
        return fmt::format("stack-{:x}", task.stack_top - linear);
    return code_name(context, linear);
}

std::string code_name(const PictureContext& context, u32 linear) {
    const std::string in_kernel = context.kernel.symbols().name_at(linear);
    return in_kernel.empty() ? context.program.name_at(linear) : in_kernel;
}

std::string source_name(const PictureContext& context, u32 linear) {
    const auto line = context.kernel.debug().line_of(linear);
    if (!line) return {};
    return fmt::format("{}:{}", line->file.substr(line->file.rfind('/') + 1), line->line);
}

} // namespace trapgate::frontend
