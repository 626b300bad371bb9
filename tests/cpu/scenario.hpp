// SPDX-License-Identifier: MIT
// One transfer on a bare machine, good or with one thing spoilt, and what it must raise.
// The fault tests go through them; protect_steps.cpp takes steps out of the lists and looks which scenario notices.
#pragma once

#include "catch.hpp"
#include "cpu/bare_machine.hpp"

#include <optional>
#include <vector>

namespace trapgate::tests {

struct Scenario {
    const char* what;
    void (*prepare)(BareMachine&);
    std::optional<Vector> vector = std::nullopt; ///< nothing: the transfer succeeds
    u32 error_code = 0;
    void (*begin)(BareMachine&) = nullptr; ///< runs before `prepare`
    void (*go)(BareMachine&) = nullptr;
    bool committed = false; ///< the fault belongs to a new task
};

std::vector<Scenario> interrupt_scenarios();         // protect_interrupt_faults.cpp
std::vector<Scenario> return_scenarios();            // protect_return.cpp
std::vector<Scenario> far_scenarios();               // protect_far.cpp
std::vector<Scenario> fast_call_scenarios();         // protect_fast_calls.cpp
std::vector<Scenario> task_scenarios();              // protect_task.cpp
std::vector<Scenario> virtual8086_scenarios();       // virtual8086.cpp
std::vector<Scenario> virtual_interrupt_scenarios(); // virtual_interrupts.cpp

/// Prepared and ready to go.
inline std::unique_ptr<BareMachine> machine_for(const Scenario& scenario) {
    auto m = std::make_unique<BareMachine>();
    if (scenario.begin) scenario.begin(*m);
    scenario.prepare(*m);
    return m;
}

/// Each ends as it says; what was refused has changed nothing, unless the fault belongs to a new task: `after_commit` looks at that one.
template <class Look> void check_scenarios(const std::vector<Scenario>& scenarios, Look after_commit) {
    for (const Scenario& each : scenarios) {
        INFO(each.what);
        const auto m = machine_for(each);
        const Picture before(*m);
        const auto fault = fault_of([&] { each.go(*m); });
        REQUIRE(fault.has_value() == each.vector.has_value());
        if (!fault) continue;
        CHECK(fault->vector == *each.vector);
        CHECK(fault->error_code == each.error_code);
        CHECK(fault->committed == each.committed);
        if (each.committed)
            after_commit(*m);
        else
            CHECK(Picture(*m) == before);
    }
}
inline void check_scenarios(const std::vector<Scenario>& scenarios) {
    check_scenarios(scenarios, [](const BareMachine&) {});
}

} // namespace trapgate::tests
