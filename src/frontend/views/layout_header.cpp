// SPDX-License-Identifier: MIT
// What does not fit is left out from the end of the list of importance; the badge is never left out.
#include "frontend/views/layout_header.hpp"

#include "frontend/paint/unicode.hpp"
#include "frontend/views/layout.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::views {

using paint::Style;

namespace {

std::string time_text(const Header& header) {
    if (!header.micro_steps) return fmt::format("insn {}", header.at.instruction);
    return fmt::format("insn {}  micro {}/{}", header.at.instruction, header.at.micro, header.micro_steps);
}

Style badge_style(const Badge& badge) {
    if (badge.from != badge.to) return Style::Between;
    return badge.to == 0 ? Style::Ring0 : badge.to == 3 ? Style::Ring3 : Style::Between;
}

} // namespace

void draw_header(paint::Area row, const ViewModel& model, const Options& options) {
    const Header& header = model.header;
    const std::string badge = " " + header.badge.text + " ";
    const int badge_width = header.badge.text.empty() ? 0 : paint::width_of(badge);
    int x = 1;
    // On a narrow page the time comes first and the badge right after it.
    const std::string time = time_text(header);
    int left = row.width() - badge_width - 2;
    const auto put = [&](std::string_view text, Style style) {
        const int width = paint::width_of(text);
        if (text.empty() || width + 3 > left) return;
        row.text(x, 0, text, style);
        x += width + 3;
        left -= width + 3;
    };
    put(time, Style::Title);
    put(header.task, Style::Text);
    put(header.mode, Style::Text);
    put(header.place, Style::Text);
    put(header.kernel, Style::Dim);
    if (header.clock) put(fmt::format("clock {}", header.clock), Style::Dim);
    const int at = std::max(0, std::min(x, row.width() - badge_width));
    row.text(at, 0, badge, badge_style(header.badge), true);
    row.tag({at, 0, badge_width, 1},
            row.grid().add_node({"", "the ring in which the processor works", paint::Role::Status, badge}));
    x = at + badge_width + 2;
    if (x + paint::width_of(options.keys) < row.width())
        row.text_right(row.width() - 1, 0, options.keys, Style::Key);
}

} // namespace trapgate::frontend::views
