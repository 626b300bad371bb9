// SPDX-License-Identifier: MIT
// Up the stack: by DWARF's call frames, else by the EBP chain; from ring 0 into the program by the pt_regs at the top of the stack.
#include "frontend/debug/backtrace.hpp"

#include "frontend/debug/command_table.hpp"
#include "frontend/debug/stop_text.hpp"
#include "kernel/guest_struct.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

constexpr u32 ebp_index = 5, esp_index = 4, eip_index = 8;
constexpr std::size_t most_shown = 64;

class Walk {
  public:
    explicit Walk(Context& context) : context_(context), memory_(context.debuggee.memory()) {
        for (u32 i = 0; i < 8; ++i) registers_[i] = context.cpu().gpr[i];
        registers_[eip_index] = context.linear_eip();
        cpl_ = context.cpu().cpl;
    }

    CallFrame frame(std::string_view found_by) const {
        return {registers_[eip_index].value_or(0), registers_[esp_index].value_or(0),
                registers_[ebp_index].value_or(0), cpl_, found_by};
    }

    /// To the caller. How it was found; empty: there is none.
    std::string_view up() {
        const auto read = [this](u32 address) { return memory_.get<u32>(address); };
        for (const kernel::DebugInfo* debug : {context_.debuggee.kernel_debug(), context_.debuggee.program_debug()})
            if (const auto caller = debug ? debug->caller(registers_, is_call_site_, read) : std::nullopt)
                if (is_code(*(*caller)[eip_index])) return move(*caller, "CFI");
        if (const auto caller = at_entry_of_function()) return move(*caller, "CALL");
        if (const auto caller = of_vsyscall()) return move(*caller, "pushes");
        if (is_entry_code()) return into_program();
        if (const auto caller = by_frame_pointer()) return move(*caller, "EBP");
        return into_program();
    }

  private:
    std::string_view move(const kernel::FrameRegisters& caller, std::string_view how) {
        if (*caller[esp_index] <= *registers_[esp_index]) return {}; // stacks only shrink on the way up
        registers_ = caller;
        is_call_site_ = true;
        return how;
    }

    bool is_code(u32 address) const {
        const kernel::Symbol* symbol = context_.debuggee.symbols().containing(address - 1);
        return symbol && symbol->kind != kernel::Symbol::Kind::Object;
    }

    /// Labels of assembler are no functions with frames.
    bool is_entry_code() const {
        const kernel::Symbol* symbol = context_.debuggee.symbols().containing(*registers_[eip_index]);
        return cpl_ == 0 && symbol && symbol->kind == kernel::Symbol::Kind::Label;
    }

    /// At the first instruction the return address is on top of the stack.
    std::optional<kernel::FrameRegisters> at_entry_of_function() const {
        const kernel::Symbol* symbol = context_.debuggee.symbols().containing(*registers_[eip_index]);
        if (is_call_site_ || !symbol || symbol->address != *registers_[eip_index] ||
            symbol->kind != kernel::Symbol::Kind::Function)
            return std::nullopt;
        return returned(*registers_[esp_index], registers_[ebp_index]);
    }

    /// The vsyscall page's few instructions push and pop: those before EIP tell how deep the return address lies.
    std::optional<kernel::FrameRegisters> of_vsyscall() const {
        const u32 eip = *registers_[eip_index];
        const kernel::Symbol* symbol = context_.debuggee.symbols().containing(eip);
        if (!symbol || symbol->name != "__kernel_vsyscall") return std::nullopt;
        u32 depth = 0;
        std::optional<u32> ebp = registers_[ebp_index];
        for (u32 at = static_cast<u32>(symbol->address); at < eip;) {
            const auto code = code_at(context_, at);
            if (!code) return std::nullopt;
            if (code->text.starts_with("push")) ++depth;
            if (code->text.starts_with("pop") && depth) --depth;
            at += code->length;
        }
        const u32 esp = *registers_[esp_index];
        constexpr u32 with_ebp = 3; // ECX, EDX and then EBP are saved
        if (depth == with_ebp) ebp = memory_.get<u32>(esp);
        return returned(esp + 4 * depth, ebp);
    }

    std::optional<kernel::FrameRegisters> by_frame_pointer() const {
        const auto ebp = registers_[ebp_index];
        if (!ebp || *ebp < *registers_[esp_index]) return std::nullopt;
        const auto saved = memory_.get<u32>(*ebp);
        return saved ? returned(*ebp + 4, saved) : std::nullopt;
    }

    std::optional<kernel::FrameRegisters> returned(u32 return_slot, std::optional<u32> ebp) const {
        const auto address = memory_.get<u32>(return_slot);
        if (!address || !is_code(*address)) return std::nullopt;
        kernel::FrameRegisters caller;
        caller[eip_index] = address;
        caller[esp_index] = return_slot + 4;
        caller[ebp_index] = ebp;
        return caller;
    }

    /// From our kernel to what it was entered from.
    std::string_view into_program() {
        const kernel::GuestKernel* guest = context_.debuggee.guest();
        const auto task = context_.debuggee.task();
        if (!guest || !task || cpl_ != 0) return {};
        const u32 at = task->stack_top - guest->pt_regs().size;
        const kernel::GuestStruct saved(memory_, &guest->pt_regs(), at);
        if (*registers_[esp_index] > at || (saved.word_or_zero("xcs") & 3) != 3) return {};
        registers_ = {};
        registers_[eip_index] = saved.word("eip");
        registers_[esp_index] = saved.word("esp");
        registers_[ebp_index] = saved.word("ebp");
        cpl_ = 3;
        is_call_site_ = false;
        return registers_[eip_index] && registers_[esp_index] ? "pt_regs" : "";
    }

    Context& context_;
    const kernel::GuestMemory& memory_;
    kernel::FrameRegisters registers_;
    u8 cpl_;
    bool is_call_site_ = false; ///< EIP is a return address
};

} // namespace

std::vector<CallFrame> call_frames(Context& context, std::size_t most) {
    Walk walk(context);
    std::vector<CallFrame> frames{walk.frame("")};
    while (frames.size() < most) {
        const std::string_view how = walk.up();
        if (how.empty()) break;
        frames.push_back(walk.frame(how));
    }
    return frames;
}

Outcome command_backtrace(Context& context, std::string_view) {
    std::string text;
    std::size_t number = 0;
    u8 cpl = context.cpu().cpl;
    for (const CallFrame& frame : call_frames(context, most_shown)) {
        if (frame.cpl != cpl) text += fmt::format("--- entered from ring {} ---\n", frame.cpl);
        cpl = frame.cpl;
        const std::string name = context.scope.name_at(frame.eip);
        const bool called = number && frame.found_by != "pt_regs";
        const auto line = context.debuggee.line_of(frame.eip - (called ? 1 : 0));
        text += fmt::format("#{:<2} {:#010x} in {}{}  esp {:08x}{}\n", number++, frame.eip,
                            name.empty() ? "?" : name, line ? fmt::format(" at {}:{}", line->file, line->line) : "",
                            frame.esp, frame.found_by.empty() ? "" : fmt::format("  ({})", frame.found_by));
    }
    return said(text);
}

} // namespace trapgate::frontend::debug
