// SPDX-License-Identifier: MIT
#include "frontend/views/call_list.hpp"

#include "kernel/syscall_watch.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace trapgate::frontend::views {

namespace {

using machine::TransferNews;

constexpr u8 system_call_vector = 0x80;
constexpr u32 execve = 11;
constexpr u64 longest_window = 1'000'000; ///< instructions that one look may run again
constexpr int most_windows = 24;          ///< that it may run one by one

bool is_entry(const TransferNews& news) {
    if (news.delivery || news.from_cpl != 3 || news.to_cpl != 0) return false;
    return news.kind == trace::TransferKind::Sysenter ||
           (news.kind == trace::TransferKind::Interrupt && news.vector == system_call_vector);
}
bool enters(const TransferNews& news) {
    return news.from_cpl == 3 && news.to_cpl == 0;
}
bool goes_back(const TransferNews& news) {
    return news.from_cpl == 0 && news.to_cpl == 3;
}

/// The way back belongs to that way in: a kernel stack that has got a new owner since has another address space.
bool same_task(const TransferNews& entry, const TransferNews& back) {
    const auto* call = kernel::find_syscall(entry.eax);
    if (call && call->result == kernel::SyscallResult::Never) return false;
    return entry.cr3 == back.cr3 || entry.eax == execve;
}

SystemCall call_of(const TransferNews& news) {
    SystemCall call;
    call.entry = news.instruction;
    call.number = news.eax;
    call.by_sysenter = news.kind == trace::TransferKind::Sysenter;
    call.esp0 = news.esp0;
    return call;
}

/// Notes the texts of calls as they pass again.
class Decoder final : public trace::Observer, private kernel::SyscallSink {
  public:
    explicit Decoder(const Debuggee& debuggee)
        : cpu_(debuggee.cpu()), memory_(debuggee.cpu()), watch_(*debuggee.guest(), debuggee.cpu(), *this) {}

    void on(const trace::Transfer& transfer) override {
        if (transfer.phase == trace::Transfer::Phase::Begin) begun_ = cpu_.instructions;
        watch_.on(transfer);
    }

    struct Found {
        kernel::Task task;
        std::string text;
    };
    std::map<u64, Found> found; ///< by entry

  private:
    void entered(const kernel::Task& task, const kernel::SyscallEntry& entry, kernel::EntryWay) override {
        kernel::EntryText begun = kernel::entry_text(entry, memory_);
        open_[task.pid] = {begun_, begun.arguments};
        const auto* call = kernel::find_syscall(entry.number);
        if (call && call->result == kernel::SyscallResult::Never) begun.text += kernel::never_text(entry);
        found[begun_] = {task, std::move(begun.text)};
    }
    void returned(const kernel::Task& task, const kernel::SyscallEntry& entry,
                  const kernel::SyscallReturn& back) override {
        const auto open = open_.find(task.pid);
        if (open == open_.end()) return;
        found[open->second.entry].text += kernel::exit_text(entry, memory_, back.result, open->second.printed);
        open_.erase(open);
    }

    struct Open {
        u64 entry;
        u32 printed;
    };
    const cpu::Cpu& cpu_;
    kernel::CpuMemory memory_;
    kernel::SyscallWatch watch_;
    u64 begun_ = 0;
    std::map<s32, Open> open_; ///< by pid
};

/// Texts found before, by entry. A call that was still in the kernel then is found again when it is back.
struct Texts {
    struct Kept {
        std::optional<u64> back;
        u32 number;
        s32 pid;
        std::string comm, text;
    };
    std::map<u64, Kept> by_entry;
    u64 frontier = 0; ///< if time is shorter than it was, somebody has changed the guest: nothing counts any more
};

void take(SystemCall& call, const Texts::Kept& kept) {
    call.decoded = true;
    call.pid = kept.pid;
    call.comm = kept.comm;
    call.text = kept.text;
}

void run_again(Debuggee& debuggee, std::span<SystemCall> calls, Texts& texts) {
    if (calls.empty()) return;
    Decoder decoder(debuggee);
    u64 to = calls.back().entry + 1;
    for (const SystemCall& call : calls) to = std::max(to, call.back ? *call.back + 1 : call.entry + 1);
    debuggee.time().rerun(calls.front().entry, to, decoder);
    for (SystemCall& call : calls) {
        const auto found = decoder.found.find(call.entry);
        if (found == decoder.found.end()) continue;
        const auto& [task, text] = found->second;
        const Texts::Kept kept{call.back, call.number, task.pid, task.comm, text};
        texts.by_entry[call.entry] = kept;
        take(call, kept);
    }
}

u64 end_of(const SystemCall& call) {
    return call.back.value_or(call.entry) + 1;
}

} // namespace

std::vector<SystemCall> system_calls(Debuggee& debuggee, std::size_t most) {
    const auto transfers = debuggee.time().transfers();
    const u64 now = debuggee.time().now().instruction;
    std::vector<SystemCall> calls;
    std::map<u32, const TransferNews*> backs; ///< by stack: the first way back after where we look
    std::optional<SystemCall> next;
    auto at = std::lower_bound(transfers.begin(), transfers.end(), now,
                               [](const TransferNews& news, u64 wanted) { return news.instruction < wanted; });
    if (at != transfers.end() && at->instruction == now && is_entry(*at)) {
        next = call_of(*at);
        next->about_to = debuggee.time().now().micro == 0;
    }
    while (at != transfers.begin() && calls.size() < most) {
        const TransferNews& news = *--at;
        if (goes_back(news)) {
            backs[news.esp0] = &news;
        } else if (enters(news)) {
            const TransferNews* back = std::exchange(backs[news.esp0], nullptr);
            if (!is_entry(news)) continue;
            SystemCall call = call_of(news);
            if (back && same_task(news, *back)) {
                call.back = back->instruction;
                call.result = back->eax;
            }
            calls.push_back(call);
        }
    }
    std::ranges::reverse(calls);
    if (next) calls.push_back(*next);
    return calls;
}

void decode(Debuggee& debuggee, std::vector<SystemCall>& calls) {
    if (!debuggee.guest() || calls.empty()) return;
    auto& texts = debuggee.kept<Texts>();
    if (debuggee.time().frontier() < texts.frontier) texts.by_entry.clear();
    texts.frontier = debuggee.time().frontier();
    std::vector<SystemCall*> missing;
    for (SystemCall& call : calls) {
        const auto kept = texts.by_entry.find(call.entry);
        if (kept != texts.by_entry.end() && kept->second.back == call.back && kept->second.number == call.number)
            take(call, kept->second);
        else if (call.entry < debuggee.time().frontier())
            missing.push_back(&call);
    }
    if (missing.empty()) return;
    // One run over all of them if that is short, else the newest one by one.
    SystemCall* const first = missing.front();
    u64 to = 0;
    for (const SystemCall* call : missing) to = std::max(to, end_of(*call));
    if (to - first->entry <= longest_window)
        return run_again(debuggee, std::span(first, static_cast<std::size_t>(missing.back() - first) + 1), texts);
    int left = most_windows;
    for (auto call = missing.rbegin(); call != missing.rend() && left > 0; ++call, --left)
        if (end_of(**call) - (*call)->entry <= longest_window / most_windows)
            run_again(debuggee, std::span(*call, 1), texts);
}

} // namespace trapgate::frontend::views
