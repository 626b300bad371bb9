// SPDX-License-Identifier: MIT
// RAM as an anonymous mapping: untouched guest pages cost the host nothing.
#include "mmu/physical_memory.hpp"

#include "base/assert.hpp"

#include <cstring>
#include <new>
#include <sys/mman.h>

namespace trapgate::mmu {

PhysicalMemory::PhysicalMemory(u64 bytes) : size_((bytes + page_offset_mask) & ~u64{page_offset_mask}) {
    void* mapped = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<u8*>(mapped);
}

PhysicalMemory::~PhysicalMemory() {
    munmap(data_, size_);
}

void PhysicalMemory::write(PhysicalAddress address, std::span<const u8> data, Writer who) {
    ASSERT(contains(address, data.size()));
    if (who == Writer::Host || (who == Writer::Loader && started_)) ++foreign_writes_;
    std::memcpy(data_ + address.value, data.data(), data.size());
}

} // namespace trapgate::mmu
