// SPDX-License-Identifier: MIT
// RAM as an anonymous mapping: untouched guest pages cost the host nothing.
#include "mmu/physical_memory.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <sys/mman.h>

namespace trapgate::mmu {

PhysicalMemory::PhysicalMemory(u64 bytes) : size_((bytes + page_offset_mask) & ~u64{page_offset_mask}) {
    void* mapped = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<u8*>(mapped);
    touched_.assign(size_ / page_size, true);
    base_ = PageImage(size_ / page_size);
}

PhysicalMemory::~PhysicalMemory() {
    munmap(data_, size_);
}

void PhysicalMemory::write(PhysicalAddress address, std::span<const u8> data, Writer who) {
    ASSERT(contains(address, data.size()));
    if (who == Writer::Host || (who == Writer::Loader && started_)) ++foreign_writes_;
    if (data.empty()) return;
    for (u64 page = address.value / page_size; page <= (address.value + data.size() - 1) / page_size; ++page)
        touched_[page] = true;
    std::memcpy(data_ + address.value, data.data(), data.size());
}

PageImage PhysicalMemory::capture() {
    for (u64 number = 0; number < touched_.size(); ++number) {
        if (!touched_[number]) continue;
        const u8* bytes = data_ + number * page_size;
        if (is_zero_page(bytes)) {
            if (base_.page(number)) base_.set(number, nullptr);
        } else if (const PageBytes* old = base_.page(number);
                   !old || std::memcmp(old->data(), bytes, page_size) != 0) {
            auto page = std::make_shared<PageBytes>();
            std::memcpy(page->data(), bytes, page_size);
            base_.set(number, std::move(page));
            captured_bytes_ += page_size;
        }
        touched_[number] = false;
    }
    return base_;
}

std::vector<u64> PhysicalMemory::restore(const PageImage& image) {
    ASSERT(image.pages() == base_.pages());
    std::vector<u64> changed;
    for (u64 number = 0; number < touched_.size(); ++number) {
        if (!touched_[number] && base_.same_page(image, number)) continue;
        u8* bytes = data_ + number * page_size;
        if (const PageBytes* page = image.page(number))
            std::memcpy(bytes, page->data(), page_size);
        else
            std::memset(bytes, 0, page_size);
        changed.push_back(number);
    }
    base_ = image;
    std::fill(touched_.begin(), touched_.end(), u8{false});
    return changed;
}

} // namespace trapgate::mmu
