// SPDX-License-Identifier: MIT
// What all models have: the head line. Then the view's own builder. Source: views.def.
#include "frontend/views/builders.hpp"
#include "frontend/views/moment.hpp"
#include "frontend/views/views.hpp"

#include "cpu/isa/micro_steps.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

using Builder = Status (*)(Debuggee&, const Options&, ViewModel&);
constexpr Builder builders[] = {
#define VIEW(name, key, title, builder, layout) builder,
#include "frontend/views/views.def"
#undef VIEW
};

std::string mode_text(const cpu::Cpu& cpu) {
    if (!(cpu.cr0 & cpu::cr0::pe)) return "REAL";
    if (cpu.virtual8086() && cpu.cpl == 3) return fmt::format("V86{}", cpu.paging() ? " PG" : "");
    const bool wide = cpu.segment(cpu::SegmentRegister::cs).big;
    return fmt::format("PM{}{}", wide ? 32 : 16, cpu.paging() ? " PG" : "");
}

/// Between the first step that commits something and the one that changes CPL the processor is in neither ring.
Badge badge_of(const machine::InstructionRecord& record, u32 micro, const cpu::Cpu& cpu) {
    using cpu::protect::Registers;
    const u8 cpl = cpu.cpl;
    const auto ring = [](const Registers& registers) {
        const bool virtual8086 = in_virtual8086(registers) && registers.cpl == 3;
        return virtual8086 ? std::string("V86") : fmt::format("{}", registers.cpl);
    };
    u32 number = 0;
    for (const auto& transfer : record.transfers) {
        bool committed = false;
        for (const auto& step : transfer.steps) {
            if (++number > micro) break;
            committed |= cpu::isa::info(step.step).phase == cpu::isa::MicroStepPhase::Commit;
        }
        const u8 from = transfer.before.cpl, to = transfer.after.cpl;
        if (committed && from != to && cpl == from && !transfer.faulted)
            return {fmt::format("RING {} .. {}", ring(transfer.before), ring(transfer.after)), from, to};
        if (number > micro) break;
    }
    return {fmt::format("RING {}{}", cpl, cpu.virtual8086() && cpl == 3 ? " V86" : ""), cpl, cpl};
}

/// Of the instruction: where its code is from, by a name or, in virtual-8086 mode, as its far pointer.
std::string place_of(Debuggee& debuggee, const machine::InstructionRecord& record) {
    constexpr auto cs = static_cast<std::size_t>(cpu::SegmentRegister::cs);
    if (!in_virtual8086(record.before)) return debuggee.place(record.linear);
    return fmt::format("{} = {:05x}", far_pointer(record.before.selectors[cs], record.before.eip), record.linear);
}

std::string kernel_name(Debuggee& debuggee) {
    if (debuggee.guest()) return "our kernel";
    return std::filesystem::path(debuggee.program_name()).filename().string();
}

Header header_of(Debuggee& debuggee, const Options& options) {
    Header header;
    machine::TimeMachine& time = debuggee.time();
    const machine::InstructionRecord& record = time.instruction();
    header.at = time.now();
    header.clock = debuggee.machine().clock();
    header.micro_steps = record.micro_steps();
    if (const auto task = debuggee.task()) header.task = fmt::format("{} pid={}", task->comm, task->pid);
    header.mode = mode_text(debuggee.cpu());
    header.kernel = kernel_name(debuggee);
    header.place = options.numbers ? fmt::format("{:08x}", record.linear) : place_of(debuggee, record);
    header.badge = badge_of(record, header.at.micro, debuggee.cpu());
    return header;
}

Error no_such_view(std::string_view name) {
    std::string names;
    for (const ViewInfo& view : all_views()) names += fmt::format("{}{}", names.empty() ? "" : ", ", view.name);
    return {fmt::format("there is no view \"{}\"; there are: {}", name, names), 2};
}

} // namespace

Result<ViewModel> build(std::string_view view, Debuggee& debuggee, const Options& options) {
    const ViewInfo* info = find_view(view);
    if (!info) return no_such_view(view);
    ViewModel model;
    model.view = info->name;
    model.header = header_of(debuggee, options);
    model.title = fmt::format("{} at {}", info->name, machine::to_text(model.header.at));
    TRY(built, builders[info - all_views().data()](debuggee, options, model));
    (void)built;
    return model;
}

} // namespace trapgate::frontend::views
