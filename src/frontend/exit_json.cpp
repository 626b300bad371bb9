// SPDX-License-Identifier: MIT
// --exit-json: why a run ended, in full, so that scripts need not guess from the exit code.
#include "frontend/session.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>

namespace trapgate::frontend {

namespace {

std::string_view kind_name(machine::StopKind kind) {
    using enum machine::StopKind;
    switch (kind) {
    case Reached: return "reached";
    case Paused: return "paused";
    case GuestExit: return "guest-exit";
    case DebugExit: return "debug-exit";
    case Reset: return "reset";
    case HaltedForGood: return "halted";
    case InstructionLimit: return "max-insns";
    case ClockLimit: return "max-cycles";
    case Timeout: return "timeout";
    case Quit: return "quit";
    case Panic: return "panic";
    case TripleFault: return "triple-fault";
    case Unimplemented: return "unimplemented";
    case HostError: return "host-error";
    case LogEnds: return "recording-ends";
    case Breakpoint: return "breakpoint";
    case Watchpoint: return "watchpoint";
    }
    return "?";
}

std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            (out += '\\') += c;
        else if (static_cast<unsigned char>(c) < 0x20)
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        else
            out += c;
    }
    return out + "\"";
}

} // namespace

Status Session::write_exit_json(const machine::Stop& stop, int code) const {
    std::string more;
    if (stop.kind == machine::StopKind::GuestExit) {
        const u32 signal = stop.value & 0x7f;
        more =
            signal ? fmt::format(",\"signal\":{}", signal) : fmt::format(",\"status\":{}", stop.value >> 8 & 0xff);
    }
    std::ofstream file(*options_.exit_json, std::ios::trunc);
    file << fmt::format(
        "{{\"schema\":\"trapgate.exit/1\",\"reason\":\"{}\",\"exit\":{}{},\"message\":{},\"instructions\":{},"
        "\"clocks\":{}}}\n",
        kind_name(stop.kind), code, more, json_text(stop.text), machine_->cpu().instructions, machine_->clock());
    file.flush();
    if (!file) return Error{fmt::format("--exit-json {}: {}", *options_.exit_json, std::strerror(errno))};
    return Nothing{};
}

} // namespace trapgate::frontend
