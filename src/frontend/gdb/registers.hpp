// SPDX-License-Identifier: MIT
// The registers that gdb is shown: the i386's and Linux' in gdb's own order, then ours. The row of a register is its number.
// Source: [gdb] "i386 Features" for what gdb insists on (all 32 of the core); ours is the feature org.trapgate.system.
#pragma once

#include "base/types.hpp"
#include "cpu/cpu.hpp"
#include "machine/time_point.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend::gdb {

/// Where the values of the processor's registers come from.
struct RegisterSource {
    const cpu::Cpu& cpu;
    machine::TimePoint now{};
    u64 clock = 0;
    s32 orig_eax = -1; ///< the call in which the current task is, or -1
};

enum class Feature : u8 { Core, Linux, System, Sse };

/// A value of up to 128 bits.
struct Value {
    u64 low = 0;
    u64 high = 0;
};

struct Register {
    std::string_view name;
    u8 bits;
    std::string_view type; ///< of the target description
    std::string_view group;
    Feature feature;
    Value (*get)(const RegisterSource&);
};

/// In the order of gdb's numbers. Those of SSE come last: a processor without it has no value for them.
std::span<const Register> registers();
std::optional<unsigned> register_number(std::string_view name);

/// A value for each register that the processor has; nothing = not known (gdb prints <unavailable>).
using RegisterImage = std::vector<std::optional<Value>>;
RegisterImage read_registers(const RegisterSource& source);

/// What machine::Edit can set at a time: a register, or a part of one that has more than 64 bits.
struct RegisterPart {
    std::string name;
    u64 value;
};
std::vector<RegisterPart> parts_of(unsigned number, const Value& value);

/// One register as it travels: bytes, lowest first, in digits; `x` for each digit of an unknown one.
std::string register_text(unsigned number, const std::optional<Value>& value);
/// All of them, one behind the other.
std::string image_text(const RegisterImage& image);
/// The value in `digits`; nothing unless it has exactly the register's size. Unknown digits (`x`) are no value.
std::optional<Value> parse_register(unsigned number, std::string_view digits);

} // namespace trapgate::frontend::gdb
