// SPDX-License-Identifier: MIT
// Steps by source lines: forwards instruction by instruction, backwards by looking at the trail of what ran before.
#include "frontend/dap/adapter.hpp"

namespace trapgate::frontend::dap {

namespace {

using machine::Arrival;

constexpr u32 tss_esp0 = 4;
constexpr u64 most_instructions_of_a_statement = 200'000;
constexpr u64 most_instructions_back = u64{1} << 20;

/// Where each instruction of a stretch stood.
class Trail final : public trace::Observer {
  public:
    Trail(const cpu::Cpu& cpu, const kernel::GuestMemory& memory) : cpu_(cpu), memory_(memory) {}
    void on(const trace::Retired& insn) override {
        steps.push_back({insn.instruction, static_cast<u32>(insn.linear.value), esp_, esp0_, insn.cpl});
        look();
    }
    void on(const trace::Transfer& transfer) override {
        if (transfer.phase == trace::Transfer::Phase::Done && !cpu_.current) look(); // a delivery
    }
    std::vector<TrailStep> steps;

  private:
    void look() {
        esp_ = cpu_.reg(cpu::Gpr::esp);
        esp0_ = memory_.get<u32>(cpu_.tr.base + tss_esp0).value_or(0);
    }
    const cpu::Cpu& cpu_;
    const kernel::GuestMemory& memory_;
    u32 esp_ = 0, esp0_ = 0;
};

} // namespace

/// To the beginning of another line; into functions that have lines, or over them.
Arrival Adapter::statement(bool over) {
    const kernel::LineRange* const start = sources_->line_of(linear_eip());
    if (!start) return over ? over_instruction() : one_instruction();
    Arrival arrival;
    for (u64 count = 0; count < most_instructions_of_a_statement; ++count) {
        const std::string name = mnemonic_here();
        const bool goes_in = !over && (name.starts_with("call") || enters_kernel(name));
        const u32 esp = cpu().reg(cpu::Gpr::esp), after = linear_eip() + length_here();
        arrival = goes_in ? one_instruction() : over_instruction();
        if (!is_ordinary(arrival) || pause_wanted_ || leave_ || over_) return arrival;
        const kernel::LineRange* const now = sources_->line_of(linear_eip());
        if (goes_in && now) return arrival;
        if (goes_in) { // a function nobody has lines of
            arrival = name.starts_with("call")
                          ? run_to(after, [=, this] { return cpu().reg(cpu::Gpr::esp) >= esp; })
                          : run_to_user_mode();
            if (!is_ordinary(arrival)) return arrival;
        }
        const kernel::LineRange* const here = sources_->line_of(linear_eip());
        if (!here && !goes_in) return arrival;
        const bool other = here && (here->line != start->line || here->file != start->file);
        if (other && linear_eip() == here->begin) return arrival;
    }
    return arrival;
}

/// To the caller; from the kernel's outermost code back to user mode. REQUIRES: there is a caller.
Arrival Adapter::out() {
    const Frame caller = frames_of(current_thread()).at(1);
    if (caller.user && cpu().cpl != 3) return run_to_user_mode();
    const u32 esp = cpu().reg(cpu::Gpr::esp);
    const auto esp0 = debuggee_->memory().get<u32>(cpu().tr.base + tss_esp0);
    const u8 cpl = cpu().cpl;
    return run_to(caller.pc, [=, this] {
        return cpu().cpl == cpl && cpu().reg(cpu::Gpr::esp) > esp &&
               debuggee_->memory().get<u32>(cpu().tr.base + tss_esp0) == esp0;
    });
}

/// The beginning of the line that ran last before now in this function or its callers (what it called is passed over); right
/// behind the entry to a ring, that is the line that entered. Nothing if the trail does not hold it.
std::optional<u64> Adapter::line_before(std::span<const TrailStep> trail) const {
    if (trail.empty()) return std::nullopt;
    const kernel::LineRange* const start = sources_->line_of(linear_eip());
    const auto esp0 = debuggee_->memory().get<u32>(cpu().tr.base + tss_esp0).value_or(0);
    const bool entered = trail.back().cpl > cpu().cpl;
    const u8 cpl = entered ? trail.back().cpl : cpu().cpl;
    const u32 esp = entered ? 0 : cpu().reg(cpu::Gpr::esp);
    const kernel::Symbol* const function = debuggee_->symbols().containing(linear_eip());
    std::optional<u64> found;
    const kernel::LineRange* line = nullptr;
    for (auto step = trail.rbegin(); step != trail.rend(); ++step) {
        const bool in_task = step->cpl == cpl && (step->esp0 == esp0 || cpl == 3);
        if (!in_task || !(debuggee_->symbols().containing(step->linear) == function || step->esp > esp)) continue;
        const kernel::LineRange* const at = sources_->line_of(step->linear);
        if (!at) continue;
        const bool at_start = start && linear_eip() == start->begin;
        if (!line && !entered && at_start && at->line == start->line && at->file == start->file) continue;
        if (line && (at->line != line->line || at->file != line->file)) return found;
        line = at;
        found = step->instruction;
    }
    return trail.front().instruction == 0 ? found : std::nullopt;
}

Arrival Adapter::statement_back() {
    const u64 now = time().now().instruction;
    const bool has_lines = sources_->line_of(linear_eip()) != nullptr;
    for (u64 window = 1024; has_lines && window <= most_instructions_back; window *= 8) {
        const u64 from = now > window ? now - window : 0;
        Trail trail(cpu(), debuggee_->memory());
        time().rerun(from, now, trail);
        if (const auto found = line_before(trail.steps)) return move([&] { return time().go_to({*found, 0}); });
        if (from == 0) break;
    }
    return move([&] { return time().step_back(); });
}

} // namespace trapgate::frontend::dap
