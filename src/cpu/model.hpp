// SPDX-License-Identifier: MIT
// The processors that `--cpu` names: which instructions exist, and what CPUID says.
// Source: [SDM2] CPUID; the first steppings of each family from Intel's application note on processor identification.
#pragma once

#include "base/types.hpp"

#include <optional>
#include <string_view>

namespace trapgate::cpu {

/// Each generation has all instructions of the earlier ones.
enum class Generation : u8 { i386, i486, p5, p6, p2, p3 };

namespace feature {
constexpr u32 fpu = 1u << 0, de = 1u << 2, pse = 1u << 3, tsc = 1u << 4, msr = 1u << 5, cx8 = 1u << 8,
              sep = 1u << 11, pge = 1u << 13, cmov = 1u << 15, mmx = 1u << 23, fxsr = 1u << 24, sse = 1u << 25;
} // namespace feature

struct Model {
    std::string_view name;
    Generation generation;
    bool has_cpuid;
    u32 signature; ///< CPUID.1:EAX, and EDX at reset
    u32 features;  ///< CPUID.1:EDX
    /// What FXSAVE stores as MXCSR_MASK. 0 stands for 0xffbf: denormals-are-zero came later. [SDM1] "Guidelines for Writing to the MXCSR Register".
    u32 mxcsr_mask_field = 0;
    bool has(u32 bits) const { return (features & bits) == bits; }
    u32 mxcsr_mask() const { return mxcsr_mask_field ? mxcsr_mask_field : 0xffbf; }
};

constexpr Model model_386{"386", Generation::i386, false, 0x308, feature::fpu};
constexpr Model model_486{"486", Generation::i486, false, 0x402, feature::fpu};
constexpr Model model_p5{"p5", Generation::p5, true, 0x525,
                         feature::fpu | feature::de | feature::pse | feature::tsc | feature::msr | feature::cx8};
/// A Pentium II without MMX: what Debian's i386 programs need.
constexpr Model model_i686{"i686", Generation::p6, true, 0x633,
                           feature::fpu | feature::de | feature::pse | feature::tsc | feature::msr | feature::cx8 |
                               feature::sep | feature::pge | feature::cmov};
/// A Pentium II with FXSAVE ("Deschutes").
constexpr Model model_p2{"p2", Generation::p2, true, 0x652, model_i686.features | feature::mmx | feature::fxsr};
/// A Pentium III ("Katmai").
constexpr Model model_p3{"p3", Generation::p3, true, 0x673, model_p2.features | feature::sse};

/// The model of that name.
std::optional<Model> find_model(std::string_view name);

} // namespace trapgate::cpu
