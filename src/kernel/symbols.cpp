// SPDX-License-Identifier: MIT
// Mapping symbols, section symbols and file names are left out: they name no place a reader would look for.
#include "kernel/symbols.hpp"

#include "kernel/elf_handle.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gelf.h>
#include <tuple>

namespace trapgate::kernel {

namespace {

u64 section_end(Elf* elf, std::size_t index) {
    GElf_Shdr header;
    Elf_Scn* section = index < SHN_LORESERVE ? elf_getscn(elf, index) : nullptr;
    return section && gelf_getshdr(section, &header) ? header.sh_addr + header.sh_size : ~u64{0};
}

std::optional<Symbol> read_symbol(Elf* elf, const GElf_Shdr& header, Elf_Data* data, int index) {
    GElf_Sym symbol;
    if (!gelf_getsym(data, index, &symbol) || symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS) return {};
    const auto type = GELF_ST_TYPE(symbol.st_info);
    if (type == STT_FILE || type == STT_SECTION || type == STT_TLS) return {};
    const char* name = elf_strptr(elf, header.sh_link, symbol.st_name);
    if (!name || !*name || *name == '$') return {};
    const auto kind = type == STT_FUNC     ? Symbol::Kind::Function
                      : type == STT_OBJECT ? Symbol::Kind::Object
                                           : Symbol::Kind::Label;
    const bool global = GELF_ST_BIND(symbol.st_info) != STB_LOCAL;
    return Symbol{symbol.st_value, symbol.st_size, name, kind, global, section_end(elf, symbol.st_shndx)};
}

void read_table(Elf* elf, Elf_Scn* section, const GElf_Shdr& header, std::vector<Symbol>& symbols) {
    Elf_Data* data = elf_getdata(section, nullptr);
    if (!data || header.sh_entsize == 0) return;
    const auto count = std::min<u64>(header.sh_size / header.sh_entsize, 1u << 24);
    for (u64 i = 0; i < count; ++i)
        if (auto symbol = read_symbol(elf, header, data, static_cast<int>(i)))
            symbols.push_back(std::move(*symbol));
}

std::vector<Symbol> read_tables(Elf* elf, GElf_Word type) {
    std::vector<Symbol> symbols;
    for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section));) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) && header.sh_type == type) read_table(elf, section, header, symbols);
    }
    return symbols;
}

/// Functions before objects before labels; global before local; shorter names before longer.
auto rank(const Symbol& s) {
    return std::make_tuple(s.address, s.kind, !s.global, s.name.size(), std::string_view(s.name));
}

} // namespace

Symbols::Symbols(std::vector<Symbol> symbols) : symbols_(std::move(symbols)) {
    std::sort(symbols_.begin(), symbols_.end(), [](const Symbol& a, const Symbol& b) { return rank(a) < rank(b); });
}

Result<Symbols> Symbols::from_file(const std::string& path) {
    TRY(elf, ElfHandle::open(path));
    return Symbols(read_tables(elf.get(), SHT_SYMTAB));
}

Symbols Symbols::from_image(std::span<const u8> image) {
    elf_version(EV_CURRENT);
    std::vector<char> copy(image.begin(), image.end()); // libelf wants it writable
    Elf* elf = elf_memory(copy.data(), copy.size());
    Symbols symbols(elf && elf_kind(elf) == ELF_K_ELF ? read_tables(elf, SHT_DYNSYM) : std::vector<Symbol>{});
    elf_end(elf);
    return symbols;
}

Symbols Symbols::of_vsyscall_page(const std::string& vmlinux) {
    auto elf = ElfHandle::open(vmlinux);
    auto own = from_file(vmlinux);
    if (!elf || !own) return {};
    const auto start = own.value().address_of("vsyscall_start"), end = own.value().address_of("vsyscall_end");
    std::size_t size = 0, count = 0;
    const char* raw = elf_rawfile(elf.value().get(), &size);
    if (!start || !end || *end <= *start || !raw || elf_getphdrnum(elf.value().get(), &count) != 0) return {};
    for (std::size_t i = 0; i < count; ++i) {
        GElf_Phdr segment;
        if (!gelf_getphdr(elf.value().get(), static_cast<int>(i), &segment) || segment.p_type != PT_LOAD) continue;
        if (*start < segment.p_vaddr || *end > segment.p_vaddr + segment.p_filesz) continue;
        const u64 offset = segment.p_offset + (*start - segment.p_vaddr);
        if (offset < size && *end - *start <= size - offset)
            return from_image({reinterpret_cast<const u8*>(raw) + offset, static_cast<std::size_t>(*end - *start)});
    }
    return {};
}

Symbols Symbols::joined_with(const Symbols& other) const {
    std::vector<Symbol> all = symbols_;
    all.insert(all.end(), other.symbols_.begin(), other.symbols_.end());
    return Symbols(std::move(all));
}

const Symbol* Symbols::containing(u64 address) const {
    const auto after = std::upper_bound(symbols_.begin(), symbols_.end(), address,
                                        [](u64 wanted, const Symbol& s) { return wanted < s.address; });
    if (after == symbols_.begin()) return nullptr;
    const u64 start = std::prev(after)->address;
    auto first = std::prev(after);
    while (first != symbols_.begin() && std::prev(first)->address == start) --first;
    for (auto it = first; it != after; ++it)
        if (it->size ? address - start < it->size : address < it->limit) return &*it;
    return nullptr;
}

const Symbol* Symbols::find(std::string_view name) const {
    const auto found =
        std::find_if(symbols_.begin(), symbols_.end(), [&](const Symbol& s) { return s.name == name; });
    return found == symbols_.end() ? nullptr : &*found;
}

std::optional<u64> Symbols::address_of(std::string_view name) const {
    const Symbol* symbol = find(name);
    return symbol ? std::optional(symbol->address) : std::nullopt;
}

std::string Symbols::name_at(u64 address) const {
    const Symbol* symbol = containing(address);
    if (!symbol) return {};
    if (symbol->address == address) return symbol->name;
    return fmt::format("{}+{}", symbol->name, address - symbol->address);
}

} // namespace trapgate::kernel
