// SPDX-License-Identifier: MIT
// Framing, parsing and the checks on arguments.
#include "frontend/dap/protocol.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace trapgate::frontend::dap {

namespace {

constexpr std::string_view blank_line = "\r\n\r\n";

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

/// The value of Content-Length in a block of header lines.
Result<std::size_t> content_length(std::string_view header) {
    while (!header.empty()) {
        const auto end = std::min(header.find("\r\n"), header.size());
        const std::string_view line = header.substr(0, end);
        header.remove_prefix(std::min(end + 2, header.size()));
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return Error{fmt::format("a header line without a colon: {}", line)};
        if (lower(line.substr(0, colon)) != "content-length") continue;
        std::string_view value = line.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        std::size_t length = 0;
        const auto [stopped, error] = std::from_chars(value.data(), value.data() + value.size(), length);
        if (error != std::errc{} || stopped != value.data() + value.size())
            return Error{fmt::format("Content-Length is not a number: {}", value)};
        if (length > longest_message)
            return Error{fmt::format("a message of {} bytes; the longest is {}", length, longest_message)};
        return length;
    }
    return Error{"a message without Content-Length"};
}

const Json* find(const Json& arguments, const char* name) {
    const auto found = arguments.is_object() ? arguments.find(name) : arguments.end();
    return !arguments.is_object() || found == arguments.end() || found->is_null() ? nullptr : &*found;
}

[[noreturn]] void wrong_type(const char* name, const char* wanted) {
    throw Refusal{fmt::format("argument {}: must be {}", name, wanted)};
}

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

Result<std::optional<std::string>> MessageReader::next() {
    const auto end = buffer_.find(blank_line);
    if (end == std::string::npos) {
        if (buffer_.size() > longest_header) return Error{"no end of the header in sight"};
        return std::optional<std::string>{};
    }
    if (end > longest_header) return Error{"no end of the header in sight"};
    TRY(length, content_length(std::string_view(buffer_).substr(0, end)));
    const std::size_t begin = end + blank_line.size();
    if (buffer_.size() - begin < length) return std::optional<std::string>{};
    std::optional<std::string> message = buffer_.substr(begin, length);
    buffer_.erase(0, begin + length);
    return message;
}

std::variant<Request, BadRequest> parse_request(std::string_view text) {
    const Json message = Json::parse(text, nullptr, false);
    if (message.is_discarded()) return BadRequest{0, "", "the message is no JSON"};
    if (!message.is_object()) return BadRequest{0, "", "the message is no object"};
    Request request;
    if (const Json* seq = find(message, "seq"); seq && seq->is_number_integer()) request.seq = seq->get<s64>();
    if (const Json* name = find(message, "command"); name && name->is_string())
        request.command = name->get<std::string>();
    const Json* type = find(message, "type");
    if (!type || *type != "request") return BadRequest{request.seq, request.command, "the message is no request"};
    if (request.command.empty()) return BadRequest{request.seq, "", "the request names no command"};
    if (const Json* arguments = find(message, "arguments")) {
        if (!arguments->is_object())
            return BadRequest{request.seq, request.command, "arguments: must be an object"};
        request.arguments = *arguments;
    }
    return request;
}

std::string framed(const Json& message) {
    const std::string text = message.dump(-1, ' ', false, Json::error_handler_t::replace);
    return fmt::format("Content-Length: {}\r\n\r\n{}", text.size(), text);
}

bool boolean(const Json& arguments, const char* name, bool otherwise) {
    const Json* found = find(arguments, name);
    if (!found) return otherwise;
    if (!found->is_boolean()) wrong_type(name, "true or false");
    return found->get<bool>();
}

s64 number(const Json& arguments, const char* name, s64 otherwise) {
    const Json* found = find(arguments, name);
    if (!found) return otherwise;
    if (!found->is_number_integer()) wrong_type(name, "a whole number");
    return found->get<s64>();
}

s64 need_number(const Json& arguments, const char* name) {
    if (!find(arguments, name)) throw Refusal{fmt::format("argument {}: missing", name)};
    return number(arguments, name, 0);
}

std::string text(const Json& arguments, const char* name, std::string otherwise) {
    const Json* found = find(arguments, name);
    if (!found) return otherwise;
    if (!found->is_string()) wrong_type(name, "a text");
    return found->get<std::string>();
}

std::string need_text(const Json& arguments, const char* name) {
    if (!find(arguments, name)) throw Refusal{fmt::format("argument {}: missing", name)};
    return text(arguments, name);
}

std::vector<Json> list(const Json& arguments, const char* name) {
    const Json* found = find(arguments, name);
    if (!found) return {};
    if (!found->is_array()) wrong_type(name, "a list");
    return found->get<std::vector<Json>>();
}

std::vector<std::string> text_list(const Json& arguments, const char* name) {
    std::vector<std::string> texts;
    for (const Json& element : list(arguments, name)) {
        if (!element.is_string()) wrong_type(name, "a list of texts");
        texts.push_back(element.get<std::string>());
    }
    return texts;
}

std::string to_base64(std::string_view bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        u32 group = 0;
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < count ? static_cast<u8>(bytes[i + j]) : 0);
        for (std::size_t j = 0; j < 4; ++j) out += j <= count ? digits[group >> (18 - 6 * j) & 63] : '=';
    }
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) text.remove_suffix(1), ++padding;
    std::string out;
    u32 group = 0, bits = 0;
    for (const char c : text) {
        const auto value = digits.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        group = group << 6 | static_cast<u32>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>(group >> bits & 0xff);
        }
    }
    return out;
}

} // namespace trapgate::frontend::dap
