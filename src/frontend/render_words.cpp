// SPDX-License-Identifier: MIT
// The words of `trapgate render`.
#include "frontend/render.hpp"

#include "frontend/suggest.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>

namespace trapgate::frontend {

namespace {

Error usage(std::string message) {
    return Error{std::move(message), 2};
}

Result<machine::TimePoint> parse_time(std::string_view option, std::string_view text) {
    auto time = machine::parse_time_point(text);
    if (!time) return usage(fmt::format("{}: {}", option, time.error().message));
    return time;
}

struct Ending {
    std::string_view ending;
    PictureFormat format;
};
constexpr std::array<Ending, 5> endings{{{".txt", PictureFormat::Text},
                                         {".svg", PictureFormat::Svg},
                                         {".png", PictureFormat::Png},
                                         {".html", PictureFormat::Html},
                                         {".json", PictureFormat::Json}}};

} // namespace

Result<RenderTarget> parse_target(std::string_view word) {
    std::error_code ignored;
    const auto at = word.rfind('@');
    if (at == word.npos || std::filesystem::exists(std::filesystem::path(word), ignored))
        return RenderTarget{std::string(word), std::nullopt};
    TRY(time, parse_time(word, word.substr(at + 1)));
    if (at == 0) return usage(fmt::format("{}: of what? PROG@TIME", word));
    return RenderTarget{std::string(word.substr(0, at)), time};
}

Result<FrameRange> parse_frames(std::string_view text) {
    if (text == "all") return FrameRange{true, {}, {}};
    const auto dots = text.find("..");
    const std::string option = fmt::format("--frames {}", text);
    TRY(first, parse_time(option, text.substr(0, dots)));
    if (dots == text.npos) return FrameRange{false, first, first};
    TRY(last, parse_time(option, text.substr(dots + 2)));
    if (last < first) return usage(fmt::format("{}: the end is before the beginning", option));
    return FrameRange{false, first, last};
}

Result<PictureFormat> format_of(std::string_view file_name) {
    std::string names;
    const std::string found = std::filesystem::path(file_name).extension().string();
    std::vector<std::string_view> known;
    for (const auto& [ending, format] : endings) {
        if (found == ending) return format;
        known.push_back(ending);
    }
    const auto meant = nearest_word(found, known);
    return usage(fmt::format("-o {}: the ending tells the format: {}{}", file_name, fmt::join(known, ", "),
                             meant ? fmt::format("; did you mean {}?", *meant) : ""));
}

std::string name_for_moment(const std::string& file_name, machine::TimePoint at) {
    const std::filesystem::path path(file_name);
    const std::string name =
        fmt::format("{}-{}{}", path.stem().string(), machine::to_text(at), path.extension().string());
    return (path.parent_path() / name).string();
}

std::vector<std::string> options_first(std::vector<std::string> words) {
    // Without "-o", which PROG may well have itself, a picture could not be asked for behind PROG at all.
    constexpr std::array<std::string_view, 9> with_value{"--view", "-o",      "--output",  "--frames", "--columns",
                                                         "--rows", "--theme", "--subject", "--panel"};
    constexpr std::array<std::string_view, 2> flags{"--ascii", "--low-on-top"};
    const auto parsed = parse_run_options(OptionSet::Render, words);
    if (!parsed || parsed.value().command.empty()) return words; // the real parse will say what is wrong
    const std::size_t program = words.size() - parsed.value().command.size();
    if (program > 0 && words[program - 1] == "--") return words;
    std::size_t end = program + 1;
    while (end < words.size()) {
        const std::string name = words[end].substr(0, words[end].find('='));
        const bool has_value = std::ranges::find(with_value, name) != with_value.end();
        if (!has_value && std::ranges::find(flags, name) == flags.end()) break;
        end += has_value && name == words[end] ? 2 : 1;
    }
    end = std::min(end, words.size());
    const auto begin = words.begin();
    const auto at = [begin](std::size_t i) { return begin + static_cast<std::ptrdiff_t>(i); };
    std::rotate(at(program), at(program + 1), at(end));
    if (end < words.size() && words[end] == "--") words.erase(at(end));
    return words;
}

} // namespace trapgate::frontend
