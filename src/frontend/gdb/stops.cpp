// SPDX-License-Identifier: MIT
#include "frontend/gdb/stops.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trapgate::frontend::gdb {

namespace {

constexpr u8 syscall_vector = 0x80;
constexpr u32 longest_watch = 1u << 20;

bool same(const machine::WatchRange& a, const machine::WatchRange& b) {
    return a.address == b.address && a.bytes == b.bytes && a.reads == b.reads && a.writes == b.writes;
}

} // namespace

std::string Stops::change(Fields fields, bool insert) {
    const auto type = fields.number32();
    if (!type || !fields.take(",")) return "E01";
    const auto address = fields.number32();
    if (!address || !fields.take(",")) return "E01";
    const auto length = fields.number32();
    if (!length) return "E01";
    if (*type > 4) return {};
    if (*type < 2) {
        auto& set = *type == 0 ? software_ : hardware_;
        if (insert && set.size() >= most) return "E0c";
        insert ? (void)set.insert(*address) : (void)set.erase(*address);
        return "OK";
    }
    const machine::WatchRange range{*address, *length, *type != 2, *type != 3};
    if (*length == 0 || *length > longest_watch) return "E16";
    std::erase_if(watches_, [&](const machine::WatchRange& other) { return same(range, other); });
    if (insert && watches_.size() >= most) return "E0c";
    if (insert) watches_.push_back(range);
    return "OK";
}

std::string Stops::catch_calls(Fields fields) {
    const auto on = fields.number();
    if (!on || *on > 1) return "E01";
    std::set<u32> calls;
    while (fields.take(";")) {
        const auto number = fields.number32();
        if (!number || calls.size() >= most) return "E01";
        calls.insert(*number);
    }
    if (!fields.at_end()) return "E01";
    catching_ = *on == 1;
    calls_ = catching_ ? std::move(calls) : std::set<u32>{};
    return "OK";
}

void Stops::clear() {
    software_.clear();
    hardware_.clear();
    watches_.clear();
    catching_ = false;
    calls_.clear();
}

std::string_view Stops::break_reason(u32 address) const {
    if (software_.contains(address)) return "swbreak:;";
    return hardware_.contains(address) ? "hwbreak:;" : "";
}

std::string Stops::watch_reason(const machine::WatchHit& hit) const {
    for (const machine::WatchRange& range : watches_) {
        const bool right_way = hit.intent == Intent::Write ? range.writes : range.reads;
        if (!right_way || !range.holds(hit.address, hit.size)) continue;
        const std::string_view word = range.reads ? (range.writes ? "awatch" : "rwatch") : "watch";
        return fmt::format("{}:{:x};", word, range.address);
    }
    return {};
}

std::vector<u32> Stops::breakpoints() const {
    std::vector<u32> all(software_.begin(), software_.end());
    all.insert(all.end(), hardware_.begin(), hardware_.end());
    return all;
}

bool enters_by_call(const machine::TransferNews& transfer) {
    if (transfer.from_cpl != 3 || transfer.to_cpl != 0 || transfer.delivery) return false;
    return transfer.kind == trace::TransferKind::Sysenter ||
           (transfer.kind == trace::TransferKind::Interrupt && transfer.vector == syscall_vector);
}

bool returns_to_user(const machine::TransferNews& transfer) {
    return transfer.from_cpl == 0 && transfer.to_cpl == 3;
}

} // namespace trapgate::frontend::gdb
