// SPDX-License-Identifier: MIT
// Reading the guest's memory by linear address, as the current address space maps it. Reads only: no fault, no accessed bits.
#pragma once

#include "base/types.hpp"
#include "cpu/cpu.hpp"

#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <string>

namespace trapgate::kernel {

class GuestMemory {
  public:
    virtual ~GuestMemory() = default;
    /// Fills `out`, or gives false if not all of it is mapped.
    virtual bool read(u32 address, std::span<u8> out) const = 0;

    template <class T> std::optional<T> get(u32 address) const {
        std::array<u8, sizeof(T)> bytes;
        if (!read(address, bytes)) return std::nullopt;
        T value;
        std::memcpy(&value, bytes.data(), sizeof(T));
        return value;
    }
    /// The bytes up to a NUL, at most `limit` of them. Nothing if they are not mapped.
    std::optional<std::string> text(u32 address, std::size_t limit) const;
};

/// What `cpu` sees now.
class CpuMemory final : public GuestMemory {
  public:
    explicit CpuMemory(const cpu::Cpu& cpu) : cpu_(cpu) {}
    bool read(u32 address, std::span<u8> out) const override;

  private:
    const cpu::Cpu& cpu_;
};

} // namespace trapgate::kernel
