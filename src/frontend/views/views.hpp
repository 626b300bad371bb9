// SPDX-License-Identifier: MIT
// From a machine at a moment to a grid of cells, in two steps that know nothing of each other: build() looks and makes a model,
// layout() draws the model into cells. Both only look: nothing here writes to the guest or moves time for good.
#pragma once

#include "base/result.hpp"
#include "frontend/debuggee.hpp"
#include "frontend/paint/grid.hpp"
#include "frontend/views/model.hpp"

#include <span>
#include <string>
#include <string_view>

namespace trapgate::frontend::views {

/// What the person who looks may choose. Nothing in it changes what is true.
struct Options {
    bool low_on_top = false; ///< stacks and memory: low addresses above; otherwise the high ones
    bool ascii = false;      ///< frames and arrows of `+-|v` instead of box-drawing characters
    bool numbers = false;    ///< addresses as numbers only, without symbols
    /// The other way round: no address as a number that has a name ("esp0-4", "IDT[80]", "system_call+4"), no physical addresses;
    /// so that pictures of two builds of a kernel, or of two runs, can be compared.
    bool relative = false;
    std::string
        panel{}; ///< id of the panel that has the focus: shown large where not all fit; empty: the view's choice
    std::string node{}; ///< id of the thing that is selected (opened): "chain.gate", "step.13"
    std::string
        subject{}; ///< what a view is about where it needs that: an address, a task, a selector; empty: its own choice
    u32 scroll = 0;     ///< rows that the focused panel is scrolled down
    std::string keys{}; ///< for the right end of the head line: "m micro  M back"; empty: none
};

/// A view as the table views.def has it.
struct ViewInfo {
    std::string_view name;
    char key; ///< 0: none
    std::string_view title;
};
std::span<const ViewInfo> all_views();
/// Null if there is none of that name (an unambiguous beginning does too).
const ViewInfo* find_view(std::string_view name);

/// The model of `view` at the debuggee's moment. An error if there is no such view, or its Options::subject makes no sense.
Result<ViewModel> build(std::string_view view, Debuggee& debuggee, const Options& options);

/// The panels of a view in the order of the digits 1–8 that select them, of those that the model has.
std::vector<std::string_view> panel_ids(const ViewModel& model);

/// The model as a picture of exactly this size, however small. Pure: the same arguments give the same cells.
paint::Grid layout(const ViewModel& model, int columns, int rows, const Options& options);

} // namespace trapgate::frontend::views
