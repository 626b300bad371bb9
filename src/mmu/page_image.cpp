// SPDX-License-Identifier: MIT
#include "mmu/page_image.hpp"

#include <cstring>
#include <utility>

namespace trapgate::mmu {

void PageImage::set(u64 number, Page page) {
    std::shared_ptr<Run>& run = runs_[number / run_pages];
    if (!run)
        run = std::make_shared<Run>();
    else if (run.use_count() > 1)
        run = std::make_shared<Run>(*run); // another image still shows the old one
    (*run)[number % run_pages] = std::move(page);
}

bool is_zero_page(const u8* bytes) {
    return bytes[0] == 0 && std::memcmp(bytes, bytes + 1, page_size - 1) == 0;
}

} // namespace trapgate::mmu
