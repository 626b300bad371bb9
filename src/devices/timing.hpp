// SPDX-License-Identifier: MIT
// What devices know of time and of interrupts: a clock to read, a deadline to name, a line to pull.
// Guest time is the processor's clock count, never the host's.
#pragma once

#include "base/types.hpp"

namespace trapgate::devices {

/// Guest time.
class Clock {
  public:
    virtual ~Clock() = default;
    /// Clocks since reset, exact also in the middle of an instruction that talks to the device.
    virtual u64 now() const = 0;
    /// Clocks per guest second (nominally 100 MHz).
    virtual u64 hertz() const = 0;
};

/// An interrupt request line of a device. Setting the level it has already changes nothing.
class InterruptLine {
  public:
    virtual ~InterruptLine() = default;
    virtual void set(bool high) = 0;
    /// Somebody has programmed the controller to let it through: a user would see that the machine listens.
    virtual bool open() const { return true; }
};

/// "No event is due": later than any clock.
constexpr u64 no_event = ~u64{0};

/// A device that does something by itself. The machine asks for the nearest event, runs until then, and calls service().
class Timed {
  public:
    virtual ~Timed() = default;
    /// The clock at which service() has something to do, or no_event.
    virtual u64 next_event() const = 0;
    /// Brings lines and registers to clock now(). Calling it early or twice does no harm.
    virtual void service() = 0;
};

/// Whoever plans the next deadline. A device calls it when an access by the guest has moved its next_event().
class Scheduler {
  public:
    virtual ~Scheduler() = default;
    virtual void deadline_changed() = 0;
};

/// Converts between guest clocks and the ticks of a device's own oscillator, both counted from reset, without rounding drift.
struct Oscillator {
    u64 frequency; ///< ticks per second

    /// Ticks that have begun at clock `clock`.
    u64 ticks_at(u64 clock, u64 hertz) const {
        return static_cast<u64>(static_cast<unsigned __int128>(clock) * frequency / hertz);
    }
    /// The first clock at which `tick` ticks have passed.
    u64 clock_of(u64 tick, u64 hertz) const {
        return static_cast<u64>((static_cast<unsigned __int128>(tick) * hertz + frequency - 1) / frequency);
    }
};

} // namespace trapgate::devices
