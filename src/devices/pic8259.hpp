// SPDX-License-Identifier: MIT
// Two cascaded 8259A interrupt controllers as in a PC/AT: ports 20h/21h and A0h/A1h, edge/level control at 4D0h/4D1h.
// Source: [8259A] data sheet (initialization and operation command words, priority, poll, default IR7);
//         [PIIX] "ELCR1, ELCR2" for the edge/level registers.
#pragma once

#include "devices/timing.hpp"
#include "mmu/device.hpp"

#include <array>
#include <optional>

namespace trapgate::devices {

/// One chip, without its bus.
class Pic8259 {
  public:
    struct State {
        u8 lines = 0;        ///< levels of IR0–7
        u8 latched = 0;      ///< edges seen and not yet acknowledged
        u8 mask = 0xff;      ///< IMR; before the first initialization nothing gets through
        u8 service = 0;      ///< ISR
        u8 level_inputs = 0; ///< ELCR: a set bit makes that input level-triggered
        u8 base = 0;         ///< ICW2: vector of IR0
        u8 cascade = 0;      ///< ICW3
        u8 lowest = 7;       ///< input of lowest priority (rotation)
        u8 expected_icw = 0; ///< the initialization word that port 1 takes next; 0 = none
        bool needs_icw4 = false;
        bool single = false;
        bool all_level = false; ///< ICW1.LTIM
        bool auto_eoi = false;
        bool rotate_on_auto_eoi = false;
        bool special_fully_nested = false;
        bool special_mask = false;
        bool read_service = false; ///< OCW3: port 0 gives ISR instead of IRR
        bool poll = false;         ///< OCW3: the next read is a poll
    };

    /// `cascade_inputs`: inputs at which another chip hangs (0x04 at the master).
    explicit Pic8259(u8 cascade_inputs) : cascade_inputs_(cascade_inputs) {}

    void set_line(u8 input, bool high);
    /// INT output.
    bool output() const { return highest_pending().has_value(); }
    /// The interrupt acknowledge cycle: the input that is served, or nothing for a request that has gone away (then IR7 is
    /// reported without its ISR bit).
    std::optional<u8> acknowledge();

    u8 read(bool port1);
    void write(bool port1, u8 value);
    u8 edge_level() const { return state_.level_inputs; }
    void set_edge_level(u8 inputs) { state_.level_inputs = inputs; }

    const State& state() const { return state_; }
    void restore(const State& state) { state_ = state; }
    u8 request() const; ///< IRR

  private:
    std::optional<u8> highest_pending() const;
    std::optional<u8> highest_in_service() const;
    u8 priority_order(u8 position) const { return (state_.lowest + 1 + position) & 7; }
    void initialize(u8 icw1);
    void write_icw(u8 value);
    void write_ocw2(u8 value);
    void write_ocw3(u8 value);
    void end_of_interrupt(u8 input, bool rotate);

    u8 cascade_inputs_;
    State state_;
};

/// The pair as the processor and the devices see it.
class PicPair : public mmu::PortDevice {
  public:
    struct State {
        Pic8259::State master;
        Pic8259::State slave;
    };

    explicit PicPair(Scheduler& scheduler) : scheduler_(scheduler) {}

    /// IRQ 0–15; 2 is the cascade and belongs to nobody.
    InterruptLine& line(u8 irq) { return lines_[irq]; }
    /// INTR of the processor.
    bool requested() const { return master_.output(); }
    /// The two INTA cycles: the vector.
    u8 acknowledge();

    std::string_view name() const override { return "8259"; }
    u32 read_port(u16 port, u8 size) override;
    void write_port(u16 port, u8 size, u32 value) override;

    State state() const { return {master_.state(), slave_.state()}; }
    void restore(const State& state);

  private:
    struct Line : InterruptLine {
        PicPair* pair = nullptr;
        u8 irq = 0;
        void set(bool high) override { pair->set_line(irq, high); }
        bool open() const override { return pair->line_open(irq); }
    };
    static std::array<Line, 16> make_lines(PicPair* pair);
    void set_line(u8 irq, bool high);
    bool line_open(u8 irq) const;
    void propagate();

    Scheduler& scheduler_;
    Pic8259 master_{0x04};
    Pic8259 slave_{0x00};
    std::array<Line, 16> lines_ = make_lines(this);
};

} // namespace trapgate::devices
