// SPDX-License-Identifier: MIT
// The table.
#include "frontend/exceptions.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace trapgate::frontend {

namespace {

constexpr std::array exceptions{
    Exception{0, "#DE", "de", "divide", "divide error", "divide error", false},
    Exception{1, "#DB", "db", "debug", "debug exception", "debug", false},
    Exception{2, "NMI", "nmi", "", "NMI", "", false},
    Exception{3, "#BP", "bp", "breakpoint", "breakpoint", "breakpoint", false},
    Exception{4, "#OF", "of", "overflow", "overflow", "overflow", false},
    Exception{5, "#BR", "br", "bound", "bound range exceeded", "bound range exceeded", false},
    Exception{6, "#UD", "ud", "undefined", "invalid opcode", "undefined instruction", false},
    Exception{7, "#NM", "nm", "nofpu", "device not available", "no math coprocessor (CR0.TS or EM)", false},
    Exception{8, "#DF", "df", "doublefault", "double fault", "double fault", true},
    Exception{9, "#9", "", "", "coprocessor segment overrun", "coprocessor segment overrun", false},
    Exception{10, "#TS", "ts", "invalidtss", "invalid TSS", "invalid TSS", true},
    Exception{11, "#NP", "np", "notpresent", "segment not present", "segment not present", true},
    Exception{12, "#SS", "ss", "stackfault", "stack fault", "stack fault", true},
    Exception{13, "#GP", "gp", "protection", "general protection", "general protection", true},
    Exception{14, "#PF", "pf", "pagefault", "page fault", "page fault", true},
    Exception{16, "#MF", "mf", "fpu", "x87 error", "x87 floating-point error", false},
    Exception{17, "#AC", "ac", "alignment", "alignment check", "alignment check", true},
    Exception{18, "#MC", "mc", "machinecheck", "machine check", "machine check", false},
    Exception{19, "#XM", "xm", "simd", "SIMD exception", "SIMD floating-point error", false},
};

} // namespace

std::span<const Exception> all_exceptions() {
    return exceptions;
}

const Exception* find_exception(u8 vector) {
    const auto found = std::ranges::find(exceptions, vector, &Exception::vector);
    return found == exceptions.end() ? nullptr : &*found;
}

std::string exception_symbol(u8 vector) {
    const Exception* const known = find_exception(vector);
    return known ? std::string(known->symbol) : fmt::format("#{}", vector);
}

bool has_error_code(u8 vector) {
    const Exception* const known = find_exception(vector);
    return known && known->has_error_code;
}

} // namespace trapgate::frontend
