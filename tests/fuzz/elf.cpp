// SPDX-License-Identifier: MIT
// Any bytes go through the readers of programs and of kernel images: what they accept lies inside the file.
#include "base/assert.hpp"
#include "kernel/elf_image.hpp"
#include "kernel/elf_program.hpp"
#include "kernel/multiboot_header.hpp"

using namespace trapgate;
using namespace trapgate::kernel;

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    const std::span<const u8> file(data, size);
    if (const auto image = read_elf_image(file, "input"))
        for (const ElfSegment& segment : image.value().segments)
            if (segment.type == elf::load) {
                ASSERT(u64{segment.offset} + segment.file_bytes <= size);
                ASSERT(segment.file_bytes <= segment.memory_bytes);
                ASSERT(u64{segment.virtual_address} + segment.memory_bytes <= u64{1} << 32);
            }
    (void)check_program(file, "input");
    if (const auto kernel = read_multiboot_image(file, "input"))
        for (const BootPiece& piece : kernel.value().pieces) {
            ASSERT(piece.bytes.data() >= data && piece.bytes.data() + piece.bytes.size() <= data + size);
            ASSERT(piece.bytes.size() <= piece.memory_bytes);
        }
    return 0;
}
