// SPDX-License-Identifier: MIT
// Trapgate's own device at ports 5E0h–5FFh: 8-bit clean channels to the host's standard streams, PROG's exit status, panic.
// Source: docs/devices.md, "Host channels", which the guest's driver follows as well.
//
//   5E0  32-bit read   identity 54475254h ("TRGT")        5E0  32-bit write  EXIT: PROG's raw wait status
//   5E4  32-bit write  PANIC                              5E8  32-bit read   bits 0–2: descriptor n is a terminal
//   5EC  32-bit read   rows | columns << 16
//   5F0 + 4n, n = 0, 1, 2:  +0  DATA (8 bits)   +1  STATUS (8 bits)   +2  COUNT (16 bits)
//
// Reading is a pull: the guest writes to COUNT how much it wants, the host is read while guest time stands still, COUNT then
// says how much lies ready. So standard input arrives at the same clock in every run, however fast its writer is: a request
// is answered only when it is full, at a newline (pipes), or at end of file.
#pragma once

#include "devices/host.hpp"
#include "devices/stop.hpp"
#include "mmu/device.hpp"

#include <array>
#include <functional>
#include <vector>

namespace trapgate::devices {

class HostChannel : public mmu::PortDevice {
  public:
    static constexpr u16 first_port = 0x5e0, ports = 0x20;
    static constexpr u32 identity = 0x54475254;

    /// Where a request of the guest's ends early.
    enum class InputKind : u8 {
        Lines, ///< pipes: at a newline, because a reader may wait for the answer to one line
        Bytes, ///< regular files
    };
    struct Streams {
        ByteSource& input;
        InputKind input_kind;
        ByteSink& output;
        ByteSink& error;
        HostTerminals terminals;
    };
    struct State {
        std::vector<u8> input;   ///< read from the host, not yet read by the guest
        std::size_t taken = 0;   ///< bytes at the front that the guest has read
        std::size_t granted = 0; ///< bytes after those that the guest may read for its last request
        bool end_of_file = false;
        std::array<u8, 2> errors{}; ///< STATUS of streams 1 and 2
    };

    HostChannel(const Streams& streams, StopSink& stop) : streams_(streams), stop_(stop) {}

    std::string_view name() const override { return "host channel"; }
    u32 read_port(u16 port, u8 size) override;
    void write_port(u16 port, u8 size, u32 value) override;

    /// Hands buffered output to the host. The machine calls it when the guest sleeps, stops, or has run for a while.
    void flush();
    void set_terminals(const HostTerminals& terminals) { streams_.terminals = terminals; }

    /// Told of each byte that the guest sends, at the instruction that sends it.
    void listen(std::function<void(u8 stream, u8 byte)> listener) { listener_ = std::move(listener); }
    /// Output to `stream` has failed in a way that was seen when this moment was lived first.
    void note_error(u8 stream, int error);

    const State& state() const { return state_; }
    void restore(const State& state) {
        state_ = state;
        for (std::vector<u8>& buffer : buffers_) buffer.clear();
    }

  private:
    u32 read_stream(u8 stream, u8 offset);
    void write_stream(u8 stream, u8 offset, u32 value);
    u8 next_input_byte();
    void fill(std::size_t wanted);
    std::size_t grant(std::size_t wanted) const;
    void put(u8 stream, u8 byte);
    void flush_stream(u8 stream);

    Streams streams_;
    StopSink& stop_;
    State state_;
    std::function<void(u8 stream, u8 byte)> listener_;
    std::array<std::vector<u8>, 2> buffers_; ///< of streams 1 and 2; the host's affair, empty in every snapshot
};

} // namespace trapgate::devices
