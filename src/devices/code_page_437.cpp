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

} // namespace trapgate::devices
