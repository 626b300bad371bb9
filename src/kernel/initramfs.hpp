// SPDX-License-Identifier: MIT
// The guest's first file system for `trapgate run PROG`: the --root tree, PROG, our init, and what init is to run.
// The same inputs give the same bytes: names are sorted, owners are root, times are those of the files.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trapgate::kernel {

/// A file of ours that is put into every guest.
struct BuiltInFile {
    std::string guest_path; ///< "/init"
    std::string host_path;
};

/// Another name in the guest, made unless the --root tree has something there.
struct BuiltInLink {
    std::string guest_path; ///< "/bin/sh"
    std::string target;
};

struct InitramfsPlan {
    std::string program; ///< PROG, a path of the host; checked by check_program()
    std::span<const u8> program_bytes;
    std::vector<std::string> arguments;   ///< argv, from argv[0] on
    std::vector<std::string> environment; ///< "NAME=value"
    std::string working_directory = "/";
    std::optional<std::string> root; ///< a folder of the host
    std::vector<BuiltInFile> files;
    std::vector<BuiltInLink> links;
    u64 most_bytes = ~u64{0}; ///< larger than this cannot fit into the guest's memory
};

struct Initramfs {
    std::vector<u8> archive;
    std::string program_path;       ///< of PROG in the guest
    std::vector<std::string> notes; ///< one line for each thing of the tree that the guest does not get
};

/// PROG stands where the tree has it if it comes from there, else at /bin/NAME.
/// Errors name the file: the tree or a built-in file cannot be read, or all of it is too large.
Result<Initramfs> build_initramfs(const InitramfsPlan& plan);

} // namespace trapgate::kernel
