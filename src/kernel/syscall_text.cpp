// SPDX-License-Identifier: MIT
// Whole lines. strace's rule for what comes when: everything up to the first argument that the call fills is printed at entry.
#include "kernel/syscall_text.hpp"

#include "kernel/abi_names.hpp"
#include "kernel/argument_text.hpp"

#include <fmt/format.h>

namespace trapgate::kernel {

namespace {

/// Remembers whether something could not be read.
class NotingMemory final : public GuestMemory {
  public:
    explicit NotingMemory(const GuestMemory& memory) : memory_(memory) {}
    bool read(u32 address, std::span<u8> out) const override {
        const bool done = memory_.read(address, out);
        missed_ |= !done;
        return done;
    }
    bool missed() const { return missed_; }

  private:
    const GuestMemory& memory_;
    mutable bool missed_ = false;
};

/// execve's strings are gone when it is back; a call that never returns must be shown now.
bool may_wait(const Syscall& call) {
    return call.name != "execve" && call.result != SyscallResult::Never;
}

/// Arguments from `begin` on in the list, ", " between them; `at_entry`: only those known then.
EntryText arguments_text(const Syscall& call, const SyscallEntry& entry, const GuestMemory& memory,
                         std::optional<u32> result, u32 begin, bool at_entry) {
    EntryText part{"", 0};
    u32 word = 0;
    for (u32 i = 0; i < call.argument_count(); ++i) {
        const Argument kind = call.arguments[i];
        const u32 here = word;
        word += words_of(kind);
        if (i < begin) continue;
        if (at_entry && is_filled_by_call(kind)) break;
        const NotingMemory noting(memory);
        const std::string text = argument_text({call, entry, noting, result}, kind, here);
        if (at_entry && noting.missed() && may_wait(call)) break;
        ++part.arguments;
        if (text.empty()) continue;
        part.text += (i == begin ? "" : ", ") + text;
    }
    const bool more_to_come = at_entry && part.arguments && part.arguments < call.argument_count();
    if (more_to_come) part.text += ", ";
    return part;
}

std::string result_text(const Syscall* call, u32 result) {
    if (is_error(result)) {
        const u32 number = -result;
        const bool restart = number >= 512;
        return fmt::format("{} {}", restart ? "?" : "-1", error_text(number));
    }
    if (call && call->result == SyscallResult::Address) return fmt::format("{:#x}", result);
    if (call && call->result == SyscallResult::Mode) return fmt::format("{:#03o}", result);
    return fmt::format("{}", static_cast<s32>(result));
}

std::string unknown_text(const SyscallEntry& entry) {
    return fmt::format("syscall_{:#x}({:#x}", entry.number, fmt::join(entry.words, ", "));
}

void append_octal(std::string& text, u8 byte, bool digit_follows) {
    text += digit_follows ? fmt::format("\\{:03o}", byte) : fmt::format("\\{:o}", byte);
}

} // namespace

std::string quoted(std::string_view text, std::size_t limit) {
    std::string out = "\"";
    const std::string_view shown = text.substr(0, limit);
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const char c = shown[i];
        const bool digit_follows = i + 1 < shown.size() && shown[i + 1] >= '0' && shown[i + 1] <= '9';
        switch (c) {
        case '\n': out += "\\n"; break;
        case '\t': out += "\\t"; break;
        case '\r': out += "\\r"; break;
        case '\v': out += "\\v"; break;
        case '\f': out += "\\f"; break;
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        default:
            if (c >= ' ' && c <= '~')
                out += c;
            else
                append_octal(out, static_cast<u8>(c), digit_follows);
        }
    }
    return out + (text.size() > limit ? "\"..." : "\"");
}

EntryText entry_text(const SyscallEntry& entry, const GuestMemory& memory) {
    const Syscall* call = find_syscall(entry.number);
    if (!call) return {unknown_text(entry), 0};
    EntryText part = arguments_text(*call, entry, memory, std::nullopt, 0, true);
    part.text = std::string(call->name) + "(" + part.text;
    return part;
}

std::string exit_text(const SyscallEntry& entry, const GuestMemory& memory, u32 result, u32 printed) {
    const Syscall* call = find_syscall(entry.number);
    const std::string rest = call ? arguments_text(*call, entry, memory, result, printed, false).text : "";
    return rest + ") = " + result_text(call, result);
}

std::string never_text(const SyscallEntry&) {
    return ") = ?";
}

} // namespace trapgate::kernel
