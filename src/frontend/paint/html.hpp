// SPDX-License-Identifier: MIT
// The HTML back end: one file that needs nothing else, no network and no server. It holds a range of moments as frames; a small
// script goes through them by keys, buttons and a slider. The picture is real text: it can be selected, searched and read aloud.
// Source: [HTML]; [WAI-ARIA 1.2] "live regions"; the format of the data is described in docs/views.md, "HTML".
#pragma once

#include "frontend/paint/theme.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trapgate::paint {

struct Frame {
    std::string time; ///< "1207.13": names the frame in the address (file.html#1207.13)
    Grid grid;
};

/// REQUIRES: at least one frame. It opens at the frame of that time (else the first) unless the address names another. Without a theme the reader's system chooses; the reader can change it either way.
std::string html(const std::vector<Frame>& frames, const Theme* theme = nullptr, std::string_view opened_at = {});

} // namespace trapgate::paint
