// SPDX-License-Identifier: MIT
// "Did you mean": distances counted by hand.
#include "frontend/suggest.hpp"

#include "catch.hpp"

#include <array>

using namespace trapgate::frontend;

TEST_CASE("edit distance counts insertions, deletions, substitutions and swaps") {
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("run", "run") == 0);
    CHECK(edit_distance("rnu", "run") == 1);
    CHECK(edit_distance("stracee", "strace") == 1);
    CHECK(edit_distance("expalin", "explain") == 1);
    CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("a mistyped word finds its neighbour and a foreign one finds nothing") {
    constexpr std::array<std::string_view, 4> words{"run", "strace", "explain", "dis"};
    CHECK(nearest_word("strce", words) == "strace");
    CHECK(nearest_word("rum", words) == "run");
    CHECK(nearest_word("eplain", words) == "explain");
    CHECK_FALSE(nearest_word("zzz", words));
    CHECK_FALSE(nearest_word("", words));
}
