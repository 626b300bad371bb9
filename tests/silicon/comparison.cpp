// SPDX-License-Identifier: MIT
// Batch by batch: generate, ask silicon, ask Trapgate, compare. Source: see the header.
#include "comparison.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace trapgate::silicon {

namespace {

template <class Work> double seconds_of(Work work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void judge(Account& account, uint64_t number, const Question& question, const Outcome& native, const Outcome& ours,
           const OnDifference& on_difference) {
    ++account.cases;
    ++account.cases_by_trap[native.trap];
    if (!is_defined(question)) ++account.undefined;
    if (is_newer(question, native)) ++account.newer;
    if (agree(question, native, ours)) return;
    ++account.differences;
    ++account.differences_by_row[question.shape->row];
    on_difference(number, question, native, ours);
}

} // namespace

Account compare_many(const Series& series, NativeProcessor& native, EmulatedProcessor& emulated, uint64_t count,
                     const OnDifference& on_difference) {
    Account account;
    std::vector<Question> questions;
    std::vector<Case> cases;
    std::vector<Outcome> silicon(batch_capacity), ours(batch_capacity);
    for (uint64_t done = 0; done < count; done += cases.size()) {
        questions.clear();
        cases.clear();
        for (uint64_t i = done; i < count && i < done + batch_capacity; ++i) {
            questions.push_back(series(i));
            cases.push_back(questions.back().test);
        }
        const std::span silicon_part(silicon.data(), cases.size()), our_part(ours.data(), cases.size());
        account.native_seconds += seconds_of([&] { native.run(cases, silicon_part); });
        account.emulated_seconds += seconds_of([&] { emulated.run(cases, our_part); });
        for (size_t i = 0; i < cases.size(); ++i)
            judge(account, done + i, questions[i], silicon[i], ours[i], on_difference);
    }
    return account;
}

} // namespace trapgate::silicon
