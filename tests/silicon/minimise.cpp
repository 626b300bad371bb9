// SPDX-License-Identifier: MIT
// One simplification at a time; it stays if silicon's answer stays. Source: see the header.
#include "minimise.hpp"

#include <algorithm>
#include <cstring>

namespace trapgate::silicon {

namespace {

Outcome ask(NativeProcessor& native, const Case& test) {
    Outcome outcome;
    native.run({&test, 1}, {&outcome, 1});
    return outcome;
}

bool same_answer(const Outcome& a, const Outcome& b) {
    return std::equal(a.registers, a.registers + 8, b.registers) &&
           std::equal(a.segments, a.segments + 6, b.segments) && a.eflags == b.eflags && a.eip == b.eip &&
           a.trap == b.trap && a.error == b.error && a.cr2 == b.cr2 && a.changed_count == b.changed_count &&
           a.changed_hash == b.changed_hash && std::memcmp(&a.sse, &b.sse, sizeof a.sse) == 0 &&
           std::memcmp(&a.fpu, &b.fpu, sizeof a.fpu.control * 3) == 0 && // control, status, tags
           std::memcmp(a.fpu.registers, b.fpu.registers, sizeof a.fpu.registers) == 0;
}

/// What the answer should be if a value has no bearing on it: where it came through unchanged, the new one does too.
template <class T> void pass_through(T& answer, T before, T now) {
    if (answer == before) answer = now;
}

void keep_if(bool same, Case& test, Outcome& outcome, const Case& simpler, const Outcome& answer) {
    if (!same) return;
    test = simpler;
    outcome = answer;
}

/// Moves the code to the plain place; the answer's EIP moves along.
void try_plain_place(Case& test, Outcome& outcome, NativeProcessor& native, const Case& plain) {
    if (test.segments[Cs] != plain.segments[Cs]) return;
    Case simpler = test;
    simpler.eip = simpler.code_address = plain.eip;
    Outcome expected = outcome;
    expected.eip += plain.eip - test.eip;
    const Outcome answer = ask(native, simpler);
    keep_if(same_answer(answer, expected), test, outcome, simpler, answer);
}

} // namespace

Case plain_case() {
    Case plain{};
    for (uint32_t r = 0; r < 8; ++r) plain.registers[r] = 0x1111'1111 * (r + 1);
    plain.registers[Esp] = stack_base + 0x800;
    plain.eflags = 0x202;
    for (uint16_t& selector : plain.segments) selector = flat_data;
    plain.segments[Cs] = flat_code;
    plain.segments[Fs] = plain.segments[Gs] = 0;
    plain.eip = plain.code_address = code_base + 0x100;
    return plain;
}

void minimise(Case& test, Outcome& outcome, NativeProcessor& native) {
    const Case plain = plain_case();
    try_plain_place(test, outcome, native, plain);
    for (uint32_t r = 0; r < 8; ++r) {
        Case simpler = test;
        simpler.registers[r] = plain.registers[r];
        Outcome expected = outcome;
        pass_through(expected.registers[r], test.registers[r], simpler.registers[r]);
        const Outcome answer = ask(native, simpler);
        keep_if(same_answer(answer, expected), test, outcome, simpler, answer);
    }
    for (uint32_t s = 0; s < 6; ++s) {
        if (s == Cs) continue;
        Case simpler = test;
        simpler.segments[s] = plain.segments[s];
        Outcome expected = outcome;
        pass_through(expected.segments[s], test.segments[s], simpler.segments[s]);
        const Outcome answer = ask(native, simpler);
        keep_if(same_answer(answer, expected), test, outcome, simpler, answer);
    }
    for (uint32_t p = test.poke_count; p-- > 0;) {
        Case simpler = test;
        std::copy(test.pokes + p + 1, test.pokes + test.poke_count, simpler.pokes + p);
        --simpler.poke_count;
        const Outcome answer = ask(native, simpler);
        keep_if(same_answer(answer, outcome), test, outcome, simpler, answer);
    }
    for (uint32_t p = 0; p < test.poke_count; ++p)
        while (test.pokes[p].length > 1) {
            Case simpler = test;
            --simpler.pokes[p].length;
            const Outcome answer = ask(native, simpler);
            if (!same_answer(answer, outcome)) break;
            test = simpler;
        }
}

} // namespace trapgate::silicon
