// SPDX-License-Identifier: MIT
// Host trouble (a file, an option) travels as Result<T>: a value, or an Error that names the thing and the exit code.
// Guest faults never use it, and bugs of ours are ASSERTs.
#pragma once

#include "base/assert.hpp"

#include <string>
#include <utility>
#include <variant>

namespace trapgate {

/// One line for the user, and the process status that goes with it (2 usage, 125 our failure, 126 unusable, 127 not found).
struct Error {
    std::string message;
    int exit_code = 125;
};

template <class T> class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::move(value)) {}
    Result(Error error) : state_(std::move(error)) {}

    explicit operator bool() const { return std::holds_alternative<T>(state_); }
    T& value() {
        ASSERT(*this);
        return std::get<T>(state_);
    }
    const T& value() const {
        ASSERT(*this);
        return std::get<T>(state_);
    }
    const Error& error() const {
        ASSERT(!*this);
        return std::get<Error>(state_);
    }

  private:
    std::variant<T, Error> state_;
};

/// For functions that give nothing but may fail.
struct Nothing {};
using Status = Result<Nothing>;

} // namespace trapgate

/// TRY(name, expression): binds `name` to the value, or returns the error from the enclosing function.
#define TRY(name, ...)                                                                                             \
    auto name##_result_ = (__VA_ARGS__);                                                                           \
    if (!name##_result_) return name##_result_.error();                                                            \
    auto& name = name##_result_.value()
