// SPDX-License-Identifier: MIT
// docs/debugger.md lists the commands as the tables have them.
#include "frontend/debug/command_table.hpp"

#include "catch.hpp"
#include "paths.hpp"

#include <fstream>
#include <set>
#include <sstream>

using namespace trapgate;
using namespace trapgate::frontend::debug;

namespace {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}

std::string in_code(std::string_view text) {
    return text.empty() ? "" : "`" + escaped(text) + "`";
}

std::string aliases(std::string_view text) {
    std::string out;
    for (const std::string_view alias : words_of(text)) out += (out.empty() ? "" : " ") + in_code(alias);
    return out;
}

template <class Row> std::string table_row(const Row& row) {
    return "| " + in_code(row.name) + " | " + aliases(row.aliases) + " | " + in_code(row.arguments) + " | " +
           escaped(row.help) + " |\n";
}

std::string manual() {
    std::ifstream file(tests::source_folder() / "docs/debugger.md");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

} // namespace

TEST_CASE("the manual of the debugger lists every command and every subject of info", "[debug]") {
    const std::string text = manual();
    REQUIRE_FALSE(text.empty());
    for (const Command& command : all_commands()) {
        if (command.name.empty()) continue;
        INFO(table_row(command));
        CHECK(text.find(table_row(command)) != std::string::npos);
    }
    for (const InfoSubject& subject : all_info_subjects()) {
        INFO(table_row(subject));
        CHECK(text.find(table_row(subject)) != std::string::npos);
    }
}

TEST_CASE("no two commands of the debugger have the same name", "[debug]") {
    std::set<std::string_view> names;
    for (const Command& command : all_commands()) {
        if (command.name.empty()) continue;
        CHECK(names.insert(command.name).second);
        for (const std::string_view alias : words_of(command.aliases)) {
            INFO(alias);
            CHECK(names.insert(alias).second);
        }
    }
    CHECK(find_command("stepi").value()->name == "stepi");
    CHECK(find_command("s").value()->name == "stepi");
    CHECK(find_command("cont").value()->name == "continue");
    CHECK_FALSE(find_command("re"));
    CHECK_FALSE(find_command(""));
}
