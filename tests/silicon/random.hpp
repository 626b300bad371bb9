// SPDX-License-Identifier: MIT
// Random numbers that are the same on every host: case N of seed S is always the same case.
// Source: Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (splitmix64).
#pragma once

#include <cstddef>
#include <cstdint>

namespace trapgate::silicon {

class Random {
  public:
    Random(uint64_t seed, uint64_t index) : state_(seed * 0x9E37'79B9'7F4A'7C15 ^ index) { next(), next(); }

    uint64_t next() {
        uint64_t z = (state_ += 0x9E37'79B9'7F4A'7C15);
        z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
        z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
        return z ^ (z >> 31);
    }
    uint32_t word() { return uint32_t(next() >> 32); }
    uint32_t below(uint32_t bound) { return uint32_t((uint64_t(word()) * bound) >> 32); }
    uint32_t between(uint32_t low, uint32_t high) { return low + below(high - low + 1); }
    bool percent(uint32_t p) { return below(100) < p; }
    bool per_mille(uint32_t p) { return below(1000) < p; }
    template <class T, size_t n> T pick(const T (&choices)[n]) { return choices[below(uint32_t(n))]; }

  private:
    uint64_t state_;
};

} // namespace trapgate::silicon
