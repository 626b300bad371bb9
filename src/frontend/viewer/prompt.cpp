// SPDX-License-Identifier: MIT
// Editing of one line. Source: the default keys of GNU readline.
#include "frontend/viewer/prompt.hpp"

#include "frontend/paint/unicode.hpp"

namespace trapgate::frontend::viewer {

namespace {

constexpr Key ctrl_a = 1, ctrl_e = 5, ctrl_k = 11, ctrl_w = 23, rubout = 127, line_feed = 10;

} // namespace

void Prompt::open(std::string_view sign, std::string_view text) {
    sign_ = sign;
    set(text);
    at_ = history_.size();
}

void Prompt::set(std::string_view utf8) {
    text_ = paint::to_cells(utf8);
    cursor_ = text_.size();
}

void Prompt::insert(std::string_view utf8) {
    const std::u32string added = paint::to_cells(utf8);
    text_.insert(cursor_, added);
    cursor_ += added.size();
}

std::string Prompt::line() const {
    return paint::to_utf8(text_);
}

std::string Prompt::line_to_cursor() const {
    return paint::to_utf8(std::u32string_view(text_).substr(0, cursor_));
}

void Prompt::older() {
    if (at_ == 0) return;
    text_ = history_[--at_];
    cursor_ = text_.size();
}

void Prompt::newer() {
    if (at_ >= history_.size()) return;
    text_ = ++at_ < history_.size() ? history_[at_] : U"";
    cursor_ = text_.size();
}

Prompt::After Prompt::key(Key key) {
    switch (key) {
    case key::enter:
    case line_feed:
        if (!text_.empty() && (history_.empty() || history_.back() != text_)) history_.push_back(text_);
        return After::Accepted;
    case key::escape:
    case key::ctrl_c: return After::Cancelled;
    case key::tab: return After::Complete;
    case key::backspace:
    case rubout:
        if (text_.empty()) return After::Cancelled;
        if (cursor_ > 0) text_.erase(--cursor_, 1);
        break;
    case key::remove:
    case key::ctrl_d:
        if (cursor_ < text_.size()) text_.erase(cursor_, 1);
        break;
    case key::left: cursor_ -= cursor_ > 0; break;
    case key::right: cursor_ += cursor_ < text_.size(); break;
    case ctrl_a:
    case key::home: cursor_ = 0; break;
    case ctrl_e:
    case key::end: cursor_ = text_.size(); break;
    case key::ctrl_u: text_.erase(0, cursor_), cursor_ = 0; break;
    case ctrl_k: text_.erase(cursor_); break;
    case ctrl_w:
        while (cursor_ > 0 && text_[cursor_ - 1] == U' ') text_.erase(--cursor_, 1);
        while (cursor_ > 0 && text_[cursor_ - 1] != U' ') text_.erase(--cursor_, 1);
        break;
    case key::up: older(); break;
    case key::down: newer(); break;
    default:
        if (key >= U' ' && key < 0x110000) text_.insert(cursor_++, 1, key);
    }
    return After::Editing;
}

} // namespace trapgate::frontend::viewer
