// SPDX-License-Identifier: MIT
// The values come from what was recorded: descriptors from the bytes that went over the bus, registers from before and after.
#include "frontend/views/step_words.hpp"

#include "cpu/protect/describe.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::views {

using cpu::isa::MicroStep;
using cpu::protect::RecordedStep;
using cpu::protect::RecordedTransfer;
using cpu::protect::Registers;
using trace::TransferKind;

namespace {

struct Words {
    MicroStep step;
    std::string_view row;
    std::string_view sentence;
};
constexpr Words all_words[] = {
#define WORDS(id, row, sentence) {MicroStep::id, row, sentence},
#include "frontend/views/step_words.def"
#undef WORDS
};

const Words* words_of(MicroStep step) {
    for (const Words& words : all_words)
        if (words.step == step) return &words;
    return nullptr;
}

constexpr u32 esp_index = 4, interrupt_flag = 9, nested_flag = 14, vm_flag = 17;
constexpr auto cs_index = static_cast<std::size_t>(cpu::SegmentRegister::cs);
constexpr auto ss_index = static_cast<std::size_t>(cpu::SegmentRegister::ss);

std::string selector(u32 value) {
    return fmt::format("{:04x}", value & 0xffff);
}

std::string entry_of(u32 selector) {
    return fmt::format("{}[{:02x}]", cpu::selector_in_ldt(static_cast<u16>(selector)) ? "LDT" : "GDT",
                       (selector & 0xffff) >> 3);
}

/// What the transfer as a whole is about: gathered from all of its steps, also those that are still to come.
void add_descriptor(Values& values, const std::string& name, const std::optional<ReadDescriptor>& read) {
    if (!read) return;
    const cpu::Descriptor d = read->descriptor;
    values[name + "_kind"] = cpu::protect::descriptor_kind(d);
    values[name + "_type"] = fmt::format("{:X}", d.type());
    values[name + "_dpl"] = fmt::format("{}", d.dpl());
    values[name + "_p"] = d.present() ? "1" : "0";
    values[name + "_s"] = d.is_code_or_data() ? "1" : "0";
}

void add_selector(Values& values, const std::string& name, u32 value) {
    values[name] = selector(value);
    values[name + "_entry"] = entry_of(value);
    values[name + "_rpl"] = fmt::format("{}", value & 3);
}

std::optional<u64> read_by(const RecordedTransfer& transfer, std::initializer_list<MicroStep> steps, u8 size = 0) {
    for (const RecordedStep& step : transfer.steps)
        for (const MicroStep wanted : steps)
            if (step.step == wanted)
                for (const trace::Access& access : step.accesses)
                    if (access.intent != Intent::Write && (!size || access.size == size)) return access.value;
    return std::nullopt;
}

void add_gate(Values& values, const Moment& moment, const RecordedTransfer& transfer) {
    const auto gate = descriptor_read_by(transfer, {MicroStep::read_gate, MicroStep::far_descriptor});
    add_descriptor(values, "gate", gate);
    values["vector"] = fmt::format("{:02x}", transfer.vector);
    values["vector_end"] = fmt::format("{:x}", transfer.vector * 8 + 7);
    values["idt_limit"] = fmt::format("{:x}", moment.cpu.idtr.limit);
    values["gate"] = fmt::format("IDT[{:02x}]", transfer.vector);
    if (transfer.kind != TransferKind::Interrupt && gate) {
        const u32 index = (gate->address - moment.cpu.gdtr.base) / 8;
        values["gate"] = fmt::format("GDT[{:02x}]", index);
        values["gate_selector"] = selector(index * 8);
    }
    if (gate && !gate->descriptor.is_code_or_data()) {
        add_selector(values, "cs", gate->descriptor.gate_selector());
        values["handler"] = moment.code(gate->descriptor.gate_offset());
    }
}

/// Code of virtual-8086 mode has no names: its offset.
std::string code_of(const Moment& moment, const Registers& registers, u32 eip) {
    return in_virtual8086(registers) ? fmt::format("{:04x}", eip) : moment.code(eip);
}

void add_target(Values& values, const Moment& moment, const RecordedTransfer& transfer) {
    add_descriptor(values, "cs",
                   descriptor_read_by(transfer, {MicroStep::target_descriptor, MicroStep::return_descriptor,
                                                 MicroStep::jump_target}));
    const auto ss = descriptor_read_by(transfer, {MicroStep::stack_descriptor, MicroStep::return_stack});
    add_descriptor(values, "ss", ss);
    if (const auto cs = read_by(transfer, {MicroStep::read_return_cs, MicroStep::read_far_return_cs}))
        add_selector(values, "cs", static_cast<u32>(*cs));
    if (const auto stack = read_by(transfer, {MicroStep::read_return_ss}))
        add_selector(values, "ss", static_cast<u32>(*stack));
    if (const auto stack = read_by(transfer, {MicroStep::tss_stack}, 2))
        add_selector(values, "ss", static_cast<u32>(*stack));
    if (const auto esp = read_by(transfer, {MicroStep::tss_stack}, 4))
        values["esp0"] = moment.stack_pointer(static_cast<u32>(*esp));
    if (const auto eip = read_by(transfer, {MicroStep::read_return_eip})) {
        values["eip_code"] = code_of(moment, transfer.after, static_cast<u32>(*eip));
        values["handler"] = values["eip_code"];
    }
}

void add_levels(Values& values, const RecordedTransfer& transfer) {
    const u8 from = transfer.before.cpl;
    u8 to = transfer.after.cpl;
    const bool leaves_virtual8086 = in_virtual8086(transfer.before) && from != to;
    // A transfer that faulted did not get there; its checks know where it wanted to go.
    const auto cs = descriptor_read_by(transfer, {MicroStep::target_descriptor});
    if (transfer.faulted && cs) to = cs->descriptor.conforming() ? from : cs->descriptor.dpl();
    values["cpl"] = fmt::format("{}", from);
    values["new_cpl"] = fmt::format("{}", to);
    const std::string dpl = values.contains("cs_dpl") ? values["cs_dpl"] : "?";
    values["level_row"] = from == to ? fmt::format("DPL {}, CPL {}: same level", dpl, from)
                                     : fmt::format("DPL {} < CPL {}: inner level {}", dpl, from, to);
    if (leaves_virtual8086) values["level_row"] = fmt::format("out of V86, CPL {}: only to ring 0", from);
    values["level_sentence"] =
        from == to
            ? fmt::format("The new code has DPL {} and CPL is {}: the ring stays, and so does the stack. Three "
                          "words will do: "
                          "EFLAGS, CS and EIP.",
                          dpl, from)
            : fmt::format(
                  "The new code has DPL {}, CPL is {}: the processor will rise to ring {}, and that takes another "
                  "stack.",
                  dpl, from, to);
    values["cpl_sentence"] =
        from == to ? fmt::format("The ring stays {}.", to)
                   : fmt::format("Only now does CPL become {}: from here on the processor is in ring {}.", to, to);
    values["return_row"] = from == to ? fmt::format("RPL = CPL {}: same level", from)
                                      : fmt::format("RPL {} > CPL {}: outer level", to, from);
    values["return_sentence"] =
        from == to
            ? "The return stays in this ring: the stack is kept, and only three words are popped."
            : fmt::format(
                  "RPL {} > CPL {}: the return leads outwards, so two more words, ESP and SS, lie on the stack.",
                  to, from);
}

/// Where nothing was read that says it: a far jump's target is in the instruction, a null selector names no descriptor.
void add_rest(Values& values, const Moment& moment, const RecordedTransfer& transfer) {
    const bool arrived = !transfer.faulted;
    values.try_emplace("eip_code", arrived ? code_of(moment, transfer.after, transfer.after.eip) : "the new one");
    if (arrived && !values.contains("cs")) add_selector(values, "cs", transfer.after.selectors[cs_index]);
    for (const char* name : {"cs", "ss", "gate"}) {
        values.try_emplace(std::string(name) + "_kind", "not read");
        values.try_emplace(std::string(name) + "_dpl", "-");
        values.try_emplace(std::string(name) + "_p", "-");
    }
}

std::string frame_bytes(const RecordedTransfer& transfer) {
    std::size_t bytes = 0;
    for (const RecordedStep& step : transfer.steps)
        for (const trace::Access& access : step.accesses)
            if (access.intent == Intent::Write && cpu::isa::info(step.step).name.starts_with("push"))
                bytes += access.size;
    return bytes ? fmt::format("{}", bytes) : "the";
}

/// Registers as the step leaves them.
void add_registers(Values& values, const Moment& moment, const Registers& now) {
    values["cs_now"] = selector(now.selectors[cs_index]);
    values["ss_now"] = selector(now.selectors[ss_index]);
    values["esp_now"] = moment.stack_pointer(now.gpr[esp_index]);
    values["eflags_now"] = fmt::format("{:08x}", now.eflags);
    values["eflags_names"] = flags_text(now.eflags);
    values["if"] = now.eflags >> interrupt_flag & 1 ? "1" : "0";
}

/// What the low bits of a saved CS mean: nothing if it is a paragraph.
std::string cs_sentence(const RecordedTransfer& transfer, const RecordedStep& step, u32 value) {
    if (in_virtual8086(transfer.before))
        return "It is a paragraph: not its low bits tell the ring to go back to, but VM in EFLAGS.";
    if (in_virtual8086(transfer.after))
        return "Whether that is a selector or a paragraph, EFLAGS will tell: the next word.";
    const char* const pattern = step.step == MicroStep::push_cs
                                    ? "Its two low bits, {}, are the ring to go back to."
                                    : "Its two low bits say that the way leads to ring {}.";
    return fmt::format(fmt::runtime(pattern), value & 3);
}

constexpr MicroStep steps_with_selector[] = {
    MicroStep::push_ss,        MicroStep::push_cs, MicroStep::read_return_cs, MicroStep::read_far_return_cs,
    MicroStep::read_return_ss, MicroStep::push_gs, MicroStep::push_fs,        MicroStep::push_ds,
    MicroStep::push_es};

/// What the first access of the step moved.
void add_access(Values& values, const Moment& moment, const RecordedTransfer& transfer, const RecordedStep& step) {
    if (step.accesses.empty()) return;
    const trace::Access& access = step.accesses[0];
    const auto value = static_cast<u32>(access.value);
    values["place"] = moment.data(static_cast<u32>(access.linear.value));
    values["value"] = std::ranges::find(steps_with_selector, step.step) != std::end(steps_with_selector)
                          ? selector(value)
                          : moment.stack_pointer(value);
    const Registers& user = in_virtual8086(transfer.before) ? transfer.before : transfer.after;
    values["value_code"] = code_of(moment, user, value);
    values["value_place"] =
        in_virtual8086(user) ? far_pointer(user.selectors[cs_index], value) : moment.code(value);
    values["cs_sentence"] = cs_sentence(transfer, step, value);
    values["value_flags"] = flags_text(value);
    values["value_rpl"] = fmt::format("{}", value & 3);
    values["vm"] = value >> vm_flag & 1 ? "1" : "0";
}

void add_sysenter(Values& values, const Moment& moment, const RecordedTransfer& transfer) {
    values["msr_cs"] = fmt::format("{:04x}", moment.cpu.sysenter_cs);
    if (transfer.kind == TransferKind::Sysenter) values["handler"] = moment.code(moment.cpu.sysenter_eip);
    if (transfer.kind == TransferKind::Sysexit) values["handler"] = moment.code(transfer.before.gpr[2]);
}

std::string return_place(const Moment& moment, const RecordedTransfer& transfer) {
    const bool by_instruction =
        &transfer == &moment.record.transfers[0] && !moment.record.external_interrupt && moment.record.retired;
    if (moment.record.external_interrupt) return "where the interrupt came in";
    if (by_instruction) return "the instruction after this one";
    return "the instruction that could not be completed";
}

std::string error_sentence(u8 vector, u32 error) {
    constexpr u8 page_fault = 14;
    if (vector == page_fault)
        return fmt::format("It says: {}, {}, made with {} rights.",
                           error & 1 ? "the page is protected" : "the page is not present",
                           error & 2 ? "a write" : "a read", error & 4 ? "user" : "supervisor");
    if (!error) return "0 names no selector.";
    return fmt::format("It names {}[{:02x}]{}.",
                       error & 2   ? "IDT"
                       : error & 4 ? "LDT"
                                   : "GDT",
                       (error & 0xffff) >> 3,
                       error & 1 ? ", and EXT = 1 says that the program did not ask for it" : "");
}

} // namespace

std::optional<ReadDescriptor> descriptor_read_by(const RecordedTransfer& transfer,
                                                 std::initializer_list<MicroStep> steps) {
    for (const RecordedStep& step : transfer.steps)
        for (const MicroStep wanted : steps)
            if (step.step == wanted)
                for (const trace::Access& access : step.accesses)
                    if (access.intent != Intent::Write && access.size == 8)
                        return ReadDescriptor{static_cast<u32>(access.linear.value), {access.value}};
    return std::nullopt;
}

Values values_of(const Moment& moment, const StepHere& here) {
    const RecordedTransfer& transfer = *here.transfer;
    Values values;
    add_gate(values, moment, transfer);
    add_target(values, moment, transfer);
    add_levels(values, transfer);
    add_sysenter(values, moment, transfer);
    add_rest(values, moment, transfer);
    add_registers(values, moment, here.step->after);
    add_access(values, moment, transfer, *here.step);
    if (const auto eflags = read_by(transfer, {MicroStep::read_return_eflags})) {
        const bool virtual8086 = *eflags >> vm_flag & 1;
        values["vm"] = virtual8086 ? "1" : "0";
        values["vm_way"] =
            virtual8086 ? "the return leads to virtual-8086 mode" : "the return does not lead to virtual-8086 mode";
    }
    values["values"] = here.step->values;
    values["frame_bytes"] = frame_bytes(transfer);
    values["nt"] = transfer.before.eflags >> nested_flag & 1 ? "1" : "0";
    values["nt_way"] = transfer.before.eflags >> nested_flag & 1 ? "back link" : "stack";
    values["return_place"] = return_place(moment, transfer);
    if (here.step->step == MicroStep::push_error_code && !here.step->accesses.empty())
        values["error_sentence"] = error_sentence(transfer.vector, static_cast<u32>(here.step->accesses[0].value));
    return values;
}

std::string filled(std::string_view pattern, const Values& values) {
    std::string text;
    while (!pattern.empty()) {
        const std::size_t open = pattern.find('{');
        text += pattern.substr(0, open);
        if (open == std::string_view::npos) break;
        const std::size_t close = pattern.find('}', open);
        const auto found = values.find(pattern.substr(open + 1, close - open - 1));
        text += found == values.end() ? "?" : found->second;
        pattern.remove_prefix(close + 1);
    }
    return text;
}

std::string row_text(const Moment& moment, const StepHere& here) {
    if (const Words* words = words_of(here.step->step)) return filled(words->row, values_of(moment, here));
    const auto& info = cpu::isa::info(here.step->step);
    return std::string(info.name) +
           (moment.options.relative || here.step->values.empty() ? "" : ": " + here.step->values);
}

std::string sentence(const Moment& moment, const StepHere& here) {
    const auto& info = cpu::isa::info(here.step->step);
    if (here.step->faulted)
        return fmt::format("This check fails: {}. The state is as before the instruction, and {} is raised.",
                           row_text(moment, here), raises_text(moment, here));
    if (const Words* words = words_of(here.step->step)) return filled(words->sentence, values_of(moment, here));
    std::string text(info.text);
    if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text + (moment.options.relative || here.step->values.empty() ? "" : ": " + here.step->values) + ".";
}

std::string raises_text(const Moment& moment, const StepHere& here) {
    std::string text(cpu::isa::info(here.step->step).raises);
    const Values values = values_of(moment, here);
    const auto put = [&](std::string_view open, const std::string& value) {
        for (std::size_t at; (at = text.find(open)) != std::string::npos;) text.replace(at, open.size(), value);
    };
    const auto known = [&](std::string_view name) {
        const auto found = values.find(name);
        return found == values.end() ? std::string() : found->second;
    };
    put("(vector*8+2)", fmt::format("({:x})", here.transfer->vector * 8 + 2));
    const auto error = [&](std::string_view open, std::string_view name) {
        if (const std::string value = known(name); !value.empty())
            put(open, fmt::format("({:x})", std::stoul(value, nullptr, 16) & ~3ul));
    };
    error("(cs)", "cs");
    error("(ss)", "ss");
    error("(gate)", "gate_selector");
    put("(tr)", fmt::format("({:x})", moment.cpu.tr.selector));
    return text;
}

} // namespace trapgate::frontend::views
