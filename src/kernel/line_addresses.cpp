// SPDX-License-Identifier: MIT
// The rows of all units in one sorted table.
#include "kernel/line_addresses.hpp"

#include "kernel/elf_handle.hpp"

#include <algorithm>
#include <elfutils/libdw.h>
#include <map>
#include <set>

namespace trapgate::kernel {

namespace {

std::string_view without_dots(std::string_view path) {
    while (path.starts_with("./")) path.remove_prefix(2);
    return path;
}

/// Numbers the files as they are met.
class FileNumbers {
  public:
    u32 of(std::string_view path) {
        const auto [found, is_new] = numbers_.try_emplace(std::string(path), static_cast<u32>(numbers_.size()));
        if (is_new) names.emplace_back(path);
        return found->second;
    }
    std::vector<std::string> names;

  private:
    std::map<std::string, u32, std::less<>> numbers_;
};

void add_unit(Dwarf_Die* unit, FileNumbers& files, std::vector<LineRange>& ranges) {
    Dwarf_Lines* lines = nullptr;
    std::size_t count = 0;
    if (dwarf_getsrclines(unit, &lines, &count) != 0) return;
    for (std::size_t i = 0; i + 1 < count; ++i) {
        Dwarf_Line* const row = dwarf_onesrcline(lines, i);
        Dwarf_Addr begin = 0, end = 0;
        int number = 0;
        bool is_end = false;
        dwarf_lineaddr(row, &begin);
        dwarf_lineaddr(dwarf_onesrcline(lines, i + 1), &end);
        dwarf_lineno(row, &number);
        dwarf_lineendsequence(row, &is_end);
        const char* const file = dwarf_linesrc(row, nullptr, nullptr);
        if (is_end || !file || end <= begin) continue;
        const LineRange range{begin, end, files.of(without_dots(file)), number};
        LineRange* const last = ranges.empty() ? nullptr : &ranges.back();
        if (last && last->end == begin && last->line == number && last->file == range.file)
            last->end = end;
        else
            ranges.push_back(range);
    }
}

} // namespace

bool same_file(std::string_view a, std::string_view b) {
    a = without_dots(a), b = without_dots(b);
    if (a.size() < b.size()) std::swap(a, b);
    return !b.empty() && a.ends_with(b) &&
           (a.size() == b.size() || b.front() == '/' || a[a.size() - b.size() - 1] == '/');
}

Result<LineAddresses> LineAddresses::from_file(const std::string& path) {
    TRY(elf, ElfHandle::open(path));
    LineAddresses table;
    FileNumbers files;
    if (Dwarf* const dwarf = dwarf_begin_elf(elf.get(), DWARF_C_READ, nullptr)) {
        Dwarf_CU* unit = nullptr;
        Dwarf_Die die;
        while (dwarf_get_units(dwarf, unit, &unit, nullptr, nullptr, &die, nullptr) == 0)
            add_unit(&die, files, table.ranges_);
        dwarf_end(dwarf);
    }
    table.files_ = std::move(files.names);
    std::sort(table.ranges_.begin(), table.ranges_.end(), [](const LineRange& a, const LineRange& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
    return table;
}

const LineRange* LineAddresses::at(u64 address) const {
    auto after = std::upper_bound(ranges_.begin(), ranges_.end(), address,
                                  [](u64 wanted, const LineRange& range) { return wanted < range.begin; });
    if (after == ranges_.begin()) return nullptr;
    const LineRange& range = *--after;
    return address < range.end && range.line > 0 ? &range : nullptr;
}

std::vector<u32> LineAddresses::files_like(std::string_view file) const {
    std::vector<u32> found;
    for (u32 i = 0; i < files_.size(); ++i)
        if (same_file(files_[i], file)) found.push_back(i);
    return found;
}

std::vector<int> LineAddresses::lines(std::string_view file, int first, int last) const {
    const auto wanted = files_like(file);
    std::set<int> found;
    for (const LineRange& range : ranges_)
        if (range.line > 0 && range.line >= first && range.line <= last &&
            std::find(wanted.begin(), wanted.end(), range.file) != wanted.end())
            found.insert(range.line);
    return {found.begin(), found.end()};
}

std::optional<LinePlace> LineAddresses::find(std::string_view file, int line, const Symbols& symbols) const {
    const auto wanted = files_like(file);
    const auto is_wanted = [&](const LineRange& range) {
        return range.line >= line && range.line > 0 &&
               std::find(wanted.begin(), wanted.end(), range.file) != wanted.end();
    };
    int nearest = 0;
    for (const LineRange& range : ranges_)
        if (is_wanted(range) && (nearest == 0 || range.line < nearest)) nearest = range.line;
    if (nearest == 0) return std::nullopt;
    LinePlace place{files_[wanted.front()], nearest, {}};
    std::set<u64> functions;
    for (const LineRange& range : ranges_) {
        if (range.line != nearest || !is_wanted(range)) continue;
        const Symbol* const symbol = symbols.containing(range.begin);
        if (functions.insert(symbol ? symbol->address : range.begin).second) {
            place.addresses.push_back(range.begin);
            place.file = files_[range.file];
        }
    }
    return place;
}

} // namespace trapgate::kernel
