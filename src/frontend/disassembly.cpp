// SPDX-License-Identifier: MIT
#include "frontend/disassembly.hpp"

#include "base/assert.hpp"

#include <capstone/capstone.h>

namespace trapgate::frontend {

Disassembler::Disassembler(int bits) {
    const cs_mode mode = bits == 64 ? CS_MODE_64 : bits == 16 ? CS_MODE_16 : CS_MODE_32;
    const auto opened = cs_open(CS_ARCH_X86, mode, &handle_);
    ASSERT(opened == CS_ERR_OK);
    cs_option(handle_, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
    cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
}

Disassembler::~Disassembler() {
    cs_close(&handle_);
}

DisassembledInsn Disassembler::at(std::span<const u8> bytes, u64 address) const {
    cs_insn* insn = nullptr;
    if (cs_disasm(handle_, bytes.data(), bytes.size(), address, 1, &insn) != 1) return {1, "(bad)", 0};
    DisassembledInsn result{insn->size, insn->mnemonic, 0};
    if (*insn->op_str) result.text += std::string(" ") + insn->op_str;
    const bool branch = cs_insn_group(handle_, insn, CS_GRP_JUMP) || cs_insn_group(handle_, insn, CS_GRP_CALL);
    if (branch && insn->detail->x86.op_count == 1 && insn->detail->x86.operands[0].type == X86_OP_IMM)
        result.target = static_cast<u64>(insn->detail->x86.operands[0].imm);
    cs_free(insn, 1);
    return result;
}

} // namespace trapgate::frontend
