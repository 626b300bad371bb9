// SPDX-License-Identifier: MIT
// What time travel costs and how quickly it answers, over one run: bench_time_travel INSTRUCTIONS PROG [ARGS…].
// Times are the process' own; speeds are the best of three; ratios are to a plain run in the same process.
#include "frontend/debuggee.hpp"
#include "frontend/views/views.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <random>
#include <sys/resource.h>
#include <time.h>

using namespace trapgate;
using namespace trapgate::frontend;

namespace {

double processor_time() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Of our process: other work on the host does not count.
double seconds(const std::function<void()>& work) {
    const double begin = processor_time();
    work();
    return processor_time() - begin;
}

RunOptions options_for(int count, char** words) {
    RunOptions options;
    options.command.assign(words, words + count);
    return options;
}

template <class T> T value_or_exit(Result<T> result) {
    if (result) return std::move(result.value());
    fmt::print(stderr, "bench: {}\n", result.error().message);
    std::exit(1);
}

/// Best of three, in million instructions a second.
double best(u64 instructions, const std::function<double()>& once) {
    double fastest = 1e9;
    for (int i = 0; i < 3; ++i) fastest = std::min(fastest, once());
    return static_cast<double>(instructions) / fastest / 1e6;
}

double plain_run(const RunOptions& options, u64 instructions) {
    const auto session = value_or_exit(Session::prepare(options, {GuestStreams::Quiet}));
    return seconds([&] { session->machine().run_until(instructions); });
}

double travelled_run(const RunOptions& options, u64 instructions, const machine::StopSet& stops) {
    const auto debuggee = value_or_exit(Debuggee::open(options, GuestConsole::Kept));
    return seconds([&] { debuggee->time().run_on(stops, instructions); });
}

void print_speeds(const RunOptions& options, u64 instructions) {
    machine::StopSet breakpoints, watchpoints, events;
    breakpoints.breakpoints = {0xc0ffee00, 0xc0ffee10, 0x0badf00d};
    watchpoints.watchpoints = {{0xbffff000 - 64, 4, true, true}};
    events.transfers = [](const machine::TransferNews& news) { return news.vector == 0xee; };
    const double plain = best(instructions, [&] { return plain_run(options, instructions); });
    fmt::print("{:<44}{:8.1f} MIPS\n", "a plain run", plain);
    const auto line = [&](const char* what, const machine::StopSet& stops) {
        const double speed = best(instructions, [&] { return travelled_run(options, instructions, stops); });
        fmt::print("{:<44}{:8.1f} MIPS  {:5.3f} of a plain run\n", what, speed, speed / plain);
    };
    line("with snapshots and the list of transfers", {});
    line("the same, 3 breakpoints that never hit", breakpoints);
    line("the same, a watchpoint that never hits", watchpoints);
    line("the same, an event that never comes", events);
}

void print_times(const char* what, std::vector<double> times) {
    std::sort(times.begin(), times.end());
    double sum = 0;
    for (const double time : times) sum += time;
    fmt::print("{:<44}mean {:8.3f} ms  worst {:8.3f} ms\n", what, 1e3 * sum / static_cast<double>(times.size()),
               1e3 * times.back());
}

void print_moves(const RunOptions& options, u64 instructions) {
    const auto debuggee = value_or_exit(Debuggee::open(options, GuestConsole::Kept));
    machine::TimeMachine& time = debuggee->time();
    time.run_on({}, instructions);
    const u64 end = time.now().instruction;
    fmt::print("one run of {} instructions, {} transfers\n", end, time.transfers().size());
    std::mt19937_64 random(1);
    std::vector<double> jumps, steps, back, micro, pages;
    for (int i = 0; i < 100; ++i) {
        jumps.push_back(seconds([&] { time.go_to({random() % end, 0}); }));
        steps.push_back(seconds([&] { time.step(); }));
        back.push_back(seconds([&] { time.step_back(2); }));
    }
    const auto& news = time.transfers()[time.transfers().size() / 2];
    time.go_to({news.instruction, 0});
    for (int i = 0; i < 18; ++i) micro.push_back(seconds([&] { time.micro(); }));
    for (int i = 0; i < 18; ++i) micro.push_back(seconds([&] { time.micro_back(); }));
    print_times("jumps anywhere", jumps);
    print_times("a step forward", steps);
    print_times("two steps back", back);
    print_times("micro-steps, forward and back", micro);
    for (int i = 0; i < 10; ++i) {
        time.micro();
        pages.push_back(seconds([&] {
            auto model = views::build("switch", *debuggee, {});
            if (model) (void)views::layout(model.value(), 126, 40, {});
        }));
    }
    print_times("the switch page, built and laid out", pages);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    fmt::print("{:<44}{:8.1f} MB\n", "peak memory", static_cast<double>(usage.ru_maxrss) / 1024);
}

} // namespace

int main(int count, char** words) {
    if (count < 3) {
        fmt::print(stderr, "usage: {} INSTRUCTIONS PROG [ARGS...]\n", words[0]);
        return 2;
    }
    const u64 instructions = std::strtoull(words[1], nullptr, 10);
    const RunOptions options = options_for(count - 2, words + 2);
    print_speeds(options, instructions);
    print_moves(options, instructions);
}
