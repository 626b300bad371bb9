// SPDX-License-Identifier: MIT
// The innermost slice always is the whereabouts: it closes before another slice opens or ends, and opens again after that.
#include "frontend/timeline/task_tracks.hpp"

namespace trapgate::frontend::timeline {

namespace {

std::string_view text(Whereabouts where) {
    switch (where) {
    case Whereabouts::Unknown: return "";
    case Whereabouts::Ring0: return "ring 0";
    case Whereabouts::Ring1: return "ring 1";
    case Whereabouts::Ring2: return "ring 2";
    case Whereabouts::Ring3: return "ring 3";
    case Whereabouts::NotRunning: return "not running";
    }
    return "";
}

} // namespace

bool TaskTracks::name(s32 pid, std::string_view comm) {
    const auto [found, is_new] = tasks_.try_emplace(pid);
    if (!is_new && found->second.comm == comm) return false;
    found->second.comm = comm;
    file_.thread_name(track(pid), comm.empty() ? "(no name)" : comm, pid);
    return true;
}

void TaskTracks::go(s32 pid, Whereabouts where, u64 at) {
    Task& task = tasks_[pid];
    if (task.where == where) return;
    if (task.where != Whereabouts::Unknown) file_.end(track(pid), at);
    task.where = where;
    if (where != Whereabouts::Unknown)
        file_.begin(track(pid), at, text(where), where == Whereabouts::NotRunning ? "scheduler" : "ring");
}

void TaskTracks::enter(s32 pid, u32 slot, u64 at, std::string_view name, std::string_view category,
                       const Members& arguments) {
    go(pid, Whereabouts::Unknown, at);
    tasks_[pid].slots.push_back(slot);
    file_.begin(track(pid), at, name, category, arguments);
}

void TaskTracks::leave_below(s32 pid, u32 esp, u64 at) {
    Task& task = tasks_[pid];
    if (task.slots.empty() || task.slots.back() >= esp) return;
    const Whereabouts where = task.where;
    go(pid, Whereabouts::Unknown, at);
    for (; !task.slots.empty() && task.slots.back() < esp; task.slots.pop_back()) file_.end(track(pid), at);
    go(pid, where, at);
}

void TaskTracks::leave_all(s32 pid, u64 at, const Members& arguments) {
    Task& task = tasks_[pid];
    go(pid, Whereabouts::Unknown, at);
    for (; !task.slots.empty(); task.slots.pop_back())
        file_.end(track(pid), at, task.slots.size() == 1 ? arguments : Members{});
}

void TaskTracks::note(s32 pid, u64 at, std::string_view text, std::string_view category) {
    file_.instant(track(pid), at, text, category);
}

} // namespace trapgate::frontend::timeline
