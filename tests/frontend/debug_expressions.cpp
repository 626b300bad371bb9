// SPDX-License-Identifier: MIT
// The debugger's expressions, over a small world that stands still.
#include "frontend/debug/expression.hpp"
#include "frontend/debug/format.hpp"

#include "catch.hpp"

#include <cstring>
#include <map>

using namespace trapgate;
using namespace trapgate::frontend::debug;

namespace {

class SmallWorld final : public Scope {
  public:
    SmallWorld() {
        put32(0x1000, 7);
        put32(0x1004, 0xffffffff);
        put32(0x1008, 0x1100); // pointer
        put32(0x1100, 42);     // struct task at 0x1100: pid, parent, comm
        put32(0x1104, 0x1000);
        std::memcpy(memory_.data() + 0x108, "init\0junk", 9);
        task_ = {"task",
                 32,
                 {{"pid", 0, 4, 1, "int"},
                  {"parent", 4, 4, 1, "struct task *"},
                  {"comm", 8, 16, 16, "char [16]"},
                  {"thread", 24, 8, 1, "struct thread"},
                  {"thread.esp0", 24, 4, 1, "unsigned int"},
                  {"thread.eip", 28, 4, 1, "unsigned int"}}};
    }
    std::optional<Value> dollar(std::string_view name) const override {
        if (name == "eax") return Value{integer(4, true), fit(0xfffffffe, integer(4, true)), {}, "eax"};
        if (name == "esp") return Value{integer(4, false).pointer_to(), 0x1000, {}, "esp"};
        return std::nullopt;
    }
    std::optional<Value> symbol(std::string_view name) const override {
        if (name == "counter") return Value{integer(4, true), 0, 0x1000, {}};
        if (name == "minus_one") return Value{integer(4, false), 0, 0x1004, {}};
        if (name == "current_task") {
            Type type = integer(32, true);
            type.structure = "task";
            return Value{type.pointer_to(), 0, 0x1008, {}};
        }
        if (name == "table") {
            Type type = integer(4, true);
            type.count = 3;
            return Value{type, 0, 0x1000, {}};
        }
        if (name == "entry") {
            Type type = integer(1, false);
            type.is_code = true;
            type.pointers = 1;
            return Value{type, 0xc0100000, {}, {}};
        }
        return std::nullopt;
    }
    const kernel::Layout* layout(std::string_view name) const override { return name == "task" ? &task_ : nullptr; }
    bool read(u32 address, std::span<u8> out) const override {
        if (address < 0x1000 || out.size() > memory_.size() || address - 0x1000 > memory_.size() - out.size())
            return false;
        std::memcpy(out.data(), memory_.data() + (address - 0x1000), out.size());
        return true;
    }
    std::string name_at(u32 address) const override { return address == 0xc0100000 ? "entry" : ""; }
    std::string nearest(std::string_view name, bool dollar) const override {
        if (dollar) return name == "eas" ? "eax" : "";
        return name == "conter" ? "counter" : "";
    }

  private:
    void put32(u32 address, u32 value) { std::memcpy(memory_.data() + (address - 0x1000), &value, 4); }
    std::array<u8, 0x1000> memory_{};
    kernel::Layout task_;
};

const SmallWorld world;

/// What `print EXPRESSION` shows, or the first line of the error.
std::string printed(std::string_view text, char letter = 0) {
    const auto value = evaluate(text, world);
    if (value) return show(value.value(), letter, world);
    return value.error().message.substr(0, value.error().message.find('\n'));
}

} // namespace

TEST_CASE("numbers are read as C writes them", "[debug][expression]") {
    CHECK(printed("42") == "42");
    CHECK(printed("0x2a") == "42");
    CHECK(printed("052") == "42");
    CHECK(printed("0b101010") == "42");
    CHECK(printed("'a'") == "97 'a'");
    CHECK(printed("'\\n'") == "10 '\\n'");
    CHECK(printed("'\\x41'") == "65 'A'");
    CHECK(printed("42ul") == "42");
    CHECK(printed("0xffffffff") == "4294967295");
    CHECK(printed("4294967295") == "4294967295");
    CHECK(printed("0xffffffffffffffff") == "18446744073709551615");
    CHECK(printed("0x10000000000000000") == "more than 64 bits");
    CHECK(printed("09") == "not a number");
    CHECK(printed("12ab") == "not a number");
}

TEST_CASE("operators bind as in C", "[debug][expression]") {
    CHECK(printed("1 + 2 * 3") == "7");
    CHECK(printed("(1 + 2) * 3") == "9");
    CHECK(printed("10 - 4 - 3") == "3");
    CHECK(printed("1 << 2 + 1") == "8");
    CHECK(printed("6 & 3 == 3") == "0");
    CHECK(printed("1 | 2 ^ 3 & 1") == "3");
    CHECK(printed("1 || 0 && 0") == "1");
    CHECK(printed("1 ? 2 : 0 ? 3 : 4") == "2");
    CHECK(printed("0 ? 2 : 0 ? 3 : 4") == "4");
    CHECK(printed("-2 * -3") == "6");
    CHECK(printed("!0 + ~0") == "0");
    CHECK(printed("7 / 2 * 2 + 7 % 2") == "7");
    CHECK(printed("5 > 3 == 1") == "1");
}

TEST_CASE("numbers have the types of C, so comparisons mean the same", "[debug][expression]") {
    CHECK(printed("-1 < 0") == "1");
    CHECK(printed("-1 < 0u + 0x80000000") == "0"); // unsigned
    CHECK(printed("-1 == 0xffffffff") == "1");
    CHECK(printed("-1 == 0xffffffffffffffff") == "1");
    CHECK(printed("(u8)300") == "44");
    CHECK(printed("(char)200") == "-56 '\\310'");
    CHECK(printed("(unsigned long long)-1") == "18446744073709551615");
    CHECK(printed("(s16)0x8000") == "-32768");
    CHECK(printed("-1 >> 4") == "-1");
    CHECK(printed("0xf0000000 >> 28") == "15");
    CHECK(printed("sizeof(int) + sizeof(struct task)") == "36");
}

TEST_CASE("nothing that an expression can do is undefined", "[debug][expression]") {
    CHECK(printed("0x7fffffff + 1") == "-2147483648");
    CHECK(printed("1 << 40") == "0");
    CHECK(printed("1 << -1") == "0");
    CHECK(printed("1 >> 99") == "0");
    CHECK(printed("-1 >> 99") == "-1");
    CHECK(printed("1 / 0") == "division by zero");
    CHECK(printed("1 % 0") == "division by zero");
    CHECK(printed("(-2147483647 - 1) / -1") == "-2147483648");
    CHECK(printed("(-9223372036854775807 - 1) / -1") == "-9223372036854775808");
    CHECK(printed("(-9223372036854775807 - 1) % -1") == "0");
    CHECK(printed(std::string(5000, '(')) == "too deeply nested");
    CHECK(printed(std::string(5000, '-') + "1") == "too deeply nested");
    CHECK(printed("0 && 1 / 0") == "0");
    CHECK(printed("1 || *(int*)0") == "1");
    CHECK(printed("1 ? 5 : 1 / 0") == "5");
}

TEST_CASE("registers and symbols have values, functions are addresses", "[debug][expression]") {
    CHECK(printed("$eax") == "-2");
    CHECK(printed("$eax", 'x') == "0xfffffffe");
    CHECK(printed("counter + 1") == "8");
    CHECK(printed("minus_one") == "4294967295");
    CHECK(printed("entry") == "0xc0100000 <entry>");
    CHECK(printed("&entry") == "0xc0100000 <entry>");
    CHECK(printed("entry + 4") == "0xc0100004");
    CHECK(printed("&counter") == "(int *) 0x1000");
    CHECK(printed("&$eax") == "this has no address");
}

TEST_CASE("memory is read through pointers, casts, braces and indexes", "[debug][expression]") {
    CHECK(printed("*0x1000") == "7");
    CHECK(printed("{int}0x1004") == "-1");
    CHECK(printed("{unsigned char}0x1004") == "255 '\\377'");
    CHECK(printed("{u16}(0x1000 + 4)") == "65535");
    CHECK(printed("*(int*)$esp") == "7");
    CHECK(printed("*$esp") == "7");
    CHECK(printed("$esp[1]") == "4294967295");
    CHECK(printed("*($esp + 2)") == "4352");
    CHECK(printed("table[2]") == "4352");
    CHECK(printed("table") == "{7, -1, 4352}");
    CHECK(printed("*table") == "7");
    CHECK(printed("(char*)0x1108") == "0x1108 \"init\"");
    CHECK(printed("*0") == "cannot read memory at 0x00000000");
    CHECK(printed("&table[2]") == "(int *) 0x1008");
    CHECK(printed("(int*)0x1008 - (int*)0x1000") == "2");
    CHECK(printed("(void*)0x1000 + 4") == "(void *) 0x1004");
    CHECK(printed("*(void*)0x1000") == "7");
    CHECK(printed("((void*)0x1000)[1]").starts_with("nobody knows the size"));
}

TEST_CASE("members of known structures are reached by name", "[debug][expression]") {
    CHECK(printed("current_task->pid") == "42");
    CHECK(printed("((struct task*)0x1100)->comm") == "\"init\"");
    CHECK(printed("(*current_task).parent->pid") == "7");
    CHECK(printed("&current_task->thread.esp0") == "(unsigned int *) 0x1118");
    CHECK(printed("current_task") == "(struct task *) 0x1100");
    CHECK(printed("*current_task").find("comm = \"init\"") != std::string::npos);
    CHECK(printed("current_task->uid") == "struct task has no such member");
    CHECK(printed("counter.pid") == "int has no members");
    CHECK(printed("counter->pid") == "-> needs a pointer to a structure");
    CHECK(printed("*(struct unknown*)0x1000") == "nothing is known of struct unknown");
}

TEST_CASE("an error says what is wrong, where, and what may be meant", "[debug][expression]") {
    const auto message = [](std::string_view text) { return evaluate(text, world).error().message; };
    CHECK(message("1 + conter") == "no symbol conter; did you mean counter?\n  1 + conter\n      ^");
    CHECK(message("$eas") == "no register or variable $eas; did you mean $eax?\n  $eas\n  ^");
    CHECK(message("") == "here should be a value\n  \n  ^");
    CHECK(message("(1 + 2") == "here should be )\n  (1 + 2\n        ^");
    CHECK(message("1 2") == "nothing should follow here\n  1 2\n    ^");
    CHECK(message("1 + `") == "this character means nothing here\n  1 + `\n      ^");
    CHECK(message("'a") == "the closing ' is missing\n  'a\n  ^");
    CHECK(message("1 ? 2") == "here should be :\n  1 ? 2\n       ^");
}

TEST_CASE("print has gdb's formats", "[debug][expression]") {
    CHECK(printed("-1", 'x') == "0xffffffff");
    CHECK(printed("-1", 'u') == "4294967295");
    CHECK(printed("0xffffffff", 'd') == "-1");
    CHECK(printed("(u8)5", 't') == "00000101");
    CHECK(printed("8", 'o') == "010");
    CHECK(printed("65", 'c') == "65 'A'");
    CHECK(printed("0xc0100000", 'a') == "0xc0100000 <entry>");
    CHECK(printed("0x1108", 's') == "\"init\"");
    CHECK(printed("table", 'x') == "{0x00000007, 0xffffffff, 0x00001100}");
    const auto format = parse_display_format("16xb");
    REQUIRE(format);
    CHECK(format.value().count == 16);
    CHECK(format.value().letter == 'x');
    CHECK(format.value().unit == 1);
    CHECK_FALSE(parse_display_format("4q"));
    CHECK_FALSE(parse_display_format("0x"));
}
