// SPDX-License-Identifier: MIT
// A view model as JSON, schema "trapgate.view/1". docs/views.md describes it field by field.
#pragma once

#include "frontend/views/model.hpp"

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace trapgate::frontend::views {

/// Addresses and values of registers are strings of hexadecimal digits ("c12fdffc"), counts and times of instructions numbers.
nlohmann::ordered_json to_json(const ViewModel& model);

/// The words that stand for enumerators in JSON (and in class names of SVG and HTML).
std::string_view word_of(Meaning);
std::string_view word_of(Mark);
std::string_view word_of(Writer);

} // namespace trapgate::frontend::views
