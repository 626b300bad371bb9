// SPDX-License-Identifier: MIT
// `monitor`: the debugger's commands (docs/debugger.md), and some that only make sense with gdb as the client.
#include "frontend/gdb/stub.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trapgate::frontend::gdb {

namespace {

constexpr std::string_view help_text =
    "Of the gdb server:\n"
    "  monitor time             where we stand: time, clock, ring\n"
    "  monitor micro on|off     stepi and reverse-stepi go by micro-steps; $micro tells where\n"
    "  monitor over on|off      stepi and reverse-stepi of ring-3 code run over the kernel\n"
    "  monitor arrive TIME      the next stepi goes to TIME (1207, 1207.13) instead: gdb then sees all of it "
    "anew\n";

} // namespace

std::string Stub::monitor(Fields fields) {
    const auto line = from_hex(fields.rest());
    if (!line) return "E16";
    const std::string text = monitor_text(*line);
    constexpr std::size_t piece = packet_limit / 2 - 2;
    if (text.size() <= piece) return text.empty() ? "OK" : to_hex(text);
    for (std::size_t at = 0; at < text.size(); at += piece) wire_->send("O" + to_hex(text.substr(at, piece)));
    return "OK";
}

std::string Stub::monitor_text(std::string_view line) {
    const std::size_t space = line.find(' ');
    const std::string_view word = line.substr(0, space);
    const std::string_view value = space == std::string_view::npos ? "" : line.substr(space + 1);
    if (word == "time" && value.empty()) return time_text();
    if (word == "micro" && (value == "on" || value == "off")) return switch_text(word, value, micro_);
    if (word == "over" && (value == "on" || value == "off")) return switch_text(word, value, over_kernel_);
    if (word == "arrive") {
        const auto time = machine::parse_time_point(value);
        if (!time) return time.error().message + "\n";
        arrive_ = time.value();
        return fmt::format("the next stepi goes to {}\n", machine::to_text(*arrive_));
    }
    const bool help = word == "help" && value.empty();
    if (!monitor_.execute)
        return help ? std::string(help_text) : fmt::format("{}: no such command; monitor help\n", word);
    const Monitor::Outcome outcome = monitor_.execute(line);
    std::string text = help ? fmt::format("{}All other words are the debugger's:\n", help_text) : "";
    text += outcome.text;
    if (outcome.moved) text += "(what gdb has kept is old: maintenance flush register-cache)\n";
    return text;
}

std::string Stub::switch_text(std::string_view word, std::string_view value, bool& flag) {
    flag = value == "on";
    return fmt::format("{} {}\n", word, value);
}

std::string Stub::time_text() const {
    return fmt::format("{}  clock {}  ring {}  {}\n", machine::to_text(time_.now()), debuggee_.machine().clock(),
                       debuggee_.cpu().cpl, threads_.description(threads_.current()));
}

} // namespace trapgate::frontend::gdb
