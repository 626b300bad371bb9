// SPDX-License-Identifier: MIT
// A VGA in text mode: the ports 3C0h–3CFh, 3D4h, 3D5h and 3DAh, and what the 32 KB of video memory at B8000h show.
//
// The video memory is a piece of the guest's RAM (character and attribute in turn), so writing to it costs nothing and every
// snapshot, watchpoint and last-writer search has it already. That holds as long as the adapter is in a text mode: whoever
// programs a graphics mode, loads a font or lets the planes be written otherwise is told that it is not there (the machine stops).
// Source: [VGA] register descriptions (CRT controller, sequencer, graphics and attribute controller, DAC), mode 3 of the BIOS.
#pragma once

#include "base/types.hpp"
#include "devices/stop.hpp"
#include "devices/timing.hpp"
#include "mmu/device.hpp"
#include "mmu/physical_memory.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace trapgate::devices {

struct TextCell {
    u8 character = ' '; ///< of code page 437
    u8 attribute =
        7; ///< bits 3:0 foreground, 6:4 background, 7 blinking (or bright background: TextScreen::blinks)
    bool operator==(const TextCell&) const = default;
};

/// What the screen shows just now.
struct TextScreen {
    struct Place {
        u32 row;
        u32 column;
    };
    u32 columns = 0;
    u32 rows = 0;
    std::vector<TextCell> cells;                 ///< row by row
    std::optional<Place> cursor;                 ///< nothing: switched off, or outside the screen
    std::array<std::array<u8, 3>, 16> palette{}; ///< red, green, blue of the 16 colours, 0–255
    bool blinks = true;                          ///< attribute bit 7 blinks; false: it makes the background bright
    bool on = true;                              ///< false: the adapter shows nothing

    const TextCell& at(u32 row, u32 column) const { return cells[row * columns + column]; }
    /// A row as UTF-8, without blanks at its end.
    std::string row_text(u32 row) const;
    /// All rows, each with a newline; empty rows at the end are left out. Empty for a blank screen.
    std::string text() const;
};

class VgaText : public mmu::PortDevice {
  public:
    static constexpr PhysicalAddress memory_begin{0xb8000};
    static constexpr u32 memory_bytes = 0x8000;

    struct State {
        u8 crtc_index = 0, sequencer_index = 0, graphics_index = 0, attribute_index = 0x20;
        u8 attribute_data_next = 0; ///< 3C0h takes an index, then a value
        u8 miscellaneous = 0x67;    ///< 3C2h, read at 3CCh
        u8 feature = 0, enabled = 1;
        u8 pel_mask = 0xff, dac_index = 0, dac_component = 0, dac_reading = 0;
        std::array<u8, 25> crtc{};
        std::array<u8, 5> sequencer{};
        std::array<u8, 9> graphics{};
        std::array<u8, 21> attribute{};
        std::array<u8, 768> dac{};
    };

    /// As the BIOS leaves it: mode 3, 80 columns and 25 rows of 9x16 characters.
    VgaText(const Clock& clock, StopSink& stop);

    /// What stands on the screen; `memory` is the guest's. Empty if the guest has no memory at B8000h.
    TextScreen screen(const mmu::PhysicalMemory& memory) const;
    /// Somebody has written characters (other than blanks) that would be seen.
    bool shows_something(const mmu::PhysicalMemory& memory) const;

    std::string_view name() const override { return "VGA text"; }
    u32 read_port(u16 port, u8 size) override;
    void write_port(u16 port, u8 size, u32 value) override;

    const State& state() const { return state_; }
    void restore(const State& state) { state_ = state; }

  private:
    u8 read_byte(u16 port);
    void write_byte(u16 port, u8 value);
    u8 read_status();
    u8 read_dac();
    void write_dac(u8 value);
    void write_attribute(u8 value);
    void write_crtc(u8 value);
    void refuse(const char* what, u8 value);

    const Clock& clock_;
    StopSink& stop_;
    State state_;
};

} // namespace trapgate::devices
