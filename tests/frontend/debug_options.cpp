// SPDX-License-Identifier: MIT
// The options of trapgate debug.
#include "frontend/options.hpp"

#include "catch.hpp"

using namespace trapgate;
using namespace trapgate::frontend;

namespace {
Result<RunOptions> parse(std::vector<std::string> words) {
    return parse_run_options(OptionSet::Debug, std::move(words));
}
} // namespace

TEST_CASE("scripts and commands of debug keep the order of the command line", "[debug][options]") {
    const auto options =
        parse({"-e", "stepi", "-x", "first", "-e", "info regs", "-x", "second", "./hello", "-e", "guest's"});
    REQUIRE(options);
    const auto& scripts = options.value().debug.scripts;
    REQUIRE(scripts.size() == 4);
    CHECK((!scripts[0].is_file && scripts[0].text == "stepi"));
    CHECK((scripts[1].is_file && scripts[1].text == "first"));
    CHECK((!scripts[2].is_file && scripts[2].text == "info regs"));
    CHECK((scripts[3].is_file && scripts[3].text == "second"));
    CHECK(options.value().command == std::vector<std::string>{"./hello", "-e", "guest's"});
}

TEST_CASE("breakpoints, watchpoints and events of debug can be given more than once", "[debug][options]") {
    const auto options = parse({"-b", "main", "-b", "sys:write", "-w", "counter:4:rw", "--break-on", "ring,fault",
                                "--break-on", "irq", "-S", "--batch", "./hello"});
    REQUIRE(options);
    const DebugOptions& debug = options.value().debug;
    CHECK(debug.breaks == std::vector<std::string>{"main", "sys:write"});
    CHECK(debug.watches == std::vector<std::string>{"counter:4:rw"});
    CHECK(debug.break_on == std::vector<std::string>{"ring", "fault", "irq"});
    CHECK(debug.batch);
    CHECK(options.value().stop_at_reset);
    CHECK_FALSE(parse({"--brake-on", "ring", "./hello"}));
}
