// SPDX-License-Identifier: MIT
// The window: shows a viewer's cells as pixels, and gives keys, mouse and clipboard to it. SDL only carries pixels and events; all
// drawing is Canvas's, so the window looks the same under every driver. Source: [SDL2] SDL_CreateRenderer, SDL_PollEvent.
#pragma once

#include "base/result.hpp"
#include "frontend/viewer/viewer.hpp"
#include "frontend/window/canvas.hpp"

#include <SDL.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace trapgate::window {

struct WindowOptions {
    int columns = 132, rows = 43; ///< at first, as far as the display has room
    int row_pixels = 18;          ///< height of a row before the display's scale
};

class Window {
  public:
    /// An error (exit code 2) if there is no display.
    static Result<std::unique_ptr<Window>> open(frontend::viewer::Viewer& viewer, const std::string& title,
                                                const WindowOptions& options = {});
    ~Window();
    Window(const Window&) = delete;
    Window& operator=(const Window&) = delete;

    /// Until the user leaves.
    void run();
    /// One turn: waits so long for events, handles all there are, draws. False when the user has left.
    bool turn(int wait_milliseconds);
    /// While time moves: draws a line of progress; Esc, ^C and closing the window call `interrupt`. At most sixty times a second.
    void during_move(u64 instruction, const std::function<void()>& interrupt);

    const Canvas& canvas() const { return canvas_; }
    CellSize cell() const { return glyphs_->cell(); }
    int columns() const;
    int rows() const;
    /// What the renderer really holds, 0xffRRGGBB: for tests.
    std::vector<u32> read_back();
    bool closed() const { return closed_; }

  private:
    struct SdlDeleter {
        void operator()(SDL_Window* window) const { SDL_DestroyWindow(window); }
        void operator()(SDL_Renderer* renderer) const { SDL_DestroyRenderer(renderer); }
        void operator()(SDL_Texture* texture) const { SDL_DestroyTexture(texture); }
    };

    explicit Window(frontend::viewer::Viewer& viewer) : viewer_(viewer) {}
    Status create(const std::string& title, const WindowOptions& options);
    void choose_font();
    void zoom(int steps);
    void handle(const SDL_Event& event);
    void handle_key(const SDL_KeyboardEvent& event);
    void handle_control(SDL_Keycode code);
    void handle_window(const SDL_WindowEvent& event);
    void handle_button(const SDL_MouseButtonEvent& event);
    void handle_motion(const SDL_MouseMotionEvent& event);
    void copy();
    paint::Point cell_at(int x, int y) const;
    double scale() const;
    void draw(const paint::Grid& grid);
    void present();

    frontend::viewer::Viewer& viewer_;
    std::unique_ptr<SDL_Window, SdlDeleter> window_;
    std::unique_ptr<SDL_Renderer, SdlDeleter> renderer_;
    std::unique_ptr<SDL_Texture, SdlDeleter> texture_;
    int texture_width_ = 0, texture_height_ = 0;
    std::unique_ptr<Glyphs> glyphs_;
    double glyphs_scale_ = 0;
    int row_pixels_ = 18;
    Canvas canvas_;
    bool closed_ = false, exposed_ = true;
    std::optional<paint::Point> pressed_; ///< cell where the left button went down
    bool dragging_ = false;
    u64 next_progress_ = 0; ///< SDL's ticks
};

} // namespace trapgate::window
