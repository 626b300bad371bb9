// SPDX-License-Identifier: MIT
// Looking things up in a view model.
#include "frontend/views/model.hpp"

#include <algorithm>

namespace trapgate::frontend::views {

std::string Line::text() const {
    std::string all;
    for (const Span& span : spans) all += span.text;
    return all;
}

const Panel* ViewModel::find(std::string_view panel_id) const {
    const auto found = std::ranges::find(panels, panel_id, &Panel::id);
    return found == panels.end() ? nullptr : &*found;
}

} // namespace trapgate::frontend::views
