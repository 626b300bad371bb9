// SPDX-License-Identifier: MIT
// From a gate to the code segment it names: the steps that interrupt, trap and call gates share.
// Source: [SDM2] INT n and CALL, "Operation".
#pragma once

#include "cpu/protect/descriptors.hpp"
#include "cpu/protect/transfer.hpp"

namespace trapgate::cpu::protect {

inline void target_selector(Transfer& t) {
    t.target_selector = t.gate.gate_selector();
    if (selector_is_null(t.target_selector)) [[unlikely]]
        raise(Vector::GP, t.external);
    if (!locate_descriptor(t.cpu, t.target_selector, t.target_address)) [[unlikely]]
        raise(Vector::GP, selector_error(t.target_selector, t.external));
}

inline void target_descriptor(Transfer& t) {
    const Descriptor d = t.target = read_descriptor(t.cpu, t.target_address);
    if (!d.is_code() || d.dpl() > t.cpu.cpl) [[unlikely]]
        raise(Vector::GP, selector_error(t.target_selector, t.external));
    if (!d.present()) [[unlikely]]
        raise(Vector::NP, selector_error(t.target_selector, t.external));
    probe_accessed(t.cpu, t.target_address, d);
}

/// Inner level, or the same; and the EIP of the gate.
inline void choose_level(Transfer& t) {
    t.inner = !t.target.conforming() && t.target.dpl() < t.cpu.cpl;
    t.new_cpl = t.inner ? t.target.dpl() : t.cpu.cpl;
    t.target_eip = t.width == 4 ? t.gate.gate_offset() : t.gate.gate_offset() & 0xffff;
}

} // namespace trapgate::cpu::protect
