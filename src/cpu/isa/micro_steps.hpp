// SPDX-License-Identifier: MIT
// Ids, names and texts of the micro-steps, for whoever runs, prices, shows or records them.
// Source: micro_steps.def, which has the truth.
#pragma once

#include "base/types.hpp"

#include <string_view>

namespace trapgate::cpu::isa {

enum class MicroStep : u8 {
#define MICRO_STEP(id, name, phase, text, access, raises) id,
#include "cpu/isa/micro_steps.def"
#undef MICRO_STEP
};

/// Checks stand above the point of no return, commits below it.
enum class MicroStepPhase : u8 { Check, Commit };

struct MicroStepInfo {
    std::string_view id;
    std::string_view name; ///< a word or three, for a column
    MicroStepPhase phase;
    std::string_view text;   ///< the check it makes or the effect it has
    std::string_view access; ///< as "R8", "W4", "R2 R4"; in brackets if only sometimes; empty if none
    std::string_view raises; ///< as "#GP(0), #GP(cs)"; empty if it cannot fail
};

inline constexpr MicroStepInfo micro_step_infos[] = {
#define MICRO_STEP(id, name, phase, text, access, raises) {#id, name, MicroStepPhase::phase, text, access, raises},
#include "cpu/isa/micro_steps.def"
#undef MICRO_STEP
};
inline constexpr u32 micro_steps = sizeof(micro_step_infos) / sizeof(micro_step_infos[0]);
static_assert(micro_steps < 256);

constexpr const MicroStepInfo& info(MicroStep step) {
    return micro_step_infos[static_cast<u8>(step)];
}

} // namespace trapgate::cpu::isa
