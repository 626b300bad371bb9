// SPDX-License-Identifier: MIT
// The command `silicon`: the host's processor against Trapgate's, at length. ./test --silicon runs it.
// Source: our own; tests/silicon/run builds and starts it.
#include "comparison.hpp"
#include "recording.hpp"
#include "sequence.hpp"
#include "shapes.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <optional>

using namespace trapgate::silicon;

namespace {

struct Options {
    uint64_t cases = 1'000'000, seed = 1;
    std::optional<uint64_t> sequences; // default: a quarter of `cases`
    std::optional<uint64_t> one_case;
    std::string row, record;
    uint32_t shown = 12;
    bool coverage = false, sequence = false;
};

std::string child_path() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "silicon_child";
}

/// Only the rows whose text begins with `prefix`.
std::vector<Shape> chosen_shapes(const std::string& prefix) {
    std::vector<Shape> shapes = table_shapes();
    for (Shape& shape : undefined_shapes()) shapes.push_back(std::move(shape));
    std::erase_if(shapes, [&](const Shape& shape) { return !shape.row.starts_with(prefix); });
    return shapes;
}

int print_coverage() {
    size_t covered = 0, excused = 0;
    for (const Shape& shape : table_shapes()) {
        const std::string digit = shape.digit >= 0 ? fmt::format("/{}", shape.digit) : "";
        fmt::print("{:8} {:20} {}\n", fmt::format("{:x}{}", shape.opcode, digit), shape.row,
                   shape.excuse.empty() ? "tested" : "left out: " + shape.excuse);
        ++(shape.excuse.empty() ? covered : excused);
    }
    fmt::print("{} rows are tested against silicon, {} are left out for the reason given\n", covered, excused);
    return 0;
}

int show_one(const Series& series, NativeProcessor& native, uint64_t number) {
    const Question question = series(number);
    EmulatedProcessor emulated(native.processor_descriptor_limit());
    Outcome silicon, ours;
    native.run({&question.test, 1}, {&silicon, 1});
    emulated.run({&question.test, 1}, {&ours, 1});
    const bool same = agree(question, silicon, ours);
    fmt::print("case {}: {}\n{}", number, same ? "no difference" : "DIFFERENT", describe(question, silicon, ours));
    return same ? 0 : 1;
}

void print_account(const Account& account, const char* what) {
    for (const auto& [row, count] : account.differences_by_row)
        fmt::print("  {:8} differences in \"{}\"\n", count, row);
    std::string traps;
    for (const auto& [trap, count] : account.cases_by_trap) traps += fmt::format(" {}:{}", trap, count);
    fmt::print("{} {}: ended by vector (1 and 3: ran through){}; results that the manual leaves undefined: {}; "
               "encodings newer than the table: {}\n",
               account.cases, what, traps, account.undefined, account.newer);
    fmt::print("  silicon {:.0f}/s, Trapgate {:.0f}/s\n", double(account.cases) / account.native_seconds,
               double(account.cases) / account.emulated_seconds);
}

Account compare(const Series& series, NativeProcessor& native, const Options& options, uint64_t count,
                const char* flag) {
    EmulatedProcessor emulated(native.processor_descriptor_limit());
    std::map<std::string, uint32_t> shown;
    uint32_t total = 0;
    return compare_many(series, native, emulated, count,
                        [&](uint64_t number, const Question& q, const Outcome& silicon, const Outcome& ours) {
                            if (total >= options.shown || (!q.is_sequence && shown[q.shape->row]++ >= 2)) return;
                            ++total;
                            fmt::print("DIFFERENT: --seed {} --case {}{}\n{}\n", options.seed, number, flag,
                                       describe(q, silicon, ours));
                        });
}

int compare_all(const Series& single, const Series& sequence, NativeProcessor& native, const Options& options) {
    const Account singles = compare(single, native, options, options.cases, "");
    print_account(singles, "single instructions");
    const uint64_t count = options.sequences.value_or(options.row.empty() ? options.cases / 4 : 0);
    const Account sequences = compare(sequence, native, options, count, " --sequence");
    if (count) print_account(sequences, "sequences");
    const uint64_t differences = singles.differences + sequences.differences;
    fmt::print("{} cases (seed {}): {} differences\n", singles.cases + sequences.cases, options.seed, differences);
    return differences ? 1 : 0;
}

} // namespace

int main(int argc, char** argv) try {
    CLI::App app{"Compares Trapgate's processor with this machine's, instruction by instruction"};
    Options options;
    app.add_option("--cases", options.cases, "how many (default a million)");
    app.add_option("--sequences", options.sequences,
                   "how many short sequences besides (default a quarter of that)");
    app.add_option("--seed", options.seed, "which series of cases");
    app.add_option("--case", options.one_case, "run only this number of the series and print it");
    app.add_flag("--sequence", options.sequence, "--case and --record mean sequences");
    app.add_option("--row", options.row,
                   "only rows that begin so, as --coverage prints them (renumbers the cases)");
    app.add_option("--show", options.shown, "print at most so many differences");
    app.add_option("--record", options.record, "write a sample of what this processor answers to FILE");
    app.add_flag("--coverage", options.coverage, "list the rows that are tested and those left out");
    CLI11_PARSE(app, argc, argv);
    if (options.coverage) return print_coverage();

    const std::vector<Shape> all = table_shapes(), shapes = chosen_shapes(options.row);
    const Generator generator(shapes, options.seed);
    const SequenceGenerator sequence_generator(all, options.seed);
    const Series single = [&](uint64_t number) { return generator.make(number); };
    const Series sequence = [&](uint64_t number) { return sequence_generator.make(number); };
    NativeProcessor native(child_path());
    fmt::print("this processor: {}\n", NativeProcessor::name());
    if (!options.record.empty())
        return record_sample(options.sequence ? sequence : single, native, options.cases, options.record);
    if (options.one_case) return show_one(options.sequence ? sequence : single, native, *options.one_case);
    return compare_all(single, sequence, native, options);
} catch (const NativeFailure& failure) {
    fmt::print(stderr, "silicon: {}\n", failure.what());
    return 77;
}
