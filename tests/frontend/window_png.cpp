// SPDX-License-Identifier: MIT
// Pictures in pixels: the built-in font is complete and inside its cells, lines join at every size, PNG files are what was drawn.
// Set TRAPGATE_PNG_DIR to keep the files and look at them.
#include "frontend/window/bitmap_font.hpp"
#include "frontend/window/png.hpp"

#include "catch.hpp"
#include "paint_scene.hpp"

#include <SDL.h>
#include <SDL_image.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace trapgate;
using namespace trapgate::window;

namespace {

std::filesystem::path folder() {
    if (const char* kept = std::getenv("TRAPGATE_PNG_DIR")) return kept;
    return std::filesystem::temp_directory_path();
}

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

u64 hash_of(const Canvas& canvas) {
    return XXH3_64bits(canvas.pixels().data(), canvas.pixels().size_bytes());
}

/// A file that goes away with its test, unless somebody wants to look.
struct PngFile {
    explicit PngFile(const char* name) : path(folder() / (std::to_string(getpid()) + "-" + name)) {
        if (std::getenv("TRAPGATE_PNG_DIR")) path = folder() / name;
    }
    ~PngFile() {
        if (!std::getenv("TRAPGATE_PNG_DIR")) std::filesystem::remove(path);
    }
    std::filesystem::path path;
};

} // namespace

TEST_CASE("the built-in font has ASCII and what views use, each glyph once and different from all others",
          "[window]") {
    std::set<char32_t> characters;
    std::set<std::array<u8, 16>> shapes;
    for (const BitmapGlyph& glyph : bitmap_font()) {
        CHECK(characters.insert(glyph.character).second);
        if (glyph.character != U'−' && glyph.character != U'`') CHECK(shapes.insert(glyph.rows).second);
    }
    for (char32_t c = U' '; c <= U'~'; ++c) CHECK(characters.contains(c));
    for (const char32_t c : std::u32string_view(U"…→←↑↓↔•·×−–—✓✗\ufffd")) CHECK(characters.contains(c));
}

TEST_CASE("a picture in the built-in font is the same pixels on every machine", "[window]") {
    const auto glyphs = bitmap_glyphs();
    Canvas canvas;
    REQUIRE(canvas.draw(test::scene(100, 20, 13), paint::default_theme(), *glyphs));
    CHECK(canvas.width() == 800);
    CHECK(canvas.height() == 320);
    CHECK(hash_of(canvas) == 0x5b652a0a670b979e);
    CHECK_FALSE(canvas.draw(test::scene(100, 20, 13), paint::default_theme(), *glyphs));
    REQUIRE(canvas.draw(test::scene(100, 20, 14), paint::default_theme(), *glyphs));
    Canvas fresh;
    fresh.draw(test::scene(100, 20, 14), paint::default_theme(), *glyphs);
    CHECK(std::ranges::equal(canvas.pixels(),
                             fresh.pixels())); // what was redrawn cell by cell is what is drawn at once
}

TEST_CASE("a PNG file holds exactly the pixels that were drawn", "[window]") {
    const auto glyphs = bitmap_glyphs();
    for (const paint::Theme& theme : paint::all_themes()) {
        const PngFile file((std::string(theme.name) + ".png").c_str());
        REQUIRE(write_png(test::scene(100, 20, 13), theme, file.path, *glyphs));
        Canvas canvas;
        canvas.draw(test::scene(100, 20, 13), theme, *glyphs);
        SDL_Surface* loaded = IMG_Load(file.path.c_str());
        REQUIRE(loaded);
        SDL_Surface* surface = SDL_ConvertSurfaceFormat(loaded, SDL_PIXELFORMAT_ARGB8888, 0);
        SDL_FreeSurface(loaded);
        REQUIRE(surface);
        CHECK(surface->w == canvas.width());
        CHECK(surface->h == canvas.height());
        const auto* pixels = static_cast<const u32*>(surface->pixels);
        CHECK(std::ranges::equal(std::span(pixels, canvas.pixels().size()), canvas.pixels()));
        SDL_FreeSurface(surface);
    }
}

TEST_CASE("two PNG files of one picture are equal byte by byte, also in a font file", "[window]") {
    const PngFile one("eye.png"), two("eye2.png");
    REQUIRE(write_png(test::scene(100, 20, 14), paint::default_theme(), one.path));
    REQUIRE(write_png(test::scene(100, 20, 14), paint::default_theme(), two.path));
    CHECK(bytes_of(one.path) == bytes_of(two.path));
    CHECK(bytes_of(one.path).size() > 2000);
}

TEST_CASE("a PNG that cannot be written says so and names the file", "[window]") {
    const auto failed = write_png(test::scene(20, 5, 13), paint::default_theme(), "/nowhere/at/all.png");
    REQUIRE_FALSE(failed);
    CHECK(failed.error().message.find("/nowhere/at/all.png") == 0);
    CHECK(failed.error().exit_code == 125);
}

TEST_CASE("lines of boxes join without a gap at every size of cells", "[window]") {
    for (const int scale : {1, 2, 3}) {
        const auto glyphs = bitmap_glyphs(scale);
        paint::Grid grid(4, 3);
        constexpr std::u32string_view box = U"┌──┐│  │└──┘";
        for (std::size_t i = 0; i < box.size(); ++i)
            grid.at(static_cast<int>(i % 4), static_cast<int>(i / 4)).character = box[i];
        Canvas canvas;
        canvas.draw(grid, paint::default_theme(), *glyphs);
        const CellSize cell = glyphs->cell();
        const auto ink = [&](int x, int y) {
            return canvas.pixels()[static_cast<std::size_t>(y * canvas.width() + x)] != canvas.pixels()[0];
        };
        const int left = cell.width / 2, right = 3 * cell.width + cell.width / 2, top = cell.height / 2;
        const int bottom = 2 * cell.height + cell.height / 2;
        for (int x = left; x <= right; ++x) CHECK((ink(x, top) && ink(x, bottom)));
        for (int y = top; y <= bottom; ++y) CHECK((ink(left, y) && ink(right, y)));
    }
}
