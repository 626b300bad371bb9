// SPDX-License-Identifier: MIT
// How one handler leads to the next. Where the compiler guarantees tail calls, a handler jumps to its successor and the host's
// branch predictor sees a different jump after each instruction; otherwise handlers return the successor to a loop.
#pragma once

#include "cpu/isa/insn.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define TRAPGATE_SANITIZED 1
#endif
#endif

#if defined(__clang__) && !defined(TRAPGATE_SANITIZED)
#define TRAPGATE_RUN(cpu, insn) [[clang::musttail]] return (insn)->handler((cpu), (insn))
#else
#define TRAPGATE_RUN(cpu, insn) return (insn)
#endif

namespace trapgate::cpu::engine {

/// Runs from `insn` until a handler gives null.
inline void run_handlers(Cpu& cpu, const isa::Insn* insn) {
    while (insn) insn = insn->handler(cpu, insn);
}

} // namespace trapgate::cpu::engine
