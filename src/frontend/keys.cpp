// SPDX-License-Identifier: MIT
// keys.def as a table.
#include "frontend/keys.hpp"

#include <array>

namespace trapgate::frontend {

namespace {

/// A section is a row without a key; the rows up to the next one are its.
constexpr KeyRow rows[] = {
#define SECTION(title) {0, title, Does::Redraw, "", ""},
#define KEY(key, shown, does, words, help) {key, shown, Does::does, words, help},
#include "frontend/keys.def"
};

constexpr std::size_t section_count() {
    std::size_t count = 0;
    for (const KeyRow& row : rows) count += row.key == 0;
    return count;
}

constexpr auto sections = [] {
    std::array<KeySection, section_count()> made{};
    std::size_t next = 0;
    for (std::size_t i = 0; i < std::size(rows); ++i) {
        if (rows[i].key != 0) continue;
        std::size_t end = i + 1;
        while (end < std::size(rows) && rows[end].key != 0) ++end;
        made[next++] = {rows[i].shown, std::span<const KeyRow>(rows).subspan(i + 1, end - i - 1)};
    }
    return made;
}();

constexpr bool each_key_once() {
    for (std::size_t i = 0; i < std::size(rows); ++i)
        for (std::size_t j = i + 1; j < std::size(rows); ++j)
            if (rows[i].key != 0 && rows[i].key == rows[j].key) return false;
    return true;
}
static_assert(each_key_once(), "a key stands in keys.def once");

} // namespace

std::span<const KeySection> key_sections() {
    return sections;
}

const KeyRow* find_key(Key key) {
    for (const KeyRow& row : rows)
        if (row.key == key && key != 0) return &row;
    return nullptr;
}

} // namespace trapgate::frontend
