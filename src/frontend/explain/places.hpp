// SPDX-License-Identifier: MIT
// Addresses by the names that a reader of a switch wants: IDT[80], GDT[0c], TSS.esp0, pt_regs.xss, symbol+offset.
#pragma once

#include "frontend/explain/picture.hpp"

namespace trapgate::frontend {

/// "IDT[80]", "GDT[0c]", "TSS.esp0", "pt_regs.eip", "thread_info.flags", or a symbol; empty if nothing is known.
std::string place_name(const SwitchRecording&, const PictureContext&, u32 linear);
/// Code: "system_call+4", of the kernel or of PROG.
std::string code_name(const PictureContext&, u32 linear);
/// "entry.S:153", without folders; empty if unknown.
std::string source_name(const PictureContext&, u32 linear);
/// The member of pt_regs that begins at this offset.
std::string_view frame_member(const PictureContext&, u32 offset);

} // namespace trapgate::frontend
