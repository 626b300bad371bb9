// SPDX-License-Identifier: MIT
// Controller, keyboard and typist: see the header. Answers of the controller itself take no time; the keyboard's bytes keep the
// distance of its serial line, so that a handler that reads port 60h twice gets the same byte twice.
#include "devices/keyboard8042.hpp"

#include "devices/scan_codes.hpp"

#include <algorithm>

namespace trapgate::devices {

namespace {

constexpr u16 data_port = 0x60;

// The configuration byte.
constexpr u8 config_interrupt = 0x01, config_system = 0x04, config_keyboard_off = 0x10, config_second_off = 0x20,
             config_translate = 0x40;
// The status register.
constexpr u8 status_output_full = 0x01, status_system = 0x04, status_command = 0x08, status_unlocked = 0x10;
// The output port.
constexpr u8 line_reset = 0x01;

constexpr u8 acknowledge = 0xfa, resend = 0xfe, released = 0xf0;
constexpr u64 bytes_a_second = 1000, keys_a_second = 100;
constexpr u64 settling = 10; ///< a part of a second between an interrupt that opens and the first key
/// A guest that asks this often in a row wants a key; drivers that empty the controller ask less often.
constexpr u8 patience = 64;

bool is_status(u16 port) {
    return port != data_port;
}

} // namespace

// --- The typist ----------------------------------------------------------------------------------------

void Keyboard8042::type(std::string_view text) {
    state_.typed += text;
    scheduler_.deadline_changed();
}

bool Keyboard8042::idle() const {
    return state_.typed.empty() && state_.scan_codes.empty() && state_.answers.empty() && !state_.output_full;
}

bool Keyboard8042::interface_on() const {
    return !(state_.ram[0] & config_keyboard_off);
}

bool Keyboard8042::interrupt_open() const {
    return (state_.ram[0] & config_interrupt) && irq_.open();
}

bool Keyboard8042::guest_listens() const {
    return interrupt_open() || state_.empty_looks >= patience;
}

bool Keyboard8042::byte_waits() const {
    if (state_.output_full || !interface_on()) return false;
    return !state_.answers.empty() || !state_.scan_codes.empty();
}

bool Keyboard8042::key_waits() const {
    return !state_.typed.empty() && state_.scanning && interface_on() && state_.scan_codes.empty() &&
           state_.answers.empty() && !state_.output_full && !state_.keyboard_expecting && guest_listens();
}

void Keyboard8042::press_next_key() {
    std::string_view rest = state_.typed;
    const auto key = take_key(rest);
    state_.typed.erase(0, state_.typed.size() - rest.size());
    if (!key) return;
    state_.scan_codes = key_bytes(*key, state_.scan_code_set);
    state_.next_key_clock = clock_.now() + clock_.hertz() / keys_a_second;
}

u64 Keyboard8042::next_event() const {
    if (byte_waits()) return state_.answers.empty() ? state_.next_byte_clock : 0;
    if (interrupt_open() != (state_.interrupt_open != 0) && !state_.typed.empty()) return 0;
    return key_waits() ? state_.next_key_clock : no_event;
}

void Keyboard8042::service() {
    if (!state_.typed.empty() && interrupt_open() != (state_.interrupt_open != 0)) {
        state_.interrupt_open ^= 1;
        if (state_.interrupt_open && state_.empty_looks < patience)
            state_.next_key_clock = clock_.now() + clock_.hertz() / settling;
    }
    if (key_waits() && clock_.now() >= state_.next_key_clock) press_next_key();
    while (byte_waits()) {
        std::vector<u8>& queue = state_.answers.empty() ? state_.scan_codes : state_.answers;
        if (&queue == &state_.scan_codes && clock_.now() < state_.next_byte_clock) return;
        const u8 byte = queue.front();
        queue.erase(queue.begin());
        send_byte(byte);
    }
}

/// A byte of the keyboard comes in at the controller, which may translate it.
void Keyboard8042::send_byte(u8 value) {
    state_.last_sent = value;
    if (!(state_.ram[0] & config_translate)) return fill_output(value);
    if (value == released) {
        state_.break_prefix = 1;
        return;
    }
    const u8 translated = translate_scan_code(value);
    fill_output(static_cast<u8>(state_.break_prefix ? translated | 0x80 : translated));
    state_.break_prefix = 0;
}

// --- Ports ---------------------------------------------------------------------------------------------

u32 Keyboard8042::read_port(u16 port, u8 size) {
    if (size != 1) return 0xffffffff;
    return is_status(port) ? read_status() : read_data();
}

void Keyboard8042::write_port(u16 port, u8 size, u32 value) {
    if (size != 1) return;
    state_.last_was_command = is_status(port);
    if (is_status(port))
        command(static_cast<u8>(value));
    else
        data(static_cast<u8>(value));
    scheduler_.deadline_changed();
}

u8 Keyboard8042::read_data() {
    const u8 value = state_.output;
    if (state_.output_full) {
        state_.output_full = 0;
        state_.empty_looks = 0;
        state_.next_byte_clock = clock_.now() + clock_.hertz() / bytes_a_second;
        update_line();
        service(); // an answer that waits comes at once
        scheduler_.deadline_changed();
    } else {
        look_in_vain();
    }
    return value;
}

void Keyboard8042::look_in_vain() {
    if (state_.empty_looks < patience && ++state_.empty_looks == patience) scheduler_.deadline_changed();
}

u8 Keyboard8042::read_status() {
    if (!state_.output_full) look_in_vain();
    return static_cast<u8>((state_.output_full ? status_output_full : 0) |
                           (state_.ram[0] & config_system ? status_system : 0) |
                           (state_.last_was_command ? status_command : 0) | status_unlocked);
}

void Keyboard8042::update_line() {
    irq_.set(state_.output_full && (state_.ram[0] & config_interrupt));
}

void Keyboard8042::fill_output(u8 value) {
    state_.output = value;
    state_.output_full = 1;
    state_.empty_looks = 0;
    update_line();
}

// --- Commands to the controller ------------------------------------------------------------------------

/// The controller's own answer: it stands in the output buffer at once.
void Keyboard8042::reply(u8 value) {
    fill_output(value);
}

void Keyboard8042::command(u8 value) {
    constexpr u8 ram_bytes = 0x1f;
    state_.expecting = 0;
    if (value >= 0x20 && value <= 0x3f) return reply(state_.ram[value & ram_bytes]);
    if (value >= 0xf0) { // pulses the lines whose bit is 0; line 0 is the processor's reset
        if (!(value & line_reset)) stop_.request_stop({StopRequest::Kind::Reset, 0});
        return;
    }
    switch (value) {
    case 0xa7: state_.ram[0] |= config_second_off; return;
    case 0xa8: return;             // there is no second port: it stays off
    case 0xa9: return reply(0x01); // its test: the clock line is stuck
    case 0xaa: state_.ram[0] |= config_system; return reply(0x55);
    case 0xab: return reply(0x00); // the keyboard's lines are fine
    case 0xad: state_.ram[0] |= config_keyboard_off; return;
    case 0xae: state_.ram[0] &= static_cast<u8>(~config_keyboard_off); return;
    case 0xc0: return reply(0xa0); // input port: not locked, colour display
    case 0xd0: return reply(static_cast<u8>(state_.output_port | (state_.output_full ? 0x10 : 0)));
    default: break;
    }
    const bool takes_a_byte = (value >= 0x60 && value <= 0x7f) || (value >= 0xd1 && value <= 0xd4);
    if (takes_a_byte)
        state_.expecting = value;
    else
        stop_.request_stop({StopRequest::Kind::Unimplemented, value, "8042: this command (port 64h)"});
}

void Keyboard8042::data(u8 value) {
    const u8 expecting = state_.expecting;
    state_.expecting = 0;
    switch (expecting) {
    case 0: return to_keyboard(value);
    case 0xd1: return write_output_port(value);
    case 0xd2: return fill_output(value); // as if the keyboard had sent it
    case 0xd3:
    case 0xd4: return; // to or from the second port, which is not there
    default: break;
    }
    constexpr u8 ram_bytes = 0x1f;
    const u8 place = expecting & ram_bytes;
    state_.ram[place] = value;
    if (place == 0) state_.ram[0] |= config_second_off;
    update_line();
}

void Keyboard8042::write_output_port(u8 value) {
    state_.output_port = value;
    if (!(value & line_reset)) stop_.request_stop({StopRequest::Kind::Reset, 0});
}

// --- Commands to the keyboard --------------------------------------------------------------------------

void Keyboard8042::answer(u8 value) {
    state_.answers.push_back(value);
}

void Keyboard8042::to_keyboard(u8 value) {
    state_.ram[0] &= static_cast<u8>(~config_keyboard_off); // talking to the keyboard switches its line on
    const u8 command = state_.keyboard_expecting;
    state_.keyboard_expecting = 0;
    if (command && value < 0xed)
        keyboard_argument(command, value);
    else
        keyboard_command(value);
    service();
}

void Keyboard8042::keyboard_argument(u8 command, u8 value) {
    if (command == 0xed) state_.lights = value & 7;
    if (command == 0xf0 && value > 2) return answer(resend); // set 3: this keyboard does not have it
    answer(acknowledge);
    if (command == 0xf0 && value == 0) answer(state_.scan_code_set);
    if (command == 0xf0 && value) state_.scan_code_set = value;
}

void Keyboard8042::reset_keyboard() {
    state_.scanning = 1;
    state_.scan_code_set = 2;
    state_.scan_codes.clear();
    state_.break_prefix = 0;
}

void Keyboard8042::keyboard_command(u8 value) {
    switch (value) {
    case 0xed: // lights
    case 0xf0: // scan code set
    case 0xf3: // typematic rate: keys are never held down here
        state_.keyboard_expecting = value;
        return answer(acknowledge);
    case 0xee: return answer(0xee); // echo
    case 0xf2:                      // identification
        for (const u8 byte : {acknowledge, u8{0xab}, u8{0x83}}) answer(byte);
        return;
    case 0xf4: state_.scanning = 1; return answer(acknowledge);
    case 0xf5:
    case 0xf6:
        reset_keyboard();
        state_.scanning = value == 0xf6;
        return answer(acknowledge);
    case 0xfe: return answer(state_.last_sent);
    case 0xff:
        reset_keyboard();
        state_.lights = 0;
        answer(acknowledge);
        return answer(0xaa); // its self test is passed
    default: return answer(resend);
    }
}

} // namespace trapgate::devices
