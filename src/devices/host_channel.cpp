// SPDX-License-Identifier: MIT
// The host channel: see the header.
#include "devices/host_channel.hpp"

#include <algorithm>
#include <cerrno>

namespace trapgate::devices {

namespace {

constexpr u16 port_identity = 0x5e0, port_panic = 0x5e4, port_terminals = 0x5e8, port_window = 0x5ec,
              port_streams = 0x5f0;
constexpr u8 offset_data = 0, offset_status = 1, offset_count = 2;
constexpr u8 status_end_of_file = 0x02, status_closed = 0x10, status_error = 0x20;
constexpr std::size_t output_buffer = 64 * 1024;
constexpr std::size_t read_ahead = 64 * 1024;

} // namespace

u32 HostChannel::read_port(u16 port, u8 size) {
    if (port >= port_streams) {
        const auto stream = static_cast<u8>((port - port_streams) / 4);
        return stream < 3 ? read_stream(stream, port & 3) : 0xffffffff;
    }
    if (size != 4) return 0xffffffff;
    switch (port) {
    case port_identity: return identity;
    case port_terminals: return streams_.terminals.are_terminals;
    case port_window: return streams_.terminals.rows | u32{streams_.terminals.columns} << 16;
    default: return 0xffffffff;
    }
}

void HostChannel::write_port(u16 port, u8 size, u32 value) {
    if (port >= port_streams) {
        const auto stream = static_cast<u8>((port - port_streams) / 4);
        if (stream < 3) write_stream(stream, port & 3, value);
        return;
    }
    if (size != 4) return;
    if (port == port_identity) {
        flush();
        stop_.request_stop({StopRequest::Kind::GuestExit, value});
    } else if (port == port_panic) {
        flush();
        stop_.request_stop({StopRequest::Kind::Panic, value});
    }
}

u32 HostChannel::read_stream(u8 stream, u8 offset) {
    if (stream == 0 && offset == offset_data) return next_input_byte();
    if (offset == offset_status) {
        if (stream == 0) return state_.end_of_file && state_.taken == state_.input.size() ? status_end_of_file : 0;
        flush_stream(stream); // so that the answer covers what has been written
        const u8 errors = state_.errors[stream - 1];
        state_.errors[stream - 1] &= status_closed; // a closed end stays closed; another error belongs to one write
        return errors;
    }
    if (stream == 0 && offset == offset_count)
        return static_cast<u32>(std::min<std::size_t>(state_.granted, 0xffff));
    return 0xffffffff;
}

void HostChannel::write_stream(u8 stream, u8 offset, u32 value) {
    if (stream == 0 && offset == offset_count)
        fill(value & 0xffff);
    else if (stream > 0 && offset == offset_data)
        put(stream, static_cast<u8>(value));
}

// --- Input -------------------------------------------------------------------------------------------

u8 HostChannel::next_input_byte() {
    if (!state_.granted) return 0xff;
    --state_.granted;
    return state_.input[state_.taken++];
}

/// How many of the buffered bytes answer a request for `wanted`, or 0 if more have to be read first.
std::size_t HostChannel::grant(std::size_t wanted) const {
    const auto first = state_.input.begin() + static_cast<std::ptrdiff_t>(state_.taken);
    const auto ready = static_cast<std::size_t>(state_.input.end() - first);
    const auto most = static_cast<std::ptrdiff_t>(std::min(ready, wanted));
    if (streams_.input_kind == InputKind::Lines)
        if (const auto newline = std::find(first, first + most, u8{'\n'}); newline != first + most)
            return static_cast<std::size_t>(newline - first) + 1;
    return ready >= wanted || state_.end_of_file ? static_cast<std::size_t>(most) : 0;
}

void HostChannel::fill(std::size_t wanted) {
    flush(); // whoever feeds us may be waiting for what the guest has said
    if (state_.taken >=
        state_.input.size() / 2) { // not each time: many small requests would move the rest over and over
        state_.input.erase(state_.input.begin(), state_.input.begin() + static_cast<std::ptrdiff_t>(state_.taken));
        state_.taken = 0;
    }
    state_.granted = 0;
    while (!(state_.granted = grant(wanted)) && wanted && !state_.end_of_file) {
        const std::size_t before = state_.input.size();
        state_.input.resize(before + read_ahead);
        const ByteSource::Outcome outcome = streams_.input.read(std::span(state_.input).subspan(before));
        state_.input.resize(before + outcome.bytes);
        if (outcome.error) stop_.request_stop({StopRequest::Kind::HostError, static_cast<u32>(outcome.error)});
        if (!outcome.bytes) state_.end_of_file = true;
    }
}

// --- Output ------------------------------------------------------------------------------------------

void HostChannel::put(u8 stream, u8 byte) {
    flush_stream(static_cast<u8>(3 - stream)); // both may lead to the same place: keep the order
    if (listener_) listener_(stream, byte);
    std::vector<u8>& buffer = buffers_[stream - 1];
    buffer.push_back(byte);
    if (buffer.size() >= output_buffer) flush_stream(stream);
}

void HostChannel::flush_stream(u8 stream) {
    std::vector<u8>& buffer = buffers_[stream - 1];
    if (buffer.empty()) return;
    const int error = (stream == 1 ? streams_.output : streams_.error).write(buffer);
    buffer.clear();
    if (error) note_error(stream, error);
}

void HostChannel::note_error(u8 stream, int error) {
    state_.errors[stream - 1] |= error == EPIPE ? status_closed : status_error;
}

void HostChannel::flush() {
    flush_stream(1);
    flush_stream(2);
}

} // namespace trapgate::devices
