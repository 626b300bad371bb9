// SPDX-License-Identifier: MIT
// std::from_chars throughout: no locale may change what a command means.
#include "frontend/numbers.hpp"

#include <charconv>

namespace trapgate::frontend {

std::optional<u64> parse_number(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    }
    u64 value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<u64> parse_memory_size(std::string_view text) {
    if (text.empty()) return std::nullopt;
    unsigned shift = 20;
    bool letter = true;
    switch (text.back()) {
    case 'k':
    case 'K': shift = 10; break;
    case 'm':
    case 'M': shift = 20; break;
    case 'g':
    case 'G': shift = 30; break;
    default: letter = false;
    }
    if (letter) text.remove_suffix(1);
    const auto count = parse_number(text);
    if (!count || *count == 0 || *count > (u64{1} << 40) >> shift) return std::nullopt;
    return *count << shift;
}

std::optional<u64> parse_seconds(std::string_view text) {
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (!(seconds > 0) || seconds > 1e9) return std::nullopt;
    return static_cast<u64>(seconds * 1e9);
}

} // namespace trapgate::frontend
