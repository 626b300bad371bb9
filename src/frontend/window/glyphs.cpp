// SPDX-License-Identifier: MIT
// Glyphs from the built-in font and from font files. Source: [SDL_ttf] TTF_RenderGlyph32_Blended, TTF_FontLineSkip.
#include "frontend/window/glyphs.hpp"

#include "frontend/window/bitmap_font.hpp"

#include <SDL.h>
#include <SDL_ttf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <unistd.h>
#include <unordered_map>

namespace trapgate::window {

namespace {

constexpr char32_t replacement = U'\ufffd';

/// Makes each glyph once.
class Cache : public Glyphs {
  public:
    const Coverage& glyph(char32_t character, bool bold) final {
        const u64 key = u64{character} << 1 | u64{bold};
        if (const auto found = made_.find(key); found != made_.end()) return found->second;
        return made_.emplace(key, make(character, bold)).first->second;
    }

  private:
    virtual Coverage make(char32_t character, bool bold) = 0;
    std::unordered_map<u64, Coverage> made_;
};

class BitmapGlyphs final : public Cache {
  public:
    explicit BitmapGlyphs(int scale) : scale_(std::max(1, scale)) {}
    CellSize cell() const override { return {8 * scale_, 16 * scale_}; }
    std::string name() const override { return fmt::format("built-in {}x{}", 8 * scale_, 16 * scale_); }

  private:
    Coverage make(char32_t character, bool bold) override {
        const BitmapGlyph* glyph = find_bitmap_glyph(character);
        if (!glyph) glyph = find_bitmap_glyph(replacement);
        Coverage coverage(static_cast<std::size_t>(cell().width * cell().height));
        for (int y = 0; y < cell().height; ++y)
            for (int x = 0; x < cell().width; ++x) {
                u8 row = glyph->rows[static_cast<std::size_t>(y / scale_)];
                if (bold) row |= static_cast<u8>(row >> 1);
                if (row >> (7 - x / scale_) & 1) coverage[static_cast<std::size_t>(y * cell().width + x)] = 255;
            }
        return coverage;
    }
    int scale_;
};

struct FontCloser {
    void operator()(TTF_Font* font) const { TTF_CloseFont(font); }
};
struct SurfaceFreer {
    void operator()(SDL_Surface* surface) const { SDL_FreeSurface(surface); }
};
using Font = std::unique_ptr<TTF_Font, FontCloser>;
using Surface = std::unique_ptr<SDL_Surface, SurfaceFreer>;

class FontFileGlyphs final : public Cache {
  public:
    FontFileGlyphs(Font plain, Font bold, std::string name)
        : plain_(std::move(plain)), bold_(std::move(bold)), name_(std::move(name)) {
        int advance = 8;
        TTF_GlyphMetrics32(plain_.get(), U'M', nullptr, nullptr, nullptr, nullptr, &advance);
        cell_ = {std::max(1, advance), std::max(1, TTF_FontHeight(plain_.get()))};
    }
    CellSize cell() const override { return cell_; }
    std::string name() const override { return name_; }

  private:
    Coverage make(char32_t character, bool bold) override {
        TTF_Font* font = bold && bold_ ? bold_.get() : plain_.get();
        if (!TTF_GlyphIsProvided32(font, character)) font = plain_.get();
        if (!TTF_GlyphIsProvided32(font, character)) character = replacement;
        // The surface begins at the glyph's origin (further left, if it overhangs there) and is as high as the font.
        int left = 0;
        TTF_GlyphMetrics32(font, character, &left, nullptr, nullptr, nullptr, nullptr);
        Coverage coverage(static_cast<std::size_t>(cell_.width * cell_.height));
        const Surface surface(TTF_RenderGlyph32_Blended(font, character, {255, 255, 255, 255}));
        if (surface) copy(*surface, std::min(0, left), coverage);
        return coverage;
    }
    void copy(const SDL_Surface& surface, int shift, Coverage& coverage) const {
        for (int y = 0; y < std::min(surface.h, cell_.height); ++y)
            for (int x = std::max(0, -shift); x < surface.w && x + shift < cell_.width; ++x) {
                const auto* row = static_cast<const u8*>(surface.pixels) + y * surface.pitch;
                const u32 pixel = reinterpret_cast<const u32*>(row)[x];
                coverage[static_cast<std::size_t>(y * cell_.width + x + shift)] = static_cast<u8>(pixel >> 24);
            }
    }
    Font plain_, bold_;
    std::string name_;
    CellSize cell_;
};

Font open_font(const std::string& path, int points) {
    if (access(path.c_str(), R_OK) != 0) return nullptr;
    return Font(TTF_OpenFont(path.c_str(), points));
}

/// The largest size whose lines are not higher than asked.
int size_for(const std::string& path, int line_height) {
    int size = std::max(6, line_height);
    for (; size > 6; --size) {
        const Font font = open_font(path, size);
        if (!font || TTF_FontHeight(font.get()) <= line_height) break;
    }
    return size;
}

std::string bold_twin(const std::string& path) {
    const auto dot = path.rfind('.');
    return dot == std::string::npos ? std::string{} : path.substr(0, dot) + "-Bold" + path.substr(dot);
}

} // namespace

std::unique_ptr<Glyphs> bitmap_glyphs(int scale) {
    return std::make_unique<BitmapGlyphs>(scale);
}

Result<std::unique_ptr<Glyphs>> font_file_glyphs(const std::string& path, int line_height) {
    if (!TTF_WasInit() && TTF_Init() != 0) return Error{fmt::format("SDL_ttf: {}", TTF_GetError())};
    const int size = size_for(path, line_height);
    Font plain = open_font(path, size);
    if (!plain) return Error{fmt::format("{}: not a font that can be read", path)};
    Font bold = open_font(bold_twin(path), size);
    const char* family = TTF_FontFaceFamilyName(plain.get());
    std::string name = fmt::format("{} {}", family ? family : path, size);
    return std::unique_ptr<Glyphs>(
        std::make_unique<FontFileGlyphs>(std::move(plain), std::move(bold), std::move(name)));
}

std::unique_ptr<Glyphs> best_glyphs(int line_height) {
    constexpr std::array places{
        "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
        "/usr/share/fonts/dejavu-sans-mono-fonts/DejaVuSansMono.ttf",
        "/usr/share/fonts/TTF/DejaVuSansMono.ttf",
        "/usr/share/fonts/dejavu/DejaVuSansMono.ttf",
    };
    const char* chosen = std::getenv("TRAPGATE_FONT");
    const bool builtin = chosen && std::string_view(chosen) == "builtin";
    if (chosen && *chosen && !builtin) {
        if (auto font = font_file_glyphs(chosen, line_height)) return std::move(font.value());
    }
    for (const char* place : places) {
        if (builtin) break;
        if (auto font = font_file_glyphs(place, line_height)) return std::move(font.value());
    }
    return bitmap_glyphs(line_height / 16);
}

} // namespace trapgate::window
