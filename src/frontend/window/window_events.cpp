// SPDX-License-Identifier: MIT
// SDL's events as keys, clicks, wheel and marked cells of a viewer.
#include "frontend/window/window.hpp"

#include <algorithm>

namespace trapgate::window {

namespace key = frontend::key;

namespace {

/// Keys that give no text.
frontend::Key special(SDL_Keycode code, bool shift) {
    switch (code) {
    case SDLK_UP: return key::up;
    case SDLK_DOWN: return key::down;
    case SDLK_LEFT: return key::left;
    case SDLK_RIGHT: return key::right;
    case SDLK_PAGEUP: return key::page_up;
    case SDLK_PAGEDOWN: return key::page_down;
    case SDLK_HOME: return key::home;
    case SDLK_END: return key::end;
    case SDLK_DELETE: return key::remove;
    case SDLK_BACKSPACE: return key::backspace;
    case SDLK_TAB: return shift ? key::back_tab : key::tab;
    case SDLK_RETURN:
    case SDLK_KP_ENTER: return key::enter;
    case SDLK_ESCAPE: return key::escape;
    case SDLK_F1: return U'?';
    default: return 0;
    }
}

} // namespace

void Window::handle(const SDL_Event& event) {
    switch (event.type) {
    case SDL_QUIT: closed_ = true; break;
    case SDL_WINDOWEVENT: handle_window(event.window); break;
    case SDL_KEYDOWN: handle_key(event.key); break;
    case SDL_TEXTINPUT:
        if (!(SDL_GetModState() & (KMOD_CTRL | KMOD_ALT | KMOD_GUI)) || SDL_GetModState() & KMOD_MODE)
            viewer_.text(event.text.text);
        break;
    case SDL_MOUSEWHEEL:
        if (SDL_GetModState() & KMOD_CTRL)
            zoom(event.wheel.y);
        else
            viewer_.wheel(std::clamp(-event.wheel.y, -16, 16), SDL_GetModState() & KMOD_SHIFT);
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP: handle_button(event.button); break;
    case SDL_MOUSEMOTION: handle_motion(event.motion); break;
    default: break;
    }
}

void Window::handle_key(const SDL_KeyboardEvent& event) {
    if (event.keysym.mod & KMOD_CTRL) return handle_control(event.keysym.sym);
    if (const auto key = special(event.keysym.sym, event.keysym.mod & KMOD_SHIFT)) viewer_.key(key);
}

void Window::handle_control(SDL_Keycode code) {
    switch (code) {
    case SDLK_PLUS:
    case SDLK_EQUALS:
    case SDLK_KP_PLUS: return zoom(1);
    case SDLK_MINUS:
    case SDLK_KP_MINUS: return zoom(-1);
    case SDLK_0: return zoom((18 - row_pixels_) / 2);
    case SDLK_c: return copy();
    case SDLK_v:
        if (char* text = SDL_GetClipboardText()) {
            viewer_.text(text);
            SDL_free(text);
        }
        return;
    default:
        if (code >= SDLK_a && code <= SDLK_z) viewer_.key(static_cast<frontend::Key>(code - SDLK_a + 1));
    }
}

void Window::copy() {
    const std::string text = viewer_.marked_text();
    if (text.empty()) return viewer_.key(key::ctrl_c);
    SDL_SetClipboardText(text.c_str());
}

void Window::handle_window(const SDL_WindowEvent& event) {
    switch (event.event) {
    case SDL_WINDOWEVENT_CLOSE: closed_ = true; break;
    case SDL_WINDOWEVENT_LEAVE: viewer_.hover({}); break;
    case SDL_WINDOWEVENT_SIZE_CHANGED:
    case SDL_WINDOWEVENT_DISPLAY_CHANGED:
        choose_font();
        exposed_ = true;
        break;
    default: exposed_ = true;
    }
}

paint::Point Window::cell_at(int x, int y) const {
    return {static_cast<int>(x * scale()) / cell().width, static_cast<int>(y * scale()) / cell().height};
}

void Window::handle_button(const SDL_MouseButtonEvent& event) {
    if (event.button != SDL_BUTTON_LEFT) return;
    const paint::Point cell = cell_at(event.x, event.y);
    if (event.type == SDL_MOUSEBUTTONDOWN) {
        pressed_ = cell;
        dragging_ = false;
    } else if (pressed_) {
        if (!dragging_) viewer_.click(cell);
        pressed_.reset();
    }
}

void Window::handle_motion(const SDL_MouseMotionEvent& event) {
    const paint::Point cell = cell_at(event.x, event.y);
    if (!pressed_) return viewer_.hover(cell);
    dragging_ |= !(cell == *pressed_);
    if (dragging_) viewer_.drag(*pressed_, cell);
}

} // namespace trapgate::window
