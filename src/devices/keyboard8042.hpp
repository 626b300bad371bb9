// SPDX-License-Identifier: MIT
// The 8042 keyboard controller of an AT (ports 60h and 64h, IRQ 1) with a US keyboard at it and somebody in front of that.
// No mouse: the second port is not there.
//
// type() is the only way in. What is typed waits until the guest listens, then one key after the other is pressed and let go, at
// guest clocks that depend on nothing but the guest: so a run repeats as long as type() is called at the same clocks.
// "Listens": the controller's interrupt has been on and not masked for a while (a kernel opens it before it has a handler), or the
// guest has asked the empty controller some times in a row for a byte.
// Source: [8042] IBM Technical Reference (AT), "Keyboard Controller" and "Keyboard".
#pragma once

#include "base/types.hpp"
#include "devices/stop.hpp"
#include "devices/timing.hpp"
#include "mmu/device.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::devices {

class Keyboard8042 : public mmu::PortDevice, public Timed {
  public:
    struct State {
        std::array<u8, 32> ram{0x65}; ///< byte 0 is the configuration; a BIOS leaves: interrupt and translation on
        u8 output = 0;                ///< what port 60h gives
        u8 output_full = 0;
        u8 last_was_command = 0; ///< status bit 3
        u8 output_port = 0xcf;   ///< bit 0 reset (low = active), bit 1 A20, bits 6 and 7 the keyboard's lines
        u8 expecting = 0;        ///< the controller's command that waits for its byte at port 60h; 0 = none
        u8 keyboard_expecting = 0;
        u8 scanning = 1;
        u8 scan_code_set = 2;
        u8 lights = 0;              ///< bit 0 scroll lock, 1 num lock, 2 caps lock
        u8 last_sent = 0;           ///< by the keyboard: what FEh has it send again
        u8 break_prefix = 0;        ///< F0h has come: the next byte is a key that was let go
        u8 interrupt_open = 0;      ///< it has been found open, and next_key_clock counts from then
        u8 empty_looks = 0;         ///< times in a row that the guest found nothing; stops counting at `patience`
        u64 next_byte_clock = 0;    ///< the keyboard sends no byte before this
        u64 next_key_clock = 0;     ///< nobody presses a key before this
        std::vector<u8> answers;    ///< of the keyboard to commands, on their way
        std::vector<u8> scan_codes; ///< of keys, behind the answers
        std::string typed;          ///< keys that are still to be pressed
        bool operator==(const State&) const = default;
    };

    Keyboard8042(const Clock& clock, Scheduler& scheduler, InterruptLine& irq, StopSink& stop)
        : clock_(clock), scheduler_(scheduler), irq_(irq), stop_(stop) {}

    /// Somebody types `text` now: ASCII, control characters, and the escape sequences of a terminal's cursor and function keys.
    void type(std::string_view text);
    /// Whether everything typed has been pressed and taken by the guest.
    bool idle() const;
    /// Bit 1 of the output port. The gate is remembered; memory above 1 MB is always there.
    bool a20() const { return state_.output_port & 2; }

    std::string_view name() const override { return "8042"; }
    u32 read_port(u16 port, u8 size) override;
    void write_port(u16 port, u8 size, u32 value) override;

    u64 next_event() const override;
    void service() override;

    const State& state() const { return state_; }
    void restore(const State& state) { state_ = state; }

  private:
    bool interface_on() const;
    bool interrupt_open() const;
    bool guest_listens() const;
    bool byte_waits() const;
    bool key_waits() const;
    u8 read_data();
    u8 read_status();
    void look_in_vain();
    void command(u8 value);
    void data(u8 value);
    void write_output_port(u8 value);
    void to_keyboard(u8 value);
    void keyboard_argument(u8 command, u8 value);
    void keyboard_command(u8 value);
    void reset_keyboard();
    void answer(u8 value);
    void reply(u8 value);
    void send_byte(u8 value);
    void fill_output(u8 value);
    void press_next_key();
    void update_line();

    const Clock& clock_;
    Scheduler& scheduler_;
    InterruptLine& irq_;
    StopSink& stop_;
    State state_;
};

} // namespace trapgate::devices
