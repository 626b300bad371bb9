// SPDX-License-Identifier: MIT
#include "kernel/address_space.hpp"

#include "kernel/guest_struct.hpp"

namespace trapgate::kernel {

namespace {

constexpr std::size_t most_areas = 4096; ///< a damaged list must not keep us for ever
constexpr std::size_t longest_name = 255;

// VM_ bits. [linux-2.6.11] include/linux/mm.h
constexpr u32 vm_read = 1, vm_write = 2, vm_exec = 4, vm_shared = 8;

std::string file_name(const GuestKernel& kernel, const GuestMemory& memory, u32 file) {
    const u32 dentry = GuestStruct(memory, kernel.debug().structure("file"), file).word_or_zero("f_dentry");
    const u32 name = GuestStruct(memory, kernel.debug().structure("dentry"), dentry).word_or_zero("d_name.name");
    return name ? memory.text(name, longest_name).value_or("") : "";
}

std::string use_of(const AddressSpace& space, const Area& area) {
    if (area.start <= space.start_stack && space.start_stack < area.end) return "stack";
    if (area.start < space.brk && space.start_brk < area.end && area.file.empty()) return "heap";
    if (area.start < space.end_code && space.start_code < area.end && !(area.flags & vm_write)) return "text";
    if (area.start < space.end_data && space.start_code < area.end) return "data";
    if (area.start < space.start_brk && area.start >= space.end_data && area.start - space.end_data < page_size)
        return "bss";
    return area.file.empty() ? "anonymous" : "mapping";
}

} // namespace

std::string Area::rights() const {
    std::string text = "---p";
    if (flags & vm_read) text[0] = 'r';
    if (flags & vm_write) text[1] = 'w';
    if (flags & vm_exec) text[2] = 'x';
    if (flags & vm_shared) text[3] = 's';
    return text;
}

std::optional<AddressSpace> address_space(const GuestKernel& kernel, const GuestMemory& memory, u32 mm) {
    const GuestStruct m(memory, kernel.debug().structure("mm_struct"), mm);
    const auto pgd = m.word("pgd");
    if (!pgd) return std::nullopt;
    AddressSpace space;
    space.mm = mm;
    space.page_directory = *pgd;
    for (const auto& [name, into] : {std::pair{"start_code", &space.start_code},
                                     {"end_code", &space.end_code},
                                     {"start_data", &space.start_data},
                                     {"end_data", &space.end_data},
                                     {"start_brk", &space.start_brk},
                                     {"brk", &space.brk},
                                     {"start_stack", &space.start_stack},
                                     {"mm_users", &space.users},
                                     {"rss", &space.resident}})
        *into = m.word_or_zero(name);
    space.program = file_name(kernel, memory, m.word_or_zero("exe_file"));

    const Layout* layout = kernel.debug().structure("vm_area_struct");
    for (u32 at = m.word_or_zero("mmap"); at != 0 && space.areas.size() < most_areas;) {
        const GuestStruct vma(memory, layout, at);
        Area area;
        area.start = vma.word_or_zero("vm_start");
        area.end = vma.word_or_zero("vm_end");
        if (area.start >= area.end) break; // no area is empty: this is none
        area.flags = vma.word_or_zero("vm_flags");
        area.page_index = vma.word_or_zero("vm_pgoff");
        area.file = file_name(kernel, memory, vma.word_or_zero("vm_file"));
        area.use = use_of(space, area);
        space.areas.push_back(std::move(area));
        at = vma.word_or_zero("vm_next");
    }
    return space;
}

} // namespace trapgate::kernel
