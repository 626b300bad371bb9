// SPDX-License-Identifier: MIT
#include "frontend/trace_reader.hpp"

#include "cpu/isa/micro_steps.hpp"

namespace trapgate::frontend {

std::string TraceReader::place(u64 linear) const {
    const std::string name = program_.name_at(linear);
    return name.empty() ? kernel_.name_at(linear) : name;
}

std::string TraceReader::instruction(u64 linear, u8 length) const {
    std::string bytes(length, '\0');
    const std::span<u8> view(reinterpret_cast<u8*>(bytes.data()), bytes.size());
    if (!memory_.read(static_cast<u32>(linear), view)) return "(its page is gone)";
    Text& known = known_[linear];
    if (known.bytes != bytes) known = {bytes, disassembler_.at(view, linear).text};
    return known.text;
}

std::string_view TraceReader::step_name(u8 step) const {
    return cpu::isa::info(static_cast<cpu::isa::MicroStep>(step)).name;
}

u32 TraceReader::linear_eip() const {
    return cpu_.segment(cpu::SegmentRegister::cs).base + cpu_.eip;
}

trace::RegisterValues TraceReader::registers() const {
    trace::RegisterValues values{};
    for (std::size_t i = 0; i < 8; ++i) values[i] = cpu_.gpr[i];
    values[8] = cpu_.flags.image();
    using enum cpu::SegmentRegister;
    std::size_t next = 9;
    for (const auto r : {cs, ss, ds, es, fs, gs}) values[next++] = cpu_.segment(r).selector;
    values[next++] = cpu_.cr0;
    values[next++] = cpu_.cr2;
    values[next] = cpu_.cr3;
    return values;
}

} // namespace trapgate::frontend
