// SPDX-License-Identifier: MIT
// `trapgate render`: one moment of a run, or a range of moments, as a document. The picture is the one that tui and gui show: the same
// view model, the same layout; only the back end differs.
#include "frontend/render.hpp"

#include "base/guest_paths.hpp"
#include "frontend/debuggee.hpp"
#include "frontend/output_file.hpp"
#include "frontend/paint/ansi.hpp"
#include "frontend/paint/html.hpp"
#include "frontend/paint/svg.hpp"
#include "frontend/paint/text.hpp"
#include "frontend/suggest.hpp"
#include "frontend/verbs.hpp"
#include "frontend/views/json.hpp"
#include "frontend/views/layout.hpp"
#include "frontend/views/views.hpp"
#include "frontend/window/png.hpp"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

namespace trapgate::frontend {

namespace {

using machine::TimePoint;

/// What is asked for, checked.
struct Request {
    RunOptions options;
    std::optional<TimePoint> at;
    std::optional<FrameRange> frames;
    PictureFormat format = PictureFormat::Terminal;
    const paint::Theme* theme = nullptr; ///< null: what is usual for the format
    int columns = 124, rows = 0;         ///< 0 rows: what the view needs
    views::Options view_options;
};

/// One moment, drawn and as a model.
struct Moment {
    TimePoint at;
    views::ViewModel model;
    paint::Grid grid;
};

constexpr std::size_t most_frames = 2000;
constexpr int switch_rows = 44, least_rows = 12, most_rows = 500;

// --- What is asked for -----------------------------------------------------------------------------------

Status check_view(const std::string& name) {
    if (name == "list" || views::find_view(name)) return Nothing{};
    std::vector<std::string_view> names;
    for (const views::ViewInfo& view : views::all_views()) names.push_back(view.name);
    if (const auto meant = nearest_word(name, names))
        return Error{fmt::format("--view {}: no such view; did you mean {}?", name, *meant), 2};
    return Error{fmt::format("--view {}: no such view; there are {}", name, fmt::join(names, ", ")), 2};
}

/// A picture on a terminal is as wide as that; it may be higher.
int terminal_columns() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

void choose_size(Request& request) {
    const PictureOptions& wanted = request.options.picture;
    const int terminal = request.format == PictureFormat::Terminal ? terminal_columns() : 0;
    if (terminal > 0) request.columns = std::min(request.columns, terminal);
    if (wanted.columns) request.columns = static_cast<int>(wanted.columns);
    if (wanted.rows) request.rows = static_cast<int>(wanted.rows);
}

/// The program (or recording, or snapshot), and the moment that stands behind its name.
Status take_program(Request& request) {
    RunOptions& options = request.options;
    if (!names_machine(options)) {
        const auto program = find_guest_file("demos/01-hello");
        if (!program) return Error{"render: the built-in demos/01-hello is not built; name a program", 125};
        options.command = {program->string()};
    }
    if (options.command.empty()) return Nothing{};
    // Another kernel, a recording or a snapshot has no PROG, but may have a moment: --kernel FILE @TIME.
    const bool moment_alone =
        (options.kernel || options.replay || options.load) && options.command[0].starts_with('@');
    TRY(target, parse_target(moment_alone ? "machine" + options.command[0] : options.command[0]));
    request.at = target.at;
    if (moment_alone)
        options.command.erase(options.command.begin());
    else
        options.command[0] = target.file;
    return Nothing{};
}

Result<Request> parse_request(Words words) {
    Request request;
    TRY(options, parse_run_options(OptionSet::Render, options_first(std::move(words))));
    request.options = options;
    const PictureOptions& picture = options.picture;
    TRY(view, check_view(picture.view));
    TRY(program, take_program(request));
    (void)view, (void)program;
    if (options.output) {
        TRY(format, format_of(*options.output));
        request.format = format;
    }
    if (!picture.frames.empty()) {
        TRY(frames, parse_frames(picture.frames));
        request.frames = frames;
    }
    if (!picture.theme.empty()) {
        TRY(theme, paint::find_theme(picture.theme));
        request.theme = theme;
    }
    choose_size(request);
    request.view_options.ascii = picture.ascii;
    request.view_options.low_on_top = picture.low_on_top;
    request.view_options.subject = picture.subject;
    request.view_options.panel = picture.panel;
    return request;
}

// --- Which moments ---------------------------------------------------------------------------------------

/// Inside the instruction, after the micro-step that first writes to memory: the kernel stack. A transfer that writes nothing
/// (sysenter) is shown when it is done.
TimePoint first_write(machine::TimeMachine& time, u64 instruction) {
    time.go_to({instruction, 0});
    const machine::InstructionRecord& record = time.instruction();
    u32 micro = 0;
    for (const auto& transfer : record.transfers)
        for (const auto& step : transfer.steps) {
            ++micro;
            for (const trace::Access& access : step.accesses)
                if (access.intent == Intent::Write) return {instruction, micro};
        }
    return {instruction, micro};
}

Error no_such_time(TimePoint at, const machine::TimeMachine& time) {
    return Error{
        fmt::format("{}: there is no such moment; the run ends at {}", machine::to_text(at), time.frontier()), 2};
}

/// Stands at the moment, or says that it does not exist.
Status go_to(machine::TimeMachine& time, TimePoint at) {
    const machine::Arrival arrival = time.go_to(at);
    if (arrival.at.instruction != at.instruction) return no_such_time(at, time);
    if (arrival.at.micro == at.micro) return Nothing{};
    return Error{fmt::format("{}: instruction {} has {} micro-steps", machine::to_text(at), at.instruction,
                             time.instruction().micro_steps()),
                 2};
}

Result<TimePoint> chosen_moment(const Request& request, Debuggee& debuggee) {
    if (request.at) return *request.at;
    if (request.frames && !request.frames->whole_instruction) return request.frames->first;
    TRY(instruction, debuggee.first_system_call());
    return first_write(debuggee.time(), instruction);
}

/// HTML without a range shows the whole instruction, opened at the moment; everything else just the moment.
Result<FrameRange> chosen_range(const Request& request, Debuggee& debuggee, TimePoint at) {
    const bool whole = request.frames ? request.frames->whole_instruction : request.format == PictureFormat::Html;
    if (request.frames && !whole) return *request.frames;
    if (!whole) return FrameRange{false, at, at};
    TRY(there, go_to(debuggee.time(), at));
    (void)there;
    return FrameRange{false, {at.instruction, 0}, {at.instruction, debuggee.time().instruction().micro_steps()}};
}

// --- Pictures --------------------------------------------------------------------------------------------

paint::Grid draw(const Request& request, const views::ViewModel& model, int rows) {
    paint::Grid grid = views::layout(model, request.columns, rows, request.view_options);
    if (request.view_options.ascii) grid = paint::ascii_only(std::move(grid));
    if (grid.title.empty()) grid.title = model.title;
    return grid;
}

bool is_empty_row(const paint::Grid& grid, int y) {
    for (int x = 0; x < grid.columns(); ++x)
        if (const char32_t c = grid.at(x, y).character; c != U' ' && c != U'│' && c != U'|') return false;
    return true;
}

/// As many rows as show all panels, without those at the bottom that would stay empty.
int rows_needed(const Request& request, const views::ViewModel& model) {
    int rows = 3;
    for (const views::Panel& panel : model.panels) rows += views::natural_height(panel, request.columns);
    rows = std::clamp(rows, least_rows, most_rows);
    const paint::Grid grid = draw(request, model, rows);
    int empty = 0;
    while (rows - empty > least_rows && is_empty_row(grid, rows - 2 - empty)) ++empty;
    return rows - empty;
}

/// The page `switch` has its own size; other views take what they need.
void draw_all(const Request& request, std::vector<Moment>& moments) {
    int rows = request.rows;
    if (rows == 0 && request.options.picture.view == "switch") rows = switch_rows;
    if (rows == 0)
        for (const Moment& moment : moments) rows = std::max(rows, rows_needed(request, moment.model));
    for (Moment& moment : moments) moment.grid = draw(request, moment.model, rows);
}

Result<std::vector<Moment>> look_at_all(const Request& request, Debuggee& debuggee, FrameRange range) {
    machine::TimeMachine& time = debuggee.time();
    TRY(there, go_to(time, range.first));
    (void)there;
    std::vector<Moment> moments;
    for (;;) {
        TRY(model, views::build(request.options.picture.view, debuggee, request.view_options));
        moments.push_back({time.now(), std::move(model), paint::Grid(1, 1)});
        if (time.now() >= range.last) return moments;
        if (moments.size() == most_frames)
            return Error{fmt::format("--frames: more than {} moments from {} on", most_frames,
                                     machine::to_text(range.first)),
                         2};
        const TimePoint before = time.now();
        if (time.micro().at == before) return no_such_time(range.last, time);
        if (time.now() > range.last) return moments;
    }
}

// --- Documents -------------------------------------------------------------------------------------------

std::string as_text(const std::vector<Moment>& moments) {
    std::string out;
    for (const Moment& moment : moments) out += (out.empty() ? "" : "\f") + paint::text(moment.grid);
    return out;
}

std::string as_json(const std::vector<Moment>& moments) {
    auto json = nlohmann::ordered_json::array();
    for (const Moment& moment : moments) json.push_back(views::to_json(moment.model));
    return (moments.size() == 1 ? json[0] : json).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
           "\n";
}

std::string as_html(const Request& request, const std::vector<Moment>& moments, TimePoint opened_at) {
    std::vector<paint::Frame> frames;
    for (const Moment& moment : moments) frames.push_back({machine::to_text(moment.at), moment.grid});
    return paint::html(frames, request.theme, machine::to_text(opened_at));
}

Status save_png(const Request& request, const Moment& moment, const std::string& path) {
    const paint::Theme& theme = request.theme ? *request.theme : paint::default_theme();
    return save_by(path, [&](const std::string& to) { return window::write_png(moment.grid, theme, to); });
}

/// Formats that hold one moment: a range gives one file for each.
Status save_pictures(const Request& request, const std::vector<Moment>& moments) {
    for (const Moment& moment : moments) {
        const std::string& name = *request.options.output;
        const std::string path = moments.size() == 1 ? name : name_for_moment(name, moment.at);
        TRY(saved, request.format == PictureFormat::Png ? save_png(request, moment, path)
                                                        : save_file(path, paint::svg(moment.grid, request.theme)));
        (void)saved;
    }
    return Nothing{};
}

Status print(const Request& request, const std::vector<Moment>& moments) {
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    const auto depth =
        terminal ? paint::depth_of(paint::TerminalVariables::of_this_process()) : paint::ColourDepth::Plain;
    const paint::Theme& theme = request.theme ? *request.theme : paint::default_theme();
    for (const Moment& moment : moments) {
        const bool ascii = terminal && !paint::locale_is_utf8();
        const std::string page = paint::ansi(ascii ? paint::ascii_only(moment.grid) : moment.grid, theme, depth);
        if (&moment != &moments.front()) std::fputc('\f', stdout);
        std::fwrite(page.data(), 1, page.size(), stdout);
    }
    // A reader that has gone away (head, a pager) has seen enough.
    if ((std::fflush(stdout) != 0 || std::ferror(stdout)) && errno != EPIPE)
        return Error{"standard output: cannot be written", 125};
    return Nothing{};
}

Status give_out(const Request& request, const std::vector<Moment>& moments, TimePoint opened_at) {
    switch (request.format) {
    case PictureFormat::Terminal: return print(request, moments);
    case PictureFormat::Text: return save_file(*request.options.output, as_text(moments));
    case PictureFormat::Json: return save_file(*request.options.output, as_json(moments));
    case PictureFormat::Html: return save_file(*request.options.output, as_html(request, moments, opened_at));
    case PictureFormat::Svg:
    case PictureFormat::Png: return save_pictures(request, moments);
    }
    ASSERT(false);
}

Status render(const Request& request) {
    TRY(debuggee, Debuggee::open(request.options, GuestConsole::Kept));
    TRY(at, chosen_moment(request, *debuggee));
    TRY(range, chosen_range(request, *debuggee, at));
    TRY(moments, look_at_all(request, *debuggee, range));
    draw_all(request, moments);
    return give_out(request, moments, at);
}

int list_views() {
    for (const views::ViewInfo& view : views::all_views()) fmt::print("{:<12} {}\n", view.name, view.title);
    return 0;
}

} // namespace

int render_verb(Words words) {
    const auto request = parse_request(std::move(words));
    if (!request) return report(request.error());
    if (request.value().options.picture.view == "list") return list_views();
    const auto done = render(request.value());
    return done ? 0 : report(done.error());
}

} // namespace trapgate::frontend
