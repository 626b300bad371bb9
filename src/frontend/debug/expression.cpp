// SPDX-License-Identifier: MIT
// One pass: each rule of the grammar gives its value at once. What C does not evaluate (the other side of && || ?:) is walked with
// `skipping_` set: it is checked for its grammar, but reads nothing. After the first error all rules return at once.
#include "frontend/debug/expression.hpp"

#include "frontend/debug/arithmetic.hpp"
#include "frontend/debug/lexer.hpp"
#include "frontend/debug/type_parser.hpp"
#include "frontend/debug/vector_lanes.hpp"

#include <array>
#include <cstring>
#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

constexpr int deepest = 64; ///< rules inside rules: more is no expression but an attack on the stack

class Evaluator {
  public:
    Evaluator(std::string_view text, const Scope& scope) : text_(text), scope_(scope), tokens_(tokenize(text)) {}

    Result<Value> whole() {
        const Value value = conditional();
        if (!error_ && token().kind != Token::Kind::End) fail("nothing should follow here");
        return finish(value);
    }

    Result<Value> prefix(std::string_view& rest) {
        const Value value = conditional();
        if (!error_) rest = text_.substr(token().column);
        return finish(value);
    }

  private:
    // --- Tokens and errors ---------------------------------------------------------------------
    const Token& token() const { return tokens_[at_]; }
    bool is(std::string_view op) const { return token().kind == Token::Kind::Operator && token().text == op; }
    bool take(std::string_view op) {
        if (!is(op)) return false;
        ++at_;
        return true;
    }
    void want(std::string_view op) {
        if (!error_ && !take(op)) fail(fmt::format("here should be {}", op));
    }
    Value fail(std::string message) { return fail_at(token().column, std::move(message)); }
    Value fail_at(std::size_t column, std::string message) {
        if (!error_) error_ = error_at(text_, column, message);
        return {};
    }
    Result<Value> finish(const Value& value) const {
        if (error_) return *error_;
        return value;
    }

    // --- Values --------------------------------------------------------------------------------
    /// The value in memory, as a number where it is one.
    Value load(Type type, u32 address, std::size_t column) {
        Value value{std::move(type), 0, address, {}};
        if (skipping_ || error_) return value;
        if (value.type.is_structure() && value.type.bytes == 0)
            return fail_at(column, fmt::format("nothing is known of struct {}", value.type.structure));
        if (!value.type.is_number()) {
            value.bits = address;
            return value;
        }
        std::array<u8, 8> bytes{};
        const u32 size = value.type.element_bytes();
        if (size == 0 || size > bytes.size()) return fail_at(column, "a value of this size cannot be read");
        if (!scope_.read(address, std::span(bytes).first(size)))
            return fail_at(column, fmt::format("cannot read memory at {:#010x}", address));
        std::memcpy(&value.bits, bytes.data(), sizeof value.bits);
        value.bits = from_memory(value.bits, value.type);
        return value;
    }

    static Value number(u64 bits, Type type) {
        bits = fit(bits, type);
        return {std::move(type), bits, {}, {}};
    }

    /// A number for arithmetic: arrays become pointers to their first element.
    Value operand(Value value, std::size_t column) {
        if (error_) return {};
        if (value.type.count) {
            const u32 address = value.address.value_or(static_cast<u32>(value.bits));
            return number(address, value.type.element().pointer_to());
        }
        if (!value.type.is_number()) return fail_at(column, fmt::format("{} is no number", to_text(value.type)));
        value.type.bits = 0; // what is calculated from a bit field is a whole number
        return value;
    }

    // --- The grammar ---------------------------------------------------------------------------
    Value conditional() {
        if (++depth_ > deepest) return fail("too deeply nested");
        const std::size_t column = token().column;
        Value value = binary(0);
        if (!error_ && take("?")) {
            const bool yes = operand(value, column).bits != 0;
            const Value first = side(!yes, [this] { return conditional(); });
            want(":");
            const Value second = side(yes, [this] { return conditional(); });
            value = yes ? first : second;
        }
        --depth_;
        return value;
    }

    template <class Rule> Value side(bool skip, Rule rule) {
        const bool before = skipping_;
        skipping_ = before || skip;
        Value value = rule();
        skipping_ = before;
        return value;
    }

    Value binary(int lowest) {
        const std::size_t left_column = token().column;
        Value left = unary();
        while (!error_ && token().kind == Token::Kind::Operator) {
            const Token op = token();
            const int binding = precedence(op.text);
            if (binding < 0 || binding < lowest) break;
            ++at_;
            const bool known = (op.text == "&&" || op.text == "||") && is_decided(op.text, left, left_column);
            const std::size_t right_column = token().column;
            const Value right = side(known, [this, binding] { return nested(binding + 1); });
            left = error_ ? Value{} : apply(op, operand(left, left_column), operand(right, right_column), known);
        }
        return left;
    }

    Value nested(int lowest) {
        if (++depth_ > deepest) return fail("too deeply nested");
        Value value = binary(lowest);
        --depth_;
        return value;
    }

    bool is_decided(std::string_view op, const Value& left, std::size_t column) {
        const bool truth = operand(left, column).bits != 0;
        return op == "&&" ? !truth : truth;
    }

    Value apply(const Token& op, const Value& left, const Value& right, bool decided) {
        if (error_) return {};
        if (op.text == "&&") return number(!decided && right.bits != 0, integer(4, true));
        if (op.text == "||") return number(decided || right.bits != 0, integer(4, true));
        const Calculated result = calculate(op.text, left, right, skipping_);
        return result.complaint.empty() ? result.value : fail_at(op.column, std::string(result.complaint));
    }

    Value unary() {
        if (++depth_ > deepest) return fail("too deeply nested");
        Value value = unary_inside();
        --depth_;
        return value;
    }

    Value unary_inside() {
        const std::size_t column = token().column;
        if (take("-")) return minus(column);
        if (take("+")) return operand(unary(), column);
        if (take("~")) {
            const Value value = operand(unary(), column);
            return number(~value.bits, promote(value.type));
        }
        if (take("!")) return number(operand(unary(), column).bits == 0, integer(4, true));
        if (take("*")) return dereference(operand(unary(), column), column);
        if (take("&")) return address_of(unary(), column);
        if (take("{")) return braces(column);
        if (is("(") && starts_type(at_ + 1)) return cast(column);
        if (token().kind == Token::Kind::Name && token().text == "sizeof") return size_of();
        return postfix();
    }

    Value minus(std::size_t column) {
        const Value value = operand(unary(), column);
        return number(u64{0} - value.bits, promote(value.type));
    }

    Value dereference(const Value& value, std::size_t column) {
        if (error_) return {};
        const bool pointer = value.type.is_pointer() && !(value.type.is_void && value.type.pointers == 1);
        return load(pointer ? value.type.target() : integer(4, true), static_cast<u32>(value.bits), column);
    }

    Value address_of(const Value& value, std::size_t column) {
        if (error_) return {};
        if (value.type.is_code) return value; // a function is its address
        if (value.type.bits) return fail_at(column, "a bit field has no address");
        if (!value.address) return fail_at(column, "this has no address");
        return number(*value.address, value.type.pointer_to());
    }

    Value braces(std::size_t column) {
        const auto type = type_here();
        want("}");
        const Value address = operand(unary(), column);
        return error_ ? Value{} : load(*type, static_cast<u32>(address.bits), column);
    }

    Value cast(std::size_t column) {
        want("(");
        const auto type = type_here();
        want(")");
        const Value value = operand(unary(), column);
        if (error_) return {};
        if (!type->is_number()) return fail_at(column, fmt::format("no cast to {}", to_text(*type)));
        return number(value.bits, *type);
    }

    Value size_of() {
        ++at_;
        const bool of_type = is("(") && starts_type(at_ + 1);
        if (!of_type) return number(side(true, [this] { return unary(); }).type.size(), integer(4, false));
        ++at_;
        const auto type = type_here();
        want(")");
        return error_ ? Value{} : number(type->size(), integer(4, false));
    }

    bool starts_type(std::size_t index) const {
        return index < tokens_.size() && tokens_[index].kind == Token::Kind::Name &&
               begins_type(tokens_[index].text);
    }

    std::optional<Type> type_here() {
        std::string complaint;
        auto type = read_type(tokens_, at_, scope_, complaint);
        if (!type) fail(complaint);
        return type;
    }

    Value postfix() {
        const std::size_t column = token().column;
        Value value = primary();
        while (!error_) {
            const std::size_t here = token().column;
            if (take("[")) {
                value = indexed(value, column);
            } else if (take("->")) {
                if (value.type.count) value = operand(value, column);
                if (!error_ && !value.type.is_pointer()) return fail_at(here, "-> needs a pointer to a structure");
                if (!error_)
                    value = member({value.type.target(), value.bits, static_cast<u32>(value.bits), {}}, here);
            } else if (take(".")) {
                value = member(value, here);
            } else {
                break;
            }
        }
        return value;
    }

    Value indexed(const Value& array, std::size_t column) {
        const Value base = operand(array, column);
        const std::size_t index_column = token().column;
        const Value index = operand(conditional(), index_column);
        want("]");
        if (error_) return {};
        const Type element = base.type.is_pointer() ? base.type.target() : integer(4, true);
        if (element.size() == 0 || (element.is_void && element.pointers == 0))
            return fail_at(column, "nobody knows the size of an element; a cast tells it: ((int *)$esp)[1]");
        return load(element, static_cast<u32>(base.bits + index.bits * element.size()), column);
    }

    Value member(const Value& whole, std::size_t column) {
        if (error_) return {};
        if (token().kind != Token::Kind::Name) return fail("here should be the name of a member");
        if (!whole.type.is_structure() || !whole.address)
            return fail_at(column, fmt::format("{} has no members", to_text(whole.type)));
        const kernel::Layout* layout = scope_.layout(whole.type.structure);
        if (!layout) return fail_at(column, fmt::format("nothing is known of struct {}", whole.type.structure));
        const std::size_t name_column = token().column;
        const kernel::Member* found = longest_member(*layout);
        if (!found) return fail_at(name_column, fmt::format("struct {} has no such member", whole.type.structure));
        return load(type_of(*found, scope_), *whole.address + found->offset, name_column);
    }

    /// Members of members are in the layout under dotted names: takes as many of "a.b.c" as there are.
    const kernel::Member* longest_member(const kernel::Layout& layout) {
        std::string name(token().text);
        const kernel::Member* found = find_member(layout, name);
        if (!found) return nullptr;
        ++at_;
        while (is(".") && tokens_[at_ + 1].kind == Token::Kind::Name) {
            name += fmt::format(".{}", tokens_[at_ + 1].text);
            const kernel::Member* inner = find_member(layout, name);
            if (!inner) break;
            found = inner;
            at_ += 2;
        }
        return found;
    }

    Value primary() {
        if (error_) return {};
        const Token here = token();
        switch (here.kind) {
        case Token::Kind::Number: ++at_; return literal(here);
        case Token::Kind::Dollar: ++at_; return dollar(here);
        case Token::Kind::Name: ++at_; return symbol(here);
        case Token::Kind::Bad: return fail(std::string(here.complaint));
        case Token::Kind::End: return fail("here should be a value");
        case Token::Kind::Operator: break;
        }
        if (!take("(")) return fail(fmt::format("a value cannot begin with {}", here.text));
        const Value value = conditional();
        want(")");
        return value;
    }

    static Value literal(const Token& token) {
        const u64 n = token.number;
        if (token.character) {
            Type type = integer(1, true);
            type.is_char = true;
            return number(n, type);
        }
        if (n <= 0x7fffffff) return number(n, integer(4, true));
        if (n <= 0xffffffff && !token.decimal) return number(n, integer(4, false));
        return number(n, integer(8, n <= ~u64{0} >> 1));
    }

    /// $xmm0.v4_int32[1], $mm2.v8_int8[7], $mm2.uint64: bits of a part of the register.
    Value lane(const Token& name) {
        if (!take(".") || token().kind != Token::Kind::Name)
            return fail(fmt::format("of ${0} a part is wanted: ${0}.{1}", name.text, lane_example(name.text)));
        const Token view = token();
        ++at_;
        u64 index = 0;
        if (take("[")) {
            const std::size_t column = token().column;
            index = operand(conditional(), column).bits;
            want("]");
        }
        const auto found = find_lane(name.text, view.text, index);
        if (!found)
            return fail_at(view.column, fmt::format("${} has no such part: {}", name.text, lane_views(name.text)));
        auto half = error_ ? std::nullopt : scope_.dollar(found->part);
        if (!half) return {};
        Type type = integer(found->bytes, true);
        if (found->bytes < 8) type.bits = static_cast<u8>(8 * found->bytes), type.low_bit = found->low_bit;
        return {type, from_memory(half->bits, type), {}, found->part};
    }

    Value dollar(const Token& name) {
        if (is_vector_register(name.text)) return lane(name);
        auto value = scope_.dollar(name.text);
        if (!value) return unknown(name, "$", "no register or variable", true);
        return value->address && value->register_name.empty() ? load(value->type, *value->address, name.column)
                                                              : *value;
    }

    Value symbol(const Token& name) {
        auto value = scope_.symbol(name.text);
        if (!value) return unknown(name, "", "no symbol", false);
        return value->address ? load(value->type, *value->address, name.column) : *value;
    }

    Value unknown(const Token& name, std::string_view prefix, std::string_view what, bool dollar) {
        const std::string meant = scope_.nearest(name.text, dollar);
        return fail_at(name.column,
                       fmt::format("{} {}{}{}", what, prefix, name.text,
                                   meant.empty() ? "" : fmt::format("; did you mean {}{}?", prefix, meant)));
    }

    std::string_view text_;
    const Scope& scope_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::optional<Error> error_;
    bool skipping_ = false;
    int depth_ = 0;
};

} // namespace

Result<Value> evaluate(std::string_view text, const Scope& scope) {
    return Evaluator(text, scope).whole();
}

Result<Value> evaluate_prefix(std::string_view text, const Scope& scope, std::string_view& rest) {
    return Evaluator(text, scope).prefix(rest);
}

Result<u64> number_of(const Value& value) {
    if (!value.type.is_number() && value.address) return u64{*value.address};
    return value.bits;
}

const kernel::Member* find_member(const kernel::Layout& layout, std::string_view name) {
    for (const kernel::Member& member : layout.members)
        if (member.name == name) return &member;
    return nullptr;
}

Error error_at(std::string_view text, std::size_t column, std::string_view message) {
    return Error{fmt::format("{}\n  {}\n  {:>{}}", message, text, "^", column + 1), 1};
}

} // namespace trapgate::frontend::debug
