// SPDX-License-Identifier: MIT
// The edit distance is the textbook table, three rows of it at a time.
#include "frontend/suggest.hpp"

#include <algorithm>
#include <vector>

namespace trapgate::frontend {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(above);
        above.swap(row);
    }
    return above[b.size()];
}

std::optional<std::string_view> nearest_word(std::string_view typed, std::span<const std::string_view> words) {
    std::optional<std::string_view> best;
    std::size_t best_distance = 0;
    for (const std::string_view word : words) {
        const std::size_t distance = edit_distance(typed, word);
        const std::size_t allowed = std::max<std::size_t>(1, word.size() / 3);
        if (distance <= allowed && distance < word.size() && (!best || distance < best_distance)) {
            best = word;
            best_distance = distance;
        }
    }
    return best;
}

} // namespace trapgate::frontend
