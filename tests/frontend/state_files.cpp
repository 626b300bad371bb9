// SPDX-License-Identifier: MIT
// Recordings and snapshots as bytes: there and back, and every kind of damage.
#include "frontend/state/container.hpp"
#include "frontend/state/files.hpp"

#include "catch.hpp"

#include <filesystem>
#include <fstream>

using namespace trapgate;
using namespace trapgate::frontend::state;
using machine::HostEvent;

namespace {

Identity small_machine() {
    Identity identity;
    identity.made_by = "test";
    identity.program_name = "./hello";
    identity.program = {1, 2, 3};
    identity.cpu = "i686";
    identity.memory = 2 << 20;
    identity.hertz = 100'000'000;
    return identity;
}

Recording some_recording() {
    Recording recording;
    recording.identity = small_machine();
    recording.command_line = "init=/init";
    recording.modules.push_back({{9, 8, 7}, "initramfs"});
    HostEvent typed;
    typed.instruction = 5;
    typed.bytes = {'l', 's', '\n'};
    recording.log.events = {typed};
    recording.log.input = {{{'a'}, 0}, {{}, 5}};
    recording.log.end = 77;
    recording.ending = {2, 256, "over", 0xabcdef};
    return recording;
}

SnapshotFile some_snapshot() {
    SnapshotFile file;
    file.identity = small_machine();
    file.snapshot.cpu.gpr[4] = 0x1234;
    file.snapshot.cpu.flags.set_image(0x246);
    file.snapshot.cpu.instructions = 99;
    file.snapshot.pages = mmu::PageImage((2 << 20) / page_size);
    auto page = std::make_shared<mmu::PageBytes>();
    page->back() = 0x5a;
    file.snapshot.pages.set(300, page);
    file.snapshot.board.host_channel.input = {'x', 'y'};
    file.snapshot.board.host_channel.taken = 1;
    file.snapshot.board.keyboard.typed = "keys";
    return file;
}

std::string trouble(FileKind kind, const std::vector<u8>& file) {
    const auto contents = unpack(kind, file);
    REQUIRE(!contents);
    CHECK(contents.error().exit_code == 2);
    return contents.error().message;
}

} // namespace

TEST_CASE("a recording comes back from its bytes as it was") {
    const Recording recording = some_recording();
    const auto again = recording_from(to_bytes(recording));
    REQUIRE(again);
    CHECK(again.value().log.events == recording.log.events);
    CHECK(again.value().log.input == recording.log.input);
    CHECK(again.value().log.end == 77);
    CHECK(again.value().modules[0].bytes == recording.modules[0].bytes);
    CHECK(again.value().ending.text == "over");
    CHECK(to_bytes(again.value()) == to_bytes(recording));
}

TEST_CASE("a snapshot comes back from its bytes as it was") {
    const SnapshotFile file = some_snapshot();
    const auto again = snapshot_from(to_bytes(file));
    REQUIRE(again);
    const machine::Snapshot& snapshot = again.value().snapshot;
    CHECK(snapshot.cpu.gpr[4] == 0x1234);
    CHECK(snapshot.cpu.flags.image() == 0x246);
    CHECK(snapshot.cpu.instructions == 99);
    REQUIRE(snapshot.pages.page(300));
    CHECK(snapshot.pages.page(300)->back() == 0x5a);
    CHECK(!snapshot.pages.page(299));
    CHECK(snapshot.board.host_channel.input == file.snapshot.board.host_channel.input);
    CHECK(snapshot.board.keyboard == file.snapshot.board.keyboard);
    CHECK(to_bytes(again.value()) == to_bytes(file));
}

TEST_CASE("a state file that is cut, changed, longer, older or something else is refused with the reason") {
    const std::vector<u8> good = pack(FileKind::Recording, to_bytes(some_recording()));
    REQUIRE(unpack(FileKind::Recording, good));
    for (std::size_t size = 0; size < good.size(); size += 7)
        CHECK(!unpack(FileKind::Recording, std::span(good).first(size)));
    std::vector<u8> changed = good;
    changed.back() ^= 1;
    CHECK(trouble(FileKind::Recording, changed) == "not a usable recording: its checksum is wrong");
    std::vector<u8> longer = good;
    longer.push_back(0);
    CHECK(trouble(FileKind::Recording, longer) == "not a usable recording: something follows its end");
    std::vector<u8> older = good;
    older[first_line(FileKind::Recording).size() - 2] = '0';
    CHECK(trouble(FileKind::Recording, older) == "not a usable recording: made by another version of Trapgate");
    CHECK(trouble(FileKind::Snapshot, good) == "not a usable snapshot: it does not begin as one");
    const std::vector<u8> half(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(good.size() / 2));
    CHECK(trouble(FileKind::Recording, half).find("it is truncated: ") != std::string::npos);
}

TEST_CASE("contents that make no sense are refused although their checksum is right") {
    std::vector<u8> bytes = to_bytes(some_recording());
    bytes.pop_back();
    CHECK(!recording_from(bytes));
    Recording impossible = some_recording();
    impossible.identity.cpu = "z80";
    CHECK(!recording_from(to_bytes(impossible)));
    SnapshotFile other_size = some_snapshot();
    other_size.identity.memory = 64 << 20;
    CHECK(!snapshot_from(to_bytes(other_size)));
    SnapshotFile too_much_taken = some_snapshot();
    too_much_taken.snapshot.board.host_channel.taken = 3;
    CHECK(!snapshot_from(to_bytes(too_much_taken)));
}

TEST_CASE("a state file on a full disk leaves nothing behind") {
    const auto path = std::filesystem::temp_directory_path() / "no-such-folder" / "x.rec";
    const auto saved = save(path.string(), FileKind::Recording, to_bytes(some_recording()));
    REQUIRE(!saved);
    CHECK(saved.error().exit_code == 125);
    CHECK(!save("/dev/full", FileKind::Recording, to_bytes(some_recording())));
}
