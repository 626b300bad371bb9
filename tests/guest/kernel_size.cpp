// SPDX-License-Identifier: MIT
// How large the small kernel is: reported, so that its growth is seen, and kept readable file by file.
#include "catch.hpp"
#include "guest/image.hpp"
#include "paths.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

using namespace trapgate;
using namespace trapgate::tests;

namespace {

std::size_t count_lines(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::size_t lines = 0;
    for (std::string line; std::getline(in, line);) ++lines;
    return lines;
}

} // namespace

TEST_CASE("the small kernel is as large as it says, and no file of it is longer than 500 lines") {
    std::size_t files = 0, lines = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source_folder() / "guest/kernel")) {
        const auto extension = entry.path().extension();
        if (extension != ".c" && extension != ".h" && extension != ".S") continue;
        const std::size_t length = count_lines(entry.path());
        INFO(entry.path().string());
        CHECK(length <= 500);
        ++files;
        lines += length;
    }
    const Image& image = Image::vmlinux();
    const u32 text = image.address("_etext") - image.address("_text"),
              all = image.address("_end") - image.address("_text");
    fmt::print("the small kernel: {} lines in {} files, {} KB of code, {} KB in memory\n", lines, files, text >> 10,
               all >> 10);
    CHECK(files > 200);
    CHECK(text > 100'000);
    CHECK(all < 4'000'000); // it is mapped by one page table of 4 MB at boot
}
