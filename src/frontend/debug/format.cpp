// SPDX-License-Identifier: MIT
#include "frontend/debug/format.hpp"

#include "frontend/debug/type_parser.hpp"

#include <array>
#include <cstring>
#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

constexpr u32 most_elements = 32; ///< of an array; gdb has 200, on a screen of its own
constexpr u32 longest_string = 200;
constexpr int deepest_structure = 2;

std::string character(u8 c) {
    switch (c) {
    case '\n': return "\\n";
    case '\t': return "\\t";
    case '\r': return "\\r";
    case '\\': return "\\\\";
    case '"': return "\\\"";
    default: break;
    }
    return c >= 0x20 && c < 0x7f ? std::string(1, static_cast<char>(c)) : fmt::format("\\{:03o}", c);
}

std::string show_character(u64 bits) {
    const u8 byte = static_cast<u8>(bits);
    const std::string text = byte == '"' ? "\"" : byte == '\'' ? "\\'" : character(byte);
    return fmt::format("{} '{}'", static_cast<s64>(bits), text);
}

std::string plain(const Value& value, const Scope& scope) {
    const Type& type = value.type;
    const u32 address = static_cast<u32>(value.bits);
    if (type.is_pointer()) {
        if (type.is_char && type.pointers == 1)
            if (const auto text = show_string(address, longest_string, scope); text && address)
                return fmt::format("{:#x} {}", address, *text);
        const std::string prefix = type.is_code ? "" : fmt::format("({}) ", to_text(type));
        return prefix + show_address(address, scope);
    }
    if (type.is_char) return show_character(value.bits);
    if (type.is_signed) return fmt::format("{}", static_cast<s64>(value.bits));
    return fmt::format("{}", value.bits);
}

/// What lies at `address`, as a value of that type.
std::optional<Value> value_at(const Type& type, u32 address, const Scope& scope) {
    Value value{type, address, address, {}};
    if (!type.is_number()) return value;
    std::array<u8, 8> bytes{};
    const u32 size = type.element_bytes();
    if (size == 0 || size > bytes.size() || !scope.read(address, std::span(bytes).first(size))) return std::nullopt;
    std::memcpy(&value.bits, bytes.data(), sizeof value.bits);
    value.bits = from_memory(value.bits, type);
    return value;
}

std::string show_at_depth(const Value& value, char letter, const Scope& scope, int depth);

std::string show_array(const Value& value, char letter, const Scope& scope, int depth) {
    const u32 address = value.address.value_or(0);
    if (value.type.is_char && value.type.pointers == 0 && (letter == 0 || letter == 's'))
        return show_string(address, value.type.count, scope).value_or("<not mapped>");
    std::string text;
    for (u32 i = 0; i < value.type.count; ++i) {
        if (i == most_elements) {
            text += ", ...";
            break;
        }
        const auto element = value_at(value.type.element(), address + i * value.type.element_bytes(), scope);
        if (i) text += ", ";
        if (!element) return "{" + text + "<not mapped>}";
        text += show_at_depth(*element, letter, scope, depth + 1);
    }
    return "{" + text + "}";
}

/// Members of members follow under dotted names: they are shown inside, if their structure is known.
std::string show_structure(const Value& value, char letter, const Scope& scope, int depth) {
    const kernel::Layout* layout = scope.layout(value.type.structure);
    if (!layout || depth > deepest_structure) return "{...}";
    const std::string indent(2 * static_cast<std::size_t>(depth + 1), ' ');
    std::string text = "{\n";
    for (const kernel::Member& member : layout->members) {
        if (member.name.find('.') != std::string::npos) continue;
        const auto inside = value_at(type_of(member, scope), value.address.value_or(0) + member.offset, scope);
        text += fmt::format("{}{} = {}\n", indent, member.name,
                            inside ? show_at_depth(*inside, letter, scope, depth + 1) : "<not mapped>");
    }
    return text + indent.substr(2) + "}";
}

std::string show_at_depth(const Value& value, char letter, const Scope& scope, int depth) {
    if (value.type.count) return show_array(value, letter, scope, depth);
    if (value.type.is_structure()) return show_structure(value, letter, scope, depth);
    if (letter == 0) return plain(value, scope);
    if (letter == 's')
        return show_string(static_cast<u32>(value.bits), longest_string, scope).value_or("<not mapped>");
    return show_number(value.bits, value.type.element_bytes(), letter, scope);
}

} // namespace

Result<DisplayFormat> parse_display_format(std::string_view text) {
    DisplayFormat format;
    std::size_t at = 0;
    u64 count = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9' && count < 1'000'000)
        count = 10 * count + static_cast<u64>(text[at++] - '0');
    if (at) format.count = count;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        constexpr std::string_view units = "bhwg";
        if (const auto unit = units.find(c); unit != std::string_view::npos)
            format.unit = 1u << unit;
        else if (number_formats.find(c) != std::string_view::npos || c == 'i')
            format.letter = c;
        else
            return Error{fmt::format("/{}: {} is no format; they are x d u o t a c s i, sizes b h w g", text, c),
                         1};
    }
    if (format.count == 0 || format.count > 65536) return Error{fmt::format("/{}: from 1 to 65536", text), 1};
    return format;
}

std::string show(const Value& value, char letter, const Scope& scope) {
    return show_at_depth(value, letter, scope, 0);
}

std::string show_number(u64 bits, u32 bytes, char letter, const Scope& scope) {
    bits = fit(bits, integer(bytes, false));
    switch (letter) {
    case 'd': return fmt::format("{}", static_cast<s64>(fit(bits, integer(bytes, true))));
    case 'u': return fmt::format("{}", bits);
    case 'o': return fmt::format("{:#o}", bits);
    case 't': return fmt::format("{:0{}b}", bits, 8 * bytes);
    case 'a': return show_address(static_cast<u32>(bits), scope);
    case 'c': return show_character(fit(bits, integer(1, true)));
    default: return fmt::format("{:#0{}x}", bits, 2 * bytes + 2);
    }
}

std::string show_address(u32 address, const Scope& scope) {
    const std::string name = scope.name_at(address);
    return name.empty() ? fmt::format("{:#x}", address) : fmt::format("{:#x} <{}>", address, name);
}

std::optional<std::string> show_string(u32 address, u32 limit, const Scope& scope) {
    std::string text;
    for (u32 i = 0; i < limit; ++i) {
        u8 byte = 0;
        if (!scope.read(address + i, {&byte, 1})) return i ? std::optional("\"" + text + "\"...") : std::nullopt;
        if (byte == 0) return "\"" + text + "\"";
        text += character(byte);
    }
    return "\"" + text + (limit >= longest_string ? "\"..." : "\"");
}

} // namespace trapgate::frontend::debug
