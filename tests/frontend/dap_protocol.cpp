// SPDX-License-Identifier: MIT
// The outer form of the Debug Adapter Protocol, and the arguments of a launch.
#include "frontend/dap/launch.hpp"
#include "frontend/dap/protocol.hpp"

#include "catch.hpp"

using namespace trapgate;
using namespace trapgate::frontend::dap;

namespace {

std::string why_refused(const Json& arguments) {
    try {
        (void)parse_launch(arguments);
    } catch (const Refusal& refusal) {
        return refusal.why;
    }
    return {};
}

} // namespace

TEST_CASE("dap_messages_come_out_whole_however_they_are_cut", "[dap]") {
    const std::string stream = "Content-Length: 2\r\n\r\n{}content-length:3\r\nX-Other: y\r\n\r\n[1]";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        MessageReader reader;
        std::vector<std::string> messages;
        for (const auto& piece : {stream.substr(0, cut), stream.substr(cut)}) {
            reader.feed(piece);
            for (;;) {
                const auto message = reader.next();
                REQUIRE(message);
                if (!message.value()) break;
                messages.push_back(*message.value());
            }
        }
        CHECK(messages == std::vector<std::string>{"{}", "[1]"});
    }
}

TEST_CASE("dap_headers_that_are_none_are_errors", "[dap]") {
    for (const char* header :
         {"Length: 3\r\n\r\n", "nonsense\r\n\r\n", "Content-Length: x\r\n\r\n", "Content-Length: -1\r\n\r\n",
          "Content-Length: 99999999999\r\n\r\n", "Content-Length: 1x\r\n\r\n"}) {
        MessageReader reader;
        reader.feed(header);
        CHECK(!reader.next());
    }
    MessageReader reader;
    reader.feed(std::string(longest_header + 1, 'a'));
    CHECK(!reader.next());
}

TEST_CASE("a_dap_message_that_is_no_request_says_why_and_whose_it_is", "[dap]") {
    const auto why = [](const char* message) { return std::get<BadRequest>(parse_request(message)).why; };
    CHECK(why("{") == "the message is no JSON");
    CHECK(why("[]") == "the message is no object");
    CHECK(why("{}") == "the message is no request");
    CHECK(why(R"({"type":"request"})") == "the request names no command");
    CHECK(why(R"({"type":"request","command":"a","arguments":[1]})") == "arguments: must be an object");
    const auto bad = std::get<BadRequest>(parse_request(R"({"seq":7,"type":"event","command":"x"})"));
    CHECK(bad.seq == 7);
    CHECK(bad.command == "x");
    const auto good = std::get<Request>(parse_request(R"({"seq":1,"type":"request","command":"threads"})"));
    CHECK(good.arguments.empty());
    CHECK(std::holds_alternative<BadRequest>(parse_request(std::string(100'000, '['))));
}

TEST_CASE("dap_arguments_of_a_wrong_type_are_named", "[dap]") {
    const Json arguments{{"count", "x"}, {"name", 3}, {"lines", Json::array({1})}, {"nothing", nullptr}};
    CHECK_THROWS_AS(number(arguments, "count", 0), Refusal);
    CHECK_THROWS_AS(text(arguments, "name"), Refusal);
    CHECK_THROWS_AS(text_list(arguments, "lines"), Refusal);
    CHECK_THROWS_AS(need_text(arguments, "missing"), Refusal);
    CHECK(number(arguments, "nothing", 5) == 5);
    CHECK(list(arguments, "lines").size() == 1);
}

TEST_CASE("base64_goes_both_ways", "[dap]") {
    CHECK(to_base64("") == "");
    CHECK(to_base64("a") == "YQ==");
    CHECK(to_base64("ab") == "YWI=");
    CHECK(to_base64("abc") == "YWJj");
    std::string all;
    for (int i = 0; i < 256; ++i) {
        all += static_cast<char>(i);
        CHECK(from_base64(to_base64(all)) == all);
    }
    CHECK(!from_base64("abc"));
    CHECK(!from_base64("ab!="));
}

TEST_CASE("a_dap_launch_means_what_the_command_line_means", "[dap]") {
    const Launch launch = parse_launch({{"program", "/bin/hello"},
                                        {"args", {"-x", "--stdin"}},
                                        {"cwd", "/tmp"},
                                        {"env", {{"A", "1"}}},
                                        {"options", {"--seed", "3"}},
                                        {"stopOnEntry", true},
                                        {"request", "launch"}});
    CHECK(launch.options.command == std::vector<std::string>{"/bin/hello", "-x", "--stdin"});
    CHECK(launch.options.working_directory == "/tmp");
    CHECK(launch.options.environment == std::vector<std::string>{"A=1"});
    CHECK(launch.options.seed == 3);
    CHECK(launch.options.stdin_file == "/dev/null");
    CHECK(launch.stop_on_entry);
    CHECK(!launch.from_reset);
}

TEST_CASE("a_dap_launch_refuses_what_it_does_not_know", "[dap]") {
    CHECK(why_refused(Json::object()) == "launch: neither program nor kernel is given");
    CHECK(why_refused({{"program", "x"}, {"stopOnEntri", true}}) ==
          "launch: there is no stopOnEntri; did you mean stopOnEntry?");
    CHECK(why_refused({{"program", 1}}) == "argument program: must be a text");
    CHECK(why_refused({{"program", "x"}, {"startAt", "end"}}) == "argument startAt: must be program or reset");
    CHECK(why_refused({{"program", "x"}, {"options", {"--no-such"}}})
              .starts_with("launch: unknown option --no-such"));
    CHECK(why_refused({{"program", "x"}, {"options", {"--timeline", "f"}}}) ==
          "launch: --timeline: use it with `trapgate run`");
}
