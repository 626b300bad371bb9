// SPDX-License-Identifier: MIT
// The files that gdb may read through us: PROG and the kernel, and no others. Source: [gdb] "Host I/O Packets".
#pragma once

#include "base/types.hpp"
#include "frontend/gdb/packet.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend::gdb {

class Files {
  public:
    /// `paths` as gdb will ask for them.
    explicit Files(std::vector<std::string> paths) : paths_(std::move(paths)) {}
    ~Files();
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    /// Answers what follows `vFile:`; empty for an operation that is not there.
    std::string answer(std::string_view request);

  private:
    std::string open(Fields fields);
    std::string read(Fields fields);
    std::string status(Fields fields);
    std::string close(Fields fields);

    std::vector<std::string> paths_;
    std::map<u32, int> open_; ///< gdb's descriptor → ours
    u32 next_ = 1;
};

} // namespace trapgate::frontend::gdb
