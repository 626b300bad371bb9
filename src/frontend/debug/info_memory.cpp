// SPDX-License-Identifier: MIT
// info page, pages, stack: addresses. Source: [SDM3] "32-Bit Paging".
#include "frontend/debug/command_table.hpp"
#include "frontend/debug/stop_text.hpp"
#include "kernel/page_ranges.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

std::string entry_bits(u32 entry, bool directory) {
    using namespace mmu;
    if (!(entry & pte::present)) return entry ? "not present (the other bits are the kernel's)" : "not present";
    std::string text =
        fmt::format("P {} {}", entry & pte::writable ? "R/W" : "R/O", entry & pte::user ? "user" : "supervisor");
    if (entry & pte::accessed) text += " accessed";
    if (!directory || entry & pte::page_4m) text += entry & pte::dirty ? " dirty" : " clean";
    if (entry & pte::global) text += " global";
    if (directory && entry & pte::page_4m) text += " 4 MB page";
    return text;
}

std::string walk_text(Context& context, u32 linear) {
    const auto& memory = context.debuggee.machine().memory();
    const auto mode = context.cpu().paging_mode();
    const mmu::PageWalk walk = mmu::walk_page_table(memory, mode, {linear}, Intent::Read, false);
    std::string text = fmt::format("linear {:08x} = directory {:03x}, table {:03x}, offset {:03x}\n", linear,
                                   linear >> 22, linear >> 12 & 0x3ff, linear & page_offset_mask);
    text += fmt::format("CR3 {:08x}\n  directory entry at {:08x} = {:08x}  {}\n", mode.cr3,
                        walk.directory_entry_address.value, walk.directory_entry,
                        entry_bits(walk.directory_entry, true));
    const bool has_table = (walk.directory_entry & mmu::pte::present) && !walk.large;
    if (has_table)
        text += fmt::format("  table entry     at {:08x} = {:08x}  {}\n", walk.table_entry_address.value,
                            walk.table_entry, entry_bits(walk.table_entry, false));
    if (!walk.ok) return text + "not mapped: an access raises #PF\n";
    text += fmt::format("physical {:08x}\n", walk.page.value + (linear & page_offset_mask));
    const struct {
        std::string_view who;
        Intent intent;
        bool user;
    } tries[] = {{"ring 3 reads", Intent::Read, true},
                 {"ring 3 writes", Intent::Write, true},
                 {"ring 0 reads", Intent::Read, false},
                 {"ring 0 writes", Intent::Write, false}};
    for (const auto& attempt : tries) {
        const auto result = mmu::walk_page_table(memory, mode, {linear}, attempt.intent, attempt.user);
        text += fmt::format("  {:<14} {}\n", attempt.who,
                            result.ok ? "allowed" : fmt::format("#PF, error code {:x}", result.error_code));
    }
    return text;
}

/// "-> system_call+4", or -> a string, or nothing.
std::string telescoped(Context& context, u32 word) {
    const std::string name = context.scope.name_at(word);
    if (!name.empty()) return "-> " + name;
    if (const auto text = context.debuggee.memory().text(word, 40); text && text->size() >= 4)
        if (text->find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:, ") ==
            std::string::npos)
            return fmt::format("-> \"{}\"", *text);
    return {};
}

} // namespace

Outcome info_page(Context& context, std::string_view argument) {
    if (argument.empty()) return failed("info page ADDRESS");
    TRY_OR_FAIL(linear, context.address(argument));
    if (!context.cpu().paging()) return said(fmt::format("Paging is off: {:08x} is the physical address.", linear));
    return said(walk_text(context, linear));
}

Outcome info_pages(Context& context, std::string_view) {
    if (!context.cpu().paging()) return said("Paging is off: linear addresses are physical ones.");
    std::string text = fmt::format("CR3 {:08x}\n", context.cpu().cr3);
    for (const kernel::PageRange& range :
         kernel::page_ranges(context.debuggee.machine().memory(), context.cpu().paging_mode()))
        text += fmt::format("{:08x}-{:08x}  {:>7} K  {} {}{}{}  physical {:08x}{}\n", range.first, range.end - 1,
                            range.bytes() / 1024, range.user ? "user" : "supervisor", range.writable ? "rw" : "r-",
                            range.large ? " 4M" : "", range.global ? " global" : "", range.physical,
                            range.contiguous ? "" : " ...");
    return said(text);
}

Outcome info_stack(Context& context, std::string_view argument) {
    u64 words = 16;
    if (!argument.empty()) {
        TRY_OR_FAIL(given, context.number(argument));
        if (given == 0 || given > 2048) return failed("info stack: from 1 to 2048 words");
        words = given;
    }
    const cpu::Segment& ss = context.cpu().segment(cpu::SegmentRegister::ss);
    const u32 esp = context.cpu().reg(cpu::Gpr::esp), linear = ss.base + esp;
    const auto task = context.debuggee.task();
    std::string text = fmt::format("SS:ESP {:04x}:{:08x}", ss.selector, esp);
    if (task && linear >= task->thread_info && linear <= task->stack_top)
        text += fmt::format(", the kernel stack of {} (pid {}): {} of {} bytes in use", task->comm, task->pid,
                            task->stack_top - linear, task->stack_top - task->thread_info);
    text += '\n';
    for (u64 i = 0; i < words; ++i) {
        const u32 address = linear + static_cast<u32>(4 * i);
        if (task && address == task->stack_top) {
            text += "-------- top of the kernel stack\n";
            break;
        }
        const auto word = context.debuggee.memory().get<u32>(address);
        if (!word) break;
        text += fmt::format("{:08x}  +{:<4x} {:08x}  {}\n", address, 4 * i, *word, telescoped(context, *word));
    }
    return said(text);
}

} // namespace trapgate::frontend::debug
