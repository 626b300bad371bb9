// SPDX-License-Identifier: MIT
// What devices are tested against: a clock that stands where it is put, lines and streams that remember.
#pragma once

#include "devices/host.hpp"
#include "devices/stop.hpp"
#include "devices/timing.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace trapgate::devices::test {

struct FakeClock : Clock {
    u64 clock = 0;
    u64 now() const override { return clock; }
    u64 hertz() const override { return 100'000'000; }
};

struct FakeScheduler : Scheduler {
    int changes = 0;
    void deadline_changed() override { ++changes; }
};

struct FakeLine : InterruptLine {
    bool level = false;
    int rises = 0;
    void set(bool high) override {
        rises += high && !level;
        level = high;
    }
};

struct FakeSink : ByteSink {
    std::string text;
    int writes = 0;
    int error = 0;
    int write(std::span<const u8> bytes) override {
        ++writes;
        if (error) return error;
        text.append(bytes.begin(), bytes.end());
        return 0;
    }
};

/// Gives its chunks one read each, then end of file.
struct FakeSource : ByteSource {
    std::vector<std::string> chunks;
    std::size_t next = 0;
    int reads = 0;
    Outcome read(std::span<u8> into) override {
        ++reads;
        if (next == chunks.size()) return {};
        std::string& chunk = chunks[next];
        const std::size_t bytes = std::min(into.size(), chunk.size());
        std::copy_n(chunk.begin(), bytes, into.begin());
        chunk.erase(0, bytes);
        if (chunk.empty()) ++next;
        return {bytes, 0};
    }
};

struct FakeStop : StopSink {
    std::vector<StopRequest> requests;
    void request_stop(StopRequest request) override { requests.push_back(request); }
};

/// Runs a timed device up to `clock`, stopping at each of its events.
inline void run_until(FakeClock& time, Timed& device, u64 clock) {
    while (device.next_event() <= clock) {
        time.clock = std::max(time.clock, device.next_event());
        device.service();
    }
    time.clock = clock;
    device.service();
}

} // namespace trapgate::devices::test
