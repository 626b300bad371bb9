// SPDX-License-Identifier: MIT
// The observers that the time machine works with. For its own files only.
#pragma once

#include "machine/time_machine.hpp"

#include "cpu/memory.hpp"

#include <cstring>
#include <utility>

namespace trapgate::machine {

/// Writes down every transfer that is lived for the first time, and finds those that a search wants.
class TimeMachine::Lister final : public trace::Observer {
  public:
    explicit Lister(TimeMachine& time) : time_(time), esp0_(find_register("tss_esp0")) { restored(); }
    void restored() { last_cpl_ = time_.machine_.cpu().cpl; }

    /// From now on the first transfer from instruction `from` on that `wants` wants pauses the machine.
    void search(const std::function<bool(const TransferNews&)>& wants, u64 from) { begin(wants, from, true); }
    /// From now on the last one that `wants` wants is noted; nothing pauses.
    void note_last(const std::function<bool(const TransferNews&)>& wants, u64 from) { begin(wants, from, false); }
    void end_search() {
        wants_ = nullptr;
        found_.reset();
    }
    /// Of search().
    bool has_paused() const { return pauses_ && found_; }
    const std::optional<TransferNews>& found() const { return found_; }

    void on(const trace::Transfer&) override;

  private:
    void begin(const std::function<bool(const TransferNews&)>& wants, u64 from, bool pauses) {
        wants_ = wants ? &wants : nullptr;
        from_ = from;
        pauses_ = pauses;
        found_.reset();
    }
    u32 interrupted_eip(u8 vector) const;

    TimeMachine& time_;
    const RegisterInfo* const esp0_;
    u8 last_cpl_ = 0;
    const std::function<bool(const TransferNews&)>* wants_ = nullptr;
    u64 from_ = 0;
    bool pauses_ = false;
    std::optional<TransferNews> found_;
};

/// One instruction or delivery, with all its steps and accesses.
class TimeMachine::Recorder final : public trace::Observer {
  public:
    Recorder(const cpu::Cpu& cpu, InstructionRecord& record) : transfers_(cpu), record_(record) {}
    void on(const trace::Retired& retired) override {
        record_.retired = true;
        record_.eip = retired.eip;
        record_.linear = static_cast<u32>(retired.linear.value);
        record_.length = retired.length;
    }
    void on(const trace::InterruptAcknowledge&) override { record_.external_interrupt = true; }
    void on(const trace::Access& access) override {
        record_.accesses.push_back(access);
        transfers_.on(access);
    }
    void on(const trace::MicroStep& step) override { transfers_.on(step); }
    void on(const trace::Transfer& transfer) override { transfers_.on(transfer); }
    void take() { record_.transfers = transfers_.transfers(); }

  private:
    cpu::protect::TransferRecorder transfers_;
    InstructionRecord& record_;
};

/// Leaves the instruction when `wanted` of its micro-steps are over, completed or failed.
class TimeMachine::Stopper final : public trace::Observer {
  public:
    struct Here {};
    explicit Stopper(u32 wanted) : wanted_(wanted) {}
    u32 steps() const { return begun_; }

    void on(const trace::MicroStep& step) override {
        running_ = step.before;
        if (step.before)
            ++begun_;
        else if (begun_ == wanted_)
            throw Here{};
    }
    void on(const trace::Transfer& transfer) override {
        if (transfer.phase != trace::Transfer::Phase::Faulted || !std::exchange(running_, false)) return;
        if (begun_ == wanted_) throw Here{};
    }

  private:
    const u32 wanted_;
    u32 begun_ = 0;
    bool running_ = false;
};

} // namespace trapgate::machine
