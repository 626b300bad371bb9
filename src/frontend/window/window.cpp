// SPDX-License-Identifier: MIT
// Opening, drawing and running the window; events are in window_events.cpp.
#include "frontend/window/window.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <string_view>

namespace trapgate::window {

namespace {

constexpr u32 frame_milliseconds = 16;

/// A driver that draws for nobody counts as a display only if it was asked for.
bool for_nobody(std::string_view driver) {
    return !std::getenv("SDL_VIDEODRIVER") && (driver == "offscreen" || driver == "dummy");
}

Error no_display(std::string_view why) {
    return Error{
        fmt::format(
            "gui: no display ({}); `trapgate tui` shows the same in a terminal, --screenshot FILE as a picture",
            why),
        2};
}

} // namespace

Result<std::unique_ptr<Window>> Window::open(frontend::viewer::Viewer& viewer, const std::string& title,
                                             const WindowOptions& options) {
    // Asked first, because libraries below SDL print complaints of their own when there is none.
    if (!std::getenv("SDL_VIDEODRIVER") && !std::getenv("DISPLAY") && !std::getenv("WAYLAND_DISPLAY"))
        return no_display("DISPLAY and WAYLAND_DISPLAY are not set");
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1"); // ^C in the terminal ends us as it ends others
    if (SDL_Init(SDL_INIT_VIDEO) != 0) return no_display(SDL_GetError());
    std::unique_ptr<Window> window(new Window(viewer));
    if (for_nobody(SDL_GetCurrentVideoDriver())) return no_display("SDL finds neither X11 nor Wayland");
    TRY(created, window->create(title, options));
    (void)created;
    return window;
}

Status Window::create(const std::string& title, const WindowOptions& options) {
    row_pixels_ = options.row_pixels;
    glyphs_ = best_glyphs(row_pixels_);
    SDL_Rect room{0, 0, 1280, 800};
    SDL_GetDisplayUsableBounds(0, &room);
    const int width = std::min(options.columns * cell().width, room.w),
              height = std::min(options.rows * cell().height, room.h);
    window_.reset(SDL_CreateWindow(title.c_str(), SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, width, height,
                                   SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI));
    if (!window_) return no_display(SDL_GetError());
    SDL_SetWindowMinimumSize(window_.get(), 20 * cell().width, 5 * cell().height);
    renderer_.reset(SDL_CreateRenderer(window_.get(), -1, 0));
    if (!renderer_) renderer_.reset(SDL_CreateRenderer(window_.get(), -1, SDL_RENDERER_SOFTWARE));
    if (!renderer_) return no_display(SDL_GetError());
    choose_font();
    SDL_StartTextInput();
    return Nothing{};
}

Window::~Window() {
    texture_.reset();
    renderer_.reset();
    window_.reset();
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
}

double Window::scale() const {
    int points = 0, pixels = 0, height = 0;
    SDL_GetWindowSize(window_.get(), &points, &height);
    SDL_GetRendererOutputSize(renderer_.get(), &pixels, &height);
    return points > 0 && pixels > 0 ? static_cast<double>(pixels) / points : 1;
}

/// Letters of as many pixels as the zoom and the display's density ask for.
void Window::choose_font() {
    const double now = scale();
    if (now == glyphs_scale_) return;
    glyphs_scale_ = now;
    glyphs_ = best_glyphs(static_cast<int>(row_pixels_ * now + 0.5));
}

void Window::zoom(int steps) {
    row_pixels_ = std::clamp(row_pixels_ + 2 * steps, 8, 64);
    glyphs_scale_ = 0;
    choose_font();
    exposed_ = true;
}

int Window::columns() const {
    int width = 0, height = 0;
    SDL_GetRendererOutputSize(renderer_.get(), &width, &height);
    return std::clamp(width / cell().width, 1, 1000);
}

int Window::rows() const {
    int width = 0, height = 0;
    SDL_GetRendererOutputSize(renderer_.get(), &width, &height);
    return std::clamp(height / cell().height, 1, 1000);
}

void Window::draw(const paint::Grid& grid) {
    const bool changed = canvas_.draw(grid, viewer_.theme(), *glyphs_);
    if (!changed && !exposed_) return;
    if (!texture_ || texture_width_ != canvas_.width() || texture_height_ != canvas_.height()) {
        texture_width_ = canvas_.width(), texture_height_ = canvas_.height();
        texture_.reset(SDL_CreateTexture(renderer_.get(), SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_STREAMING,
                                         texture_width_, texture_height_));
    }
    if (!texture_) return;
    SDL_UpdateTexture(texture_.get(), nullptr, canvas_.pixels().data(), texture_width_ * 4);
    present();
}

void Window::present() {
    const paint::Colour paper = viewer_.theme().paper;
    SDL_SetRenderDrawColor(renderer_.get(), paper.red, paper.green, paper.blue, 255);
    SDL_RenderClear(renderer_.get());
    const SDL_Rect place{0, 0, texture_width_, texture_height_};
    SDL_RenderCopy(renderer_.get(), texture_.get(), nullptr, &place);
    SDL_RenderPresent(renderer_.get());
    exposed_ = false;
}

std::vector<u32> Window::read_back() {
    std::vector<u32> pixels(static_cast<std::size_t>(canvas_.width()) * static_cast<std::size_t>(canvas_.height()));
    const SDL_Rect place{0, 0, canvas_.width(), canvas_.height()};
    // What was presented need not be there any more: it is put there once more.
    SDL_RenderCopy(renderer_.get(), texture_.get(), nullptr, &place);
    SDL_RenderReadPixels(renderer_.get(), &place, SDL_PIXELFORMAT_ARGB8888, pixels.data(), canvas_.width() * 4);
    for (u32& pixel : pixels) pixel |= 0xff000000u;
    return pixels;
}

bool Window::turn(int wait_milliseconds) {
    SDL_Event event;
    if (SDL_WaitEventTimeout(&event, wait_milliseconds)) {
        do handle(event);
        while (!closed_ && SDL_PollEvent(&event));
    }
    if (closed_ || viewer_.quit()) return false;
    exposed_ |= viewer_.take_redraw();
    draw(viewer_.picture(columns(), rows()));
    return true;
}

void Window::run() {
    bool open = turn(0);
    while (open) open = turn(250);
}

void Window::during_move(u64 instruction, const std::function<void()>& interrupt) {
    if (SDL_GetTicks64() < next_progress_) return;
    next_progress_ = SDL_GetTicks64() + frame_milliseconds;
    SDL_Event event;
    while (SDL_PollEvent(&event)) {
        const bool key = event.type == SDL_KEYDOWN;
        const auto code = event.key.keysym.sym;
        if (event.type == SDL_QUIT) closed_ = true;
        if (event.type == SDL_WINDOWEVENT) handle_window(event.window);
        if (closed_ || (key && (code == SDLK_ESCAPE || (code == SDLK_c && event.key.keysym.mod & KMOD_CTRL))))
            interrupt();
    }
    draw(viewer_.progress(instruction));
}

} // namespace trapgate::window
