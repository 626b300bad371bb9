// SPDX-License-Identifier: MIT
// Bits of descriptors: [SDM3] "Segment Descriptors", "IDT Descriptors", "Call Gates". Members of the TSS: "Task-State Segment (TSS)".
#include "frontend/debug/edits.hpp"

#include "frontend/suggest.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

/// A field of eight bytes: up to two pieces, the lower bits of the value first.
struct Field {
    std::string_view name;
    u8 shift, bits;
    u8 shift_high, bits_high;
    bool of_gate, of_segment;
};
constexpr std::array<Field, 14> fields{{{"p", 47, 1, 0, 0, true, true},
                                        {"present", 47, 1, 0, 0, true, true},
                                        {"dpl", 45, 2, 0, 0, true, true},
                                        {"s", 44, 1, 0, 0, true, true},
                                        {"type", 40, 4, 0, 0, true, true},
                                        {"selector", 16, 16, 0, 0, true, false},
                                        {"offset", 0, 16, 48, 16, true, false},
                                        {"count", 32, 5, 0, 0, true, false},
                                        {"base", 16, 24, 56, 8, false, true},
                                        {"limit", 0, 16, 48, 4, false, true},
                                        {"g", 55, 1, 0, 0, false, true},
                                        {"db", 54, 1, 0, 0, false, true},
                                        {"avl", 52, 1, 0, 0, false, true},
                                        {"raw", 0, 64, 0, 0, true, true}}};

struct TssMember {
    std::string_view name;
    u8 offset, bytes;
};
constexpr std::array<TssMember, 12> tss_members{{{"link", 0, 2},
                                                 {"esp0", 4, 4},
                                                 {"ss0", 8, 2},
                                                 {"esp1", 12, 4},
                                                 {"ss1", 16, 2},
                                                 {"esp2", 20, 4},
                                                 {"ss2", 24, 2},
                                                 {"cr3", 28, 4},
                                                 {"ldt", 96, 2},
                                                 {"trap", 100, 2},
                                                 {"io_map", 102, 2},
                                                 {"iomap", 102, 2}}};

template <class Rows> Error no_such(std::string_view what, std::string_view name, const Rows& rows) {
    std::vector<std::string_view> names;
    for (const auto& row : rows) names.push_back(row.name);
    const auto meant = nearest_word(name, names);
    return Error{fmt::format("{} {}: there is none{}", what, name,
                             meant ? fmt::format("; did you mean {}?", *meant)
                                   : fmt::format("; there are {}", fmt::join(names, ", "))),
                 1};
}

u64 mask(u8 bits) {
    return bits >= 64 ? ~u64{0} : (u64{1} << bits) - 1;
}

Result<u64> with_field(u64 raw, const Field& field, u64 value) {
    const u8 bits = static_cast<u8>(field.bits + field.bits_high);
    if (value & ~mask(bits))
        return Error{fmt::format("{}: {:#x} has more than {} bits", field.name, value, bits), 1};
    raw = (raw & ~(mask(field.bits) << field.shift)) | (value & mask(field.bits)) << field.shift;
    if (field.bits_high == 0) return raw;
    return (raw & ~(mask(field.bits_high) << field.shift_high)) | (value >> field.bits) << field.shift_high;
}

machine::Edit memory_edit(u32 address, u64 value, u32 bytes) {
    machine::Edit edit;
    edit.address = address;
    edit.bytes.resize(bytes);
    std::memcpy(edit.bytes.data(), &value, bytes);
    return edit;
}

/// The eight bytes at `address`, as the edits so far would leave them.
Result<u64> descriptor_at(Context& context, u32 address, const std::vector<machine::Edit>& before) {
    const auto raw = context.debuggee.memory().get<u64>(address);
    if (!raw) return Error{fmt::format("cannot read the descriptor at {:#010x}", address), 1};
    u64 value = *raw;
    for (const machine::Edit& edit : before)
        if (edit.register_name.empty() && edit.address == address && edit.bytes.size() == sizeof value)
            std::memcpy(&value, edit.bytes.data(), sizeof value);
    return value;
}

/// "idt[0x80].dpl": table, index, field.
Result<machine::Edit> descriptor_edit(Context& context, std::string_view place, u64 value,
                                      const std::vector<machine::Edit>& before) {
    const auto close = place.find("].");
    if (close == std::string_view::npos) return Error{fmt::format("{}: looks like idt[0x80].dpl", place), 1};
    const bool gate = place.starts_with("idt");
    const cpu::TableRegister& table = gate ? context.cpu().idtr : context.cpu().gdtr;
    TRY(index, context.number(place.substr(4, close - 4)));
    if (index * 8 + 7 > table.limit)
        return Error{fmt::format("{}: the table ends with entry {:#x}", place, (table.limit + 1u) / 8 - 1), 1};
    const std::string_view name = trimmed(place.substr(close + 2));
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
    if (field == fields.end()) return no_such("field", name, fields);
    const u32 address = table.base + static_cast<u32>(index) * 8;
    TRY(raw, descriptor_at(context, address, before));
    const bool is_gate = gate || (!(raw >> 44 & 1) && (raw >> 40 & 4)); // call and task gates stand in the GDT too
    if (is_gate ? !field->of_gate : !field->of_segment)
        return Error{fmt::format("{}: a {} has no such field", place, is_gate ? "gate" : "segment descriptor"), 1};
    TRY(changed, with_field(raw, *field, value));
    return memory_edit(address, changed, 8);
}

Result<machine::Edit> tss_edit(Context& context, std::string_view name, u64 value) {
    const auto member =
        std::find_if(tss_members.begin(), tss_members.end(), [&](const TssMember& m) { return m.name == name; });
    if (member == tss_members.end()) return no_such("member of the TSS", name, tss_members);
    return memory_edit(context.cpu().tr.base + member->offset, value, member->bytes);
}

Result<machine::Edit> register_edit(Context& context, std::string_view name, u64 value) {
    machine::Edit edit;
    edit.value = value;
    edit.register_name = register_alias(name);
    if (const RegisterPart* part = find_register_part(name)) {
        const auto* whole = machine::find_register(part->whole);
        const u64 bits = mask(part->bits) << part->shift;
        edit.register_name = part->whole;
        edit.value = (whole->get(context.cpu()) & ~bits) | (value << part->shift & bits);
        return edit;
    }
    const auto* info = machine::find_register(edit.register_name);
    if (!info) return Error{fmt::format("${}: no such register", name), 1};
    if (!info->set) return Error{fmt::format("${}: cannot be set alone", name), 1};
    edit.value = value & mask(info->bits);
    return edit;
}

/// A lane of a vector register: the rest of its part stays as it is, or as the edits so far would leave it.
Result<machine::Edit> part_edit(Context& context, const Value& lane, u64 value,
                                const std::vector<machine::Edit>& before) {
    const auto* part = machine::find_register(lane.register_name);
    machine::Edit edit;
    edit.register_name = lane.register_name;
    u64 now = part->get(context.cpu());
    for (const machine::Edit& earlier : before)
        if (earlier.register_name == edit.register_name) now = earlier.value;
    edit.value = into_memory(now, value, lane.type);
    return edit;
}

Result<machine::Edit> one_edit(Context& context, std::string_view text, const std::vector<machine::Edit>& before) {
    const auto equals = find_assignment(text);
    if (equals == std::string_view::npos)
        return Error{
            fmt::format(
                "{}: a change looks like $eax = 1, {{int}}0xc0100000 = 0, idt[0x80].dpl = 0 or tss.esp0 = 0", text),
            1};
    const std::string_view place = trimmed(text.substr(0, equals)), what = trimmed(text.substr(equals + 1));
    TRY(value, context.number(what));
    if (place.starts_with("idt[") || place.starts_with("gdt["))
        return descriptor_edit(context, place, value, before);
    if (place.starts_with("tss.")) return tss_edit(context, place.substr(4), value);
    if (place.starts_with('$') && place.find_first_of("-[.") == std::string_view::npos)
        return register_edit(context, place.substr(1), value);
    TRY(left, evaluate(place, context.scope));
    if (!left.address && left.register_name.find('.') != std::string::npos)
        return part_edit(context, left, value, before);
    if (!left.address || !left.type.is_number())
        return Error{fmt::format("{}: nothing there that could be set; try {{int}}{}", place, place), 1};
    u64 unit = 0;
    if (left.type.bits) {
        std::array<u8, sizeof unit> bytes{};
        const auto there = std::span(bytes).first(left.type.element_bytes());
        if (!context.debuggee.memory().read(*left.address, there))
            return Error{fmt::format("{}: not mapped", place), 1};
        std::memcpy(&unit, bytes.data(), sizeof unit);
    }
    return memory_edit(*left.address, into_memory(unit, value, left.type), left.type.element_bytes());
}

} // namespace

std::size_t find_assignment(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '=') continue;
        if (i + 1 < text.size() && text[i + 1] == '=') {
            ++i;
            continue;
        }
        if (i > 0 && std::string_view("<>!").find(text[i - 1]) != std::string_view::npos) continue;
        return i;
    }
    return std::string_view::npos;
}

Result<machine::Edit> parse_edit(Context& context, std::string_view text) {
    return one_edit(context, trimmed(text), {});
}

Result<std::vector<machine::Edit>> parse_edits(Context& context, std::string_view text) {
    std::vector<machine::Edit> edits;
    while (!trimmed(text).empty()) {
        const auto semicolon = text.find(';');
        TRY(edit, one_edit(context, trimmed(text.substr(0, semicolon)), edits));
        edits.push_back(edit);
        text = semicolon == std::string_view::npos ? std::string_view{} : text.substr(semicolon + 1);
    }
    if (edits.empty()) return Error{"what shall be changed? For example: what-if idt[0x80].dpl = 0", 1};
    return edits;
}

} // namespace trapgate::frontend::debug
