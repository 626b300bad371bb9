// SPDX-License-Identifier: MIT
// Conditional jumps are taken to fall through: in entry code they lead to the rare cases.
#include "frontend/views/entry_code.hpp"

#include "frontend/disassembly.hpp"

#include <array>

namespace trapgate::frontend::views {

namespace {

constexpr int longest_way = 96;

DisassembledInsn insn_at(const Moment& moment, u32 linear) {
    static const Disassembler disassembler(32);
    std::array<u8, 15> bytes{};
    std::size_t there = bytes.size();
    while (there && !moment.debuggee.memory().read(linear, std::span(bytes).first(there))) --there;
    if (!there) return {0, "", 0};
    return disassembler.at(std::span(bytes).first(there), linear);
}

bool ends_the_way(const std::string& text) {
    for (const char* word : {"call", "lcall", "ret", "lret", "iret", "sysexit", "hlt", "(bad)", "int"})
        if (text.starts_with(word)) return true;
    return text.starts_with("jmp") && text.find('*') != std::string::npos;
}

} // namespace

u32 entry_point(const Moment& moment, trace::TransferKind kind, u8 vector) {
    if (kind == trace::TransferKind::Sysenter) return moment.cpu.sysenter_eip;
    if (kind != trace::TransferKind::Interrupt || vector * 8u + 7 > moment.cpu.idtr.limit) return 0;
    const auto raw = moment.debuggee.memory().get<u64>(moment.cpu.idtr.base + vector * 8u);
    return raw ? cpu::Descriptor{*raw}.gate_offset() : 0;
}

std::map<u32, u32> pushes_of(const Moment& moment, u32 eip, u32 esp, u32 lowest) {
    std::map<u32, u32> pushes;
    for (int i = 0; i < longest_way && esp > lowest && eip; ++i) {
        const DisassembledInsn insn = insn_at(moment, eip);
        if (!insn.length || ends_the_way(insn.text)) break;
        if (insn.text.starts_with("push"))
            pushes[esp -= 4] = eip;
        else if (insn.text.starts_with("pop"))
            esp += 4;
        eip = insn.text.starts_with("jmp") ? static_cast<u32>(insn.target) : eip + insn.length;
    }
    return pushes;
}

} // namespace trapgate::frontend::views
