// SPDX-License-Identifier: MIT
// The file that timelines are written to.
#include "frontend/timeline/event_file.hpp"
#include "frontend/timeline/task_tracks.hpp"

#include "catch.hpp"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace trapgate;
using namespace trapgate::frontend::timeline;

namespace {

struct TemporaryFile {
    char path[32] = "/tmp/trapgate-XXXXXX";
    TemporaryFile() { ::close(mkstemp(path)); }
    ~TemporaryFile() { unlink(path); }
};

/// What `write` has written, parsed.
template <class Write> nlohmann::json written(Write write) {
    const TemporaryFile file;
    auto events = EventFile::create(file.path);
    REQUIRE(events);
    events.value().header({{"schema", "\"x\""}});
    write(events.value());
    REQUIRE(events.value().close(99));
    std::ifstream in(file.path);
    return nlohmann::json::parse(in)["traceEvents"];
}

} // namespace

TEST_CASE("text_in_a_timeline_is_json_whatever_bytes_it_has", "[timeline]") {
    CHECK(json_string("plain") == "\"plain\"");
    CHECK(json_string("a\"b\\c\n") == "\"a\\\"b\\\\c\\u000a\"");
    CHECK(json_string("\xc3\xa4") == "\"\xc3\xa4\"");
    CHECK(json_string("\xc3") == "\"\\u00c3\"");
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    CHECK_NOTHROW(nlohmann::json::parse(json_string(all)));
    CHECK_NOTHROW(nlohmann::json::parse(json_string("\xe0\x80\x80\xed\xa0\x80\xf4\x90")));
}

TEST_CASE("a_timeline_closes_what_is_still_open", "[timeline]") {
    const auto events = written([](EventFile& file) {
        file.begin({1, 1}, 5, "outer", "c");
        file.begin({1, 1}, 6, "inner", "c");
        file.end({1, 2}, 7); // nothing is open there
    });
    REQUIRE(events.size() == 4);
    CHECK(events[2]["ph"] == "E");
    CHECK(events[3]["ts"] == 99);
}

TEST_CASE("an_interrupt_inside_a_call_ends_with_its_frame_and_the_call_in_user_mode", "[timeline]") {
    const auto events = written([](EventFile& file) {
        TaskTracks tasks(file);
        tasks.enter(7, TaskTracks::until_user_mode, 10, "read", "syscall");
        tasks.go(7, Whereabouts::Ring0, 10);
        tasks.enter(7, 0x1000, 20, "irq 0", "irq");
        tasks.leave_below(7, 0x1000, 21); // still inside
        tasks.leave_below(7, 0x100c, 30);
        tasks.leave_all(7, 40, {{"result", "3"}});
    });
    std::string shape;
    for (const auto& event : events)
        shape += event["ph"].get<std::string>() + event.value("name", "") + event["ts"].dump() + " ";
    CHECK(shape == "Bread10 Bring 010 E20 Birq 020 E30 E40 ");
    CHECK(events.back()["args"]["result"] == 3);
}

TEST_CASE("a_timeline_that_cannot_be_written_is_an_error", "[timeline]") {
    const auto missing = EventFile::create("/nonexistent/file");
    REQUIRE(!missing);
    CHECK(missing.error().exit_code == 125);
    auto full = EventFile::create("/dev/full");
    REQUIRE(full);
    full.value().header({});
    const Status closed = full.value().close(0);
    REQUIRE(!closed);
    CHECK(closed.error().message == "--timeline /dev/full: No space left on device");
}
