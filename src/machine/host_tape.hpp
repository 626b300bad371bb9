// SPDX-License-Identifier: MIT
// Stands between the machine and the host. Not kept: it hands everything through. Kept: what comes in is written down, and when a
// stretch is lived again it comes from there; what went out once does not go out again.
#pragma once

#include "machine/host_log.hpp"
#include "machine/host_side.hpp"

#include <array>
#include <vector>

namespace trapgate::machine {

/// Thrown out of a run that only pretends when the guest asks for input that nobody has given yet.
struct WouldTouchHost {};

class HostTape {
  public:
    /// Where the machine is on the axis.
    class Position {
      public:
        virtual ~Position() = default;
        virtual u64 instruction() const = 0;
        virtual u64 slept() const = 0;
    };

    HostTape(const HostSide& host, const Position& position);
    HostTape(const HostTape&) = delete;
    HostTape& operator=(const HostTape&) = delete;

    /// What the devices shall use in place of the host itself.
    HostSide side();

    /// From here on, before the first instruction, everything is written down.
    void keep() { kept_ = true; }
    bool kept() const { return kept_; }
    /// Before this instruction everything has been lived already: no host is asked and nothing is sent.
    void relive_until(u64 instruction) { relive_until_ = instruction; }
    /// The run is only to see what would happen: nothing is sent or written down, and asking the host throws WouldTouchHost.
    void pretend(bool pretending) { pretending_ = pretending; }
    bool pretending() const { return pretending_; }
    /// The host must not be asked now.
    bool relives() const;
    /// No host behind: after the log's end there is nothing to go on with (a recording).
    void ends_with_log() { ends_with_log_ = true; }
    bool is_over() const { return ends_with_log_ && position_.instruction() >= log_.end && !next(); }

    /// The next event of the log that has not come yet, or null.
    const HostEvent* next() const;
    /// The same, only if this is its moment.
    const HostEvent* due() const;
    void take() { ++cursor_.event; }
    /// Writes an event of this moment down, as having come already.
    void note(HostEvent event);
    /// An output error between instructions (buffers handed over) is no instruction's.
    void between_instructions(bool between) { between_ = between; }
    void note_output(u8 stream, std::string_view bytes);

    const HostLog& log() const { return log_; }
    /// A recording: everything is there already. REQUIRES: nothing has been executed.
    void load(HostLog log);
    const std::vector<OutputChunk>& output() const { return output_; }
    HostCursor cursor() const { return cursor_; }
    void go_back_to(HostCursor cursor) { cursor_ = cursor; }
    /// What has not come yet never comes: the past is about to be changed. Input that was read stays to be read.
    void forget_the_future(u64 instruction);

  private:
    class Sink final : public devices::ByteSink {
      public:
        Sink(HostTape& tape, devices::ByteSink& inner, u8 stream) : tape_(tape), inner_(inner), stream_(stream) {}
        int write(std::span<const u8> bytes) override { return tape_.write(inner_, stream_, bytes); }

      private:
        HostTape& tape_;
        devices::ByteSink& inner_;
        u8 stream_;
    };
    class Source final : public devices::ByteSource {
      public:
        Source(HostTape& tape, devices::ByteSource& inner) : tape_(tape), inner_(inner) {}
        Outcome read(std::span<u8> into) override { return tape_.read(inner_, into); }

      private:
        HostTape& tape_;
        devices::ByteSource& inner_;
    };

    bool silent() const { return pretending_ || position_.instruction() < relive_until_; }
    int write(devices::ByteSink& inner, u8 stream, std::span<const u8> bytes);
    devices::ByteSource::Outcome read(devices::ByteSource& inner, std::span<u8> into);

    HostSide host_;
    const Position& position_;
    Source input_;
    std::array<Sink, 4> sinks_; ///< as OutputChunk::stream counts
    bool kept_ = false;
    bool pretending_ = false;
    bool between_ = false;
    bool ends_with_log_ = false;
    u64 relive_until_ = 0;
    HostLog log_;
    HostCursor cursor_;
    std::vector<OutputChunk> output_;
};

} // namespace trapgate::machine
