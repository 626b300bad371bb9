// SPDX-License-Identifier: MIT
// DebugInfo::caller: one step up the stack by call frame information. libdw finds the rules, here they are followed.
// Source: DWARF 5, "Call Frame Information" and "DWARF Expressions"; register numbers: the i386 System V ABI.
#include "kernel/debug_info_impl.hpp"

#include <dwarf.h>
#include <span>

namespace trapgate::kernel {

namespace {

constexpr u32 esp = 4, eip = 8;
using Read = std::function<std::optional<u32>(u32)>;

/// A stack machine for the few operators that compilers use in call frames.
class Expression {
  public:
    Expression(const FrameRegisters& registers, std::optional<u32> frame_address, const Read& read)
        : registers_(registers), frame_address_(frame_address), read_(read) {}

    /// Nothing if it holds what is not known.
    std::optional<u32> value(std::span<const Dwarf_Op> operations, bool& is_address) {
        is_address = true;
        for (const Dwarf_Op& operation : operations) {
            if (operation.atom == DW_OP_stack_value)
                is_address = false;
            else if (!apply(operation))
                return std::nullopt;
        }
        if (stack_.empty()) return std::nullopt;
        return stack_.back();
    }

  private:
    bool push(std::optional<u32> word) {
        if (word) stack_.push_back(*word);
        return word.has_value();
    }

    bool apply(const Dwarf_Op& operation) {
        const u32 number = static_cast<u32>(operation.number);
        if (operation.atom >= DW_OP_breg0 && operation.atom <= DW_OP_breg8)
            return based(operation.atom - DW_OP_breg0, number);
        if (operation.atom >= DW_OP_lit0 && operation.atom <= DW_OP_lit31)
            return push(static_cast<u32>(operation.atom - DW_OP_lit0));
        switch (operation.atom) {
        case DW_OP_bregx: return based(number, static_cast<u32>(operation.number2));
        case DW_OP_call_frame_cfa: return push(frame_address_);
        case DW_OP_const1u:
        case DW_OP_const1s:
        case DW_OP_const2u:
        case DW_OP_const2s:
        case DW_OP_const4u:
        case DW_OP_const4s:
        case DW_OP_constu:
        case DW_OP_consts: return push(number);
        case DW_OP_plus_uconst: return !stack_.empty() && (stack_.back() += number, true);
        case DW_OP_deref: return dereference();
        case DW_OP_plus:
        case DW_OP_minus:
        case DW_OP_and:
        case DW_OP_mul:
        case DW_OP_shl:
        case DW_OP_ge: return binary(operation.atom);
        default: return false;
        }
    }

    bool based(u32 number, u32 offset) {
        if (number >= registers_.size() || !registers_[number]) return false;
        return push(*registers_[number] + offset);
    }

    bool dereference() {
        if (stack_.empty()) return false;
        const auto word = read_(stack_.back());
        stack_.pop_back();
        return push(word);
    }

    bool binary(u8 atom) {
        if (stack_.size() < 2) return false;
        const u32 right = stack_.back();
        stack_.pop_back();
        u32& left = stack_.back();
        if (atom == DW_OP_plus) left += right;
        if (atom == DW_OP_minus) left -= right;
        if (atom == DW_OP_and) left &= right;
        if (atom == DW_OP_mul) left *= right;
        if (atom == DW_OP_shl) left = right < 32 ? left << right : 0;
        if (atom == DW_OP_ge) left = static_cast<s32>(left) >= static_cast<s32>(right);
        return true;
    }

    const FrameRegisters& registers_;
    std::optional<u32> frame_address_;
    const Read& read_;
    std::vector<u32> stack_;
};

std::optional<u32> frame_address(Dwarf_Frame* frame, const FrameRegisters& registers, const Read& read) {
    Dwarf_Op* operations = nullptr;
    std::size_t count = 0;
    if (dwarf_frame_cfa(frame, &operations, &count) != 0) return std::nullopt;
    bool is_address = true;
    return Expression(registers, std::nullopt, read).value({operations, count}, is_address);
}

/// What register `number` was in the caller.
std::optional<u32> saved(Dwarf_Frame* frame, u32 number, const FrameRegisters& registers, u32 cfa,
                         const Read& read) {
    Dwarf_Op storage[3];
    Dwarf_Op* operations = nullptr;
    std::size_t count = 0;
    if (dwarf_frame_register(frame, static_cast<int>(number), storage, &operations, &count) != 0)
        return std::nullopt;
    if (count == 0) return operations ? std::nullopt : registers[number]; // undefined, or the same value
    bool is_address = true;
    const auto value = Expression(registers, cfa, read).value({operations, count}, is_address);
    if (!value || !is_address) return value;
    return read(*value);
}

Dwarf_Frame* find_frame(Dwarf_CFI* table, u32 address) {
    Dwarf_Frame* frame = nullptr;
    return table && dwarf_cfi_addrframe(table, address, &frame) == 0 ? frame : nullptr;
}

} // namespace

std::optional<FrameRegisters> DebugInfo::caller(const FrameRegisters& registers, bool is_call_site,
                                                const Read& read) const {
    if (!registers[eip]) return std::nullopt;
    const u32 address = *registers[eip] - (is_call_site ? 1 : 0);
    Dwarf_Frame* frame = impl_->dwarf ? find_frame(dwarf_getcfi(impl_->dwarf), address) : nullptr;
    if (!frame) {
        if (!impl_->eh_frames_known) impl_->eh_frames = dwarf_getcfi_elf(impl_->elf.get());
        impl_->eh_frames_known = true;
        frame = find_frame(impl_->eh_frames, address);
    }
    if (!frame) return std::nullopt;
    FrameRegisters result;
    const auto cfa = frame_address(frame, registers, read);
    if (cfa)
        for (u32 number = 0; number <= eip; ++number) result[number] = saved(frame, number, registers, *cfa, read);
    std::free(frame);
    if (!cfa || !result[eip]) return std::nullopt;
    result[esp] = *cfa; // by the definition of the canonical frame address
    return result;
}

} // namespace trapgate::kernel
