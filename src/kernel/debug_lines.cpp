// SPDX-License-Identifier: MIT
// From a source line to the code that belongs to it: the way back of DebugInfo::line_of.
#include "kernel/debug_info_impl.hpp"

#include <algorithm>
#include <cstring>

namespace trapgate::kernel {

namespace {

bool is_file(std::string_view path, std::string_view wanted) {
    if (!path.ends_with(wanted)) return false;
    return path.size() == wanted.size() || path[path.size() - wanted.size() - 1] == '/';
}

/// The lowest address of the line in each function (sequence of rows) of one unit.
void add_rows(Dwarf_Die* unit, std::string_view file, int line, bool& any_file, std::vector<u64>& found) {
    Dwarf_Lines* lines = nullptr;
    std::size_t count = 0;
    if (dwarf_getsrclines(unit, &lines, &count) != 0) return;
    bool inside = false; // a row of this line came before: the same stretch of code
    for (std::size_t i = 0; i < count; ++i) {
        Dwarf_Line* row = dwarf_onesrcline(lines, i);
        const char* path = dwarf_linesrc(row, nullptr, nullptr);
        const bool here = path && is_file(path, file);
        any_file = any_file || here;
        int number = 0;
        bool begins = false;
        Dwarf_Addr address = 0;
        const bool wanted = here && dwarf_lineno(row, &number) == 0 && number == line &&
                            dwarf_linebeginstatement(row, &begins) == 0 && begins &&
                            dwarf_lineaddr(row, &address) == 0;
        if (wanted && !inside) found.push_back(address);
        inside = wanted;
    }
}

/// The function around `address` begins there; 0: no function.
u64 function_at(Dwarf_Die* unit, u64 address) {
    Dwarf_Die* scopes = nullptr;
    const int count = dwarf_getscopes(unit, address, &scopes);
    u64 entry = 0;
    for (int i = 0; i < count; ++i) {
        Dwarf_Addr low = 0;
        if (dwarf_entrypc(&scopes[i], &low) == 0 && low) {
            entry = low;
            break;
        }
    }
    std::free(scopes);
    return entry;
}

} // namespace

std::vector<u64> DebugInfo::addresses_of(std::string_view file, int line, bool& any_file) const {
    std::vector<u64> result;
    if (!impl_->dwarf || file.empty()) return result;
    Dwarf_CU* unit = nullptr;
    Dwarf_Die top;
    while (dwarf_get_units(impl_->dwarf, unit, &unit, nullptr, nullptr, &top, nullptr) == 0) {
        std::vector<u64> found;
        add_rows(&top, file, line, any_file, found);
        std::sort(found.begin(), found.end());
        std::vector<u64> functions;
        for (const u64 address : found) {
            const u64 function = function_at(&top, address);
            if (function && std::find(functions.begin(), functions.end(), function) != functions.end()) continue;
            functions.push_back(function);
            result.push_back(address);
        }
    }
    return result;
}

} // namespace trapgate::kernel
