// SPDX-License-Identifier: MIT
// Lines and files: what DWARF says of an address, and where that file lies on the host for an editor to open.
#pragma once

#include "frontend/dap/protocol.hpp"
#include "frontend/debuggee.hpp"
#include "kernel/line_addresses.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace trapgate::frontend::dap {

class Sources {
  public:
    /// `folders`: where source files are looked for, before the places that we know ourselves.
    Sources(const Debuggee& debuggee, std::vector<std::string> folders);

    /// The line that holds the code at `linear`; null if none is known, or if another program than PROG runs there.
    const kernel::LineRange* line_of(u32 linear) const;
    const std::string& file_of(const kernel::LineRange& range) const;
    /// Code of a line: PROG's and the kernel's.
    std::optional<kernel::LinePlace> find(const std::string& file, int line) const;
    std::vector<int> lines(const std::string& file, int first, int last) const;

    /// A DAP Source for a file as DWARF names it. Without a path if the host does not have it.
    Json source(const std::string& file);
    /// The text of a file that source() has named, or of any that DWARF names.
    Result<std::string> content(const std::string& path);
    /// The task on the processor runs PROG (or PROG's code in the kernel).
    bool program_runs() const;

  private:
    std::string find_on_host(const std::string& file) const;

    const Debuggee& debuggee_;
    std::vector<std::string> folders_;
    kernel::LineAddresses program_, kernel_;
    std::map<std::string, std::string> paths_; ///< by DWARF's name; empty: not on this host
};

} // namespace trapgate::frontend::dap
