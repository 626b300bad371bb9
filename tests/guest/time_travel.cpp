// SPDX-License-Identifier: MIT
// Time travel over real runs: whatever the guest does, a moment has one state, and stops are the same in both directions.
// Debian's busybox is used where tests/tools/run-all has fetched it.
#include "frontend/debuggee.hpp"

#include "catch.hpp"
#include "paths.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

using namespace trapgate;
using namespace trapgate::frontend;
using machine::Arrival;
using machine::StopSet;
using machine::TimePoint;
using machine::TransferNews;

namespace {

std::unique_ptr<Debuggee> open(RunOptions options) {
    setenv("TRAPGATE_GUEST", tests::guest_folder().c_str(), 0);
    auto debuggee = Debuggee::open(options, GuestConsole::Kept);
    INFO((debuggee ? std::string{} : debuggee.error().message));
    REQUIRE(debuggee);
    return std::move(debuggee.value());
}

std::string guest(const char* name) {
    return (tests::guest_folder() / name).string();
}

/// From several places of the run, `steps` micro-steps forward and as many back; the states have to agree.
void check_there_and_back(Debuggee& debuggee, const std::vector<u64>& places, int steps) {
    machine::TimeMachine& time = debuggee.time();
    for (const u64 place : places) {
        REQUIRE(time.go_to({place, 0}).kind == Arrival::Kind::Reached);
        std::vector<std::pair<TimePoint, u64>> passed;
        for (int i = 0; i < steps; ++i) {
            passed.emplace_back(time.now(), time.state_hash());
            if (time.micro().kind != Arrival::Kind::Reached) break;
        }
        time.go_to(passed.back().first);
        for (std::size_t i = passed.size(); i-- > 0;) {
            INFO("at " << machine::to_text(passed[i].first) << ", now " << machine::to_text(time.now()));
            REQUIRE(time.now() == passed[i].first);
            REQUIRE(time.state_hash() == passed[i].second);
            if (i) time.micro_back();
        }
    }
}

/// Instructions of all transfers that `wanted` wants, thinned to about `most`.
std::vector<u64> transfers(const Debuggee& debuggee, std::size_t most, bool (*wanted)(const TransferNews&)) {
    std::vector<u64> all;
    for (const TransferNews& news : const_cast<Debuggee&>(debuggee).time().transfers())
        if (wanted(news)) all.push_back(news.instruction);
    REQUIRE(!all.empty());
    std::vector<u64> some;
    for (std::size_t i = 0; i < all.size(); i += all.size() / most + 1) some.push_back(all[i]);
    return some;
}

bool is_call(const TransferNews& news) {
    return news.from_cpl == 3 && !news.delivery;
}
bool is_irq(const TransferNews& news) {
    return news.delivery && news.vector >= 0x20;
}
bool is_fault(const TransferNews& news) {
    return news.delivery && news.vector < 0x20;
}
bool goes_out(const TransferNews& news) {
    return news.from_cpl == 0 && news.to_cpl == 3;
}

void check_run(RunOptions options, const std::string& output) {
    const auto debuggee = open(std::move(options));
    machine::TimeMachine& time = debuggee->time();
    REQUIRE(time.run_on({}).kind == Arrival::Kind::End);
    const TimePoint end = time.now();
    const u64 last = time.state_hash();
    CHECK(debuggee->console_text().find(output) != std::string::npos);
    check_there_and_back(*debuggee, transfers(*debuggee, 12, is_call), 30);
    check_there_and_back(*debuggee, transfers(*debuggee, 6, is_irq), 24);
    check_there_and_back(*debuggee, transfers(*debuggee, 8, is_fault), 24);
    check_there_and_back(*debuggee, transfers(*debuggee, 6, goes_out), 24);
    REQUIRE(time.go_to(end).kind == Arrival::Kind::Reached);
    CHECK(time.state_hash() == last);
    CHECK(debuggee->machine().memory().foreign_writes() == 0);
}

std::string busybox() {
    for (const auto& folder : {tests::source_folder() / "build/packages/i386/busybox-static/bin/busybox"})
        if (std::filesystem::exists(folder)) return folder.string();
    return {};
}

} // namespace

TEST_CASE("forward and back is exact over fork, exec, wait and exit") {
    RunOptions options;
    options.command = {guest("demos/07-fork")};
    check_run(options, "child");
}

TEST_CASE("forward and back is exact over signals") {
    RunOptions options;
    options.command = {guest("probes/probe-signal")};
    check_run(options, "");
}

TEST_CASE("forward and back is exact over a pipeline of the shell with input from stdin") {
    const std::string program = busybox();
    if (program.empty()) {
        WARN("skipped: busybox has not been fetched (tests/tools/run-all does)");
        return;
    }
    const std::filesystem::path input = std::filesystem::temp_directory_path() / "trapgate-time-travel-input";
    std::ofstream(input) << "pear\napple\nfig\n";
    RunOptions options;
    options.command = {program, "sh", "-c", "cat | sort | while read x; do echo \"<$x>\"; done"};
    options.stdin_file = input.string();
    check_run(options, "<apple>\n<fig>\n<pear>\n");
    std::filesystem::remove(input);
}

TEST_CASE("moments in random order have the state they had when they were lived") {
    RunOptions options;
    options.command = {guest("demos/07-fork")};
    const auto debuggee = open(options);
    machine::TimeMachine& time = debuggee->time();
    std::map<u64, u64> lived;
    for (u64 at = 0; time.go_to({at, 0}).kind == Arrival::Kind::Reached; at += 9973) lived[at] = time.state_hash();
    REQUIRE(lived.size() > 50);
    std::mt19937 random(1);
    for (int i = 0; i < 150; ++i) {
        const auto moment = std::next(lived.begin(), static_cast<long>(random() % lived.size()));
        REQUIRE(time.go_to({moment->first, 0}).kind == Arrival::Kind::Reached);
        REQUIRE(time.state_hash() == moment->second);
    }
}

TEST_CASE("reverse-continue finds the stops of the forward run, in reverse") {
    RunOptions options;
    options.command = {guest("demos/07-fork")};
    const auto debuggee = open(options);
    machine::TimeMachine& time = debuggee->time();
    const auto address = [&](const char* symbol) {
        return static_cast<u32>(*debuggee->symbols().address_of(symbol));
    };
    StopSet stops;
    stops.breakpoints = {address("schedule"), address("do_fork"), address("sys_write")};
    stops.watchpoints = {{address("jiffies"), 4, false, true}};
    stops.transfers = is_fault;
    std::vector<Arrival> there, back;
    for (Arrival stop = time.run_on(stops); stop.kind != Arrival::Kind::End; stop = time.run_on(stops)) {
        REQUIRE(time.now() == stop.at);
        there.push_back(stop);
    }
    for (Arrival stop = time.run_back(stops); stop.kind != Arrival::Kind::Start; stop = time.run_back(stops)) {
        REQUIRE(time.now() == stop.at);
        back.push_back(stop);
    }
    std::reverse(back.begin(), back.end());
    CHECK(there.size() > 30);
    REQUIRE(there.size() == back.size());
    for (std::size_t i = 0; i < there.size(); ++i) {
        INFO(i << ": " << machine::to_text(there[i].at) << " and " << machine::to_text(back[i].at));
        REQUIRE(there[i].at == back[i].at);
        REQUIRE(there[i].kind == back[i].kind);
    }
}

TEST_CASE("the processor wrote the upper five words of a system call's frame, SAVE_ALL the others") {
    RunOptions options;
    options.command = {guest("demos/01-hello")};
    options.entry = Entry::Int80;
    const auto debuggee = open(options);
    const auto call = debuggee->first_system_call();
    REQUIRE(call);
    machine::TimeMachine& time = debuggee->time();
    StopSet stops;
    stops.breakpoints = {static_cast<u32>(*debuggee->symbols().address_of("sys_write"))};
    time.go_to({call.value(), 0});
    REQUIRE(time.run_on(stops).kind == Arrival::Kind::Breakpoint);
    const auto task = debuggee->task();
    REQUIRE(task);
    for (u32 word = 1; word <= 15; ++word) {
        const auto writer = time.last_writer(task->stack_top - 4 * word, 4);
        REQUIRE(writer);
        CHECK(writer->by_transfer == (word <= 5));
        CHECK((writer->at.instruction == call.value()) == (word <= 5));
        CHECK(writer->cpl == (word <= 5 ? 3 : 0));
    }
    CHECK(!debuggee->console_text().starts_with("hello"));
}
