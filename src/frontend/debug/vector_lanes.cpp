// SPDX-License-Identifier: MIT
// Source of the names: gdb's features org.gnu.gdb.i386.sse and its pseudo-registers $mm0 to $mm7.
#include "frontend/debug/vector_lanes.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

struct View {
    std::string_view name;
    u8 bytes;
    u8 lanes;
    bool of_xmm;
};
constexpr View views[] = {{"v16_int8", 1, 16, true}, {"v8_int16", 2, 8, true}, {"v4_int32", 4, 4, true},
                          {"v2_int64", 8, 2, true},  {"v8_int8", 1, 8, false}, {"v4_int16", 2, 4, false},
                          {"v2_int32", 4, 2, false}, {"uint64", 8, 1, false}};

bool is_xmm(std::string_view name) {
    return name.starts_with("xmm");
}

} // namespace

bool is_vector_register(std::string_view name) {
    if (!name.starts_with("xmm") && !name.starts_with("mm")) return false;
    name.remove_prefix(name.find_last_of('m') + 1);
    return name.size() == 1 && name[0] >= '0' && name[0] <= '7';
}

std::optional<Lane> find_lane(std::string_view name, std::string_view view, u64 index) {
    constexpr u32 bytes_of_part = 8;
    for (const View& known : views) {
        if (known.name != view || known.of_xmm != is_xmm(name) || index >= known.lanes) continue;
        const auto at = static_cast<u32>(index) * known.bytes;
        const std::string part = known.of_xmm ? fmt::format("{}.v2_int64[{}]", name, at / bytes_of_part)
                                              : fmt::format("{}.uint64", name);
        return Lane{part, static_cast<u8>(at % bytes_of_part * 8), known.bytes};
    }
    return std::nullopt;
}

std::string_view lane_example(std::string_view name) {
    return is_xmm(name) ? "v4_int32[0]" : "v2_int32[0]";
}

std::string lane_views(std::string_view name) {
    std::string text;
    for (const View& view : views)
        if (view.of_xmm == is_xmm(name))
            text += fmt::format("{}{}{}", text.empty() ? "" : ", ", view.name,
                                view.lanes > 1 ? fmt::format("[0..{}]", view.lanes - 1) : "");
    return text;
}

} // namespace trapgate::frontend::debug
