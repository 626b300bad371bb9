// SPDX-License-Identifier: MIT
// What must hold in the guest's kernel, read from outside: see the header.
#include "guest/invariants.hpp"

#include "catch.hpp"
#include "kernel/debug_info.hpp"

#include <map>
#include <set>

namespace trapgate::tests {

namespace {
constexpr u32 longest_list = 100'000; // a list that is longer is a circle
constexpr u32 kernel_base = 0xC0000000, pid_type_tgid = 1;
constexpr u32 pg_slab = 1U << 7, pg_reserved = 1U << 11, pg_buddy = 1U << 19;
constexpr u32 task_running = 0, preempt_active = 0x10000000;

class Inspection {
  public:
    explicit Inspection(const Guest& guest) : g_(guest) {}

    std::vector<std::string> all() {
        collect_tasks();
        run_queue();
        free_pages();
        for (const auto& [mm, users] : users_of_mm_) address_space(mm, users);
        mapped_pages();
        slabs();
        return std::move(found_);
    }

  private:
    void wrong(const std::string& what) { found_.push_back(what); }
    void wrong(const std::string& what, u32 one, u32 other) {
        if (one != other) wrong(what + ": " + std::to_string(one) + " and " + std::to_string(other));
    }

    u32 size_of(std::string_view structure) const {
        const kernel::Layout* layout = g_.image().debug_info().structure(structure);
        INFO("struct " << structure);
        REQUIRE(layout);
        return layout->size;
    }
    /// Without Catch2: millions of words are read.
    u32 word(u32 address) {
        const auto value = g_.word_if_mapped(address);
        if (!value) wrong("an address is not mapped: " + std::to_string(address));
        return value.value_or(0);
    }
    u32 member(u32 address, std::string_view structure, std::string_view name) {
        return word(address + g_.offset(structure, name));
    }
    u32 of(u32 task, std::string_view name) { return member(task, "task_struct", name); }
    std::string name(u32 task) {
        return "task " + std::to_string(of(task, "pid")) + " (" + g_.text(task + g_.offset("task_struct", "comm")) +
               ")";
    }

    /// Calls `visit` with the address of each link behind `head`.
    template <class Visit> u32 ring(u32 head, const std::string& what, Visit visit) {
        u32 steps = 0;
        for (u32 at = word(head), before = head; at != head; before = at, at = word(at)) {
            if (++steps > longest_list) {
                wrong(what + " is no ring");
                break;
            }
            if (word(at + 4) != before) wrong(what + ": a link back is wrong");
            visit(at);
        }
        return steps;
    }

    void collect_tasks() {
        const u32 tgid =
            g_.offset("task_struct", "pids") + pid_type_tgid * size_of("pid") + g_.offset("pid", "pid_list");
        const u32 link = g_.offset("task_struct", "tasks");
        ring(g_.kernel("init_task") + link, "the ring of processes", [&](u32 at) {
            const u32 leader = at - link;
            tasks_.insert(leader);
            ring(leader + tgid, "the thread group of " + name(leader),
                 [&](u32 thread) { tasks_.insert(thread - tgid); });
        });
        for (const u32 task : tasks_)
            if (const u32 mm = of(task, "mm")) ++users_of_mm_[mm];
    }

    void array_of_queue(u32 array, std::set<u32>& queued) {
        const u32 queues = array + g_.offset("prio_array", "queue"),
                  bitmap = array + g_.offset("prio_array", "bitmap");
        const u32 link = g_.offset("task_struct", "run_list");
        u32 number = 0;
        for (u32 priority = 0; priority < 140; ++priority) {
            const u32 here = ring(queues + 8 * priority, "a queue of the scheduler", [&](u32 at) {
                const u32 task = at - link;
                queued.insert(task);
                if (of(task, "array") != array) wrong(name(task) + " is in a queue that it does not know");
                if (of(task, "prio") != priority) wrong(name(task) + " is in the queue of another priority");
            });
            number += here;
            const bool bit = word(bitmap + priority / 32 * 4) >> priority % 32 & 1;
            if (bit != (here != 0)) wrong("the bit of priority " + std::to_string(priority) + " is not right");
        }
        wrong("tasks in an array of the run queue, counted and told", number,
              member(array, "prio_array", "nr_active"));
    }

    void run_queue() {
        const u32 rq = g_.kernel("runqueue"), arrays = rq + g_.offset("runqueue", "arrays");
        std::set<u32> queued;
        for (u32 i = 0; i < 2; ++i) array_of_queue(arrays + i * size_of("prio_array"), queued);
        wrong("nr_running and the tasks that are queued", member(rq, "runqueue", "nr_running"),
              static_cast<u32>(queued.size()));
        for (const u32 task : tasks_) {
            const u32 state = of(task, "state"),
                      count = member(of(task, "thread_info"), "thread_info", "preempt_count");
            const bool switched_away = (count & preempt_active) != 0; // it may be on its way to sleep
            if (state == task_running && !queued.contains(task)) wrong(name(task) + " runs and is in no queue");
            if (state != task_running && !switched_away && queued.contains(task))
                wrong(name(task) + " sleeps in a queue");
        }
    }

    u32 page(u32 pfn) { return word(g_.kernel("mem_map")) + pfn * size_of("page"); }

    void free_pages() {
        const u32 area_size = size_of("free_area"), mem_map = word(g_.kernel("mem_map")), size = size_of("page");
        const u32 link = g_.offset("page", "lru");
        u32 pages = 0;
        for (u32 order = 0; order < 11; ++order) {
            const u32 area = g_.kernel("free_area") + order * area_size;
            const u32 blocks = ring(area, "the free blocks of order " + std::to_string(order), [&](u32 at) {
                const u32 block = at - link, pfn = (block - mem_map) / size;
                if (pfn & ((1U << order) - 1)) wrong("a free block is not aligned to its size");
                if (!(member(block, "page", "flags") & pg_buddy) || member(block, "page", "private") != order)
                    wrong("page " + std::to_string(pfn) + " is in a list of free blocks and does not say so");
                if (member(block, "page", "_count")) wrong("page " + std::to_string(pfn) + " is free and in use");
                for (u32 i = 0; i < 1U << order; ++i)
                    if (!free_.insert(pfn + i).second) wrong("page " + std::to_string(pfn + i) + " is free twice");
            });
            wrong("free blocks, counted and told", blocks, member(area, "free_area", "nr_free"));
            pages += blocks << order;
        }
        wrong("free pages, counted and told", pages, word(g_.kernel("free_pages_count")));
    }

    /// Which pages the tables of mm map; how many of them count as its own.
    u32 walk(u32 pgd) {
        const u32 max = word(g_.kernel("max_mapnr")), flags = page(0) + g_.offset("page", "flags"),
                  size = size_of("page");
        u32 own = 0;
        for (u32 i = 0; i < kernel_base >> 22; ++i) {
            const u32 table = word(pgd + 4 * i);
            if (!(table & 1)) continue;
            for (u32 j = 0; j < 1024; ++j) {
                const u32 entry = word(kernel_base + (table & ~0xFFFU) + 4 * j), pfn = entry >> 12;
                if (!(entry & 1) || pfn >= max || word(flags + pfn * size) & pg_reserved) continue;
                ++own;
                ++mapped_[pfn];
            }
        }
        return own;
    }

    void address_space(u32 mm, u32 users) {
        u32 areas = 0, pages = 0, end = 0;
        for (u32 vma = member(mm, "mm_struct", "mmap"); vma; vma = member(vma, "vm_area_struct", "vm_next")) {
            const u32 from = member(vma, "vm_area_struct", "vm_start"),
                      to = member(vma, "vm_area_struct", "vm_end");
            if (from >= to || from < end || to > kernel_base || (from | to) & 0xFFF)
                wrong("an area is empty, crooked or covers another");
            if (member(vma, "vm_area_struct", "vm_mm") != mm) wrong("an area belongs to another address space");
            if (++areas > longest_list) return wrong("a list of areas does not end");
            pages += (to - from) >> 12;
            end = to;
        }
        wrong("areas, counted and told", areas, member(mm, "mm_struct", "map_count"));
        wrong("pages of the areas, counted and told", pages, member(mm, "mm_struct", "total_vm"));
        wrong("pages in the page tables, counted and told", walk(member(mm, "mm_struct", "pgd")),
              member(mm, "mm_struct", "rss"));
        if (member(mm, "mm_struct", "mm_users") < users) wrong("an address space has fewer users than tasks");
    }

    void mapped_pages() {
        for (const auto& [pfn, times] : mapped_) {
            if (free_.contains(pfn)) wrong("page " + std::to_string(pfn) + " is mapped and free");
            if (member(page(pfn), "page", "_count") < times)
                wrong("page " + std::to_string(pfn) + " has fewer users than page table entries");
            if (member(page(pfn), "page", "flags") & pg_slab)
                wrong("page " + std::to_string(pfn) + " is mapped and a slab's");
        }
    }

    void slabs() {
        const u32 link = g_.offset("kmem_cache_s", "caches"), in_slab = g_.offset("slab", "inuse");
        ring(g_.kernel("cache_chain"), "the chain of caches", [&](u32 at) {
            const u32 cache = at - link, num = member(cache, "kmem_cache_s", "num");
            u32 objects = 0, total = 0;
            for (const char* list : {"slabs_full", "slabs_partial", "slabs_free"})
                ring(cache + g_.offset("kmem_cache_s", list), "a list of slabs", [&](u32 slab) {
                    const u32 used = word(slab + in_slab) & 0xFFFF;
                    const bool right = std::string_view(list) == "slabs_full"   ? used == num
                                       : std::string_view(list) == "slabs_free" ? used == 0
                                                                                : used > 0 && used < num;
                    if (!right) wrong(std::string("a slab is in the wrong list: ") + list);
                    objects += used;
                    total += num;
                });
            wrong("objects of a cache, counted and told", objects, member(cache, "kmem_cache_s", "active"));
            wrong("room of a cache, counted and told", total, member(cache, "kmem_cache_s", "total"));
        });
    }

    const Guest& g_;
    std::vector<std::string> found_;
    std::set<u32> tasks_, free_;
    std::map<u32, u32> users_of_mm_, mapped_;
};
} // namespace

std::vector<std::string> broken_invariants(const Guest& guest) {
    return Inspection(guest).all();
}

} // namespace trapgate::tests
