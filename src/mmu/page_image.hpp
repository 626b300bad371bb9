// SPDX-License-Identifier: MIT
// The contents of RAM at one moment, as pages that many moments share: a snapshot costs only what has changed since the last.
#pragma once

#include "base/types.hpp"

#include <array>
#include <memory>
#include <vector>

namespace trapgate::mmu {

using PageBytes = std::array<u8, page_size>;

/// Pages by number; a null page holds zeroes. Copying one copies pointers to runs of 64 pages.
class PageImage {
  public:
    static constexpr u64 run_pages = 64;
    using Page = std::shared_ptr<const PageBytes>;
    using Run = std::array<Page, run_pages>;

    explicit PageImage(u64 pages = 0) : runs_((pages + run_pages - 1) / run_pages) {}

    const PageBytes* page(u64 number) const {
        const auto& run = runs_[number / run_pages];
        return run ? (*run)[number % run_pages].get() : nullptr;
    }
    void set(u64 number, Page page);
    /// Pages covered, rounded up to a whole run.
    u64 pages() const { return runs_.size() * run_pages; }
    /// Every page from `number` on to the end of its run is the same object in both.
    bool same_run(const PageImage& other, u64 number) const {
        return runs_[number / run_pages] == other.runs_[number / run_pages];
    }
    bool same_page(const PageImage& other, u64 number) const { return page(number) == other.page(number); }

  private:
    std::vector<std::shared_ptr<Run>> runs_;
};

/// `bytes` are all zero.
bool is_zero_page(const u8* bytes);

} // namespace trapgate::mmu
