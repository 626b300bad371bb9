// SPDX-License-Identifier: MIT
// libdw does the parsing; this file asks it for the two things we need.
#include "kernel/bit_field.hpp"
#include "kernel/debug_info_impl.hpp"

#include <dwarf.h>
#include <map>

namespace trapgate::kernel {

namespace {

constexpr int deepest_nesting = 4; ///< of structures inside structures: enough for task_struct.thread.i387

std::optional<u64> constant(Dwarf_Die* die, unsigned attribute) {
    Dwarf_Attribute found;
    Dwarf_Word value;
    if (!dwarf_attr_integrate(die, attribute, &found) || dwarf_formudata(&found, &value) != 0) return {};
    return value;
}

/// The type of `die` without typedefs and qualifiers.
bool plain_type(Dwarf_Die* die, Dwarf_Die* type) {
    Dwarf_Attribute attribute;
    Dwarf_Die named;
    if (!dwarf_attr_integrate(die, DW_AT_type, &attribute) || !dwarf_formref_die(&attribute, &named)) return false;
    return dwarf_peel_type(&named, type) == 0;
}

bool is_structure(Dwarf_Die* die) {
    const int tag = dwarf_tag(die);
    return tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

u32 array_count(Dwarf_Die* array) {
    Dwarf_Die range;
    if (dwarf_child(array, &range) != 0) return 0;
    if (const auto count = constant(&range, DW_AT_count)) return static_cast<u32>(*count);
    if (const auto last = constant(&range, DW_AT_upper_bound)) return static_cast<u32>(*last + 1);
    return 0;
}

constexpr int deepest_type = 8; ///< pointers to pointers to arrays …

std::string type_text(Dwarf_Die* owner, int depth = 0);

/// "struct list_head"; without a tag, by the typedef that leads to it.
std::string tagged(std::string_view kind, Dwarf_Die* type, Dwarf_Die* alias) {
    const char* name = dwarf_diename(type);
    if (!name && dwarf_tag(alias) == DW_TAG_typedef) name = dwarf_diename(alias);
    return name ? std::string(kind) + " " + name : "";
}

/// The type of `owner` in C; empty if it has no name in C.
std::string type_text(Dwarf_Die* owner, int depth) {
    Dwarf_Attribute attribute;
    Dwarf_Die alias, type;
    if (!dwarf_attr_integrate(owner, DW_AT_type, &attribute)) return "void";
    if (!dwarf_formref_die(&attribute, &alias) || dwarf_peel_type(&alias, &type) != 0 || depth > deepest_type)
        return "void";
    switch (dwarf_tag(&type)) {
    case DW_TAG_base_type: return dwarf_diename(&type) ? dwarf_diename(&type) : "";
    case DW_TAG_structure_type: return tagged("struct", &type, &alias);
    case DW_TAG_union_type: return tagged("union", &type, &alias);
    case DW_TAG_enumeration_type: return tagged("enum", &type, &alias);
    case DW_TAG_array_type: return type_text(&type, depth + 1) + " [" + std::to_string(array_count(&type)) + "]";
    case DW_TAG_pointer_type: {
        const std::string target = type_text(&type, depth + 1);
        return (target.empty() || target.ends_with(']') ? "void" : target) + (target.ends_with('*') ? "*" : " *");
    }
    default: return "void";
    }
}

void add_members(Dwarf_Die* structure, const std::string& prefix, u32 base, int depth,
                 std::vector<Member>& members);

/// Bytes from the beginning of its structure: a number, or before DWARF 3 the expression "plus that number".
u32 location_of(Dwarf_Die* die) {
    if (const auto number = constant(die, DW_AT_data_member_location)) return static_cast<u32>(*number);
    Dwarf_Attribute attribute;
    Dwarf_Op* expression = nullptr;
    std::size_t length = 0;
    if (!dwarf_attr_integrate(die, DW_AT_data_member_location, &attribute) ||
        dwarf_getlocation(&attribute, &expression, &length) != 0 || length != 1)
        return 0;
    return expression[0].atom == DW_OP_plus_uconst ? static_cast<u32>(expression[0].number) : 0;
}

/// The first bit of a bit field, counted from the beginning of the structure that begins at `base`. Since DWARF 4 it is counted from
/// there; before, the distance of the highest bit from the upper end of the unit was told.
/// Source: [dwarf] "Structure Data Member Entries"; version 3, the same.
u32 first_bit_of(Dwarf_Die* die, u32 base, u32 bits, u32 size) {
    const u32 begin = 8 * (base + location_of(die));
    if (const auto offset = constant(die, DW_AT_data_bit_offset)) return begin + static_cast<u32>(*offset);
    const auto unit = static_cast<u32>(constant(die, DW_AT_byte_size).value_or(size));
    const auto from_above = constant(die, DW_AT_bit_offset);
    return from_above ? begin + 8 * unit - static_cast<u32>(*from_above) - bits : begin;
}

void add_member(Dwarf_Die* die, const std::string& prefix, u32 base, int depth, std::vector<Member>& members) {
    const char* name = dwarf_diename(die);
    const u32 offset = base + location_of(die);
    Dwarf_Die type;
    if (!plain_type(die, &type)) return;
    Dwarf_Word size = 0;
    dwarf_aggregate_size(&type, &size);
    const std::string full = name ? prefix + name : prefix;
    if (name) {
        Member member{full, offset, static_cast<u32>(size),
                      dwarf_tag(&type) == DW_TAG_array_type ? array_count(&type) : 1, type_text(die)};
        const auto bits = static_cast<u32>(constant(die, DW_AT_bit_size).value_or(0));
        if (bits && bits < 8 * size && bits < 64)
            place_bits(member, first_bit_of(die, base, bits, member.size), bits);
        members.push_back(std::move(member));
    }
    if (is_structure(&type) && depth < deepest_nesting)
        add_members(&type, name ? full + "." : prefix, offset, depth + 1, members);
}

void add_members(Dwarf_Die* structure, const std::string& prefix, u32 base, int depth,
                 std::vector<Member>& members) {
    Dwarf_Die child;
    if (dwarf_child(structure, &child) != 0) return;
    do {
        if (dwarf_tag(&child) == DW_TAG_member) add_member(&child, prefix, base, depth, members);
    } while (dwarf_siblingof(&child, &child) == 0);
}

std::optional<Layout> layout_of(Dwarf_Die* structure, std::string_view name) {
    Dwarf_Word size = 0;
    if (dwarf_hasattr(structure, DW_AT_declaration) || dwarf_aggregate_size(structure, &size) != 0) return {};
    Layout layout{std::string(name), static_cast<u32>(size), {}};
    add_members(structure, "", 0, 0, layout.members);
    return layout;
}

/// `die` itself, or what a typedef stands for, if it is a whole structure called `name`.
std::optional<Layout> match(Dwarf_Die* die, std::string_view name) {
    const char* found = dwarf_diename(die);
    if (!found || name != found) return {};
    if (is_structure(die)) return layout_of(die, name);
    Dwarf_Die type;
    if (dwarf_tag(die) == DW_TAG_typedef && dwarf_peel_type(die, &type) == 0 && is_structure(&type))
        return layout_of(&type, name);
    return {};
}

/// Compilers are told the project's folder; what lies above it is nobody's business.
std::string short_path(std::string_view path) {
    for (const std::string_view top : {"guest/kernel/", "guest/"}) {
        const auto at = path.rfind(top);
        if (at != std::string_view::npos) return std::string(path.substr(at + top.size()));
    }
    while (path.starts_with("./")) path.remove_prefix(2);
    return std::string(path);
}

std::string whole_path(Dwarf_Die* unit, std::string_view file) {
    Dwarf_Attribute attribute;
    const char* folder = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    // A folder that is no whole path itself says nothing that the name does not (-ffile-prefix-map made it so).
    if (file.starts_with('/') || !folder || *folder != '/') return std::string(file);
    return std::string(folder) + "/" + std::string(file);
}

} // namespace

const Member* Layout::find(std::string_view wanted) const {
    for (const Member& member : members)
        if (member.name == wanted) return &member;
    return nullptr;
}

DebugInfo::DebugInfo(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DebugInfo::~DebugInfo() = default;
DebugInfo::DebugInfo(DebugInfo&&) noexcept = default;
DebugInfo& DebugInfo::operator=(DebugInfo&&) noexcept = default;

Result<DebugInfo> DebugInfo::from_file(const std::string& path) {
    TRY(elf, ElfHandle::open(path));
    return DebugInfo(std::make_unique<Impl>(std::move(elf)));
}

bool DebugInfo::present() const {
    return impl_->dwarf != nullptr;
}

std::optional<SourceLine> DebugInfo::line_of(u64 address) const {
    if (!impl_->dwarf) return {};
    Dwarf_CU* unit = nullptr;
    Dwarf_Die die;
    while (dwarf_get_units(impl_->dwarf, unit, &unit, nullptr, nullptr, &die, nullptr) == 0) {
        if (dwarf_haspc(&die, address) != 1) continue;
        Dwarf_Line* line = dwarf_getsrc_die(&die, address);
        int number = 0;
        const char* file = line ? dwarf_linesrc(line, nullptr, nullptr) : nullptr;
        if (!file || dwarf_lineno(line, &number) != 0) return {};
        return SourceLine{short_path(file), number, whole_path(&die, file)};
    }
    return {};
}

std::optional<Layout> DebugInfo::layout(std::string_view name) const {
    if (!impl_->dwarf) return {};
    Dwarf_CU* unit = nullptr;
    Dwarf_Die top;
    while (dwarf_get_units(impl_->dwarf, unit, &unit, nullptr, nullptr, &top, nullptr) == 0) {
        Dwarf_Die child;
        if (dwarf_child(&top, &child) != 0) continue;
        do {
            if (auto layout = match(&child, name)) return layout;
        } while (dwarf_siblingof(&child, &child) == 0);
    }
    return {};
}

const Layout* DebugInfo::structure(std::string_view name) const {
    auto& known = impl_->structures;
    auto found = known.find(name);
    if (found == known.end()) found = known.emplace(std::string(name), layout(name)).first;
    return found->second ? &*found->second : nullptr;
}

std::optional<std::string> DebugInfo::variable_type(std::string_view name) const {
    if (!impl_->dwarf) return {};
    Dwarf_CU* unit = nullptr;
    Dwarf_Die top;
    while (dwarf_get_units(impl_->dwarf, unit, &unit, nullptr, nullptr, &top, nullptr) == 0) {
        Dwarf_Die child;
        if (dwarf_child(&top, &child) != 0) continue;
        do {
            const char* found = dwarf_tag(&child) == DW_TAG_variable ? dwarf_diename(&child) : nullptr;
            if (found && name == found && !dwarf_hasattr(&child, DW_AT_declaration)) return type_text(&child);
        } while (dwarf_siblingof(&child, &child) == 0);
    }
    return {};
}

} // namespace trapgate::kernel
