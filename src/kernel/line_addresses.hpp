// SPDX-License-Identifier: MIT
// From a source line to the addresses of its code, and from an address to its line, quickly: the whole line table of a file.
// Source: DWARF's .debug_line, read by libdw.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"
#include "kernel/debug_info.hpp"
#include "kernel/symbols.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::kernel {

/// Code that belongs to one line, without a gap.
struct LineRange {
    u64 begin;
    u64 end;
    u32 file; ///< index of LineAddresses::files()
    int line; ///< 0: nobody's
};

/// Where a wish for a line has led.
struct LinePlace {
    std::string file;
    int line;                   ///< the line asked for, or the next one that has code
    std::vector<u64> addresses; ///< one for each function that has code of it (inlined copies)
};

class LineAddresses {
  public:
    LineAddresses() = default;
    /// A file without DWARF gives an empty table. Errors: as DebugInfo::from_file.
    static Result<LineAddresses> from_file(const std::string& path);

    /// Files as the compiler was given them.
    const std::vector<std::string>& files() const { return files_; }
    /// `file`: a path whose last parts are the same ("entry.S", "kernel/entry.S", or the absolute path in an editor).
    /// Nothing if no such file has code at or after that line.
    std::optional<LinePlace> find(std::string_view file, int line, const Symbols& symbols) const;
    /// Lines of `file` with code, from `first` to `last`, ascending.
    std::vector<int> lines(std::string_view file, int first, int last) const;
    /// Null: no line is known for this address.
    const LineRange* at(u64 address) const;
    const std::string& file_name(const LineRange& range) const { return files_[range.file]; }

  private:
    std::vector<u32> files_like(std::string_view file) const;

    std::vector<std::string> files_;
    std::vector<LineRange> ranges_; ///< by begin; they do not overlap
};

/// Do the paths name the same file as far as the shorter one goes? "a/b.c" and "/x/a/b.c" do, "b.c" and "ab.c" do not.
bool same_file(std::string_view a, std::string_view b);

} // namespace trapgate::kernel
