// SPDX-License-Identifier: MIT
// The first task with a number hangs in its chain of the table; the others with the same number on that one's ring.
#include "kernel/pid_tables.hpp"

#include "kernel/guest_struct.hpp"

#include <map>

namespace trapgate::kernel {

namespace {

constexpr std::size_t longest = 65536; ///< a damaged list must not keep us for ever

struct Reader {
    const GuestKernel& kernel;
    CpuMemory memory;
    const Layout* pid;
    std::map<s32, PidUse> uses;

    u32 symbol(std::string_view name) const {
        return static_cast<u32>(kernel.symbols().address_of(name).value_or(0));
    }
    PidUse& use(s32 number) {
        PidUse& found = uses[number];
        found.number = number;
        return found;
    }
    void read_bitmap();
    void read_chain(u32 first, u32 type);
    void note(u32 entry, u32 type);
};

void Reader::read_bitmap() {
    const GuestStruct map(memory, kernel.debug().structure("pidmap"), symbol("pidmap_array"));
    const u32 page = map.word_or_zero("page");
    if (!page) return;
    for (u32 word = 0; word < 1024; ++word)
        for (u32 bits = memory.get<u32>(page + 4 * word).value_or(0), n = 32 * word; bits; bits >>= 1, ++n)
            if (bits & 1) use(static_cast<s32>(n)).reserved = true;
}

/// `entry` is task_struct.pids[type] of some task.
void Reader::note(u32 entry, u32 type) {
    const u32 task = container_of(entry - type * pid->size, &kernel.task_struct(), "pids");
    const auto number = static_cast<s32>(GuestStruct(memory, pid, entry).word_or_zero("nr"));
    use(number).tasks[type].push_back(
        static_cast<s32>(GuestStruct(memory, &kernel.task_struct(), task).word_or_zero("pid")));
}

void Reader::read_chain(u32 first, u32 type) {
    std::size_t steps = 0;
    for (u32 entry = first; entry && ++steps < longest; entry = memory.get<u32>(entry).value_or(0)) {
        note(entry, type);
        const u32 ring = GuestStruct(memory, pid, entry).address_of("pid_list").value_or(0);
        for (u32 at = memory.get<u32>(ring).value_or(ring); at != ring && at && ++steps < longest;
             at = memory.get<u32>(at).value_or(ring))
            note(container_of(at, pid, "pid_list"), type);
    }
}

} // namespace

std::vector<PidUse> pid_tables(const GuestKernel& kernel, const cpu::Cpu& cpu) {
    Reader reader{kernel, CpuMemory(cpu), kernel.debug().structure("pid"), {}};
    const Symbol* table = kernel.symbols().find("pid_hash");
    if (!table || !reader.pid || !kernel.current(cpu)) return {};
    reader.read_bitmap();
    const u32 bits = reader.memory.get<u32>(reader.symbol("pidhash_bits")).value_or(0);
    const u32 row = static_cast<u32>(table->size / pid_types);
    for (u32 type = 0; type < pid_types; ++type)
        for (u32 bucket = 0; bucket < u32{1} << bits && 4 * bucket < row; ++bucket) {
            const u32 head = static_cast<u32>(table->address) + type * row + 4 * bucket;
            reader.read_chain(reader.memory.get<u32>(head).value_or(0), type);
        }
    std::vector<PidUse> all;
    for (auto& [number, use] : reader.uses) all.push_back(std::move(use));
    return all;
}

} // namespace trapgate::kernel
