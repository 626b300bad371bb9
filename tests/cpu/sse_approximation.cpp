// SPDX-License-Identifier: MIT
// RCPPS and RSQRTPS by our own definition: the nearest value with 12 bits behind the point, and Intel's special cases.
// Source: [SDM2] RCPPS, RSQRTPS, "Description".
#include "cpu/ops/sse_approximation.hpp"
#include "catch.hpp"

#include <bit>
#include <cmath>

using namespace trapgate;
namespace approximation = trapgate::cpu::ops::approximation;

namespace {

/// `truth` rounded to 12 bits behind the point of its significand, by the host's doubles.
double nearest(double truth) {
    int exponent;
    const double significand = std::frexp(truth, &exponent); // 1/2 to 1
    return std::ldexp(std::nearbyint(std::ldexp(significand, 13)), exponent - 13);
}

double value(u32 single) {
    return std::bit_cast<float>(single);
}

/// Some significands of every size, the ends of their range among them.
template <class Body> void for_many_significands(Body body) {
    for (u32 i = 0; i < 1u << 23; i += 331) body(i);
    for (u32 i = 0; i < 64; ++i) {
        body(i);
        body(0x7fffff - i);
    }
}

constexpr u32 infinity = 0x7f80'0000, minus = 0x8000'0000;

} // namespace

TEST_CASE("RCPPS gives the true reciprocal rounded to 12 bits behind the point") {
    for (const u32 exponent : {1u, 2u, 126u, 127u, 128u, 251u, 252u})
        for_many_significands([&](u32 fraction) {
            const u32 x = exponent << 23 | fraction;
            const double expected = nearest(1 / value(x));
            if (value(approximation::reciprocal(x)) != expected ||
                value(approximation::reciprocal(x | minus)) != -expected)
                FAIL("1 / " << value(x) << ": " << value(approximation::reciprocal(x)) << ", not " << expected);
            if (std::abs(expected * value(x) - 1) > 0x1p-13) FAIL("not near enough: " << expected);
        });
    SUCCEED();
}

TEST_CASE("RSQRTPS gives the true reciprocal of the square root rounded to 12 bits behind the point") {
    for (const u32 exponent : {1u, 2u, 126u, 127u, 128u, 129u, 253u, 254u})
        for_many_significands([&](u32 fraction) {
            const u32 x = exponent << 23 | fraction;
            const double expected = nearest(1 / std::sqrt(value(x)));
            if (value(approximation::reciprocal_square_root(x)) != expected)
                FAIL("1 / sqrt(" << value(x) << "): " << value(approximation::reciprocal_square_root(x)) << ", not "
                                 << expected);
        });
    SUCCEED();
}

TEST_CASE("the low 11 bits of an approximation are 0, and powers of two are exact") {
    CHECK(approximation::reciprocal(0x3f80'0000) == 0x3f80'0000);             // 1
    CHECK(approximation::reciprocal(0x4000'0000) == 0x3f00'0000);             // 2: 0.5
    CHECK(approximation::reciprocal(0x4040'0000) == 0x3eaa'a800);             // 3
    CHECK(approximation::reciprocal_square_root(0x3f80'0000) == 0x3f80'0000); // 1
    CHECK(approximation::reciprocal_square_root(0x4080'0000) == 0x3f00'0000); // 4: 0.5
    CHECK(approximation::reciprocal_square_root(0x4000'0000) == 0x3f35'0800); // 2
    for_many_significands([](u32 fraction) {
        const u32 x = 0x3f80'0000 | fraction;
        if ((approximation::reciprocal(x) | approximation::reciprocal_square_root(x)) & 0x7ff) FAIL(x);
    });
}

TEST_CASE("approximations of zeros, denormals, infinities, NaNs and negative numbers are Intel's") {
    for (const auto function : {approximation::reciprocal, approximation::reciprocal_square_root}) {
        CHECK(function(0) == infinity);
        CHECK(function(minus) == (minus | infinity));
        CHECK(function(1) == infinity);
        CHECK(function(0x007f'ffff) == infinity);
        CHECK(function(minus | 0x0040'0000) == (minus | infinity));
        CHECK(function(infinity) == 0);
        CHECK(function(0x7f80'0001) == 0x7fc0'0001); // a signalling NaN becomes quiet
        CHECK(function(0xffc0'1234) == 0xffc0'1234);
    }
    CHECK(approximation::reciprocal(minus | infinity) == minus);
    CHECK(approximation::reciprocal_square_root(minus | infinity) == 0xffc0'0000);
    CHECK(approximation::reciprocal_square_root(0xbf80'0000) == 0xffc0'0000);
    CHECK(approximation::reciprocal_square_root(0x8080'0000) == 0xffc0'0000);
}

TEST_CASE("RCPPS gives 0 where the rounded reciprocal would be tiny") {
    CHECK(approximation::reciprocal(0x7e80'0000) == 0x0080'0000); // 2^126: the smallest normal number
    CHECK(approximation::reciprocal(0x7e80'0100) == 0x0080'0000); // a little more rounds to it
    CHECK(approximation::reciprocal(0x7e80'0c01) == 0);           // from here on the manual guarantees it
    CHECK(approximation::reciprocal(0xff00'0000) == minus);
    CHECK(approximation::reciprocal(0x7f7f'ffff) == 0);
    CHECK(approximation::reciprocal(0x7e7f'd000) != 0); // up to here the manual guarantees a normal one
}
