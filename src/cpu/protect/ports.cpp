// SPDX-License-Identifier: MIT
// Who may touch an I/O port. Source: [SDM1] "I/O Permission Bit Map"; [SDM2] IN, "Operation".
#include "cpu/protect/protect.hpp"
#include "cpu/protect/task_layout.hpp"

namespace trapgate::cpu::protect {

void check_port(Cpu& cpu, u16 port, u8 size) {
    if (cpu.cpl <= cpu.flags.iopl() && !cpu.virtual8086()) return; // in virtual-8086 mode only the bitmap counts
    const Segment& tr = cpu.tr;
    if (!tr.present || !(tr.type & system_type::wide) || tr.limit < io_map_base_offset + 1) raise(Vector::GP, 0);
    const u32 map = load_system<u16>(cpu, tr.base + io_map_base_offset);
    const u32 byte = map + port / 8u;
    if (byte + 1 > tr.limit) // two bytes are always read: the ports may cross into the second
        raise(Vector::GP, 0);
    const u32 bits = load_system<u16>(cpu, tr.base + byte);
    const u32 wanted = ((1u << size) - 1) << (port % 8u);
    if (bits & wanted) raise(Vector::GP, 0);
}

} // namespace trapgate::cpu::protect
