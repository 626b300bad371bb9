// SPDX-License-Identifier: MIT
// The map of guest/README.md from texts to sources: each `file: names` in its tables must be there, or the map leads astray.
#include "catch.hpp"
#include "paths.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>

using namespace trapgate::tests;
namespace fs = std::filesystem;

namespace {
std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// As a word: not a part of another name.
bool mentions(const std::string& text, const std::string& name) {
    const auto part_of_a_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; ++at) {
        const std::size_t end = at + name.size();
        if ((at == 0 || !part_of_a_name(text[at - 1])) && (end == text.size() || !part_of_a_name(text[end])))
            return true;
    }
    return false;
}
} // namespace

TEST_CASE("the map from the seed's fork to the source names files and functions that are there") {
    const std::string readme = text_of(source_folder() / "guest/README.md");
    const std::size_t begin = readme.find("## Map: from the seed's fork to the source");
    REQUIRE(begin != std::string::npos);
    const std::string map = readme.substr(begin, readme.find("\n## ", begin + 1) - begin);
    const std::regex place(R"(`([\w./-]+\.[chS])(?:: ([^`]+))?`)");
    int names = 0;
    for (std::sregex_iterator match(map.begin(), map.end(), place), end; match != end; ++match) {
        const std::string file = (*match)[1];
        const std::string folder = file.find('/') == std::string::npos ? "guest/kernel/kernel"
                                   : file.starts_with("programs/")     ? "guest"
                                                                       : "guest/kernel";
        const std::string text = text_of(source_folder() / folder / file);
        INFO(file);
        CHECK_FALSE(text.empty());
        std::istringstream list((*match)[2]);
        for (std::string name; std::getline(list >> std::ws, name, ',');) {
            INFO(name);
            CHECK(mentions(text, name));
            ++names;
        }
    }
    CHECK(names > 60);
}

TEST_CASE("the map from the texts to the sources names files and functions that are there") {
    const std::string readme = text_of(source_folder() / "guest/README.md");
    const std::size_t begin = readme.find("## Map: from the texts to the sources, system calls");
    REQUIRE(begin != std::string::npos);
    const std::string map = readme.substr(begin, readme.find("\n## ", begin + 1) - begin);
    const std::regex place(R"(`((?:kernel|libc|programs|docs|patches)/[\w./-]+\.\w+)(?:: ([^`]+))?`)");
    int files = 0, names = 0;
    for (std::sregex_iterator match(map.begin(), map.end(), place), end; match != end; ++match) {
        const std::string file = (*match)[1];
        const std::string text = text_of(source_folder() / (file.starts_with("docs/") ? "" : "guest") / file);
        INFO(file);
        CHECK_FALSE(text.empty());
        ++files;
        std::istringstream list((*match)[2]);
        for (std::string name; std::getline(list >> std::ws, name, ',');) {
            INFO(name);
            CHECK(mentions(text, name));
            ++names;
        }
    }
    CHECK(files > 60);
    CHECK(names > 100);
}

TEST_CASE("each of the demos is a page long, is explained in the list, and is run") {
    const std::string list = text_of(source_folder() / "guest/programs/README.md");
    const std::string runs = text_of(source_folder() / "tests/programs/demos.test");
    int demos = 0;
    for (const auto& entry : fs::directory_iterator(source_folder() / "guest/programs/demos")) {
        if (entry.path().extension() != ".c") continue;
        ++demos;
        const std::string name = entry.path().stem().string(), text = text_of(entry.path());
        INFO(name);
        CHECK(std::count(text.begin(), text.end(), '\n') <= 130);
        CHECK(list.find("| `" + name) != std::string::npos);
        CHECK(runs.find("run guest:" + name + "\n") != std::string::npos);
    }
    CHECK(demos >= 18); // those of the specification, and ours
}
