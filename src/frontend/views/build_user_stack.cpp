// SPDX-License-Identifier: MIT
// The stack of ring 3, seen while its program waits: what lies at its top, with strings, return addresses and arguments by name.
#include "frontend/views/build_switch.hpp"

#include "kernel/syscall_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

using trace::TransferKind;

constexpr u32 word = 4, shown_words = 24;
constexpr u32 most_arguments = 64;
constexpr std::size_t longest_string = 24;
constexpr std::size_t esp_index = 4, ebp_index = 5;

/// The stack of a virtual 8086: words of 16 bits.
struct Stack8086 {
    u32 paragraph;
    u32 sp;
    u32 linear(u32 offset) const { return paragraph_base(paragraph) + offset; }
};

Stack8086 of_8086(u32 ss, u32 esp) {
    return {ss & 0xffff, esp & 0xffff};
}

/// The registers of virtual-8086 code, now or as they were before the instruction: SS:SP. In the kernel they are in the frame.
std::optional<Stack8086> stack_of_8086(const SwitchMoment& moment) {
    constexpr auto ss = static_cast<std::size_t>(cpu::SegmentRegister::ss);
    for (const auto* registers : {&moment.record.before, &moment.record.after})
        if (registers->cpl == 3)
            return in_virtual8086(*registers)
                       ? std::optional(of_8086(registers->selectors[ss], registers->gpr[esp_index]))
                       : std::nullopt;
    if (!moment.virtual8086 || !moment.debuggee.guest()) return std::nullopt;
    std::optional<u32> words[2];
    for (u32 offset = 0; offset < moment.frame_size(); offset += word) {
        const std::string name = moment.frame_member(offset);
        if (name == "ss") words[0] = moment.debuggee.memory().get<u32>(moment.frame_base() + offset);
        if (name == "esp") words[1] = moment.debuggee.memory().get<u32>(moment.frame_base() + offset);
    }
    return words[0] && words[1] ? std::optional(of_8086(*words[0], *words[1])) : std::nullopt;
}

/// Where the program's stack pointer is: in the register, in the frame on the kernel stack, or (SYSENTER) in EBP by agreement.
std::optional<u32> user_esp(const SwitchMoment& moment) {
    if (moment.cpl_before() == 3) return moment.record.before.gpr[esp_index];
    const kernel::GuestKernel* guest = moment.debuggee.guest();
    if (moment.record.after.cpl == 3) return moment.record.after.gpr[esp_index];
    if (!moment.task || !moment.window.change) return std::nullopt;
    const kernel::Member* member = guest ? guest->pt_regs().find("esp") : nullptr;
    if (!member) return std::nullopt;
    const u32 place = moment.frame_base() + member->offset;
    const bool written = moment.history.words().contains(place) || !moment.window.whole;
    if (written) return moment.debuggee.memory().get<u32>(place);
    // EBP is the program's only until the kernel uses it, and only of the task that has come in.
    const bool just_entered = moment.window.change->esp0 == moment.stack_top;
    if (moment.window.change->kind == TransferKind::Sysenter && just_entered)
        return moment.record.before.gpr[ebp_index];
    // A task that was switched in: its frame is older than what we looked at.
    const kernel::Member* cs = guest->pt_regs().find("xcs");
    const u32 selector = cs ? moment.debuggee.memory().get<u32>(moment.frame_base() + cs->offset).value_or(0) : 0;
    return (selector & 3) == 3 ? moment.debuggee.memory().get<u32>(place) : std::nullopt;
}

bool printable(const std::string& text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return (c >= ' ' && c < 127) || c == '\n' || c == '\t'; });
}

std::optional<std::string> string_at(const SwitchMoment& moment, u32 address) {
    const auto text = moment.debuggee.memory().text(address, 64);
    if (!text || !printable(*text)) return std::nullopt;
    return kernel::quoted(*text, longest_string);
}

u32 get(const SwitchMoment& moment, u32 address) {
    return moment.debuggee.memory().get<u32>(address).value_or(0);
}

/// The words from `address` on look like what the kernel hands a new program: a count, so many pointers to strings above, a 0.
u32 argument_count(const SwitchMoment& moment, u32 address) {
    const u32 count = get(moment, address);
    if (!count || count > most_arguments || get(moment, address + word * (count + 1))) return 0;
    for (u32 i = 1; i <= count; ++i) {
        const u32 pointer = get(moment, address + word * i);
        if (pointer < address || !string_at(moment, pointer)) return 0;
    }
    return count;
}

/// Known code of the program just behind a call.
bool is_return_address(const SwitchMoment& moment, u32 value) {
    const kernel::Symbol* symbol = moment.debuggee.program_symbols().containing(value);
    return symbol && symbol->kind != kernel::Symbol::Kind::Object && symbol->address != value;
}

std::string meaning_of(const SwitchMoment& moment, u32 value) {
    if (is_return_address(moment, value)) return "-> " + moment.code(value);
    if (value >= 0x1000)
        if (const auto text = string_at(moment, value)) return "-> " + *text;
    return {};
}

std::string lesson(const SwitchMoment& moment) {
    const cpu::protect::RecordedTransfer* transfer = moment.transfer();
    if (!transfer) return {};
    const bool in = transfer->before.cpl == 3 && transfer->after.cpl == 0;
    const bool out = transfer->before.cpl == 0 && transfer->after.cpl == 3;
    switch (transfer->kind) {
    case TransferKind::Interrupt:
        return in ? "nothing is written here: the old SS:ESP go onto the NEW stack"
                  : "not touched: the kernel interrupts itself";
    case TransferKind::Sysenter: return "SYSENTER writes nothing here, and saves this ESP nowhere";
    case TransferKind::InterruptReturn: return out ? "IRET brings ESP back here, from the kernel stack" : "";
    case TransferKind::FarCall: return in ? "only the gate's parameters are read from here" : "";
    case TransferKind::Sysexit: return "SYSEXIT takes ESP from ECX";
    default: return {};
    }
}

/// Words of 16 bits, by their offsets: what they mean nobody here knows.
void add_slots_of_8086(const SwitchMoment& moment, const Stack8086& stack, StackPanel& panel) {
    constexpr u32 bytes = 2, segment_bytes = 0x10000;
    for (u32 i = std::min(shown_words, (segment_bytes - stack.sp) / bytes); i-- > 0;) {
        const u32 offset = stack.sp + bytes * i;
        const auto value = moment.debuggee.memory().get<u16>(stack.linear(offset));
        if (!value) continue;
        Slot slot;
        slot.address = stack.linear(offset);
        slot.place = fmt::format("SS:{:04x}", offset);
        slot.value = *value;
        slot.value_text = fmt::format("{:04x}", *value);
        slot.writer = Writer::Program;
        slot.id = fmt::format("user.{:x}", bytes * i);
        panel.slots.push_back(std::move(slot));
    }
}

void add_slots(const SwitchMoment& moment, u32 esp, StackPanel& panel) {
    const u32 before_arguments = std::max(1u, argument_count(moment, esp));
    const u32 words = std::max(shown_words, std::min(before_arguments + 2, most_arguments));
    u32 arguments_at = 0, arguments = 0;
    for (u32 i = 0; i < words && !arguments; ++i)
        if ((arguments = argument_count(moment, esp + word * i))) arguments_at = esp + word * i;
    for (u32 i = words; i-- > 0;) {
        const u32 address = esp + word * i;
        const auto value = moment.debuggee.memory().get<u32>(address);
        if (!value) continue;
        Slot slot;
        slot.address = address;
        slot.value = *value;
        slot.writer = Writer::Program;
        slot.id = fmt::format("user.{:x}", word * i);
        slot.meaning = meaning_of(moment, *value);
        if (is_return_address(moment, *value)) slot.name = "ret";
        if (arguments && address == arguments_at)
            slot.name = "argc";
        else if (arguments && address > arguments_at && address <= arguments_at + word * arguments)
            slot.name = fmt::format("argv[{}]", (address - arguments_at) / word - 1);
        panel.slots.push_back(std::move(slot));
    }
}

} // namespace

Panel user_stack_panel(const SwitchMoment& moment) {
    StackPanel panel;
    panel.kernel = false;
    const std::string whose = moment.task ? " of " + moment.task->comm : "";
    if (const auto stack = stack_of_8086(moment)) {
        panel.esp = stack->linear(stack->sp);
        add_slots_of_8086(moment, *stack, panel);
        panel.top = fmt::format("SS:SP = {}, linear {:05x}", far_pointer(stack->paragraph, stack->sp), *panel.esp);
    } else if (const auto esp = user_esp(moment)) {
        panel.esp = *esp;
        add_slots(moment, *esp, panel);
        panel.top = moment.cpl_before() == 3 && moment.cpu.cpl == 3 ? "" : "as the program left it";
    } else {
        panel.notes.emplace_back("no program is waiting for this kernel code", Meaning::Dim);
    }
    if (panel.esp && panel.slots.empty()) panel.notes.emplace_back("not mapped", Meaning::Dim);
    if (std::string text = lesson(moment); !text.empty()) panel.notes.emplace_back(std::move(text), Meaning::Dim);
    const char* const mode = stack_of_8086(moment) ? " (ring 3, V86)" : " (ring 3)";
    return {"user-stack", "user stack" + whose + mode, Meaning::Ring3, std::move(panel)};
}

} // namespace trapgate::frontend::views
