// SPDX-License-Identifier: MIT
// list and disassemble.
#include "frontend/debug/command_table.hpp"
#include "frontend/debug/source_files.hpp"
#include "frontend/debug/stop_text.hpp"
#include "frontend/debug/where.hpp"
#include "frontend/numbers.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

constexpr int lines_at_once = 10;
constexpr u64 instructions_at_once = 12;

Outcome list_from(Context& context, const std::string& file, int first) {
    const auto lines = source_lines(context, file);
    if (!lines) return failed(fmt::format("{}: the source is not here; `directory DIR` tells where it is", file));
    const int count = static_cast<int>(lines->size());
    first = std::max(first, 1);
    if (first > count) return failed(fmt::format("{} has {} lines", file, count));
    const int end = std::min(first + lines_at_once, count + 1);
    const auto here = context.debuggee.line_of(context.linear_eip());
    std::string text;
    for (int line = first; line < end; ++line) {
        const bool now = here && here->line == line && here->file == file;
        text += fmt::format("{}{:>5}  {}\n", now ? "=>" : "  ", line, (*lines)[static_cast<std::size_t>(line - 1)]);
    }
    context.go_on.list_file = file;
    context.go_on.list_line = end;
    return said(text);
}

Outcome list_around(Context& context, u32 address) {
    const auto line = context.debuggee.line_of(address);
    if (!line) return failed(fmt::format("no source line is known for {}", show_address(address, context.scope)));
    return list_from(context, line->file, line->line - lines_at_once / 2);
}

Outcome disassemble_range(Context& context, u32 from, u32 end, u64 most) {
    std::string text;
    std::string last_function;
    for (u64 i = 0; i < most && from < end; ++i) {
        const auto code = code_at(context, from);
        if (!code) return text.empty() ? failed(fmt::format("cannot read memory at {:#010x}", from)) : said(text);
        text += instruction_line(context, from, from == context.linear_eip() ? "=> " : "   ");
        if (from + code->length < from) break;
        from += code->length;
    }
    context.go_on.disassemble = from;
    return said(text);
}

} // namespace

Outcome command_list(Context& context, std::string_view argument) {
    if (argument.empty())
        return context.go_on.list_line ? list_from(context, context.go_on.list_file, context.go_on.list_line)
                                       : list_around(context, context.linear_eip());
    if (argument == "*") return list_around(context, context.linear_eip());
    if (const auto line = parse_number(argument)) {
        const auto here = context.debuggee.line_of(context.linear_eip());
        std::string file = context.go_on.list_file;
        if (file.empty() && here) file = here->file;
        if (file.empty()) return failed("list: of which file? list FILE:LINE");
        return list_from(context, file, static_cast<int>(std::min<u64>(*line, 1'000'000)) - lines_at_once / 2);
    }
    TRY_OR_FAIL(addresses, parse_place(context, argument));
    return list_around(context, addresses.front());
}

Outcome command_disassemble(Context& context, std::string_view argument) {
    if (argument.empty() && context.go_on.disassemble)
        return disassemble_range(context, context.go_on.disassemble, ~u32{0}, instructions_at_once);
    if (argument.empty()) return disassemble_range(context, context.linear_eip(), ~u32{0}, instructions_at_once);
    std::string_view count_text;
    const std::string_view place = first_word(argument, count_text);
    TRY_OR_FAIL(addresses, parse_place(context, place));
    const u32 from = addresses.front();
    if (!count_text.empty()) {
        TRY_OR_FAIL(count, context.number(count_text));
        return disassemble_range(context, from, ~u32{0}, std::min<u64>(count, 10'000));
    }
    const kernel::Symbol* symbol = context.debuggee.symbols().containing(from);
    const bool whole = symbol && symbol->address == from && symbol->size;
    return disassemble_range(context, from, whole ? static_cast<u32>(from + symbol->size) : ~u32{0},
                             whole ? 10'000 : instructions_at_once);
}

} // namespace trapgate::frontend::debug
