// SPDX-License-Identifier: MIT
#include "frontend/debug/view_commands.hpp"

#include "frontend/debug/command_table.hpp"
#include "frontend/output_file.hpp"
#include "frontend/paint/html.hpp"
#include "frontend/paint/svg.hpp"
#include "frontend/paint/text.hpp"
#include "frontend/render.hpp"
#include "frontend/suggest.hpp"
#include "frontend/views/json.hpp"
#include "frontend/views/layout.hpp"
#include "frontend/views/views.hpp"
#include "frontend/window/png.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace trapgate::frontend::debug {

namespace {

constexpr std::string_view usual_view = "switch";
constexpr int columns = 124; ///< the width that the page of a switch is made for
constexpr int switch_rows = 44, least_rows = 12, most_rows = 400;

struct Picture {
    views::ViewModel model;
    paint::Grid grid;
};

Error no_view(std::string_view name) {
    std::vector<std::string_view> names;
    for (const views::ViewInfo& view : views::all_views()) names.push_back(view.name);
    const auto meant = nearest_word(name, names);
    return Error{fmt::format("{}: no such view; {}", name,
                             meant ? fmt::format("did you mean {}?", *meant)
                                   : fmt::format("there are {}", fmt::join(names, ", "))),
                 1};
}

/// "NAME [SUBJECT]": as high as the view's panels are one below the other.
Result<Picture> draw(Context& context, std::string_view arguments) {
    std::string_view subject;
    const std::string_view word = first_word(arguments, subject);
    const views::ViewInfo* view = views::find_view(word.empty() ? usual_view : word);
    if (!view) return no_view(word);
    views::Options options;
    options.subject = subject;
    TRY(model, views::build(view->name, context.debuggee, options));
    int rows = 3;
    for (const views::Panel& panel : model.panels) rows += views::natural_height(panel, columns);
    rows = view->name == usual_view ? switch_rows : std::clamp(rows, least_rows, most_rows);
    paint::Grid grid = views::layout(model, columns, rows, options);
    if (grid.title.empty()) grid.title = model.title;
    return Picture{std::move(model), std::move(grid)};
}

std::string list_of_views() {
    std::string text;
    for (const views::ViewInfo& view : views::all_views())
        text += fmt::format("  {:<12} {}\n", view.name, view.title);
    return text;
}

Status save(const std::string& file, PictureFormat format, const Picture& picture, machine::TimePoint now) {
    switch (format) {
    case PictureFormat::Terminal:
    case PictureFormat::Text: return save_file(file, paint::text(picture.grid));
    case PictureFormat::Svg: return save_file(file, paint::svg(picture.grid));
    case PictureFormat::Html: return save_file(file, paint::html({{machine::to_text(now), picture.grid}}));
    case PictureFormat::Json: return save_file(file, views::to_json(picture.model).dump(2) + "\n");
    case PictureFormat::Png: break;
    }
    const paint::Theme& theme = paint::all_themes().front();
    return save_by(file, [&](const std::string& to) { return window::write_png(picture.grid, theme, to); });
}

} // namespace

std::vector<std::string> view_names() {
    std::vector<std::string> names;
    for (const views::ViewInfo& view : views::all_views()) names.emplace_back(view.name);
    return names;
}

Outcome command_view(Context& context, std::string_view arguments) {
    if (arguments == "list") return said(list_of_views());
    std::string_view subject;
    const std::string_view word = first_word(arguments, subject);
    const views::ViewInfo* view = views::find_view(word.empty() ? usual_view : word);
    if (!view) return failed(no_view(word));
    Outcome outcome;
    outcome.show_view = view->name;
    if (!context.interpreter.views_as_text) return outcome;
    TRY_OR_FAIL(picture, draw(context, arguments));
    std::string text = paint::text(picture.grid);
    outcome.text = text.substr(0, text.find_last_not_of('\n') + 1) + '\n';
    return outcome;
}

Outcome command_render(Context& context, std::string_view arguments) {
    std::string_view view;
    const std::string file(first_word(arguments, view));
    if (file.empty()) return failed("render FILE.{txt,svg,html,png,json} [VIEW [SUBJECT]]");
    TRY_OR_FAIL(format, format_of(file));
    TRY_OR_FAIL(picture, draw(context, view));
    TRY_OR_FAIL(saved, save(file, format, picture, context.time().now()));
    (void)saved;
    return said(fmt::format("{} shows {}", file, machine::to_text(context.time().now())));
}

} // namespace trapgate::frontend::debug
