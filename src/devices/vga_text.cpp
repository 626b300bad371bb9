// SPDX-License-Identifier: MIT
// The registers of the adapter, and the screen that they make of the video memory: see the header.
#include "devices/vga_text.hpp"

#include "devices/code_page_437.hpp"

#include <algorithm>

namespace trapgate::devices {

namespace {

// Registers of the CRT controller.
constexpr u8 horizontal_end = 0x01, overflow = 0x07, maximum_scan_line = 0x09, cursor_start = 0x0a,
             start_high = 0x0c, cursor_high = 0x0e, vertical_sync_end = 0x11, vertical_end = 0x12,
             row_offset = 0x13;

// Mode 3 as the BIOS programs it.
constexpr std::array<u8, 25> mode3_crtc{0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00,
                                        0x4f, 0x0d, 0x0e, 0x00, 0x00, 0x00, 0x00, 0x9c, 0x8e,
                                        0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff};
constexpr std::array<u8, 5> mode3_sequencer{0x03, 0x00, 0x03, 0x00, 0x02};
constexpr std::array<u8, 9> mode3_graphics{0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x0e, 0x00, 0xff};
constexpr std::array<u8, 21> mode3_attribute{0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, 0x38, 0x39, 0x3a,
                                             0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x0c, 0x00, 0x0f, 0x08, 0x00};

/// The 64 colours of an EGA, which the BIOS loads: bits 2:0 are red, green, blue at two thirds, bits 5:3 at one third.
std::array<u8, 768> ega_colours() {
    std::array<u8, 768> dac{};
    for (u32 colour = 0; colour < 64; ++colour)
        for (u32 part = 0; part < 3; ++part) {
            const bool strong = colour >> (2 - part) & 1, weak = colour >> (5 - part) & 1;
            dac[colour * 3 + part] = static_cast<u8>((strong ? 0x2a : 0) + (weak ? 0x15 : 0));
        }
    return dac;
}

/// What a register must hold while the video memory is plain character and attribute bytes.
struct TextRule {
    u8 index;
    u8 bits;
    u8 wanted;
    const char* what;
};
constexpr TextRule sequencer_rules[]{
    {2, 0x03, 0x03, "VGA: writing single planes (sequencer register 2)"},
    {4, 0x0c, 0x00,
     "VGA: planes that are not odd and even (sequencer register 4: a graphics mode, or loading a font)"},
};
constexpr TextRule graphics_rules[]{
    {1, 0x0f, 0x00, "VGA: set/reset (graphics controller register 1)"},
    {3, 0x1f, 0x00, "VGA: rotation and logical functions (graphics controller register 3)"},
    {5, 0x7b, 0x10,
     "VGA: read and write modes (graphics controller register 5: a graphics mode, or loading a font)"},
    {6, 0x0f, 0x0e, "VGA: graphics, or memory elsewhere than at B8000h (graphics controller register 6)"},
    {8, 0xff, 0xff, "VGA: the bit mask (graphics controller register 8)"},
};

template <std::size_t n> const char* broken_rule(const TextRule (&rules)[n], u8 index, u8 value) {
    for (const TextRule& rule : rules)
        if (rule.index == index && (value & rule.bits) != rule.wanted) return rule.what;
    return nullptr;
}

bool is_blank(u8 character) {
    return character == 0 || character == ' ' || character == 0xff;
}

} // namespace

VgaText::VgaText(const Clock& clock, StopSink& stop) : clock_(clock), stop_(stop) {
    state_.crtc = mode3_crtc;
    state_.sequencer = mode3_sequencer;
    state_.graphics = mode3_graphics;
    state_.attribute = mode3_attribute;
    state_.dac = ega_colours();
}

void VgaText::refuse(const char* what, u8 value) {
    stop_.request_stop({StopRequest::Kind::Unimplemented, value, what});
}

// --- Ports ---------------------------------------------------------------------------------------------

/// Accesses of 2 and 4 bytes are as many accesses to neighbouring ports: `outw` sets an index and its value at once.
u32 VgaText::read_port(u16 port, u8 size) {
    u32 value = 0;
    for (u8 i = 0; i < size; ++i) value |= u32{read_byte(static_cast<u16>(port + i))} << (8 * i);
    return value;
}

void VgaText::write_port(u16 port, u8 size, u32 value) {
    for (u8 i = 0; i < size; ++i) write_byte(static_cast<u16>(port + i), static_cast<u8>(value >> (8 * i)));
}

/// A register of a bank; indices beyond its end read as 0.
template <std::size_t n> static u8 bank_read(const std::array<u8, n>& bank, u8 index) {
    return index < n ? bank[index] : 0;
}
template <std::size_t n> static void bank_write(std::array<u8, n>& bank, u8 index, u8 value) {
    if (index < n) bank[index] = value;
}

u8 VgaText::read_byte(u16 port) {
    State& s = state_;
    switch (port) {
    case 0x3c0: return s.attribute_index;
    case 0x3c1: return bank_read(s.attribute, s.attribute_index & 0x1f);
    case 0x3c2: return 0x10; // "switch sense": a colour monitor
    case 0x3c3: return s.enabled;
    case 0x3c4: return s.sequencer_index;
    case 0x3c5: return bank_read(s.sequencer, s.sequencer_index);
    case 0x3c6: return s.pel_mask;
    case 0x3c7: return s.dac_reading ? 3 : 0;
    case 0x3c8: return s.dac_index;
    case 0x3c9: return read_dac();
    case 0x3ca: return s.feature;
    case 0x3cc: return s.miscellaneous;
    case 0x3ce: return s.graphics_index;
    case 0x3cf: return bank_read(s.graphics, s.graphics_index);
    case 0x3d4: return s.crtc_index;
    case 0x3d5: return bank_read(s.crtc, s.crtc_index);
    case 0x3da: return read_status();
    default: return 0xff; // 3CBh, 3CDh: nobody is there
    }
}

void VgaText::write_byte(u16 port, u8 value) {
    State& s = state_;
    switch (port) {
    case 0x3c0: write_attribute(value); break;
    case 0x3c2:
        if ((value & 0x03) != 0x03)
            refuse("VGA: monochrome addresses, or its memory switched off (port 3C2h)", value);
        s.miscellaneous = value;
        break;
    case 0x3c3: s.enabled = value & 1; break;
    case 0x3c4: s.sequencer_index = value & 0x07; break;
    case 0x3c5:
        if (const char* what = broken_rule(sequencer_rules, s.sequencer_index, value)) refuse(what, value);
        bank_write(s.sequencer, s.sequencer_index, value);
        break;
    case 0x3c6: s.pel_mask = value; break;
    case 0x3c7:
    case 0x3c8:
        s.dac_index = value;
        s.dac_component = 0;
        s.dac_reading = port == 0x3c7;
        break;
    case 0x3c9: write_dac(value); break;
    case 0x3ce: s.graphics_index = value & 0x0f; break;
    case 0x3cf:
        if (const char* what = broken_rule(graphics_rules, s.graphics_index, value)) refuse(what, value);
        bank_write(s.graphics, s.graphics_index, value);
        break;
    case 0x3d4: s.crtc_index = value & 0x1f; break;
    case 0x3d5: write_crtc(value); break;
    case 0x3da: s.feature = value; break;
    default: break; // 3C1h, 3CAh, 3CCh are read only
    }
}

void VgaText::write_crtc(u8 value) {
    u8& protector = state_.crtc[vertical_sync_end];
    if ((protector & 0x80) && state_.crtc_index <= overflow) {
        // Write-protected, but for the bit that belongs to the split screen.
        constexpr u8 line_compare_8 = 0x10;
        if (state_.crtc_index == overflow)
            state_.crtc[overflow] = (state_.crtc[overflow] & ~line_compare_8) | (value & line_compare_8);
        return;
    }
    bank_write(state_.crtc, state_.crtc_index, value);
}

void VgaText::write_attribute(u8 value) {
    State& s = state_;
    s.attribute_data_next ^= 1;
    if (s.attribute_data_next) {
        s.attribute_index = value & 0x3f;
        return;
    }
    constexpr u8 mode_control = 0x10, graphics = 0x01;
    const u8 index = s.attribute_index & 0x1f;
    if (index == mode_control && (value & graphics)) refuse("VGA: a graphics mode (attribute register 10h)", value);
    bank_write(s.attribute, index, value);
}

u8 VgaText::read_dac() {
    State& s = state_;
    const u8 value = s.dac[s.dac_index * 3u + s.dac_component];
    s.dac_component = static_cast<u8>((s.dac_component + 1) % 3);
    if (s.dac_component == 0) ++s.dac_index;
    return value;
}

void VgaText::write_dac(u8 value) {
    State& s = state_;
    s.dac[s.dac_index * 3u + s.dac_component] = value & 0x3f;
    s.dac_component = static_cast<u8>((s.dac_component + 1) % 3);
    if (s.dac_component == 0) ++s.dac_index;
}

/// 3DAh: where the beam is, by guest time: 449 lines of 31.469 kHz, 400 of them visible. Reading it makes 3C0h take an index.
u8 VgaText::read_status() {
    constexpr Oscillator dots{31'469 * 100};
    constexpr u64 dots_a_line = 100, visible_dots = 80, lines = 449, visible_lines = 400, retrace_begin = 412,
                  retrace_end = 414;
    constexpr u8 not_displaying = 0x01, vertical_retrace = 0x08;
    state_.attribute_data_next = 0;
    const u64 dot = dots.ticks_at(clock_.now(), clock_.hertz());
    const u64 line = dot / dots_a_line % lines;
    u8 status = 0;
    if (line >= visible_lines || dot % dots_a_line >= visible_dots) status |= not_displaying;
    if (line >= retrace_begin && line < retrace_end) status |= vertical_retrace;
    return status;
}

// --- The screen ----------------------------------------------------------------------------------------

TextScreen VgaText::screen(const mmu::PhysicalMemory& memory) const {
    const State& s = state_;
    TextScreen screen;
    if (!memory.contains(memory_begin, memory_bytes)) return screen;
    const u32 character_height = (s.crtc[maximum_scan_line] & 0x1fu) + 1;
    const u32 last_line = s.crtc[vertical_end] | (s.crtc[overflow] & 0x02u) << 7 | (s.crtc[overflow] & 0x40u) << 3;
    screen.columns = s.crtc[horizontal_end] + 1u;
    screen.rows = (last_line + 1) / character_height;
    screen.blinks = s.attribute[0x10] & 0x08;
    screen.on = (s.attribute_index & 0x20) && !(s.sequencer[1] & 0x20);
    const auto word_of = [&s](u8 high) { return static_cast<u32>(s.crtc[high] << 8 | s.crtc[high + 1u]); };
    constexpr u32 places = memory_bytes / 2;
    const u32 start = word_of(start_high), pitch = s.crtc[row_offset] * 2u;
    const u8* bytes = memory.bytes().data() + memory_begin.value;
    for (u32 row = 0; row < screen.rows; ++row)
        for (u32 column = 0; column < screen.columns; ++column) {
            const u32 place = (start + row * pitch + column) % places;
            screen.cells.push_back({bytes[place * 2], bytes[place * 2 + 1]});
        }
    const u32 cursor = word_of(cursor_high) - start;
    const bool cursor_on = !(s.crtc[cursor_start] & 0x20);
    if (cursor_on && pitch && cursor / pitch < screen.rows && cursor % pitch < screen.columns)
        screen.cursor = TextScreen::Place{cursor / pitch, cursor % pitch};
    for (u32 colour = 0; colour < 16; ++colour) {
        const u32 entry = (s.attribute[colour] & 0x3fu) & s.pel_mask;
        for (u32 part = 0; part < 3; ++part) {
            const u32 value = s.dac[entry * 3 + part];
            screen.palette[colour][part] = static_cast<u8>(value << 2 | value >> 4);
        }
    }
    return screen;
}

bool VgaText::shows_something(const mmu::PhysicalMemory& memory) const {
    const TextScreen now = screen(memory);
    return std::any_of(now.cells.begin(), now.cells.end(),
                       [](const TextCell& c) { return !is_blank(c.character); });
}

std::string TextScreen::row_text(u32 row) const {
    u32 end = columns;
    while (end && is_blank(at(row, end - 1).character)) --end;
    std::string text;
    for (u32 column = 0; column < end; ++column) append_utf8(text, code_page_437(at(row, column).character));
    return text;
}

std::string TextScreen::text() const {
    std::string text;
    std::size_t end = 0;
    for (u32 row = 0; row < rows; ++row) {
        const std::string line = row_text(row);
        text += line + "\n";
        if (!line.empty()) end = text.size();
    }
    text.resize(end);
    return text;
}

} // namespace trapgate::devices
