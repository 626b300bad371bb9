// SPDX-License-Identifier: MIT
// The initramfs: what the guest finds, and that the same tree gives the same bytes.
#include "kernel/initramfs.hpp"

#include "catch.hpp"
#include "kernel/initramfs_tree.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <sys/stat.h>
#include <unistd.h>

using namespace trapgate;
using namespace trapgate::kernel;
namespace fs = std::filesystem;

namespace {

struct Entry {
    u32 inode, mode, links, mtime;
    std::string body;
};

/// Reads an archive the way a kernel does.
std::vector<std::pair<std::string, Entry>> read_archive(const std::vector<u8>& archive) {
    std::vector<std::pair<std::string, Entry>> entries;
    const std::string text(archive.begin(), archive.end());
    std::size_t at = 0;
    const auto align = [&] { at = (at + 3) & ~std::size_t{3}; };
    while (at + 110 <= text.size()) {
        REQUIRE(text.substr(at, 6) == "070701");
        const auto field = [&](std::size_t n) {
            return static_cast<u32>(std::stoul(text.substr(at + 6 + 8 * n, 8), nullptr, 16));
        };
        Entry entry{field(0), field(1), field(4), field(5), {}};
        const u32 body_bytes = field(6), name_bytes = field(11);
        at += 110;
        const std::string name = text.substr(at, name_bytes - 1);
        at += name_bytes;
        align();
        entry.body = text.substr(at, body_bytes);
        at += body_bytes;
        align();
        if (name == "TRAILER!!!") break;
        entries.emplace_back(name, entry);
    }
    CHECK(at == text.size());
    return entries;
}

std::map<std::string, Entry> by_name(const std::vector<u8>& archive) {
    const auto entries = read_archive(archive);
    return {entries.begin(), entries.end()};
}

/// A folder that goes away with the test.
struct Folder {
    fs::path path = fs::temp_directory_path() / ("trapgate-initramfs-" + std::to_string(getpid()));
    Folder() {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    ~Folder() { fs::remove_all(path); }
    void file(const std::string& name, const std::string& text) const {
        fs::create_directories((path / name).parent_path());
        std::ofstream(path / name) << text;
    }
};

Initramfs build(const InitramfsPlan& plan) {
    auto result = build_initramfs(plan);
    if (!result) FAIL(result.error().message);
    return result.value();
}

} // namespace

TEST_CASE("PROG stands in /bin and init finds its job in /.trapgate") {
    const std::vector<u8> bytes{'E', 'L', 'F'};
    InitramfsPlan plan;
    plan.program = "some/where/hello";
    plan.program_bytes = bytes;
    plan.arguments = {"./hello", "", "b c"};
    plan.environment = {"A=1"};
    plan.links = {{"/bin/sh", "busybox"}};
    const Initramfs result = build(plan);
    CHECK(result.program_path == "/bin/hello");
    auto entries = by_name(result.archive);
    CHECK(entries.at("bin/hello").body == "ELF");
    CHECK(entries.at("bin/hello").mode == (S_IFREG | 0755));
    CHECK(entries.at("bin").mode == (S_IFDIR | 0755));
    CHECK(entries.at("bin/sh").body == "busybox");
    CHECK(entries.at(".trapgate/argv").body == std::string("./hello\0\0b c\0", 13));
    CHECK(entries.at(".trapgate/env").body == std::string("A=1\0", 4));
    CHECK(entries.at(".trapgate/cwd").body == "/");
    CHECK(entries.at(".trapgate/exe").body == "/bin/hello");
}

TEST_CASE("a tree keeps modes, times, symbolic and hard links, in sorted order") {
    Folder folder;
    folder.file("sub/b", "bee");
    folder.file("a", "ay");
    fs::create_symlink("sub/b", folder.path / "link");
    fs::create_hard_link(folder.path / "a", folder.path / "sub/also-a");
    chmod((folder.path / "sub/b").c_str(), 0640);
    mkfifo((folder.path / "fifo").c_str(), 0600);
    InitramfsTree tree(1 << 20);
    REQUIRE(tree.add_host_tree(folder.path));
    const auto ordered = read_archive(tree.write());
    std::vector<std::string> names;
    for (const auto& [name, entry] : ordered) names.push_back(name);
    CHECK(names == std::vector<std::string>{".", "a", "fifo", "link", "sub", "sub/also-a", "sub/b"});
    auto entries = by_name(tree.write());
    CHECK(entries.at("sub/b").mode == (S_IFREG | 0640));
    CHECK(entries.at("link").body == "sub/b");
    CHECK((entries.at("link").mode & S_IFMT) == S_IFLNK);
    CHECK((entries.at("fifo").mode & S_IFMT) == S_IFIFO);
    CHECK(entries.at("a").inode == entries.at("sub/also-a").inode);
    CHECK(entries.at("a").links == 2);
    CHECK(entries.at("a").body == "ay");
    CHECK(entries.at("a").mtime > 1'000'000'000);
    CHECK(tree.notes().empty());
    InitramfsTree again(1 << 20);
    REQUIRE(again.add_host_tree(folder.path));
    CHECK(again.write() == tree.write());
}

TEST_CASE("PROG from inside the tree is not copied") {
    Folder folder;
    folder.file("usr/bin/tool", "x");
    InitramfsPlan plan;
    plan.program = folder.path / "usr/bin/tool";
    plan.root = folder.path;
    const Initramfs result = build(plan);
    CHECK(result.program_path == "/usr/bin/tool");
    CHECK_FALSE(by_name(result.archive).contains("bin/tool"));
}

TEST_CASE("a tree that is not there or too large is an error that names it") {
    Folder folder;
    InitramfsPlan plan;
    plan.program = "prog";
    plan.root = folder.path / "nothing";
    CHECK(build_initramfs(plan).error().message.find("nothing") != std::string::npos);
    folder.file("large", std::string(100'000, 'x'));
    plan.root = folder.path;
    plan.most_bytes = 50'000;
    CHECK(build_initramfs(plan).error().message.find("-m is too small") != std::string::npos);
}

TEST_CASE("a file of the tree in the way of ours is an error") {
    Folder folder;
    folder.file("bin", "no folder");
    InitramfsPlan plan;
    plan.program = "prog";
    plan.root = folder.path;
    const auto result = build_initramfs(plan);
    REQUIRE_FALSE(result);
    CHECK(result.error().message.find("/bin") != std::string::npos);
}
