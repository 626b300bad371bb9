// SPDX-License-Identifier: MIT
// Somebody who travels in time at random and believes nothing: every moment that was seen once must be the same when it is seen
// again, and every move must end where it was to end. For the tests of time travel over real runs.
#pragma once

#include "guest/guest.hpp"
#include "machine/time_machine.hpp"

#include <map>
#include <random>
#include <string>
#include <vector>

namespace trapgate::tests {

/// A user at the guest's terminal who types one key after the other, each a little later than the last.
class SlowTypist final : public machine::TerminalInput {
  public:
    explicit SlowTypist(std::string keys) : keys_(std::move(keys)) {}
    std::size_t read(std::span<u8> into) override;
    void wait(std::chrono::nanoseconds most) override;
    bool quit_requested() const override { return false; }
    /// Now and then the window is made larger or smaller.
    bool size_changed() override;
    devices::HostTerminals terminals() override { return {7, rows_, 80}; }

  private:
    std::string keys_;
    u32 looks_ = 0;
    u16 rows_ = 24;
};

/// A change of the guest at a moment that is part of the run.
struct Intrusion {
    u64 instruction = 0;
    machine::Edit edit{};
};

struct Journey {
    std::string name;
    GuestSetup setup{};
    std::optional<Intrusion> intrusion{};
    std::string keys{}; ///< typed at a terminal
};

/// What a machine without a time machine does, run in slices: the truth.
struct PlainRun {
    std::map<u64, u64> hashes; ///< by instruction
    u64 end = 0;               ///< instructions in all
    machine::Stop stop{};
    std::string output;
};
/// `moments` of the run's second half and later are looked at (our programs are short, booting is long).
PlainRun run_plainly(const Journey& journey, std::mt19937& random, std::size_t moments);

class Traveller {
  public:
    using Arrival = machine::Arrival;
    using TimePoint = machine::TimePoint;

    Traveller(const Journey& journey, const machine::TimeOptions& options, u32 seed);
    ~Traveller();

    machine::TimeMachine& time() { return *time_; }
    Guest& guest() { return *guest_; }
    std::mt19937& random() { return random_; }
    u32 below(u32 limit) { return static_cast<u32>(random_() % limit); }

    /// Lives the whole run once, looking at many moments on the way; `plain` (if it has any) says what they have to be.
    void live(const PlainRun& plain, std::size_t moments);
    /// One move at random. Fails the test when it ends elsewhere than it should, or in another state.
    void move();

  private:
    void note(const std::string& what);
    void look();
    void arrived(const Arrival& arrival, TimePoint wanted);
    TimePoint some_moment();
    machine::StopSet random_stops();
    Arrival run(bool on, const machine::StopSet& stops);
    void jump();
    void steps();
    void micro_steps();
    void there_and_back();
    void interrupted();

    const Journey& journey_;
    std::unique_ptr<SlowTypist> typist_;
    std::unique_ptr<Guest> guest_;
    std::unique_ptr<machine::TimeMachine> time_;
    std::mt19937 random_;
    std::map<TimePoint, u64> known_; ///< hashes
    std::vector<TimePoint> moments_; ///< the same, to choose from
    std::vector<u32> code_, data_;   ///< addresses that have been seen in EIP and ESP
    TimePoint end_;
    std::string done_; ///< the last moves, for messages
};

} // namespace trapgate::tests
