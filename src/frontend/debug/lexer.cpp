// SPDX-License-Identifier: MIT
#include "frontend/debug/lexer.hpp"

#include <array>
#include <charconv>

namespace trapgate::frontend::debug {

namespace {

// <cctype> follows the locale; what a command means may not.
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name(char c) {
    return is_letter(c) || is_digit(c);
}

// Longer ones first.
constexpr std::array<std::string_view, 35> operators{
    "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "->", "(", ")", "[", "]", "{", "}", "+", "-", "*",
    "/",  "%",  "&",  "|",  "^",  "~",  "!",  "<",  ">",  "?", ":", ",", ".", "=", "@", ";", "#"};

class Lexer {
  public:
    explicit Lexer(std::string_view line) : line_(line) {}

    std::vector<Token> run() {
        std::vector<Token> tokens;
        do tokens.push_back(next());
        while (tokens.back().kind != Token::Kind::End && tokens.back().kind != Token::Kind::Bad);
        return tokens;
    }

  private:
    char peek(std::size_t ahead = 0) const { return at_ + ahead < line_.size() ? line_[at_ + ahead] : '\0'; }

    Token make(Token::Kind kind, std::size_t begin) const {
        Token token;
        token.kind = kind;
        token.column = begin;
        token.text = line_.substr(begin, at_ - begin);
        return token;
    }

    Token bad(std::size_t begin, std::string_view complaint) const {
        Token token = make(Token::Kind::Bad, begin);
        token.complaint = complaint;
        return token;
    }

    Token next() {
        while (peek() == ' ' || peek() == '\t') ++at_;
        const std::size_t begin = at_;
        if (at_ == line_.size()) return make(Token::Kind::End, begin);
        const char c = peek();
        if (is_digit(c)) return number();
        if (is_letter(c)) return name();
        if (c == '$') return dollar();
        if (c == '\'') return character();
        for (const std::string_view op : operators)
            if (line_.substr(at_).starts_with(op)) {
                at_ += op.size();
                return make(Token::Kind::Operator, begin);
            }
        ++at_;
        return bad(begin, "this character means nothing here");
    }

    Token name() {
        const std::size_t begin = at_;
        while (is_name(peek()) || (peek() == '.' && is_digit(peek(1)))) ++at_; // gcc's copies: next_id.0
        return make(Token::Kind::Name, begin);
    }

    Token dollar() {
        const std::size_t begin = at_++;
        while (is_name(peek()) || (at_ == begin + 1 && peek() == '$')) ++at_;
        Token token = make(Token::Kind::Dollar, begin);
        token.text.remove_prefix(1);
        return token;
    }

    Token number() {
        const std::size_t begin = at_;
        while (is_name(peek())) ++at_;
        std::string_view digits = line_.substr(begin, at_ - begin);
        int base = 10;
        if (digits.starts_with("0x") || digits.starts_with("0X"))
            base = 16;
        else if (digits.starts_with("0b") || digits.starts_with("0B"))
            base = 2;
        else if (digits.size() > 1 && digits[0] == '0')
            base = 8;
        if (base == 16 || base == 2) digits.remove_prefix(2);
        while (!digits.empty() && std::string_view("uUlL").find(digits.back()) != std::string_view::npos)
            digits.remove_suffix(1);
        u64 value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
        if (error == std::errc::result_out_of_range) return bad(begin, "more than 64 bits");
        if (error != std::errc{} || end != digits.data() + digits.size()) return bad(begin, "not a number");
        Token token = make(Token::Kind::Number, begin);
        token.number = value;
        token.decimal = base == 10;
        return token;
    }

    Token character() {
        const std::size_t begin = at_++;
        u64 value = static_cast<u8>(peek());
        if (at_ >= line_.size()) return bad(begin, "the closing ' is missing");
        ++at_;
        if (value == '\\' && !escape(value)) return bad(begin, "no such character");
        if (peek() != '\'') return bad(begin, "the closing ' is missing");
        ++at_;
        Token token = make(Token::Kind::Number, begin);
        token.number = value;
        token.decimal = token.character = true;
        return token;
    }

    /// What follows a backslash.
    bool escape(u64& value) {
        const char c = peek();
        if (at_ < line_.size()) ++at_;
        constexpr std::string_view letters = "abefnrtv\\'\"0", values = "\a\b\x1b\f\n\r\t\v\\'\"";
        if (const auto at = letters.find(c); c != '\0' && at < values.size()) {
            value = static_cast<u8>(values[at]);
            return true;
        }
        if (c == '0') {
            value = 0;
            return true;
        }
        if (c != 'x') return false;
        const char* from = line_.data() + at_;
        u8 byte = 0;
        const auto [end, error] = std::from_chars(from, line_.data() + line_.size(), byte, 16);
        if (error != std::errc{}) return false;
        at_ += static_cast<std::size_t>(end - from);
        value = byte;
        return true;
    }

    std::string_view line_;
    std::size_t at_ = 0;
};

} // namespace

std::vector<Token> tokenize(std::string_view line) {
    return Lexer(line).run();
}

} // namespace trapgate::frontend::debug
