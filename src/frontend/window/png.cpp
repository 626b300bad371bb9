// SPDX-License-Identifier: MIT
// Pixels into a PNG file. Source: [SDL_image] IMG_SavePNG.
#include "frontend/window/png.hpp"

#include <SDL.h>
#include <SDL_image.h>
#include <fmt/format.h>

#include <memory>

namespace trapgate::window {

namespace {

constexpr int row_pixels = 18;

struct SurfaceFreer {
    void operator()(SDL_Surface* surface) const { SDL_FreeSurface(surface); }
};

Error cannot_write(const std::string& path, const char* why) {
    return Error{fmt::format("{}: cannot be written: {}", path, why), 125};
}

} // namespace

Status write_png(const paint::Grid& grid, const paint::Theme& theme, const std::string& path) {
    const auto glyphs = best_glyphs(row_pixels);
    return write_png(grid, theme, path, *glyphs);
}

Status write_png(const paint::Grid& grid, const paint::Theme& theme, const std::string& path, Glyphs& glyphs) {
    Canvas canvas;
    canvas.draw(grid, theme, glyphs);
    return write_png(canvas, path);
}

Status write_png(const Canvas& canvas, const std::string& path) {
    // SDL only reads them, its interface is older than const.
    auto* pixels = const_cast<u32*>(canvas.pixels().data());
    const std::unique_ptr<SDL_Surface, SurfaceFreer> surface(SDL_CreateRGBSurfaceWithFormatFrom(
        pixels, canvas.width(), canvas.height(), 32, canvas.width() * 4, SDL_PIXELFORMAT_XRGB8888));
    if (!surface) return cannot_write(path, SDL_GetError());
    if (IMG_SavePNG(surface.get(), path.c_str()) != 0) return cannot_write(path, IMG_GetError());
    return Nothing{};
}

} // namespace trapgate::window
