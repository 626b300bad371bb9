// SPDX-License-Identifier: MIT
// gdb's packets: frames, escapes, damage; and the arguments inside them.
#include "frontend/gdb/packet.hpp"

#include "catch.hpp"

using namespace trapgate;
using namespace trapgate::frontend::gdb;

namespace {

std::vector<Input> read_all(std::string_view bytes) {
    PacketReader reader;
    std::vector<Input> found;
    for (const char byte : bytes)
        if (auto input = reader.take(static_cast<u8>(byte))) found.push_back(*input);
    return found;
}

Input only(std::string_view bytes) {
    const auto found = read_all(bytes);
    REQUIRE(found.size() == 1);
    return found[0];
}

} // namespace

TEST_CASE("a gdb packet is its text between dollar and checksum", "[gdb]") {
    CHECK(only("$g#67").text == "g");
    CHECK(only("$g#67").kind == Input::Kind::Packet);
    CHECK(only("$#00").text.empty());
    CHECK(only("noise$qC#B4").text == "qC");
    CHECK(read_all("+-+\3").size() == 4);
    CHECK(read_all("+")[0].kind == Input::Kind::Ack);
    CHECK(read_all("-")[0].kind == Input::Kind::Nack);
    CHECK(read_all("\3")[0].kind == Input::Kind::Interrupt);
}

TEST_CASE("a gdb packet with a wrong checksum is damaged and the next one is read", "[gdb]") {
    const auto found = read_all("$g#68$g#67$g#zz$?#3f");
    REQUIRE(found.size() == 4);
    CHECK(found[0].kind == Input::Kind::Damaged);
    CHECK(found[1].text == "g");
    CHECK(found[2].kind == Input::Kind::Damaged);
    CHECK(found[3].text == "?");
}

TEST_CASE("a dollar inside a gdb packet begins a new one", "[gdb]") {
    CHECK(only("$m1234,$g#67").text == "g");
}

TEST_CASE("the interrupt byte inside a gdb packet is data", "[gdb]") {
    const std::string framed = frame(std::string("X0,1:\3"));
    CHECK(only(framed).text == std::string("X0,1:\3"));
}

TEST_CASE("a gdb packet over the limit is told as too long and does not stay", "[gdb]") {
    const std::string exact(packet_limit, 'a'), over(packet_limit + 1, 'a'), huge(10 * packet_limit, 'a');
    CHECK(only(frame(exact)).text == exact);
    CHECK(only(frame(over)).kind == Input::Kind::TooLong);
    CHECK(only(frame(huge)).kind == Input::Kind::TooLong);
    const auto found = read_all(frame(huge) + "$g#67");
    REQUIRE(found.size() == 2);
    CHECK(found[1].text == "g");
}

TEST_CASE("every byte survives the frame of a gdb packet", "[gdb]") {
    std::string all;
    for (unsigned byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    const std::string framed = frame(all);
    CHECK(only(framed).text == all);
    const std::string_view inner(framed.data() + 1, framed.size() - 4);
    CHECK(inner.find('$') == std::string_view::npos);
    CHECK(inner.find('#') == std::string_view::npos);
    CHECK(inner.find('*') == std::string_view::npos);
}

TEST_CASE("gdb's hexadecimal bytes go both ways", "[gdb]") {
    CHECK(to_hex(std::string_view("A\xff")) == "41ff");
    CHECK(to_hex_little(0x12345678, 4) == "78563412");
    CHECK(to_hex_little(0x1f, 2) == "1f00");
    CHECK(from_hex("41fF") == std::string("A\xff"));
    CHECK(from_hex("") == std::string());
    CHECK_FALSE(from_hex("4"));
    CHECK_FALSE(from_hex("4g"));
}

TEST_CASE("arguments of gdb's packets are numbers, words and separators", "[gdb]") {
    Fields fields("m8048000,1f:rest");
    CHECK(fields.take("m"));
    CHECK(fields.number32() == 0x8048000u);
    CHECK_FALSE(fields.take(":"));
    CHECK(fields.take(","));
    CHECK(fields.number() == 0x1fu);
    CHECK(fields.take(":"));
    CHECK(fields.up_to(',') == "rest");
    CHECK(fields.at_end());
    CHECK_FALSE(fields.number());
    CHECK_FALSE(Fields("100000000").number32());
    CHECK(Fields("ffffffff").number32() == 0xffffffffu);
    Fields long_one("11112222333344445");
    CHECK(long_one.number() == 0x1111222233334444u);
    CHECK(long_one.rest() == "5");
    Fields two("a,b");
    CHECK(two.up_to(',') == "a");
    CHECK(two.up_to(',') == "b");
    CHECK(two.up_to(',').empty());
}
