// SPDX-License-Identifier: MIT
// The options of run, strace and explain: what is ours, what is the guest's, and what every mistake is told.
#include "frontend/options.hpp"
#include "frontend/numbers.hpp"
#include "frontend/verbs.hpp"

#include "catch.hpp"

using namespace trapgate;
using namespace trapgate::frontend;

namespace {

RunOptions good(Words words, OptionSet set = OptionSet::Run) {
    auto parsed = parse_run_options(set, std::move(words));
    if (!parsed) FAIL(parsed.error().message);
    return parsed.value();
}

std::string bad(Words words, OptionSet set = OptionSet::Run) {
    const auto parsed = parse_run_options(set, std::move(words));
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().exit_code == 2);
    CHECK(parsed.error().message.find('\n') == std::string::npos);
    return parsed.error().message;
}

} // namespace

TEST_CASE("what follows PROG is the guest's, whatever it looks like") {
    CHECK(good({"-m", "32M", "./p", "-l", "--stats", "--", "-q"}).command ==
          Words{"./p", "-l", "--stats", "--", "-q"});
    CHECK(good({"--stats", "--", "-p", "--", "x"}).command == Words{"-p", "--", "x"});
    CHECK_FALSE(good({"./p", "--stats"}).stats);
    CHECK(good({"-E", "A=1", "-E", "B=x y", "./p", ""}).environment == Words{"A=1", "B=x y"});
    CHECK(good({"./p", ""}).command == Words{"./p", ""});
}

TEST_CASE("memory sizes have units and bounds") {
    CHECK(parse_memory_size("64M") == u64{64} << 20);
    CHECK(parse_memory_size("64") == u64{64} << 20);
    CHECK(parse_memory_size("512k") == u64{512} << 10);
    CHECK(parse_memory_size("1G") == u64{1} << 30);
    CHECK_FALSE(parse_memory_size(""));
    CHECK_FALSE(parse_memory_size("M"));
    CHECK_FALSE(parse_memory_size("-1M"));
    CHECK_FALSE(parse_memory_size("0"));
    CHECK_FALSE(parse_memory_size("99999999999999999999G"));
    CHECK(good({"-m", "16M", "p"}).memory == u64{16} << 20);
    CHECK(bad({"-m", "4G", "p"}).find("-m 4G") == 0);
    CHECK(bad({"-m", "lots", "p"}).find("-m lots") == 0);
}

TEST_CASE("limits are numbers, and seconds may have a fraction") {
    CHECK(good({"--timeout", "0.5", "p"}).timeout_ns == 500'000'000u);
    CHECK(good({"--max-insns", "1000", "p"}).max_instructions == 1000u);
    bad({"--timeout", "0", "p"});
    bad({"--timeout", "-3", "p"});
    bad({"--timeout", "nan", "p"});
    bad({"--max-insns", "12x", "p"});
    bad({"--max-insns"});
}

TEST_CASE("a mistyped option names the nearest one") {
    CHECK(bad({"--stat", "p"}) == "unknown option --stat: did you mean --stats?");
    CHECK(bad({"--max-insn=7", "p"}) == "unknown option --max-insn: did you mean --max-insns?");
    bad({"--xyzzy", "p"});
    bad({"-Z", "p"});
}

TEST_CASE("what is not supported says so") {
    CHECK(bad({"--root", "/tmp:rw", "p"}).find("not supported yet") != std::string::npos);
    CHECK(bad({"--timing", "cycle", "p"}).find("not there yet") != std::string::npos);
    CHECK(bad({"--cpu", "z80", "p"}).find("z80") != std::string::npos);
    CHECK(bad({"--cpu", "486", "--entry", "sysenter", "p"}).find("no sysenter") != std::string::npos);
    bad({"--entry", "lcall", "p"});
    bad({"--syscalls", "3.0", "p"});
    bad({"-E", "NOVALUE", "p"});
    bad({"--cwd", "here", "p"});
    bad({"--initrd", "x", "p"});
    bad({"--nth", "0"}, OptionSet::Explain);
}

TEST_CASE("verbs of the future and unknown verbs are wrong use, not silence") {
    CHECK(run_command({}) == 2);
    CHECK(run_command({"trace", "./p"}) == 2);
    CHECK(run_command({"stracee"}) == 2);
    CHECK(run_command({"help", "nothing"}) == 2);
    CHECK(run_command({"version", "--yaml"}) == 2);
    CHECK(run_command({"run", "--bogus"}) == 2);
}

TEST_CASE("every option of every verb is described in one line") {
    for (const auto set : {OptionSet::Run, OptionSet::Strace, OptionSet::Explain})
        CHECK(describe_options(set).size() > 200);
}

TEST_CASE("keys are typed with C's escapes, and only for other kernels") {
    const auto options = parse_run_options(OptionSet::Run, {"-k", "k", "--keys", "a\\n\\e[A\\x7f\\\\"});
    REQUIRE(options);
    CHECK(options.value().keys == "a\n\x1b[A\x7f\\");
    CHECK(options.value().screen == Screen::Auto);
    CHECK_FALSE(parse_run_options(OptionSet::Run, {"-k", "k", "--keys", "a\\"}));
    CHECK_FALSE(parse_run_options(OptionSet::Run, {"-k", "k", "--keys", "\\x4"}));
    CHECK_FALSE(parse_run_options(OptionSet::Run, {"--keys", "a", "prog"}));
    CHECK_FALSE(parse_run_options(OptionSet::Run, {"--screen", "always", "prog"}));
}
