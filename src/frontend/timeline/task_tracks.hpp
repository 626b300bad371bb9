// SPDX-License-Identifier: MIT
// What each task does, as nested slices: system calls, interrupts and exceptions in the order in which they began, and inside them,
// as the innermost slice, where the task is just now: in ring 3, in ring 0, or not running.
#pragma once

#include "frontend/timeline/event_file.hpp"

#include <optional>

namespace trapgate::frontend::timeline {

/// The innermost slice.
enum class Whereabouts : u8 { Unknown, Ring0, Ring1, Ring2, Ring3, NotRunning };

class TaskTracks {
  public:
    static constexpr u32 process = 1;
    /// A slot for what ends only when the task is back in user mode.
    static constexpr u32 until_user_mode = ~u32{0};

    explicit TaskTracks(EventFile& file) : file_(file) {}

    /// Names the track; again when the task has another name: then it gives true.
    bool name(s32 pid, std::string_view comm);
    void go(s32 pid, Whereabouts where, u64 at);
    /// The task comes into the kernel: a slice begins. `slot`: the stack pointer after the processor has pushed its frame.
    void enter(s32 pid, u32 slot, u64 at, std::string_view name, std::string_view category,
               const Members& arguments = {});
    /// The processor has left every frame below `esp`.
    void leave_below(s32 pid, u32 esp, u64 at);
    /// The task is in user mode again, or has ended: every slice of it ends, the outermost one with `arguments`.
    void leave_all(s32 pid, u64 at, const Members& arguments = {});
    void note(s32 pid, u64 at, std::string_view text, std::string_view category);

  private:
    struct Task {
        std::string comm;
        Whereabouts where = Whereabouts::Unknown;
        std::vector<u32> slots; ///< of the slices that are open, outermost first
    };
    static Track track(s32 pid) { return {process, pid}; }

    EventFile& file_;
    std::map<s32, Task> tasks_;
};

} // namespace trapgate::frontend::timeline
