// SPDX-License-Identifier: MIT
// Replays the samples that were recorded on silicon (tests/silicon/recorded). Needs neither that processor nor a 32-bit host.
#include "catch.hpp"
#include "emulated_processor.hpp"
#include "judgement.hpp"
#include "minimise.hpp"
#include "paths.hpp"
#include "recording.hpp"

#include <filesystem>
#include <fstream>

using namespace trapgate::silicon;

namespace {

std::vector<std::string> sample_files() {
    std::vector<std::string> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(trapgate::tests::source_folder() / "tests/silicon/recorded"))
        files.push_back(entry.path());
    return files;
}

bool is_same_sse(const Recorded& recorded, const Outcome& ours) {
    const bool approximates = recorded.row.starts_with("rcp") || recorded.row.starts_with("rsqrt");
    return approximates ? same_approximate_sse(recorded.outcome.sse, ours.sse)
                        : same_sse(recorded.outcome.sse, ours.sse);
}

std::string processor_line(const std::string& path) {
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("# processor: ")) return line.substr(2);
    return "no processor is named";
}

} // namespace

TEST_CASE("Trapgate answers as the recorded silicon did", "[silicon]") {
    const auto files = sample_files();
    REQUIRE(!files.empty());
    for (const std::string& path : files) {
        INFO(path << ", " << processor_line(path));
        const std::vector<Recorded> sample = read_sample(path);
        REQUIRE(sample.size() > 100);
        EmulatedProcessor emulated;
        size_t wrong = 0;
        for (const Recorded& recorded : sample) {
            Outcome ours;
            emulated.run({&recorded.test, 1}, {&ours, 1});
            const bool same = same_outcome(recorded.outcome, ours, recorded.undefined_flags);
            if (same && (!recorded.test.uses_fpu || same_fpu(recorded.outcome.fpu, ours.fpu)) &&
                (!recorded.test.uses_sse || is_same_sse(recorded, ours)))
                continue;
            if (++wrong > 10) continue; // enough to see
            UNSCOPED_INFO(describe(recorded.row, recorded.test, recorded.outcome, ours, recorded.undefined_flags));
            CHECK(false);
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("a recorded case is written and read back unchanged", "[silicon]") {
    Recorded recorded{"add Ev,Gv", plain_case(), {}, 0x10};
    recorded.test.code[0] = 0x01;
    recorded.test.code[1] = 0x08; // add [eax], ecx
    recorded.test.code_length = 2;
    recorded.test.registers[Eax] = data_base + 4;
    recorded.test.pokes[0] = {data_base + 4, 2, {0xAB, 0xCD}};
    recorded.test.poke_count = 1;
    const std::string line =
        " 0108 - eax=30000004 @30000004=abcd | trap=3 eip=3 fl=212 mask=10 @30000004=cdef @30000007=22";
    Recorded parsed = parse_recorded(recorded.row, line);
    CHECK(parsed.test.registers[Eax] == data_base + 4);
    CHECK(parsed.test.poke_count == 1);
    CHECK(parsed.outcome.trap == breakpoint);
    CHECK(parsed.outcome.eip == parsed.test.eip + 3);
    CHECK(parsed.outcome.changed_count == 3);
    CHECK(recorded_line(parsed) == line);
    CHECK_THROWS(parse_recorded(recorded.row, " 0108 - eax"));
}
