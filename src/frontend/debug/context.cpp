// SPDX-License-Identifier: MIT
#include "frontend/debug/context.hpp"

namespace trapgate::frontend::debug {

namespace {
constexpr std::string_view blanks = " \t\r\n";
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view first_word(std::string_view text, std::string_view& rest) {
    text = trimmed(text);
    const auto end = text.find_first_of(blanks);
    rest = end == std::string_view::npos ? std::string_view{} : trimmed(text.substr(end));
    return text.substr(0, end);
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (true) {
        const std::string_view word = first_word(text, text);
        if (word.empty()) return words;
        words.push_back(word);
    }
}

Outcome said(std::string text) {
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    Outcome outcome;
    outcome.text = std::move(text);
    return outcome;
}

Outcome failed(std::string message) {
    Outcome outcome = said(std::move(message));
    outcome.error = true;
    return outcome;
}

Outcome failed(const Error& error) {
    return failed(error.message);
}

Result<u64> Context::number(std::string_view expression) const {
    TRY(value, debug::evaluate(expression, scope));
    return number_of(value);
}

Result<u32> Context::address(std::string_view expression) const {
    TRY(bits, number(expression));
    return static_cast<u32>(bits);
}

} // namespace trapgate::frontend::debug
