// SPDX-License-Identifier: MIT
// The guest's RAM: one block of host memory from physical address 0 on.
// Writers say who they are, so that promise 1 ("what the kernel does, guest code does") can be counted and tested.
#pragma once

#include "base/types.hpp"
#include "mmu/page_image.hpp"

#include <span>
#include <vector>

namespace trapgate::mmu {

/// Who writes to RAM.
enum class Writer : u8 {
    Loader,   ///< the host, before the machine starts
    Device,   ///< a device, on behalf of the guest
    Debugger, ///< a person who changes the guest on purpose
    Host,     ///< anybody else; counted, and the count must stay 0 after start
};

class PhysicalMemory {
  public:
    /// `bytes` is rounded up to whole pages. The host gives zeroed pages on first use.
    explicit PhysicalMemory(u64 bytes);
    ~PhysicalMemory();
    PhysicalMemory(const PhysicalMemory&) = delete;
    PhysicalMemory& operator=(const PhysicalMemory&) = delete;

    u64 size() const { return size_; }
    bool contains(PhysicalAddress address, u64 bytes) const {
        return address.value < size_ && bytes <= size_ - address.value;
    }
    /// All of RAM, for readers.
    std::span<const u8> bytes() const { return {data_, size_}; }

    /// Writes from outside the processor. REQUIRES: contains(address, data.size()).
    void write(PhysicalAddress address, std::span<const u8> data, Writer who);

    /// From here on, Loader writes count as foreign as well.
    void start() { started_ = true; }
    /// Writes after start() that came neither from the processor nor from a device.
    u64 foreign_writes() const { return foreign_writes_; }

    /// The processor's own way in; nobody else may ask for it. It calls touch() before it writes to a page that is not touched.
    u8* processor_pointer() { return data_; }

    // --- Snapshots -------------------------------------------------------------------------------
    /// The page has been written to since the last capture() or restore(), or nobody has asked for one yet.
    bool touched(PhysicalAddress address) const { return touched_[address.value / page_size]; }
    void touch(PhysicalAddress address) { touched_[address.value / page_size] = true; }
    /// RAM as it is. From here on no page counts as touched: whoever keeps fast ways to write must close them.
    PageImage capture();
    /// Bytes of pages that capture() has copied so far.
    u64 captured_bytes() const { return captured_bytes_; }
    /// Makes RAM hold `image` again; gives the numbers of the pages that have changed.
    std::vector<u64> restore(const PageImage& image);

  private:
    u8* data_ = nullptr;
    u64 size_ = 0;
    u64 foreign_writes_ = 0;
    u64 captured_bytes_ = 0;
    bool started_ = false;
    std::vector<u8> touched_; ///< by page; not vector<bool>: the slow path of every store reads it
    PageImage base_;          ///< what every page that is not touched holds
};

} // namespace trapgate::mmu
