// SPDX-License-Identifier: MIT
// The small parts that every panel is drawn with.
#include "frontend/paint/unicode.hpp"
#include "frontend/views/layout.hpp"

namespace trapgate::frontend::views {

using paint::Area;
using paint::Rect;
using paint::Style;

Style style_of(Meaning meaning) {
    switch (meaning) {
    case Meaning::Text: return Style::Text;
    case Meaning::Dim:
    case Meaning::Crossed: return Style::Dim;
    case Meaning::Title: return Style::Title;
    case Meaning::Ring3: return Style::Ring3;
    case Meaning::Ring0: return Style::Ring0;
    case Meaning::Cpu: return Style::Cpu;
    case Meaning::Entry: return Style::Entry;
    case Meaning::Kernel: return Style::Kernel;
    case Meaning::Now: return Style::Now;
    case Meaning::Ahead: return Style::NotYet;
    case Meaning::Changed: return Style::Changed;
    case Meaning::Warning: return Style::Warning;
    }
    return Style::Text;
}

char32_t sign_of(Mark mark) {
    switch (mark) {
    case Mark::None: return U' ';
    case Mark::Done: return U'+';
    case Mark::Now: return U'>';
    case Mark::Ahead: return U'.';
    case Mark::Failed: return U'!';
    }
    return U' ';
}

Meaning meaning_of(Mark mark) {
    switch (mark) {
    case Mark::None: return Meaning::Text;
    case Mark::Done: return Meaning::Entry;
    case Mark::Now: return Meaning::Now;
    case Mark::Ahead: return Meaning::Ahead;
    case Mark::Failed: return Meaning::Warning;
    }
    return Meaning::Text;
}

int draw_line(Area area, int x, int y, const Line& line) {
    const int begin = x;
    const int end = area.width();
    for (const Span& span : line.spans) {
        if (x >= end) break;
        x = area.text_fitted(x, y, end - x, span.text, style_of(span.meaning));
    }
    tag(area, {begin, y, x - begin, 1}, line.id, line.tip, line.command);
    return x;
}

void tag(Area area, Rect rect, const std::string& id, const std::string& tip, const std::string& command) {
    if (id.empty() && tip.empty() && command.empty()) return;
    const paint::Role role = command.empty() ? paint::Role::ListItem : paint::Role::Button;
    area.tag(rect, area.grid().add_node({command, tip, role, {}}));
}

} // namespace trapgate::frontend::views
