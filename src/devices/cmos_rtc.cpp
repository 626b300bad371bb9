// SPDX-License-Identifier: MIT
// The real-time clock: see the header. Flags of register C are worked out when somebody can see them.
#include "devices/cmos_rtc.hpp"

#include <algorithm>
#include <chrono>

namespace trapgate::devices {

namespace {

constexpr u8 register_a = 0x0a, register_b = 0x0b, register_c = 0x0c, register_d = 0x0d, century = 0x32;
constexpr u8 a_update_in_progress = 0x80;
constexpr u8 b_set = 0x80, b_periodic = 0x40, b_alarm = 0x20, b_update = 0x10, b_binary = 0x04, b_24_hours = 0x02;
constexpr u8 c_request = 0x80, c_periodic = 0x40, c_alarm = 0x20, c_update = 0x10;
constexpr u8 d_valid = 0x80;
constexpr u8 pm = 0x80, any = 0xc0; // an alarm byte with both top bits set matches everything
constexpr u8 alarm_second = 1, alarm_minute = 3, alarm_hour = 5;

/// Where each of the seven fields lies.
constexpr std::array<u8, 7> field_registers{0, 2, 4, 6, 7, 8, 9};

constexpr Oscillator crystal{32768};

int field_of(u8 index) {
    for (std::size_t i = 0; i < field_registers.size(); ++i)
        if (field_registers[i] == index) return static_cast<int>(i);
    return -1;
}

} // namespace

CmosRtc::CmosRtc(const Clock& clock, Scheduler& scheduler, InterruptLine& irq8, s64 date, u64 ram_bytes)
    : clock_(clock), scheduler_(scheduler), irq8_(irq8) {
    state_.epoch = date;
    state_.ram[register_a] = 0x26; // 32.768 kHz, 1024 Hz
    state_.ram[register_b] = b_24_hours;
    state_.ram[register_d] = d_valid;
    store_memory_sizes(ram_bytes);
}

void CmosRtc::store_memory_sizes(u64 ram_bytes) {
    const auto put = [&](u8 at, u64 value) {
        state_.ram[at] = static_cast<u8>(value);
        state_.ram[at + 1] = static_cast<u8>(value >> 8);
    };
    constexpr u64 kb = 1024, mb = kb * kb;
    put(0x15, std::min<u64>(640, ram_bytes / kb));
    const u64 extended = ram_bytes > mb ? std::min<u64>((ram_bytes - mb) / kb, 0xffff) : 0;
    put(0x17, extended);
    put(0x30, extended);
    put(0x34, ram_bytes > 16 * mb ? std::min<u64>((ram_bytes - 16 * mb) / (64 * kb), 0xffff) : 0);
}

// --- Time --------------------------------------------------------------------------------------------

s64 CmosRtc::seconds_at(u64 clock) const {
    return state_.epoch + static_cast<s64>((clock - state_.base_clock) / clock_.hertz());
}

u64 CmosRtc::clock_of_second(s64 second) const {
    return state_.base_clock + static_cast<u64>(second - state_.epoch) * clock_.hertz();
}

bool CmosRtc::stopped() const {
    return state_.ram[register_b] & b_set;
}

u8 CmosRtc::encode(u32 value) const {
    return static_cast<u8>(state_.ram[register_b] & b_binary ? value : value / 10 << 4 | value % 10);
}

u32 CmosRtc::decode(u8 value) const {
    return state_.ram[register_b] & b_binary ? value : (value >> 4) * 10u + (value & 15);
}

std::array<u8, 7> CmosRtc::fields_at(s64 second) const {
    using namespace std::chrono;
    const sys_seconds when{seconds{second}};
    const sys_days day = floor<days>(when);
    const year_month_day date{day};
    const hh_mm_ss time{when - day};
    const auto hour24 = static_cast<u32>(time.hours().count());
    u8 hour = encode(hour24);
    if (!(state_.ram[register_b] & b_24_hours))
        hour = static_cast<u8>(encode(hour24 % 12 ? hour24 % 12 : 12) | (hour24 >= 12 ? pm : 0));
    const auto year = static_cast<u32>(static_cast<int>(date.year()));
    return {encode(static_cast<u32>(time.seconds().count())),
            encode(static_cast<u32>(time.minutes().count())),
            hour,
            encode(weekday{day}.c_encoding() + 1),
            encode(static_cast<unsigned>(date.day())),
            encode(static_cast<unsigned>(date.month())),
            encode(year % 100)};
}

s64 CmosRtc::seconds_of(const std::array<u8, 7>& fields) const {
    using namespace std::chrono;
    u32 hour = decode(fields[2]);
    if (!(state_.ram[register_b] & b_24_hours)) hour = decode(fields[2] & 0x7f) % 12 + (fields[2] & pm ? 12 : 0);
    const auto two_digits = static_cast<int>(decode(fields[6]));
    const int full_year = two_digits + (two_digits < 70 ? 2000 : 1900); // as Unix has it
    const auto month = std::clamp(decode(fields[5]), 1u, 12u);
    const sys_days first = year{full_year} / std::chrono::month{month} / 1;
    const sys_seconds when = first + days{static_cast<int>(decode(fields[4])) - 1} + hours{hour} +
                             minutes{decode(fields[1])} + seconds{decode(fields[0])};
    return when.time_since_epoch().count();
}

// --- Flags and interrupts ----------------------------------------------------------------------------

u64 CmosRtc::periodic_clock_after(u64 clock) const {
    const u8 rate = state_.ram[register_a] & 15;
    if (!rate) return no_event;
    // Rates 1 and 2 give 256 and 128 Hz from the 32.768 kHz base.
    const u64 ticks = u64{1} << ((rate <= 2 ? rate + 7 : rate) - 1);
    const u64 tick = crystal.ticks_at(clock, clock_.hertz()) / ticks * ticks + ticks;
    return crystal.clock_of(tick, clock_.hertz());
}

bool CmosRtc::alarm_at(s64 second) const {
    const std::array<u8, 7> now = fields_at(second);
    const auto matches = [&](u8 alarm, u8 field) { return (alarm & any) == any || alarm == field; };
    return matches(state_.ram[alarm_second], now[0]) && matches(state_.ram[alarm_minute], now[1]) &&
           matches(state_.ram[alarm_hour], now[2]);
}

/// Sets the flags of everything that has happened since the last time.
void CmosRtc::account() {
    const u64 now = clock_.now();
    u8& flags = state_.ram[register_c];
    if (periodic_clock_after(state_.flags_clock) <= now) flags |= c_periodic;
    if (!stopped()) {
        const s64 before = seconds_at(state_.flags_clock), after = seconds_at(now);
        if (after > before) flags |= c_update;
        constexpr s64 day = 86400; // alarms repeat daily
        for (s64 second = std::max(before + 1, after - day); second <= after && !(flags & c_alarm); ++second)
            if (alarm_at(second)) flags |= c_alarm;
    }
    state_.flags_clock = now;
    const bool request = flags & state_.ram[register_b] & (c_periodic | c_alarm | c_update);
    flags = static_cast<u8>(request ? flags | c_request : flags & ~c_request);
}

u64 CmosRtc::next_event() const {
    const u8 enabled = state_.ram[register_b];
    if (state_.ram[register_c] & c_request) return no_event; // the line stays high until register C is read
    u64 next = no_event;
    if (enabled & b_periodic) next = periodic_clock_after(state_.flags_clock);
    if ((enabled & (b_alarm | b_update)) && !stopped())
        next = std::min(next, clock_of_second(seconds_at(state_.flags_clock) + 1));
    return next;
}

void CmosRtc::service() {
    account();
    irq8_.set(state_.ram[register_c] & c_request);
}

// --- Ports -------------------------------------------------------------------------------------------

u8 CmosRtc::read_register(u8 index) {
    const u64 now = clock_.now();
    if (const int field = field_of(index); field >= 0)
        return stopped() ? state_.fields[field] : fields_at(seconds_at(now))[field];
    if (index == century) {
        using namespace std::chrono;
        const year_month_day date{floor<days>(sys_seconds{seconds{seconds_at(now)}})};
        const auto value = static_cast<u32>(static_cast<int>(date.year()) / 100);
        return static_cast<u8>(value / 10 << 4 | value % 10); // a BIOS keeps it in BCD whatever register B says
    }
    if (index == register_a) {
        // "UIP is set 244 microseconds before the update": that long the registers may still be read safely.
        const u64 left = clock_of_second(seconds_at(now) + 1) - now;
        const bool updating = !stopped() && left <= clock_.hertz() * 244 / 1000000;
        return static_cast<u8>((state_.ram[register_a] & 0x7f) | (updating ? a_update_in_progress : 0));
    }
    if (index == register_c) {
        account();
        const u8 flags = state_.ram[register_c];
        state_.ram[register_c] = 0;
        irq8_.set(false);
        return flags;
    }
    return state_.ram[index];
}

void CmosRtc::write_time(u8 index, u8 value) {
    const u64 now = clock_.now();
    const s64 second = seconds_at(now);
    std::array<u8, 7> fields = stopped() ? state_.fields : fields_at(second);
    fields[field_of(index)] = value;
    if (stopped()) {
        state_.fields = fields;
        return;
    }
    state_.epoch += seconds_of(fields) - second;
}

void CmosRtc::write_register(u8 index, u8 value) {
    const u64 now = clock_.now();
    if (field_of(index) >= 0) {
        write_time(index, value);
    } else if (index == register_b) {
        const bool was_stopped = stopped();
        if (!was_stopped && (value & b_set)) state_.fields = fields_at(seconds_at(now));
        state_.ram[register_b] = value & b_set ? value & static_cast<u8>(~b_update) : value;
        if (was_stopped && !(value & b_set)) {
            state_.epoch = seconds_of(state_.fields);
            state_.base_clock = now;
        }
    } else if (index == register_a) {
        state_.ram[index] = value & 0x7f;
    } else if (index != register_c && index != register_d && index != century) {
        state_.ram[index] = value;
    }
}

u32 CmosRtc::read_port(u16 port, u8 size) {
    if (size != 1 || !(port & 1)) return 0xffffffff; // port 70h can't be read
    const u8 value = read_register(state_.index);
    scheduler_.deadline_changed();
    return value;
}

void CmosRtc::write_port(u16 port, u8 size, u32 value) {
    if (size != 1) return;
    if (!(port & 1)) {
        state_.index = value & 0x7f; // bit 7 masks NMI: we have no source of it
        return;
    }
    account();
    write_register(state_.index, static_cast<u8>(value));
    service();
    scheduler_.deadline_changed();
}

} // namespace trapgate::devices
