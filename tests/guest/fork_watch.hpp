// SPDX-License-Identifier: MIT
// Small helps for tests that watch a fork from outside: what happens when a function returns, list heads, structures word by word.
#pragma once

#include "guest/guest.hpp"

#include <memory>

namespace trapgate::tests {

/// From a hook at a function's first instruction: calls `then` once, when this call of it has returned.
inline void on_return(Guest& g, Guest::Hook then) {
    const u32 esp = g.esp() + 4;
    g.at(g.word(g.esp()), [esp, then = std::move(then), done = std::make_shared<bool>(false)](Guest& h) {
        if (*done || h.esp() != esp) return;
        *done = true;
        then(h);
    });
}

/// An empty list_head points to itself.
inline bool is_empty_list(const Guest& g, u32 head) {
    return g.word(head) == head && g.word(head + 4) == head;
}

inline u32 list_length(const Guest& g, u32 head) {
    u32 n = 0;
    for (u32 at = g.word(head); at != head && n < 10'000; at = g.word(at)) ++n;
    return n;
}

/// `size` bytes of structures at two addresses: the offsets of the words that differ.
inline std::vector<u32> differing_words(const Guest& g, u32 one, u32 other, u32 size) {
    std::vector<u32> offsets;
    for (u32 offset = 0; offset < size; offset += 4)
        if (g.word(one + offset) != g.word(other + offset)) offsets.push_back(offset);
    return offsets;
}

inline u32 size_of(const Guest& g, std::string_view structure) {
    return g.image().debug_info().layout(structure)->size;
}

/// task->pids[type]: 0 PID, 1 TGID, 2 PGID, 3 SID.
inline u32 pid_link(const Guest& g, u32 task, u32 type) {
    return task + g.offset("task_struct", "pids") + type * size_of(g, "pid");
}

} // namespace trapgate::tests
