// SPDX-License-Identifier: MIT
// What a recording and a snapshot hold. Both carry the kernel and the program with them: they can be looked at anywhere.
#pragma once

#include "base/result.hpp"
#include "devices/host.hpp"
#include "kernel/multiboot.hpp"
#include "machine/machine.hpp"

#include <string>
#include <vector>

namespace trapgate::frontend::state {

/// The machine that was run, and the files behind its symbols.
struct Identity {
    std::string made_by; ///< version of Trapgate
    std::string program_name;
    std::vector<u8> program; ///< empty for a bare kernel
    std::string kernel_name;
    std::vector<u8> kernel;
    bool own_kernel = true; ///< false: --kernel
    std::string cpu;
    u64 memory = 0;
    u64 hertz = 0;
    s64 date = 0;
    u8 terminals = 0; ///< devices::HostTerminals
    u16 rows = 0;
    u16 columns = 0;
    u8 input_kind = 0;
    bool terminal_is_keyboard = false;
    std::string keys;
};

/// How and where a run ended.
struct Ending {
    u8 kind = 0; ///< machine::StopKind
    u32 value = 0;
    std::string text;
    u64 hash = 0; ///< of the state there; 0: not known
};

/// All that a run depended on: it can be lived again, exactly.
struct Recording {
    Identity identity;
    std::string command_line; ///< of the kernel
    std::vector<kernel::BootModule> modules;
    machine::HostLog log;
    Ending ending;
};

/// A machine at one moment.
struct SnapshotFile {
    Identity identity;
    machine::Snapshot snapshot;
    u64 hash = 0;
};

std::vector<u8> to_bytes(const Recording& recording);
std::vector<u8> to_bytes(const SnapshotFile& snapshot);
/// Errors say that the contents are damaged.
Result<Recording> recording_from(std::span<const u8> bytes);
Result<SnapshotFile> snapshot_from(std::span<const u8> bytes);

} // namespace trapgate::frontend::state
