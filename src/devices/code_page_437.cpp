// SPDX-License-Identifier: MIT
// The table, 16 characters to a row.
#include "devices/code_page_437.hpp"

#include <string_view>

namespace trapgate::devices {

namespace {

constexpr std::u32string_view below_blank = U" ☺☻♥♦♣♠•◘○◙♂♀♪♫☼"
                                            U"►◄↕‼¶§▬↨↑↓→←∟↔▲▼";
constexpr std::u32string_view above_ascii = U"ÇüéâäàåçêëèïîìÄÅ"
                                            U"ÉæÆôöòûùÿÖÜ¢£¥₧ƒ"
                                            U"áíóúñÑªº¿⌐¬½¼¡«»"
                                            U"░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
                                            U"└┴┬├─┼╞╟╚╔╩╦╠═╬╧"
                                            U"╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
                                            U"αßΓπΣσµτΦΘΩδ∞φε∩"
                                            U"≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ";
static_assert(below_blank.size() == 0x20 && above_ascii.size() == 0x80);

} // namespace

char32_t code_page_437(u8 character) {
    if (character < 0x20) return below_blank[character];
    if (character >= 0x80) return above_ascii[character - 0x80u];
    return character == 0x7f ? U'⌂' : char32_t{character};
}

void append_utf8(std::string& text, char32_t c) {
    if (c < 0x80) {
        text += static_cast<char>(c);
    } else if (c < 0x800) {
        text += static_cast<char>(0xc0 | c >> 6);
        text += static_cast<char>(0x80 | (c & 0x3f));
    } else {
        text += static_cast<char>(0xe0 | c >> 12);
        text += static_cast<char>(0x80 | (c >> 6 & 0x3f));
        text += static_cast<char>(0x80 | (c & 0x3f));
    }
}

} // namespace trapgate::devices
