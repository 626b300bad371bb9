// SPDX-License-Identifier: MIT
// The lookup of the built guest.
#include "base/guest_paths.hpp"

#include "catch.hpp"
#include "paths.hpp"

#include <cstdlib>
#include <fstream>
#include <unistd.h>

namespace fs = std::filesystem;

namespace {
struct ChosenGuest {
    explicit ChosenGuest(const fs::path& folder) { ::setenv("TRAPGATE_GUEST", folder.c_str(), 1); }
    ~ChosenGuest() { ::unsetenv("TRAPGATE_GUEST"); }
};
} // namespace

TEST_CASE("the guest is looked for beside the command") {
    const auto folders = trapgate::guest_folders();
    REQUIRE(folders.size() == 2);
    CHECK(folders[0].filename() == "guest");
    CHECK(folders[0].parent_path() == trapgate::tests::build_folder().parent_path());
    CHECK(folders[1].filename() == "trapgate");
}

TEST_CASE("TRAPGATE_GUEST replaces every other folder of the guest") {
    const fs::path folder = fs::temp_directory_path() / ("trapgate-guest-" + std::to_string(::getpid()));
    fs::create_directories(folder);
    std::ofstream(folder / "init") << "x";
    const ChosenGuest chosen(folder);
    CHECK(trapgate::find_guest_file("init") == folder / "init");
    CHECK_FALSE(trapgate::find_guest_file("vmlinux").has_value());
    fs::remove_all(folder);
}
