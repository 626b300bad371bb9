// SPDX-License-Identifier: MIT
// Source lines and structure layouts from a file's DWARF: offsets come from what the compiler used, never from a retyped number.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::kernel {

struct SourceLine {
    std::string file; ///< as the compiler was given it, without leading folders above the project's
    int line;
    std::string
        path{}; ///< the whole of it, as the compiler's own folder makes it: for whoever wants to read the text
};

struct Member {
    std::string name; ///< "thread.esp0" for a member of a member
    u32 offset;
    u32 size;
    u32 count;          ///< elements, for an array; else 1
    std::string type{}; ///< in C: "struct mm_struct *", "char [16]"; typedefs are resolved
};

struct Layout {
    std::string name;
    u32 size;
    std::vector<Member> members; ///< in order of offset; structures inside are followed by their own members
    const Member* find(std::string_view name) const;
};

/// EAX ECX EDX EBX ESP EBP ESI EDI and EIP of a function that has called another: nothing where they are lost.
using FrameRegisters = std::array<std::optional<u32>, 9>;

class DebugInfo {
  public:
    /// A file without DWARF is no error: it answers every question with nothing.
    static Result<DebugInfo> from_file(const std::string& path);
    ~DebugInfo();
    DebugInfo(DebugInfo&&) noexcept;
    DebugInfo& operator=(DebugInfo&&) noexcept;

    bool present() const;
    std::optional<SourceLine> line_of(u64 address) const;
    /// Of `struct name`, or of a typedef or union of that name.
    std::optional<Layout> layout(std::string_view name) const;
    /// The same, looked up once and kept: valid as long as this. Null: unknown.
    const Layout* structure(std::string_view name) const;
    /// The type of a global variable, written as in Member::type.
    std::optional<std::string> variable_type(std::string_view name) const;
    /// Where code of that line begins, once in each function. `file` is the end of a path: "entry.S", "kernel/fork.c".
    /// `any_file` becomes true if there is such a file at all.
    std::vector<u64> addresses_of(std::string_view file, int line, bool& any_file) const;
    /// The caller's registers by DWARF's call frame information. `read` gives a word of the guest's memory. Nothing if there is no
    /// such information for this place, or it cannot be followed. `is_call_site`: EIP is a return address, not an interrupted one.
    std::optional<FrameRegisters> caller(const FrameRegisters& registers, bool is_call_site,
                                         const std::function<std::optional<u32>(u32 address)>& read) const;

  private:
    struct Impl;
    explicit DebugInfo(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> impl_;
};

} // namespace trapgate::kernel
