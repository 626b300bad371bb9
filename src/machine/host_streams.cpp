// SPDX-License-Identifier: MIT
// Byte streams on the host's file descriptors: see the header.
#include "machine/host_streams.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace trapgate::machine {

namespace {

/// Waits until a non-blocking descriptor takes more: somebody else may have set O_NONBLOCK on what we share.
int wait_until_writable(int descriptor) {
    pollfd waiting{descriptor, POLLOUT, 0};
    return poll(&waiting, 1, -1) < 0 && errno != EINTR ? errno : 0;
}

} // namespace

int DescriptorSink::write(std::span<const u8> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            if (const int error = wait_until_writable(descriptor_)) return error;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

/// 0 when there is something to read (or an end, or an error that read() will tell), else ETIME.
int DescriptorSource::wait_for_input() const {
    using namespace std::chrono;
    for (;;) {
        int milliseconds = -1;
        if (give_up_) {
            const auto left = duration_cast<std::chrono::milliseconds>(*give_up_ - steady_clock::now()).count();
            if (left <= 0) return ETIME;
            milliseconds = static_cast<int>(std::min<s64>(left + 1, 60'000));
        }
        pollfd waiting{descriptor_, POLLIN, 0};
        const int ready = poll(&waiting, 1, milliseconds);
        if (ready > 0 || (ready < 0 && errno != EINTR)) return 0;
    }
}

devices::ByteSource::Outcome DescriptorSource::read(std::span<u8> into) {
    for (;;) {
        if (const int error = wait_for_input()) return {0, error};
        const ssize_t bytes = ::read(descriptor_, into.data(), into.size());
        if (bytes >= 0) return {static_cast<std::size_t>(bytes), 0};
        if (errno != EINTR && errno != EAGAIN) return {0, errno};
    }
}

devices::HostChannel::InputKind input_kind(int descriptor) {
    struct stat status {};
    const bool regular = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    return regular ? devices::HostChannel::InputKind::Bytes : devices::HostChannel::InputKind::Lines;
}

void ignore_sigpipe() {
    std::signal(SIGPIPE, SIG_IGN);
}

void sleep_for_host(std::chrono::nanoseconds time) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
    const timespec request{seconds.count(), (time - seconds).count()};
    nanosleep(&request, nullptr);
}

} // namespace trapgate::machine
