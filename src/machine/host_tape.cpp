// SPDX-License-Identifier: MIT
// The host, live or from the log: see the header.
#include "machine/host_tape.hpp"

#include <algorithm>
#include <cerrno>

namespace trapgate::machine {

HostTape::HostTape(const HostSide& host, const Position& position)
    : host_(host), position_(position),
      input_(*this, host.streams.input), sinks_{Sink(*this, host.serial, 0), Sink(*this, host.streams.output, 1),
                                                Sink(*this, host.streams.error, 2),
                                                Sink(*this, host.debug_console, 3)} {
    log_.terminal = host.terminal != nullptr;
}

HostSide HostTape::side() {
    devices::HostChannel::Streams streams{input_, host_.streams.input_kind, sinks_[1], sinks_[2],
                                          host_.streams.terminals};
    return {streams, sinks_[0], sinks_[3], host_.terminal, host_.terminal_is_keyboard, host_.keys, host_.view};
}

bool HostTape::relives() const {
    return kept_ && (pretending_ || position_.instruction() < relive_until_ || next());
}

const HostEvent* HostTape::next() const {
    return cursor_.event < log_.events.size() ? &log_.events[cursor_.event] : nullptr;
}

const HostEvent* HostTape::due() const {
    const HostEvent* event = next();
    const bool here = event && event->instruction == position_.instruction() && event->slept == position_.slept();
    return here ? event : nullptr;
}

void HostTape::note(HostEvent event) {
    if (!kept_ || relives()) return;
    event.instruction = position_.instruction();
    event.slept = position_.slept();
    log_.events.push_back(std::move(event));
    cursor_.event = log_.events.size();
}

/// Bytes that follow each other closely are one chunk: a program's line need not be as many chunks as bytes.
void HostTape::note_output(u8 stream, std::string_view bytes) {
    constexpr u64 close = 64;
    if (!kept_ || silent()) return;
    const u64 now = position_.instruction();
    if (!output_.empty() && output_.back().stream == stream && now - output_.back().instruction < close)
        output_.back().bytes += bytes;
    else
        output_.push_back({now, stream, std::string(bytes)});
}

void HostTape::load(HostLog log) {
    log_ = std::move(log);
}

void HostTape::forget_the_future(u64 instruction) {
    log_.events.resize(std::min(cursor_.event, log_.events.size()));
    std::erase_if(output_, [&](const OutputChunk& chunk) { return chunk.instruction >= instruction; });
    relive_until_ = std::min(relive_until_, instruction);
}

int HostTape::write(devices::ByteSink& inner, u8 stream, std::span<const u8> bytes) {
    if (!kept_) return inner.write(bytes);
    if (pretending_) return 0;
    const bool serial_or_log =
        stream == 0 || stream == 3; // the host channel's bytes are noted as the guest sends them
    if (serial_or_log) note_output(stream, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (relives() || ends_with_log_) {
        if (!silent()) (void)inner.write(bytes); // shown, but what the guest is told has been recorded
        const HostEvent* event = next();
        if (!event || between_ || event->kind != HostEvent::Kind::OutputError ||
            event->instruction != position_.instruction())
            return 0;
        take();
        return static_cast<int>(event->value);
    }
    const int error = inner.write(bytes);
    if (error) {
        HostEvent event;
        event.kind = between_ ? HostEvent::Kind::LateError : HostEvent::Kind::OutputError;
        event.value = static_cast<u64>(error);
        event.address = stream;
        note(std::move(event));
    }
    return error;
}

devices::ByteSource::Outcome HostTape::read(devices::ByteSource& inner, std::span<u8> into) {
    if (!kept_) return inner.read(into);
    if (cursor_.input == log_.input.size()) {
        if (pretending_) throw WouldTouchHost{};
        if (ends_with_log_) return {0, ENODATA};
        const devices::ByteSource::Outcome outcome = inner.read(into);
        log_.input.push_back(
            {{into.begin(), into.begin() + static_cast<std::ptrdiff_t>(outcome.bytes)}, outcome.error});
    } else {
        std::copy_n(log_.input[cursor_.input].bytes.begin(),
                    std::min(into.size(), log_.input[cursor_.input].bytes.size()), into.begin());
    }
    const InputChunk& chunk = log_.input[cursor_.input++];
    return {std::min(into.size(), chunk.bytes.size()), chunk.error};
}

} // namespace trapgate::machine
