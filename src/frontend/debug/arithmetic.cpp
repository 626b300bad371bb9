// SPDX-License-Identifier: MIT
#include "frontend/debug/arithmetic.hpp"

#include <algorithm>
#include <array>

namespace trapgate::frontend::debug {

namespace {

struct Row {
    std::string_view op;
    int binding;
};
constexpr std::array<Row, 18> rows{{{"||", 0},
                                    {"&&", 1},
                                    {"|", 2},
                                    {"^", 3},
                                    {"&", 4},
                                    {"==", 5},
                                    {"!=", 5},
                                    {"<", 6},
                                    {">", 6},
                                    {"<=", 6},
                                    {">=", 6},
                                    {"<<", 7},
                                    {">>", 7},
                                    {"+", 8},
                                    {"-", 8},
                                    {"*", 9},
                                    {"/", 9},
                                    {"%", 9}}};

Type common(const Type& left, const Type& right) {
    const Type a = promote(left), b = promote(right);
    if (a.bytes != b.bytes) return a.bytes > b.bytes ? a : b;
    return integer(a.bytes, a.is_signed && b.is_signed);
}

bool less(u64 a, u64 b, bool is_signed) {
    return is_signed ? static_cast<s64>(a) < static_cast<s64>(b) : a < b;
}

u64 divide(u64 a, u64 b, bool is_signed, bool rest) {
    if (!is_signed) return rest ? a % b : a / b;
    if (b == ~u64{0}) return rest ? 0 : u64{0} - a; // the one quotient that does not fit wraps
    const s64 dividend = static_cast<s64>(a), divisor = static_cast<s64>(b);
    return static_cast<u64>(rest ? dividend % divisor : dividend / divisor);
}

u64 shift_right(u64 a, u64 count, const Type& type) {
    if (type.is_signed) return static_cast<u64>(static_cast<s64>(a) >> std::min<u64>(count, 63));
    return count < 64 ? a >> count : 0;
}

Value made(u64 bits, const Type& type) {
    return {type, fit(bits, type), {}, {}};
}

/// Pointers: p + n, n + p, p - n count in elements; p - q is a number of elements.
Calculated with_pointers(std::string_view op, const Value& left, const Value& right) {
    const Value& pointer = left.type.is_pointer() ? left : right;
    const u64 size = std::max<u64>(pointer.type.target().size(), 1);
    if (left.type.is_pointer() && right.type.is_pointer()) {
        if (op == "+") return {{}, "two pointers cannot be added"};
        return {made(divide(left.bits - right.bits, size, true, false), integer(4, true)), {}};
    }
    if (op == "+")
        return {made(pointer.bits + (left.type.is_pointer() ? right : left).bits * size, pointer.type), {}};
    if (!left.type.is_pointer()) return {{}, "a pointer cannot be taken from a number"};
    return {made(left.bits - right.bits * size, left.type), {}};
}

Calculated compare(std::string_view op, u64 a, u64 b, bool is_signed) {
    bool truth = false;
    if (op == "==") truth = a == b;
    if (op == "!=") truth = a != b;
    if (op == "<") truth = less(a, b, is_signed);
    if (op == ">") truth = less(b, a, is_signed);
    if (op == "<=") truth = !less(b, a, is_signed);
    if (op == ">=") truth = !less(a, b, is_signed);
    return {made(truth, integer(4, true)), {}};
}

Calculated shift(std::string_view op, const Value& left, u64 count) {
    const Type type = promote(left.type);
    const u64 bits = fit(left.bits, type);
    if (op == ">>") return {made(shift_right(bits, count, type), type), {}};
    return {made(count < 8 * type.bytes ? bits << count : 0, type), {}};
}

} // namespace

int precedence(std::string_view op) {
    for (const Row& row : rows)
        if (row.op == op) return row.binding;
    return -1;
}

Type promote(const Type& type) {
    if (type.pointers) return integer(4, false);
    return type.bytes < 4 ? integer(4, true) : integer(type.bytes, type.is_signed);
}

Calculated calculate(std::string_view op, const Value& left, const Value& right, bool skipping) {
    const bool sum = op == "+" || op == "-";
    if (sum && (left.type.is_pointer() || right.type.is_pointer())) return with_pointers(op, left, right);
    if (op == "<<" || op == ">>") return shift(op, left, fit(right.bits, promote(right.type)));
    const Type type = common(left.type, right.type);
    const u64 a = fit(left.bits, type), b = fit(right.bits, type);
    if (precedence(op) == 5 || precedence(op) == 6) return compare(op, a, b, type.is_signed);
    if (op == "/" || op == "%") {
        if (b == 0 && skipping) return {made(0, type), {}};
        if (b == 0) return {{}, "division by zero"};
        return {made(divide(a, b, type.is_signed, op == "%"), type), {}};
    }
    u64 result = 0;
    if (op == "+") result = a + b;
    if (op == "-") result = a - b;
    if (op == "*") result = a * b;
    if (op == "&") result = a & b;
    if (op == "|") result = a | b;
    if (op == "^") result = a ^ b;
    return {made(result, type), {}};
}

} // namespace trapgate::frontend::debug
