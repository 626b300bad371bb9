// SPDX-License-Identifier: MIT
// Frames, checksums, escapes, hexadecimal digits.
#include "frontend/gdb/packet.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::gdb {

namespace {

constexpr char escape = '}';
constexpr u8 escape_flip = 0x20; ///< an escaped byte travels with this bit changed
constexpr u8 interrupt_byte = 3;

/// The value of a hexadecimal digit, or 16.
constexpr u8 digit_value(u8 c) {
    if (c >= '0' && c <= '9') return static_cast<u8>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<u8>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<u8>(c - 'A' + 10);
    return 16;
}

constexpr bool must_be_escaped(char c) {
    return c == '$' || c == '#' || c == escape || c == '*';
}

std::string without_escapes(std::string_view raw) {
    std::string text;
    text.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == escape && i + 1 < raw.size())
            text += static_cast<char>(raw[++i] ^ escape_flip);
        else
            text += raw[i];
    }
    return text;
}

} // namespace

std::optional<Input> PacketReader::take(u8 byte) {
    switch (state_) {
    case State::Between: return between(byte);
    case State::Text: return in_text(byte);
    case State::FirstDigit:
        first_digit_ = byte;
        state_ = State::SecondDigit;
        return std::nullopt;
    case State::SecondDigit: state_ = State::Between; return finish(byte);
    }
    return std::nullopt;
}

std::optional<Input> PacketReader::between(u8 byte) {
    switch (byte) {
    case '+': return Input{Input::Kind::Ack, {}};
    case '-': return Input{Input::Kind::Nack, {}};
    case interrupt_byte: return Input{Input::Kind::Interrupt, {}};
    case '$':
        state_ = State::Text;
        raw_.clear();
        sum_ = 0;
        too_long_ = false;
        break;
    default: break;
    }
    return std::nullopt;
}

std::optional<Input> PacketReader::in_text(u8 byte) {
    if (byte == '#') {
        state_ = State::FirstDigit;
        return std::nullopt;
    }
    if (byte == '$') { // never inside a packet: its beginning was noise, or its end got lost
        raw_.clear();
        sum_ = 0;
        too_long_ = false;
        return std::nullopt;
    }
    sum_ = static_cast<u8>(sum_ + byte);
    if (raw_.size() < 2 * packet_limit) // each byte of the text may take two
        raw_ += static_cast<char>(byte);
    else
        too_long_ = true;
    return std::nullopt;
}

Input PacketReader::finish(u8 second_digit) {
    const u8 high = digit_value(first_digit_), low = digit_value(second_digit);
    if (high > 15 || low > 15 || ((high << 4) | low) != sum_) return {Input::Kind::Damaged, {}};
    if (too_long_) return {Input::Kind::TooLong, {}};
    Input input{Input::Kind::Packet, without_escapes(raw_)};
    if (input.text.size() > packet_limit) return {Input::Kind::TooLong, {}};
    return input;
}

std::string frame(std::string_view text) {
    std::string framed = "$";
    u8 sum = 0;
    const auto add = [&](char c) {
        framed += c;
        sum = static_cast<u8>(sum + static_cast<u8>(c));
    };
    for (const char c : text) {
        if (must_be_escaped(c)) {
            add(escape);
            add(static_cast<char>(c ^ escape_flip));
        } else
            add(c);
    }
    return framed + fmt::format("#{:02x}", sum);
}

std::string to_hex(std::span<const u8> bytes) {
    std::string digits;
    digits.reserve(2 * bytes.size());
    for (const u8 byte : bytes) {
        digits += "0123456789abcdef"[byte >> 4];
        digits += "0123456789abcdef"[byte & 15];
    }
    return digits;
}

std::string to_hex(std::string_view text) {
    return to_hex(std::span(reinterpret_cast<const u8*>(text.data()), text.size()));
}

std::string to_hex_little(u64 value, unsigned bytes) {
    std::string digits;
    for (unsigned i = 0; i < bytes; ++i) digits += fmt::format("{:02x}", (value >> (8 * i)) & 0xff);
    return digits;
}

std::optional<std::string> from_hex(std::string_view digits) {
    if (digits.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const u8 high = digit_value(static_cast<u8>(digits[i])), low = digit_value(static_cast<u8>(digits[i + 1]));
        if (high > 15 || low > 15) return std::nullopt;
        bytes += static_cast<char>((high << 4) | low);
    }
    return bytes;
}

bool Fields::take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
}

std::optional<u64> Fields::number() {
    u64 value = 0;
    std::size_t digits = 0;
    while (digits < rest_.size() && digits < 16) {
        const u8 digit = digit_value(static_cast<u8>(rest_[digits]));
        if (digit > 15) break;
        value = (value << 4) | digit;
        ++digits;
    }
    if (digits == 0) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
}

std::optional<u32> Fields::number32() {
    const auto value = number();
    if (!value || *value > 0xffffffffu) return std::nullopt;
    return static_cast<u32>(*value);
}

std::string_view Fields::up_to(char end) {
    const std::size_t at = rest_.find(end);
    const std::string_view field = rest_.substr(0, at);
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + 1);
    return field;
}

} // namespace trapgate::frontend::gdb
