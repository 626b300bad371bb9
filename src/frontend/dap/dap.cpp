// SPDX-License-Identifier: MIT
// `trapgate dap`: the debug adapter on standard input and output. See docs/dap.md.
#include "frontend/dap/adapter.hpp"
#include "frontend/verbs.hpp"
#include "machine/host_streams.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace trapgate::frontend {

namespace {

/// The protocol gets descriptors of its own; whoever prints or reads without knowing of it does no harm.
Status take_over(int& in, int& out) {
    in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    const bool done = in >= 0 && out >= 0 && nothing >= 0 && dup2(nothing, STDIN_FILENO) == STDIN_FILENO &&
                      dup2(STDERR_FILENO, STDOUT_FILENO) == STDOUT_FILENO;
    if (nothing >= 0) close(nothing);
    if (!done) return Error{fmt::format("dap: standard input and output: {}", std::strerror(errno))};
    return Nothing{};
}

} // namespace

int dap_verb(Words words) {
    if (!words.empty())
        return report_usage(fmt::format("dap: {}: an editor gives the program in its launch request", words[0]));
    machine::ignore_sigpipe(); // a client that goes away is no reason to die
    int in = -1, out = -1;
    if (const Status taken = take_over(in, out); !taken) return report(taken.error());
    dap::Channel channel(in, out);
    const int code = dap::Adapter(channel).run();
    close(in);
    close(out);
    return code;
}

} // namespace trapgate::frontend
