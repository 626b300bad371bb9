// SPDX-License-Identifier: MIT
#include "frontend/style.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

namespace trapgate::frontend {

namespace {

std::string_view code(Tone tone) {
    switch (tone) {
    case Tone::Title: return "1";
    case Tone::Ring3: return "36";
    case Tone::Ring0: return "33";
    case Tone::Access: return "32";
    case Tone::Faint: return "2";
    case Tone::Warning: return "1;31";
    }
    return "0";
}

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value && *value && std::string_view(value) != "0";
}

} // namespace

Style Style::for_descriptor(int descriptor) {
    if (const char* none = std::getenv("NO_COLOR"); none && *none) return Style(false);
    return Style(is_set("CLICOLOR_FORCE") || isatty(descriptor));
}

std::string Style::paint(Tone tone, std::string_view text) const {
    if (!colour_ || text.empty()) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code(tone), text);
}

} // namespace trapgate::frontend
