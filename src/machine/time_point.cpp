// SPDX-License-Identifier: MIT
#include "machine/time_point.hpp"

#include <charconv>
#include <fmt/format.h>

namespace trapgate::machine {

namespace {

template <class T> bool parse_all(std::string_view digits, T& value) {
    const char* const end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, value);
    return error == std::errc{} && at == end && !digits.empty();
}

} // namespace

std::string to_text(TimePoint time) {
    return time.micro ? fmt::format("{}.{}", time.instruction, time.micro) : fmt::format("{}", time.instruction);
}

Result<TimePoint> parse_time_point(std::string_view text) {
    const std::size_t dot = text.find('.');
    TimePoint time;
    const bool good = parse_all(text.substr(0, dot), time.instruction) &&
                      (dot == std::string_view::npos || parse_all(text.substr(dot + 1), time.micro));
    if (!good) return Error{fmt::format("{}: not a time; one looks like 1207 or 1207.13", text), 2};
    return time;
}

} // namespace trapgate::machine
