// SPDX-License-Identifier: MIT
// Loading a kernel by the Multiboot specification, version 1, as GRUB and `qemu -kernel` do: an ELF32 file or one with address
// fields, modules behind it, the information block, the processor in flat 32-bit protected mode.
// Source: [multiboot] "OS image format", "Machine state", "Boot information format".
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"
#include "cpu/cpu.hpp"
#include "mmu/physical_memory.hpp"

#include <span>
#include <string>
#include <vector>

namespace trapgate::kernel {

struct BootModule {
    std::vector<u8> bytes;
    std::string text; ///< "the string": for an initramfs, its name
};

struct BootRequest {
    std::string name; ///< of the kernel file, for messages and the first word of the command line
    std::span<const u8> file;
    std::string command_line; ///< without the kernel's name
    std::vector<BootModule> modules;
    /// Also what a BIOS leaves behind (kernel/bios_area.hpp), the text screen and the ELF sections in the information block.
    bool bios_area = false;
};

/// What was loaded where, for messages and for whoever looks at the guest.
struct BootedImage {
    u32 entry = 0;
    u32 information = 0; ///< address of the information block
    u32 image_end = 0;   ///< first byte behind kernel and modules
};

/// Loads everything into RAM and sets the processor to the entry point. Errors name the file and what is wrong with it:
/// 126 for the image, 125 if memory is too small.
Result<BootedImage> boot_multiboot(const BootRequest& request, mmu::PhysicalMemory& memory, cpu::Cpu& cpu);

} // namespace trapgate::kernel
