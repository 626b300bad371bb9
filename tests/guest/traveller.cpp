// SPDX-License-Identifier: MIT
// Random moves in time, each one checked: see the header.
#include "guest/traveller.hpp"

#include "catch.hpp"

#include <algorithm>
#include <thread>

namespace trapgate::tests {

using machine::Arrival;
using machine::StopKind;
using machine::StopSet;
using machine::TimePoint;
using machine::to_text;
using Kind = Arrival::Kind;

namespace {

constexpr u64 boot = 760'000; ///< instructions before the program begins, about: fewer moments there

u32 linear_eip(const cpu::Cpu& cpu) {
    return cpu.segment(cpu::SegmentRegister::cs).base + cpu.eip;
}

u32 linear_esp(const cpu::Cpu& cpu) {
    return cpu.segment(cpu::SegmentRegister::ss).base + cpu.reg(cpu::Gpr::esp);
}

std::string name_of(Kind kind) {
    static constexpr const char* names[] = {"Reached", "Breakpoint", "Watchpoint", "Transfer",
                                            "Start",   "End",        "Interrupted"};
    return names[static_cast<std::size_t>(kind)];
}

std::string describe(const StopSet& stops) {
    std::string text;
    for (const u32 address : stops.breakpoints) text += " b:" + std::to_string(address);
    for (const auto& range : stops.watchpoints)
        text += " w:" + std::to_string(range.address) + "/" + std::to_string(range.bytes) +
                (range.reads ? "r" : "") + (range.writes ? "w" : "");
    return text + (stops.transfers ? " transfers" : "");
}

machine::Stop run_to(Guest& guest, const std::optional<Intrusion>& intrusion, u64 instruction) {
    machine::Machine& machine = guest.machine();
    if (intrusion && machine.cpu().instructions <= intrusion->instruction && intrusion->instruction < instruction) {
        REQUIRE(machine.run_until(intrusion->instruction).kind == StopKind::Reached);
        REQUIRE(machine.apply(intrusion->edit));
    }
    return machine.run_until(instruction);
}

} // namespace

// --- The user -----------------------------------------------------------------------------------------

std::size_t SlowTypist::read(std::span<u8> into) {
    if (keys_.empty() || into.empty() || ++looks_ % 4) return 0;
    into[0] = static_cast<u8>(keys_[0]);
    keys_.erase(0, 1);
    return 1;
}

void SlowTypist::wait(std::chrono::nanoseconds most) {
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(most, std::chrono::microseconds(300)));
}

bool SlowTypist::size_changed() {
    if (looks_ % 16 != 5) return false;
    rows_ = static_cast<u16>(20 + looks_ % 7);
    return true;
}

// --- The truth ----------------------------------------------------------------------------------------

PlainRun run_plainly(const Journey& journey, std::mt19937& random, std::size_t moments) {
    PlainRun plain;
    GuestSetup setup = journey.setup;
    setup.watched = false;
    Guest whole(setup);
    plain.stop = run_to(whole, journey.intrusion, ~u64{0});
    plain.end = whole.cpu().instructions;
    plain.output = whole.output();
    const u64 hash = whole.machine().state_hash();
    for (std::size_t i = 0; i < moments; ++i) {
        const u64 from = i % 8 && plain.end > boot ? boot : 0;
        plain.hashes[from + random() % (plain.end - from)] = 0;
    }
    Guest sliced(setup);
    for (auto& [instruction, noted] : plain.hashes) {
        REQUIRE(run_to(sliced, journey.intrusion, instruction).kind == StopKind::Reached);
        noted = sliced.machine().state_hash();
    }
    const machine::Stop end = run_to(sliced, journey.intrusion, ~u64{0});
    REQUIRE(end.kind == plain.stop.kind);
    REQUIRE(sliced.cpu().instructions == plain.end);
    REQUIRE(sliced.machine().state_hash() == hash);
    REQUIRE(sliced.output() == plain.output);
    plain.hashes[plain.end] = hash;
    return plain;
}

// --- Looking ------------------------------------------------------------------------------------------

Traveller::Traveller(const Journey& journey, const machine::TimeOptions& options, u32 seed)
    : journey_(journey), random_(seed) {
    GuestSetup setup = journey.setup;
    setup.watched = false;
    if (!journey.keys.empty()) {
        typist_ = std::make_unique<SlowTypist>(journey.keys);
        setup.typist = typist_.get();
    }
    guest_ = std::make_unique<Guest>(setup);
    time_ = std::make_unique<machine::TimeMachine>(guest_->machine(), options);
}

Traveller::~Traveller() = default;

void Traveller::note(const std::string& what) {
    done_ += what + "\n";
    if (done_.size() > 2000) done_.erase(0, done_.find('\n', done_.size() - 1500) + 1);
}

void Traveller::look() {
    const TimePoint now = time_->now();
    INFO("the last moves:\n" << done_ << "now " << to_text(now));
    REQUIRE(guest_->cpu().instructions == now.instruction);
    const u64 hash = time_->state_hash();
    const auto [place, is_new] = known_.try_emplace(now, hash);
    if (!is_new) {
        REQUIRE(place->second == hash);
        return;
    }
    moments_.push_back(now);
    code_.push_back(linear_eip(guest_->cpu()));
    data_.push_back(linear_esp(guest_->cpu()));
}

void Traveller::arrived(const Arrival& arrival, TimePoint wanted) {
    note("  -> " + name_of(arrival.kind) + " " + to_text(arrival.at));
    INFO("the last moves:\n" << done_ << "wanted " << to_text(wanted));
    REQUIRE(arrival.at == time_->now());
    REQUIRE(time_->now() == wanted);
    look();
}

void Traveller::live(const PlainRun& plain, std::size_t moments) {
    u64 at = 0;
    bool intruded = false;
    auto next = plain.hashes.begin();
    for (std::size_t i = 0;; ++i) {
        if (plain.hashes.empty())
            at += below(at < boot ? 100'000 : 20'000);
        else
            at = (next++)->first;
        if (journey_.intrusion && journey_.intrusion->instruction < at && !intruded) {
            intruded = true;
            REQUIRE(time_->go_to({journey_.intrusion->instruction, 0}).kind == Kind::Reached);
            REQUIRE(time_->edit(journey_.intrusion->edit));
            look();
        }
        note("go_to " + std::to_string(at));
        const Arrival arrival = time_->go_to({at, 0});
        if (arrival.kind == Kind::End) break;
        arrived(arrival, {at, 0});
        if (i % 4 == 1)
            for (u32 steps = below(24); steps--; look())
                if (time_->micro().kind != Kind::Reached) break;
        if (!plain.hashes.empty()) {
            REQUIRE((known_.at({at, 0}) == plain.hashes.at(at)));
            if (next == plain.hashes.end()) break;
        }
        if (plain.hashes.empty() && moments_.size() > moments * 8) break;
    }
    REQUIRE(time_->run_on({}).kind == Kind::End);
    look();
    end_ = time_->now();
    if (plain.hashes.empty()) return;
    REQUIRE((end_ == TimePoint{plain.end, 0}));
    REQUIRE(time_->end()->kind == plain.stop.kind);
    REQUIRE(guest_->output() == plain.output);
}

// --- Moving -------------------------------------------------------------------------------------------

TimePoint Traveller::some_moment() {
    if (below(3)) return moments_[below(static_cast<u32>(moments_.size()))];
    TimePoint any{random_() % (end_.instruction + 1), below(2) ? below(22) : 0};
    if (const auto transfers = time_->transfers(); !transfers.empty() && below(2))
        any.instruction = transfers[random_() % transfers.size()].instruction + below(3);
    any.instruction = std::min(any.instruction, end_.instruction);
    if (any.instruction == end_.instruction) any.micro = 0;
    return any;
}

void Traveller::jump() {
    const TimePoint wanted = some_moment();
    note("go_to " + to_text(wanted));
    const Arrival arrival = time_->go_to(wanted);
    REQUIRE(arrival.kind == Kind::Reached);
    TimePoint real = wanted;
    if (real.micro) real.micro = std::min(real.micro, time_->instruction().micro_steps());
    arrived(arrival, real);
}

void Traveller::steps() {
    const u64 count = below(4) ? 1 + below(5) : below(50'000);
    const TimePoint now = time_->now();
    if (below(2)) {
        note("step " + std::to_string(count));
        const Arrival arrival = time_->step(count);
        arrived(arrival, {std::min(now.instruction + count, end_.instruction), count ? 0 : arrival.at.micro});
    } else {
        note("step_back " + std::to_string(count));
        const u64 back = now.micro && count ? count - 1 : count;
        const Arrival arrival = time_->step_back(count);
        arrived(arrival, {now.instruction - std::min(back, now.instruction), count ? 0 : arrival.at.micro});
    }
}

void Traveller::micro_steps() {
    std::vector<TimePoint> passed;
    for (u32 count = 1 + below(12); count--;) {
        passed.push_back(time_->now());
        note("micro");
        const Arrival arrival = time_->micro();
        if (arrival.kind == Kind::End) {
            arrived(arrival, end_);
            if (time_->now() == passed.back()) passed.pop_back();
            break;
        }
        INFO(done_);
        REQUIRE(passed.back() < time_->now());
        arrived(arrival, arrival.at);
    }
    for (u32 count = below(static_cast<u32>(passed.size()) + 1); count--; passed.pop_back()) {
        note("micro_back");
        arrived(time_->micro_back(), passed.back());
    }
}

StopSet Traveller::random_stops() {
    StopSet stops;
    for (u32 n = below(4); n--;) stops.breakpoints.push_back(code_[random_() % code_.size()]);
    for (u32 n = below(3); n--;) {
        machine::WatchRange range;
        range.address = data_[random_() % data_.size()] + 4 * below(16) - 40 + below(2);
        range.bytes = 1u << below(5);
        range.reads = below(3) == 0;
        range.writes = !range.reads || below(2);
        stops.watchpoints.push_back(range);
    }
    if (below(2) == 0) {
        const u32 kind = below(4), vector = below(3) ? 0x20 : 14;
        stops.transfers = [kind, vector](const machine::TransferNews& news) {
            if (kind == 0) return news.delivery && news.vector == vector;
            if (kind == 1) return news.from_cpl == 3 && news.to_cpl == 0;
            if (kind == 2) return news.to_cpl == 3;
            return news.instruction % 7 == 3;
        };
    }
    return stops;
}

Arrival Traveller::run(bool on, const StopSet& stops) {
    const TimePoint from = time_->now();
    note((on ? "run_on" : "run_back") + describe(stops));
    const Arrival arrival = on ? time_->run_on(stops) : time_->run_back(stops);
    const TimePoint limit = on ? end_ : TimePoint{0, 0};
    arrived(arrival, arrival.kind == Kind::End || arrival.kind == Kind::Start ? limit : arrival.at);
    INFO("the last moves:\n" << done_);
    REQUIRE((on ? arrival.kind != Kind::Start : arrival.kind != Kind::End));
    REQUIRE(arrival.kind != Kind::Interrupted);
    if (arrival.kind != Kind::End && arrival.kind != Kind::Start) {
        REQUIRE((on ? from < time_->now() : time_->now() < from));
        REQUIRE(time_->now().micro == 0);
    }
    if (arrival.kind == Kind::Breakpoint) REQUIRE(linear_eip(guest_->cpu()) == arrival.address);
    return arrival;
}

/// From here to the next few stops, then back over the same ones, to one that lies before here.
void Traveller::there_and_back() {
    const StopSet stops = random_stops();
    const TimePoint from = time_->now();
    std::vector<Arrival> there;
    for (u32 most = 1 + below(12); most--;) {
        there.push_back(run(true, stops));
        if (there.back().kind == Kind::End) break;
    }
    if (there.back().kind != Kind::End) time_->micro(below(4));
    if (there.back().kind == Kind::End || time_->now().instruction != there.back().at.instruction ||
        time_->now() ==
            there.back().at) { // else we stand in the middle of an instruction that has a stop before it
        time_->go_to(there.back().at);
        there.pop_back();
    }
    for (; !there.empty(); there.pop_back()) {
        const Arrival back = run(false, stops);
        INFO("the last moves:\n" << done_);
        REQUIRE(back.at == there.back().at);
        REQUIRE(name_of(back.kind) == name_of(there.back().kind));
        REQUIRE(back.address == there.back().address);
        REQUIRE(back.hit.address == there.back().hit.address);
        REQUIRE(back.hit.value == there.back().hit.value);
        REQUIRE(back.transfer.instruction == there.back().transfer.instruction);
    }
    const Arrival before = run(false, stops);
    INFO("the last moves:\n" << done_);
    REQUIRE((before.at <= from));
}

/// Somebody presses Ctrl-C at any moment of a long way.
void Traveller::interrupted() {
    std::thread somebody([this, pause = std::chrono::microseconds(below(3000))] {
        std::this_thread::sleep_for(pause);
        time_->interrupt();
    });
    note("a long way, interrupted");
    const u32 way = below(3);
    const Arrival arrival = way == 0   ? time_->run_on({})
                            : way == 1 ? time_->run_back(random_stops())
                                       : time_->go_to(end_);
    somebody.join();
    arrived(arrival, arrival.at);
}

void Traveller::move() {
    switch (below(12)) {
    case 0:
    case 1:
    case 2: return jump();
    case 3:
    case 4:
    case 5: return steps();
    case 6:
    case 7:
    case 8: return micro_steps();
    case 9: return interrupted();
    default: return there_and_back();
    }
}

} // namespace trapgate::tests
