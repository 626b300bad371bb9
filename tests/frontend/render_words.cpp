// SPDX-License-Identifier: MIT
// The words of `trapgate render`, and files that are written whole or not at all.
#include "catch.hpp"
#include "frontend/output_file.hpp"
#include "frontend/render.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

using namespace trapgate;
using namespace trapgate::frontend;
using Words = std::vector<std::string>;

namespace {

class Folder {
  public:
    Folder() {
        char name[] = "/tmp/trapgate-render-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string file(const char* name) const { return (path / name).string(); }
    std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
    }
    std::filesystem::path path;
};

std::string read(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("a target is a file and perhaps a time", "[render]") {
    CHECK(parse_target("hello").value().file == "hello");
    CHECK(!parse_target("hello").value().at);
    const auto target = parse_target("a@b/hello@1207.13").value();
    CHECK(target.file == "a@b/hello");
    CHECK(target.at == machine::TimePoint{1207, 13});
    CHECK(parse_target("hello@noon").error().exit_code == 2);
    CHECK(parse_target("hello@").error().exit_code == 2);
    CHECK(parse_target("@12").error().message == "@12: of what? PROG@TIME");
}

TEST_CASE("another kernel may have a moment where a program would stand", "[render]") {
    CHECK(parse_run_options(OptionSet::Render, {"--kernel", "k", "@12"}));
    CHECK(!parse_run_options(OptionSet::Render, {"--kernel", "k", "prog"}));
    CHECK(!parse_run_options(OptionSet::Run, {"--kernel", "k", "@12"}));
}

TEST_CASE("a file whose name holds an @ is that file", "[render]") {
    const Folder folder;
    REQUIRE(save_file(folder.file("prog@7"), "x"));
    CHECK(parse_target(folder.file("prog@7")).value().file == folder.file("prog@7"));
    CHECK(parse_target(folder.file("prog@7") + "@9").value().at == machine::TimePoint{9, 0});
}

TEST_CASE("ranges of frames are two times in order", "[render]") {
    const auto range = parse_frames("1207.9..1208").value();
    CHECK(range.first == machine::TimePoint{1207, 9});
    CHECK(range.last == machine::TimePoint{1208, 0});
    CHECK(parse_frames("all").value().whole_instruction);
    CHECK(parse_frames("5.2").value().last == machine::TimePoint{5, 2});
    for (const char* bad : {"", "5..", "..5", "9..1", "1..2..3", "a..b"}) {
        INFO(bad);
        REQUIRE(!parse_frames(bad));
        CHECK(parse_frames(bad).error().exit_code == 2);
    }
}

TEST_CASE("the ending of the file tells the format", "[render]") {
    CHECK(format_of("a.b/page.svg").value() == PictureFormat::Svg);
    CHECK(format_of("page.html").value() == PictureFormat::Html);
    CHECK(format_of("page.htm").error().message ==
          "-o page.htm: the ending tells the format: .txt, .svg, .png, .html, .json; did you mean .html?");
    CHECK(!format_of("page"));
    CHECK(!format_of(""));
    CHECK(name_for_moment("out/page.svg", {1207, 13}) == "out/page-1207.13.svg");
}

TEST_CASE("render's options may follow PROG; -- ends them", "[render]") {
    CHECK(options_first({"p@1", "--view", "tasks", "-o", "x.svg", "-c", "-o"}) ==
          Words{"--view", "tasks", "-o", "x.svg", "p@1", "-c", "-o"});
    CHECK(options_first({"--ascii", "p", "--theme=light", "--", "-o", "y"}) ==
          Words{"--ascii", "--theme=light", "p", "-o", "y"});
    CHECK(options_first({"--", "p", "-o", "y"}) == Words{"--", "p", "-o", "y"});
    CHECK(options_first({"p"}) == Words{"p"});
    CHECK(options_first({"p", "-o"}) == Words{"-o", "p"});
    CHECK(options_first({}).empty());
}

TEST_CASE("a file is written whole or not at all", "[render]") {
    const Folder folder;
    const std::string path = folder.file("x.txt");
    REQUIRE(save_file(path, "first"));
    const auto failed = save_by(path, [](const std::string& to) -> Status {
        std::ofstream(to) << "half";
        return Error{to + ": no more", 125};
    });
    REQUIRE(!failed);
    CHECK(failed.error().message == path + ": no more");
    CHECK(read(path) == "first");
    CHECK(folder.entries() == 1);
    REQUIRE(save_file(path, "second"));
    CHECK(read(path) == "second");
    CHECK(folder.entries() == 1);
}

TEST_CASE("links stay links, and permissions stay", "[render]") {
    const Folder folder;
    REQUIRE(save_file(folder.file("real"), "old"));
    std::filesystem::permissions(folder.file("real"), std::filesystem::perms(0600));
    std::filesystem::create_symlink("real", folder.file("link"));
    REQUIRE(save_file(folder.file("link"), "new"));
    CHECK(std::filesystem::is_symlink(folder.file("link")));
    CHECK(read(folder.file("real")) == "new");
    CHECK(std::filesystem::status(folder.file("real")).permissions() == std::filesystem::perms(0600));
}

TEST_CASE("a full disk and places that cannot be written are told", "[render]") {
    const Folder folder;
    CHECK(save_file("/dev/full", "x").error().message == "/dev/full: No space left on device");
    CHECK(save_file(folder.file("no/such/x"), "x").error().message ==
          folder.file("no/such/x") + ": No such file or directory");
    CHECK(save_file(folder.path.string(), "x").error().message == folder.path.string() + ": Is a directory");
    CHECK(save_file("/dev/full", "x").error().exit_code == 125);
    CHECK(save_file("/dev/null", "x"));
    CHECK(std::filesystem::exists("/dev/null"));
    CHECK(folder.entries() == 0);
}
