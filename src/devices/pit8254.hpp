// SPDX-License-Identifier: MIT
// The 8254 interval timer at ports 40h–43h: three counters of 16 bits that count 1.193182 MHz.
// Counts are computed from guest time when somebody looks: nothing ticks. OUT of counter 0 is IRQ 0, that of counter 2
// can be read at port 61h.
// Source: [8254] data sheet, "Programming the 8254", "Mode Definitions", "Operation Common to All Modes".
#pragma once

#include "devices/timing.hpp"
#include "mmu/device.hpp"

#include <array>

namespace trapgate::devices {

/// One counter. All times are ticks of the timer's own clock since reset.
class PitCounter {
  public:
    struct State {
        u64 start = 0;         ///< tick at which the counting element holds the full count
        u64 paused = 0;        ///< ticks counted when GATE went low (modes 0 and 4)
        u64 pending_start = 0; ///< tick at which `pending_count` takes effect
        u32 count = 0;         ///< full count, 1–65536; 0 = none written yet
        u32 pending_count = 0; ///< new count of a running mode 1, 2, 3 or 5; 0 = none
        u16 latched_count = 0;
        u8 latched_status = 0;
        u8 mode = 3;       ///< as a BIOS leaves it: OUT is high before the first count is written
        u8 access = 3;     ///< 1 = low byte, 2 = high byte, 3 = low then high
        u8 first_byte = 0; ///< low byte of a two-byte write
        bool second_write = false;
        bool second_read = false;
        bool bcd = false;
        bool gate = true;
        bool armed = false; ///< counting (modes 0, 2, 3, 4) or triggered (1, 5)
        bool count_latched = false;
        bool status_latched = false;
        std::array<u8, 3> unused{}; ///< keeps the struct free of padding, so that its bytes can be hashed
    };

    void write_control(u8 control, u64 tick);
    void write_count(u8 byte, u64 tick);
    u8 read(u64 tick);
    void latch_count(u64 tick);
    void latch_status(u64 tick);
    void set_gate(bool high, u64 tick);

    bool output(u64 tick);
    /// The first tick after `tick` at which OUT may change by itself, or no_event.
    u64 next_change(u64 tick);

    const State& state() const { return state_; }
    void restore(const State& state) { state_ = state; }

  private:
    void load(u32 count, u64 tick);
    void sync(u64 tick);
    u64 elapsed(u64 tick) const;
    u32 high_ticks(u32 count) const { return (count + 1) / 2; }
    u16 current_count(u64 tick);
    u16 shown(u64 count) const;

    State state_;
};

class Pit8254 : public mmu::PortDevice, public Timed {
  public:
    struct State {
        std::array<PitCounter::State, 3> counters;
        u64 next_event = no_event; ///< a change that is due at this very clock may not have been served yet
    };
    static constexpr Oscillator oscillator{1193182};

    Pit8254(const Clock& clock, Scheduler& scheduler, InterruptLine& irq0)
        : clock_(clock), scheduler_(scheduler), irq0_(irq0) {
        irq0_.set(true);
    }

    void set_gate2(bool high);
    bool gate2() const { return counters_[2].state().gate; }
    bool output2() { return counters_[2].output(tick()); }

    std::string_view name() const override { return "8254"; }
    u32 read_port(u16 port, u8 size) override;
    void write_port(u16 port, u8 size, u32 value) override;
    u64 next_event() const override { return next_event_; }
    void service() override;

    State state() const;
    void restore(const State& state);

  private:
    u64 tick() const { return oscillator.ticks_at(clock_.now(), clock_.hertz()); }
    void read_back(u8 command);
    void plan();

    const Clock& clock_;
    Scheduler& scheduler_;
    InterruptLine& irq0_;
    std::array<PitCounter, 3> counters_;
    u64 next_event_ = no_event;
};

} // namespace trapgate::devices
