// SPDX-License-Identifier: MIT
// The way of a transfer: which tables and registers it goes through, station by station, with what each station said.
// Source: [SDM3] "Interrupt and Exception Handling", "Call Gates", "Performing Fast Calls to System Procedures".
#include "frontend/views/build_switch.hpp"
#include "frontend/views/step_words.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>

namespace trapgate::frontend::views {

namespace {

using cpu::isa::MicroStep;
using cpu::protect::RecordedTransfer;
using trace::TransferKind;
using StepSet = std::initializer_list<MicroStep>;

class Chain {
  public:
    Chain(const SwitchMoment& moment, const RecordedTransfer& transfer) : moment_(moment), transfer_(transfer) {
        for (const StepHere& here : moment.steps)
            if (here.transfer == &transfer) {
                values_ = values_of(moment, here);
                break;
            }
    }
    ChainPanel take() { return std::move(panel_); }

    /// A station that `steps` look at; left out if the transfer has none of them. Lines whose values are unknown are left out.
    void station(std::string id, std::string_view title, std::initializer_list<std::string_view> lines,
                 StepSet steps) {
        Mark mark = Mark::None;
        const StepHere* first = nullptr;
        for (const StepHere& here : moment_.steps) {
            if (here.transfer != &transfer_ || std::ranges::find(steps, here.step->step) == steps.end()) continue;
            if (!first) first = &here;
            mark = std::max(mark, mark_of(here), [](Mark a, Mark b) { return rank(a) < rank(b); });
        }
        if (!first) return;
        ChainBox box;
        box.title = filled(title, values_);
        for (const std::string_view line : lines)
            if (std::string text = filled(line, values_); text.find('?') == std::string::npos)
                box.lines.emplace_back(std::move(text), mark == Mark::Ahead ? Meaning::Ahead : Meaning::Text);
        box.mark = mark;
        box.id = "chain." + std::move(id);
        box.tip = std::string(cpu::isa::info(first->step->step).text);
        box.command = "goto " + machine::to_text({moment_.now.instruction, first->number});
        panel_.boxes.push_back(std::move(box));
    }
    void crossed_out(std::string id, std::string title, std::initializer_list<std::string> lines) {
        ChainBox box;
        box.title = std::move(title);
        for (const std::string& line : lines) box.lines.emplace_back(line, Meaning::Crossed);
        box.crossed_out = true;
        box.id = "chain." + std::move(id);
        panel_.boxes.push_back(std::move(box));
    }
    void note(std::string text, Meaning meaning = Meaning::Dim) {
        panel_.notes.emplace_back(std::move(text), meaning);
    }
    std::string& value(const std::string& name) { return values_[name]; }
    bool has(std::string_view name) const { return values_.contains(name); }
    /// A fault ends the way here.
    void note_fault() {
        for (const StepHere& here : moment_.steps)
            if (here.transfer == &transfer_ && here.step->faulted && here.number <= moment_.now.micro)
                note("it ends here: " + raises_text(moment_, here), Meaning::Warning);
    }

  private:
    static int rank(Mark mark) {
        // Of the steps of one station: one that failed tells most, then the one that is on, then one that is done.
        return mark == Mark::Failed  ? 4
               : mark == Mark::Now   ? 3
               : mark == Mark::Done  ? 2
               : mark == Mark::Ahead ? 1
                                     : 0;
    }
    Mark mark_of(const StepHere& here) const {
        if (here.step->faulted && here.number <= moment_.now.micro) return Mark::Failed;
        return here.number < moment_.now.micro    ? Mark::Done
               : here.number == moment_.now.micro ? Mark::Now
                                                  : Mark::Ahead;
    }

    const SwitchMoment& moment_;
    const RecordedTransfer& transfer_;
    Values values_;
    ChainPanel panel_;
};

std::string table_at(const SwitchMoment& moment, u32 base) {
    if (!moment.options.relative) return fmt::format("{:08x}", base);
    const std::string name = moment.debuggee.symbols().name_at(base);
    return name.empty() ? "(kernel)" : name;
}

void add_handler_segment(Chain& chain) {
    chain.station("cs", "{cs_entry} {cs} {cs_kind}", {"DPL {cs_dpl} P {cs_p}", "{level_row}"},
                  {MicroStep::target_selector, MicroStep::target_descriptor, MicroStep::jump_target,
                   MicroStep::handler_level, MicroStep::virtual8086_handler, MicroStep::call_level});
}

void add_tss_stack(const SwitchMoment& moment, Chain& chain) {
    chain.value("tr") = fmt::format("{:04x}", moment.cpu.tr.selector);
    chain.value("tss") = table_at(moment, moment.cpu.tr.base);
    chain.station("tss", "TR {tr} -> TSS {tss}", {"SS{new_cpl}:ESP{new_cpl} = {ss}:{esp0}"},
                  {MicroStep::tss_stack});
    chain.station("ss", "{ss_entry} {ss} {ss_kind}",
                  {"DPL {ss_dpl} RPL {ss_rpl} P {ss_p}", "{frame_bytes} bytes fit below {esp0}"},
                  {MicroStep::stack_descriptor, MicroStep::inner_frame, MicroStep::virtual8086_frame,
                   MicroStep::inner_call_frame});
}

void interrupt_chain(const SwitchMoment& moment, Chain& chain) {
    chain.value("idt") = table_at(moment, moment.cpu.idtr.base);
    chain.station("idtr", "IDTR {idt} limit {idt_limit}", {"+ {vector}h * 8", "{vector_end} <= {idt_limit}"},
                  {MicroStep::idt_limit});
    chain.station("gate", "{gate} {gate_kind}", {"-> {cs}:{handler}", "DPL {gate_dpl} P {gate_p}"},
                  {MicroStep::read_gate, MicroStep::gate_type, MicroStep::gate_dpl, MicroStep::gate_present});
    add_handler_segment(chain);
    add_tss_stack(moment, chain);
    chain.station("frame", "the stack in use",
                  {"same ring: no TSS, no other stack", "{frame_bytes} bytes fit below ESP"},
                  {MicroStep::same_frame});
}

void return_chain(Chain& chain) {
    chain.station("frame", "the frame at ESP", {"EIP {eip_code}", "CS {cs}"},
                  {MicroStep::read_return_eip, MicroStep::read_return_cs, MicroStep::read_far_return_cs,
                   MicroStep::read_return_eflags});
    chain.station("cs", "{cs_entry} {cs} {cs_kind}", {"DPL {cs_dpl} P {cs_p}", "{return_row}"},
                  {MicroStep::return_selector, MicroStep::return_descriptor, MicroStep::return_level});
    chain.station("outer", "two more words of the frame", {"ESP and SS {ss}"},
                  {MicroStep::read_return_esp, MicroStep::read_return_ss});
    chain.station("ss", "{ss_entry} {ss} {ss_kind}", {"DPL {ss_dpl} RPL {ss_rpl} P {ss_p}"},
                  {MicroStep::return_stack});
    chain.station("v86", "six more words: EFLAGS.VM is 1", {"ESP SS ES DS FS GS", "no descriptor is read"},
                  {MicroStep::read_virtual8086_stack, MicroStep::read_virtual8086_data, MicroStep::virtual8086_ip});
    chain.station("load", "registers", {"CS:EIP := {cs}:{eip_code}", "CPL := {new_cpl}"},
                  {MicroStep::load_cs_eip, MicroStep::load_eflags, MicroStep::load_ss_esp, MicroStep::load_cpl,
                   MicroStep::release_frame, MicroStep::null_segments, MicroStep::load_virtual8086_segments});
}

void far_chain(const SwitchMoment& moment, Chain& chain) {
    chain.station("gate", "{gate} {gate_kind}", {"DPL {gate_dpl} P {gate_p}"},
                  {MicroStep::far_selector, MicroStep::far_descriptor, MicroStep::far_code,
                   MicroStep::call_gate_rights, MicroStep::task_gate_rights, MicroStep::tss_rights});
    add_handler_segment(chain);
    add_tss_stack(moment, chain);
}

void task_chain(const SwitchMoment& moment, Chain& chain) {
    chain.value("tr") = fmt::format("{:04x}", moment.record.before.tr);
    chain.value("new_tr") = fmt::format("{:04x}", moment.record.after.tr);
    chain.station(
        "gate", "gate or far pointer", {"it names a TSS"},
        {MicroStep::task_gate_rights, MicroStep::tss_rights, MicroStep::task_selector, MicroStep::read_back_link});
    chain.station("new-tss", "the new TSS, {new_tr}", {"available, P = 1, long enough"},
                  {MicroStep::task_descriptor, MicroStep::back_link_descriptor, MicroStep::tss_limit,
                   MicroStep::tss_reachable, MicroStep::read_task});
    chain.station("old-tss", "the old TSS, {tr}", {"all registers go there"},
                  {MicroStep::save_task, MicroStep::save_task_returning, MicroStep::old_not_busy});
    chain.station("load", "TR := {new_tr}, all registers", {"CR3, EIP, EFLAGS, selectors"},
                  {MicroStep::write_back_link, MicroStep::new_busy, MicroStep::load_tr, MicroStep::load_task});
    chain.station(
        "check", "in the new task", {"LDT, CS, SS and data segments are checked"},
        {MicroStep::task_ldt, MicroStep::task_cs, MicroStep::task_ss, MicroStep::task_data, MicroStep::task_eip});
}

void fast_call_chain(const SwitchMoment& moment, Chain& chain, bool in) {
    const cpu::Cpu& cpu = moment.cpu;
    chain.value("msr_esp") = moment.data(cpu.sysenter_esp);
    chain.value("ecx") = fmt::format("{:08x}", moment.record.before.gpr[1]);
    if (in) {
        chain.station("msr174", "MSR 174h {msr_cs}",
                      {"CS := 174h & ~3, SS := CS + 8", "flat, whatever the GDT says"},
                      {MicroStep::sysenter_check, MicroStep::sysenter_cs, MicroStep::sysenter_ss});
        chain.station("msr175", "MSR 175h -> ESP", {"{msr_esp}", "the same for every task"},
                      {MicroStep::sysenter_esp});
        chain.station("msr176", "MSR 176h -> EIP", {"{handler}"}, {MicroStep::sysenter_eip});
    } else {
        chain.station(
            "msr174", "MSR 174h {msr_cs}", {"CS := 174h + 16, SS := 174h + 24"},
            {MicroStep::sysexit_check, MicroStep::sysexit_cpl, MicroStep::sysexit_cs, MicroStep::sysexit_ss});
        chain.station("ecx", "ECX -> ESP", {"{ecx}"}, {MicroStep::sysexit_esp});
        chain.station("edx", "EDX -> EIP", {"{handler}"}, {MicroStep::sysexit_eip});
    }
    chain.crossed_out("gdt", "GDT", {"no descriptor is read"});
    if (in) chain.crossed_out("tss", "IDT, TSS", {"no gate, no SS0:ESP0"});
    chain.note(in ? "nothing was saved: software must push" : "nothing is popped: ECX and EDX say it all",
               Meaning::Warning);
}

/// Without a transfer: the way from TR to the task, which every entry into the kernel relies on.
ChainPanel standing_chain(const SwitchMoment& moment) {
    ChainPanel panel;
    const cpu::Cpu& cpu = moment.cpu;
    const auto box = [&](std::string id, std::string title, std::vector<Line> lines) {
        ChainBox made;
        made.id = "chain." + std::move(id), made.title = std::move(title), made.lines = std::move(lines);
        panel.boxes.push_back(std::move(made));
    };
    if (cpu.tr.present) {
        box("tr", fmt::format("TR {:04x}", cpu.tr.selector),
            {{fmt::format("-> TSS {}", table_at(moment, cpu.tr.base))}});
        if (moment.stack_top)
            box("tss", "TSS.esp0",
                {{moment.stack_pointer(moment.stack_top)}, {"where the next entry from ring 3 pushes"}});
    }
    if (moment.task && moment.debuggee.guest()) {
        const u32 size = moment.debuggee.guest()->stack_size();
        const u32 esp = cpu.reg(cpu::Gpr::esp);
        const std::string sum = moment.in_kernel_stack(esp)
                                    ? fmt::format("{} & ~{:x}", moment.stack_pointer(esp), size - 1)
                                    : fmt::format("esp0 - {:x}", moment.stack_top - moment.stack_bottom);
        box("thread-info", "thread_info",
            {{sum + (moment.options.relative ? "" : fmt::format(" = {:08x}", moment.task->thread_info))}});
        box("task", "task_struct", {{fmt::format("{}, pid {}", moment.task->comm, moment.task->pid)}});
    }
    if (panel.boxes.empty()) panel.notes.emplace_back("no TSS is loaded", Meaning::Dim);
    return panel;
}

std::string title_of(TransferKind kind) {
    switch (kind) {
    case TransferKind::Interrupt: return "descriptor chain";
    case TransferKind::InterruptReturn:
    case TransferKind::FarReturn: return "the way back";
    case TransferKind::Sysenter:
    case TransferKind::Sysexit: return "model-specific registers";
    case TransferKind::TaskSwitch: return "task switch";
    default: return "descriptor chain";
    }
}

} // namespace

Panel chain_panel(const SwitchMoment& moment) {
    const RecordedTransfer* transfer = moment.transfer();
    if (!transfer) return {"chain", "from TR to the task", Meaning::Dim, standing_chain(moment)};
    Chain chain(moment, *transfer);
    switch (transfer->kind) {
    case TransferKind::Interrupt: interrupt_chain(moment, chain); break;
    case TransferKind::InterruptReturn:
    case TransferKind::FarReturn: return_chain(chain); break;
    case TransferKind::FarCall:
    case TransferKind::FarJump: far_chain(moment, chain); break;
    case TransferKind::Sysenter: fast_call_chain(moment, chain, true); break;
    case TransferKind::Sysexit: fast_call_chain(moment, chain, false); break;
    case TransferKind::TaskSwitch: break;
    }
    const bool switches_task =
        std::ranges::any_of(transfer->steps, [](const auto& step) { return step.step == MicroStep::tss_limit; });
    if (switches_task || transfer->kind == TransferKind::TaskSwitch) task_chain(moment, chain);
    chain.note_fault();
    return {"chain", title_of(transfer->kind), Meaning::Dim, chain.take()};
}

} // namespace trapgate::frontend::views
