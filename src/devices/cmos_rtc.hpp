// SPDX-License-Identifier: MIT
// The real-time clock and its battery-backed RAM (MC146818) at ports 70h/71h, IRQ 8.
// The date is the one given at the start plus guest time, so that every run sees the same. Universal time, like most PCs
// that run Linux. The memory sizes stand where a BIOS leaves them.
// Source: [MC146818] data sheet, "Time, Calendar, and Alarm Locations", "Registers", "Update Cycle".
#pragma once

#include "devices/timing.hpp"
#include "mmu/device.hpp"

#include <array>

namespace trapgate::devices {

class CmosRtc : public mmu::PortDevice, public Timed {
  public:
    struct State {
        s64 epoch = 0;       ///< seconds since 1970 at the clock that is `base_clock`
        u64 base_clock = 0;  ///< moves when the guest sets the time
        u64 flags_clock = 0; ///< up to here the flags of register C are accounted for
        std::array<u8, 128> ram{};
        std::array<u8, 7>
            fields{}; ///< second, minute, hour, weekday, day, month, year as set while register B's SET is on
        u8 index = 0;
    };

    /// `date`: seconds since 1970 at clock 0.
    CmosRtc(const Clock& clock, Scheduler& scheduler, InterruptLine& irq8, s64 date, u64 ram_bytes);

    std::string_view name() const override { return "rtc"; }
    u32 read_port(u16 port, u8 size) override;
    void write_port(u16 port, u8 size, u32 value) override;
    u64 next_event() const override;
    void service() override;

    const State& state() const { return state_; }
    void restore(const State& state) { state_ = state; }

  private:
    s64 seconds_at(u64 clock) const;
    u64 clock_of_second(s64 second) const;
    bool stopped() const; ///< SET: the guest is setting the time
    void account();
    bool alarm_at(s64 second) const;
    u64 periodic_clock_after(u64 clock) const;
    u8 read_register(u8 index);
    void write_register(u8 index, u8 value);
    void write_time(u8 index, u8 value);
    std::array<u8, 7> fields_at(s64 second) const;
    s64 seconds_of(const std::array<u8, 7>& fields) const;
    u8 encode(u32 value) const;
    u32 decode(u8 value) const;
    void store_memory_sizes(u64 ram_bytes);

    const Clock& clock_;
    Scheduler& scheduler_;
    InterruptLine& irq8_;
    State state_;
};

} // namespace trapgate::devices
