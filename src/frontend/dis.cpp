// SPDX-License-Identifier: MIT
// `trapgate dis PROG [SYMBOL|ADDRESS]`: the code of PROG with its symbols and, if it has DWARF, its source lines.
#include "frontend/disassembly.hpp"
#include "frontend/numbers.hpp"
#include "frontend/suggest.hpp"
#include "frontend/verbs.hpp"
#include "kernel/debug_info.hpp"
#include "kernel/elf_handle.hpp"
#include "kernel/symbols.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <gelf.h>

namespace trapgate::frontend {

namespace {

/// A stretch of code and where it is linked.
struct Code {
    u64 address;
    std::vector<u8> bytes;
};

struct Program {
    int bits;
    std::vector<Code> code; ///< executable sections; without sections, executable segments
    kernel::Symbols symbols;
    kernel::DebugInfo debug;
};

void add_code(Elf* elf, u64 address, u64 offset, u64 size, std::vector<Code>& code) {
    std::size_t file_size = 0;
    const char* raw = elf_rawfile(elf, &file_size);
    if (!raw || offset > file_size || size == 0) return;
    size = std::min<u64>(size, file_size - offset);
    const auto* begin = reinterpret_cast<const u8*>(raw) + offset;
    code.push_back({address, {begin, begin + size}});
}

std::vector<Code> read_code(Elf* elf) {
    std::vector<Code> code;
    for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section));) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) && header.sh_type == SHT_PROGBITS && (header.sh_flags & SHF_EXECINSTR))
            add_code(elf, header.sh_addr, header.sh_offset, header.sh_size, code);
    }
    if (!code.empty()) return code;
    std::size_t count = 0;
    elf_getphdrnum(elf, &count);
    for (std::size_t i = 0; i < count; ++i) {
        GElf_Phdr header;
        if (gelf_getphdr(elf, static_cast<int>(i), &header) && header.p_type == PT_LOAD && (header.p_flags & PF_X))
            add_code(elf, header.p_vaddr, header.p_offset, header.p_filesz, code);
    }
    return code;
}

Result<Program> read_program(const std::string& path) {
    TRY(elf, kernel::ElfHandle::open(path));
    GElf_Ehdr header;
    if (!gelf_getehdr(elf.get(), &header) || (header.e_machine != EM_386 && header.e_machine != EM_X86_64))
        return Error{path + ": not code for an x86 processor", 126};
    TRY(symbols, kernel::Symbols::from_file(path));
    TRY(debug, kernel::DebugInfo::from_file(path));
    auto code = read_code(elf.get());
    if (code.empty()) return Error{path + ": no code in it", 126};
    return Program{header.e_machine == EM_386 ? 32 : 64, std::move(code), std::move(symbols), std::move(debug)};
}

struct Range {
    u64 from;
    u64 to;
};

/// From a symbol to its end, or to the next symbol when it has no size.
Range range_of(const Program& program, const kernel::Symbol& symbol) {
    if (symbol.size) return {symbol.address, symbol.address + symbol.size};
    for (const auto& next : program.symbols.all())
        if (next.address > symbol.address) return {symbol.address, next.address};
    return {symbol.address, ~u64{0}};
}

Result<Range> find_range(const Program& program, const std::string& path, const std::string& place) {
    if (const auto* symbol = program.symbols.find(place)) return range_of(program, *symbol);
    const auto address = place.starts_with("0x") ? parse_number(place) : parse_number("0x" + place);
    if (address) {
        const auto* symbol = program.symbols.containing(*address);
        return symbol ? Range{*address, range_of(program, *symbol).to} : Range{*address, *address + 64};
    }
    std::vector<std::string_view> names;
    for (const auto& symbol : program.symbols.all()) names.push_back(symbol.name);
    const auto meant = nearest_word(place, names);
    return Error{fmt::format("{}: no symbol {} in it{}", path, place,
                             meant ? fmt::format("; did you mean {}?", *meant) : ""),
                 1};
}

void print_place(const Program& program, u64 address, kernel::SourceLine& last) {
    for (const auto& symbol : program.symbols.all())
        if (symbol.address == address && symbol.kind != kernel::Symbol::Kind::Object)
            fmt::print("\n{:08x} <{}>:\n", address, symbol.name);
    const auto line = program.debug.line_of(address);
    if (!line || (line->file == last.file && line->line == last.line)) return;
    fmt::print("; {}:{}\n", line->file, line->line);
    last = *line;
}

void print_insn(const Program& program, const DisassembledInsn& insn, std::span<const u8> bytes, u64 address) {
    std::string hex;
    for (const u8 byte : bytes.first(insn.length)) hex += fmt::format("{:02x} ", byte);
    const std::string target = insn.target ? program.symbols.name_at(insn.target) : "";
    fmt::print("{:8x}:  {:<24}{}{}\n", address, hex, insn.text, target.empty() ? "" : "  <" + target + ">");
}

bool print_code(const Program& program, const Code& code, Range range) {
    const Disassembler disassembler(program.bits);
    kernel::SourceLine last{"", 0};
    u64 address = std::max(code.address, range.from);
    const u64 end = std::min(code.address + code.bytes.size(), range.to);
    if (address >= end) return false;
    while (address < end) {
        const std::span<const u8> rest = std::span(code.bytes).subspan(address - code.address, end - address);
        print_place(program, address, last);
        const auto insn = disassembler.at(rest.first(std::min<std::size_t>(rest.size(), 15)), address);
        print_insn(program, insn, rest, address);
        address += insn.length;
    }
    return true;
}

} // namespace

int dis_verb(Words words) {
    if (words.empty() || words.size() > 2) return report_usage("dis: trapgate dis PROG [SYMBOL|ADDRESS]");
    auto program = read_program(words[0]);
    if (!program) return report(program.error());
    Range range{0, ~u64{0}};
    if (words.size() == 2) {
        const auto found = find_range(program.value(), words[0], words[1]);
        if (!found) return report(found.error());
        range = found.value();
    }
    bool any = false;
    for (const Code& code : program.value().code) any |= print_code(program.value(), code, range);
    return any ? 0 : report(Error{fmt::format("{}: no code at {}", words[0], words[1]), 1});
}

} // namespace trapgate::frontend
