// SPDX-License-Identifier: MIT
#include "frontend/debug/type_parser.hpp"
#include "kernel/bit_field.hpp"

#include <charconv>
#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

constexpr std::size_t most_pointers = 4;

/// The words of an integer type, in any order: "long unsigned int".
struct Words {
    bool is_unsigned = false, is_signed = false, is_char = false, is_void = false, any = false;
    u32 bytes = 4;

    bool take(std::string_view word) {
        any = true;
        if (word == "const" || word == "volatile" || word == "int") return true;
        if (word == "unsigned") return is_unsigned = true;
        if (word == "signed") return is_signed = true;
        if (word == "short") return bytes = 2, true;
        if (word == "long") return bytes = seen_long_ ? 8 : 4, seen_long_ = true;
        if (word == "char") return bytes = 1, is_char = true;
        if (word == "_Bool") return bytes = 1, is_unsigned = true;
        if (word == "void") return bytes = 1, is_void = is_unsigned = true;
        return sized(word);
    }

  private:
    /// u8 … s64, uint8_t … int64_t.
    bool sized(std::string_view word) {
        if (word.ends_with("_t")) word.remove_suffix(2);
        if (word.starts_with("uint") || word.starts_with("int"))
            word.remove_prefix(word[0] == 'u' ? (is_unsigned = true, 4) : 3);
        else
            is_unsigned = word[0] == 'u', word.remove_prefix(1);
        u32 bits = 0;
        std::from_chars(word.data(), word.data() + word.size(), bits);
        bytes = bits / 8;
        return bytes != 0;
    }

    bool seen_long_ = false;
};

std::optional<Type> base_type(std::span<const Token> tokens, std::size_t& at, const Scope& scope,
                              std::string& complaint) {
    Words words;
    while (tokens[at].kind == Token::Kind::Name && begins_type(tokens[at].text)) {
        const std::string_view word = tokens[at++].text;
        if (word != "struct" && word != "union" && word != "enum") {
            words.take(word);
            continue;
        }
        const Token& name = tokens[at];
        if (name.kind != Token::Kind::Name) return complaint = "here should be the name of a type", std::nullopt;
        ++at;
        if (word == "enum") return integer(4, false);
        Type type;
        type.structure = name.text;
        const kernel::Layout* layout = scope.layout(name.text);
        type.bytes = layout ? layout->size : 0; // enough for a pointer to it
        return type;
    }
    if (!words.any) return complaint = "here should be a type", std::nullopt;
    Type type = integer(words.bytes, !words.is_unsigned);
    type.is_char = words.is_char;
    type.is_void = words.is_void;
    return type;
}

} // namespace

std::optional<Type> read_type(std::span<const Token> tokens, std::size_t& at, const Scope& scope,
                              std::string& complaint) {
    auto type = base_type(tokens, at, scope, complaint);
    const auto is = [&](std::string_view op) {
        return tokens[at].kind == Token::Kind::Operator && tokens[at].text == op;
    };
    while (type && (is("*") || (type->pointers && tokens[at].text == "const"))) {
        if (is("*") && type->pointers++ == most_pointers) return complaint = "too many *", std::nullopt;
        ++at;
    }
    if (type && is("[") && tokens[at + 1].kind == Token::Kind::Number && tokens[at + 2].text == "]") {
        const u64 count = tokens[at + 1].number;
        if (count > 0xffff) return complaint = "too large an array", std::nullopt;
        type->count = static_cast<u32>(count);
        at += 3;
    }
    if (type && type->is_structure() && type->bytes == 0)
        return complaint = fmt::format("nothing is known of struct {}", type->structure), std::nullopt;
    return type;
}

std::optional<Type> parse_type(std::string_view text, const Scope& scope) {
    const auto tokens = tokenize(text);
    std::size_t at = 0;
    std::string complaint;
    auto type = read_type(tokens, at, scope, complaint);
    return tokens[at].kind == Token::Kind::End ? type : std::nullopt;
}

Type type_of(const kernel::Member& member, const Scope& scope) {
    const u32 count = member.count ? member.count : 1;
    const kernel::BitField field = kernel::bit_field(member);
    auto named = parse_type(kernel::unit_type(member), scope);
    if (field.bits) {
        // Bits that cross the border of an int: so many bytes that their number is a type's.
        const u32 bytes = member.size <= 2 ? member.size : member.size <= 4 ? 4 : 8;
        Type type = named && named->size() == member.size ? *named : integer(bytes, named && named->is_signed);
        type.bits = field.bits;
        type.low_bit = field.low_bit;
        return type;
    }
    if (named && named->count == 0 && member.count > 1) named->count = member.count;
    if (named && named->size() == member.size) return *named;
    Type type = integer(member.size / count, false);
    if (type.bytes != 1 && type.bytes != 2 && type.bytes != 4 && type.bytes != 8) {
        type = integer(1, false);
        type.count = member.size;
    } else if (count > 1) {
        type.count = count;
    }
    return type;
}

} // namespace trapgate::frontend::debug
