// SPDX-License-Identifier: MIT
// `trapgate info PROG`: what is in the file, whether it can run here, and what it needs.
#include "frontend/verbs.hpp"
#include "kernel/debug_info.hpp"
#include "kernel/elf_handle.hpp"
#include "kernel/symbols.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <gelf.h>

namespace trapgate::frontend {

namespace {

struct Facts {
    GElf_Ehdr header;
    std::vector<GElf_Phdr> segments;
    std::string interpreter;
};

std::string read_interpreter(Elf* elf, const GElf_Phdr& segment) {
    std::size_t size = 0;
    const char* raw = elf_rawfile(elf, &size);
    if (!raw || segment.p_offset >= size) return "?";
    const std::string_view text(raw + segment.p_offset, std::min<u64>(segment.p_filesz, size - segment.p_offset));
    std::string name;
    for (const char c : text.substr(0, text.find('\0'))) name += c >= ' ' && c <= '~' ? c : '?';
    return name;
}

Facts read_facts(Elf* elf) {
    Facts facts{};
    gelf_getehdr(elf, &facts.header);
    std::size_t count = 0;
    elf_getphdrnum(elf, &count);
    for (std::size_t i = 0; i < count; ++i) {
        GElf_Phdr segment;
        if (!gelf_getphdr(elf, static_cast<int>(i), &segment)) break;
        if (segment.p_type == PT_INTERP) facts.interpreter = read_interpreter(elf, segment);
        facts.segments.push_back(segment);
    }
    return facts;
}

std::string machine_name(const GElf_Ehdr& header) {
    switch (header.e_machine) {
    case EM_386: return "i386";
    case EM_X86_64: return header.e_ident[EI_CLASS] == ELFCLASS32 ? "x32" : "x86-64";
    case EM_ARM: return "ARM";
    case EM_AARCH64: return "AArch64";
    case EM_RISCV: return "RISC-V";
    default: return fmt::format("machine number {}", header.e_machine);
    }
}

std::string type_name(const Facts& facts) {
    switch (facts.header.e_type) {
    case ET_EXEC: return facts.interpreter.empty() ? "program, static" : "program, dynamically linked";
    case ET_DYN:
        return facts.interpreter.empty() ? "position-independent program or library"
                                         : "program, dynamically linked";
    case ET_REL: return "object file";
    case ET_CORE: return "core dump";
    default: return fmt::format("type {}", facts.header.e_type);
    }
}

/// Why it cannot run, or nothing.
std::string obstacle(const Facts& facts) {
    if (facts.header.e_machine != EM_386)
        return fmt::format("only i386 programs run so far; this is {}", machine_name(facts.header));
    if (facts.header.e_type != ET_EXEC && facts.header.e_type != ET_DYN)
        return fmt::format("it is no program ({})", type_name(facts));
    if (facts.header.e_entry == 0) return fmt::format("it has no entry ({})", type_name(facts));
    for (const auto& segment : facts.segments)
        if (segment.p_type == PT_LOAD) return {};
    return "nothing in it is to be loaded";
}

std::string segment_name(u32 type) {
    switch (type) {
    case PT_LOAD: return "LOAD";
    case PT_INTERP: return "INTERP";
    case PT_DYNAMIC: return "DYNAMIC";
    case PT_NOTE: return "NOTE";
    case PT_TLS: return "TLS";
    case PT_PHDR: return "PHDR";
    case PT_GNU_EH_FRAME: return "EH_FRAME";
    case PT_GNU_STACK: return "STACK";
    case PT_GNU_RELRO: return "RELRO";
    case PT_GNU_PROPERTY: return "PROPERTY";
    default: return fmt::format("{:08x}", type);
    }
}

void print_segments(const Facts& facts) {
    fmt::print("segments   kind       address   in file   in memory  rights\n");
    u64 memory = 0;
    for (const auto& s : facts.segments) {
        fmt::print("           {:<9}  {:08x}  {:8}   {:8}  {}{}{}\n", segment_name(s.p_type), s.p_vaddr, s.p_filesz,
                   s.p_memsz, s.p_flags & PF_R ? 'r' : '-', s.p_flags & PF_W ? 'w' : '-',
                   s.p_flags & PF_X ? 'x' : '-');
        if (s.p_type == PT_LOAD) memory += s.p_memsz;
    }
    fmt::print("needs      {} KB for what it loads, and its stack and heap\n", (memory + 1023) / 1024);
}

void print_symbols(const std::string& path) {
    const auto symbols = kernel::Symbols::from_file(path);
    const auto debug = kernel::DebugInfo::from_file(path);
    std::size_t functions = 0;
    if (symbols)
        for (const auto& symbol : symbols.value().all()) functions += symbol.kind == kernel::Symbol::Kind::Function;
    fmt::print("symbols    {} ({} functions), source lines: {}\n", symbols ? symbols.value().all().size() : 0,
               functions, debug && debug.value().present() ? "yes (DWARF)" : "no");
}

} // namespace

int info_verb(Words words) {
    if (!words.empty() && words[0] == "machine") return info_machine_verb({words.begin() + 1, words.end()});
    if (words.size() != 1) return report_usage("info: trapgate info PROG, or trapgate info machine PROG[@TIME]");
    auto elf = kernel::ElfHandle::open(words[0]);
    if (!elf) return report(elf.error());
    const Facts facts = read_facts(elf.value().get());
    fmt::print("file       {}\nkind       ELF, {}, {}\nentry      {:08x}\n", words[0], machine_name(facts.header),
               type_name(facts), facts.header.e_entry);
    print_segments(facts);
    print_symbols(words[0]);
    const std::string why = obstacle(facts);
    fmt::print("runs here  {}\n", why.empty() ? "yes" : "no: " + why);
    return 0;
}

} // namespace trapgate::frontend
