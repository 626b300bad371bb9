// SPDX-License-Identifier: MIT
// Turns values into bytes and back, by one description of each type for both directions: a function `fields(archive, value)`.
// Numbers are little-endian as in memory; strings and vectors have their length before them.
#pragma once

#include "base/types.hpp"

#include <array>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace trapgate::frontend::state {

template <class T>
concept Flat = std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>;

class Writer {
  public:
    static constexpr bool reads = false;
    template <class... T> void operator()(const T&... values) { (put(values), ...); }
    const std::vector<u8>& bytes() const { return bytes_; }

  private:
    void raw(const void* data, std::size_t size) {
        const auto* from = static_cast<const u8*>(data);
        bytes_.insert(bytes_.end(), from, from + size);
    }
    template <Flat T> void put(const T& value) { raw(&value, sizeof value); }
    void put(const std::string& text) {
        put(u64{text.size()});
        raw(text.data(), text.size());
    }
    template <class T> void put(const std::vector<T>& values) {
        put(u64{values.size()});
        if constexpr (Flat<T>)
            raw(values.data(), values.size() * sizeof(T));
        else
            for (const T& value : values) put(value);
    }
    template <class T>
    requires(!Flat<T>) void put(const T& value) {
        fields(*this, const_cast<T&>(value)); // a writer changes nothing
    }

    std::vector<u8> bytes_;
};

/// Never reads beyond the end: then it is not good() any more, and everything read is empty or zero.
class Reader {
  public:
    static constexpr bool reads = true;
    explicit Reader(std::span<const u8> bytes) : rest_(bytes) {}
    template <class... T> void operator()(T&... values) { (get(values), ...); }
    bool good() const { return good_; }
    bool at_end() const { return rest_.empty(); }
    void fail() { good_ = false; }

  private:
    bool raw(void* data, std::size_t size) {
        if (size > rest_.size()) good_ = false;
        if (!good_) return false;
        if (size) std::memcpy(data, rest_.data(), size);
        rest_ = rest_.subspan(size);
        return true;
    }
    /// Elements that follow; each takes at least one byte, so a length beyond the rest is damage, not a reason to ask for memory.
    std::size_t length() {
        u64 size = 0;
        get(size);
        if (size > rest_.size()) good_ = false;
        return good_ ? static_cast<std::size_t>(size) : 0;
    }
    /// A byte that is neither 0 nor 1 is no bool.
    void get(bool& value) {
        u8 byte = 0;
        get(byte);
        if (byte > 1) fail();
        value = byte == 1;
    }
    template <Flat T> void get(T& value) {
        if (!raw(&value, sizeof value)) value = T{};
    }
    void get(std::string& text) {
        text.resize(length());
        raw(text.data(), text.size());
    }
    template <class T> void get(std::vector<T>& values) {
        values.clear();
        const std::size_t size = length();
        if constexpr (Flat<T>) {
            if (size > rest_.size() / sizeof(T)) return fail();
            values.resize(size);
            raw(values.data(), size * sizeof(T));
        } else {
            for (std::size_t i = 0; i < size && good_; ++i) get(values.emplace_back());
        }
    }
    template <class T>
    requires(!Flat<T>) void get(T& value) { fields(*this, value); }

    std::span<const u8> rest_;
    bool good_ = true;
};

} // namespace trapgate::frontend::state
