// SPDX-License-Identifier: MIT
// Byte streams on the host's file descriptors.
#pragma once

#include "devices/host.hpp"
#include "devices/host_channel.hpp"

#include <chrono>
#include <optional>

namespace trapgate::machine {

/// Writes to a descriptor that somebody else owns. A closed pipe is an error to report, never a signal: see ignore_sigpipe().
class DescriptorSink : public devices::ByteSink {
  public:
    explicit DescriptorSink(int descriptor) : descriptor_(descriptor) {}
    int write(std::span<const u8> bytes) override;

  private:
    int descriptor_;
};

/// Takes everything and forgets it.
class NullSink : public devices::ByteSink {
  public:
    int write(std::span<const u8>) override { return 0; }
};

/// Reads a descriptor that somebody else owns.
class DescriptorSource : public devices::ByteSource {
  public:
    explicit DescriptorSource(int descriptor) : descriptor_(descriptor) {}
    /// From `when` on a read that would still wait fails with ETIME.
    void give_up_at(std::chrono::steady_clock::time_point when) { give_up_ = when; }
    Outcome read(std::span<u8> into) override;

  private:
    int wait_for_input() const;

    int descriptor_;
    std::optional<std::chrono::steady_clock::time_point> give_up_;
};

/// At end of file from the start.
class EmptySource : public devices::ByteSource {
  public:
    Outcome read(std::span<u8>) override { return {}; }
};

/// Where a request of the guest's on this descriptor ends early: at newlines unless it is a regular file.
devices::HostChannel::InputKind input_kind(int descriptor);

/// Without this a closed standard output would end us by SIGPIPE, instead of the guest's program.
void ignore_sigpipe();

/// Sleeps; signals may end it early.
void sleep_for_host(std::chrono::nanoseconds time);

} // namespace trapgate::machine
