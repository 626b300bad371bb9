// SPDX-License-Identifier: MIT
// `trapgate render`: what is asked for, taken out of the words of the command line and checked before anything runs.
#pragma once

#include "base/result.hpp"
#include "frontend/options.hpp"
#include "frontend/paint/theme.hpp"
#include "machine/time_point.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend {

/// By the ending of the file's name; Terminal without a file.
enum class PictureFormat : u8 { Terminal, Text, Svg, Png, Html, Json };

/// "PROG@1207.13": a program or a recording, and a moment.
struct RenderTarget {
    std::string file;
    std::optional<machine::TimePoint> at;
};
/// A file whose whole name exists is taken as it is, "@" and all. Errors say what a time looks like; exit code 2.
Result<RenderTarget> parse_target(std::string_view word);

/// "1207.9..1207.18", "1207.9" alone, or "all": all micro-steps of the instruction.
struct FrameRange {
    bool whole_instruction = false;
    machine::TimePoint first{}, last{};
};
Result<FrameRange> parse_frames(std::string_view text);

/// Unknown endings are errors that list the known ones; exit code 2.
Result<PictureFormat> format_of(std::string_view file_name);
/// "page.svg" and 1207.13 are "page-1207.13.svg": for formats that hold one moment.
std::string name_for_moment(const std::string& file_name, machine::TimePoint at);

/// Render's own options may also stand directly behind PROG; this moves them before it. `--` ends them.
std::vector<std::string> options_first(std::vector<std::string> words);

} // namespace trapgate::frontend
