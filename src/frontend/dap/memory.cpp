// SPDX-License-Identifier: MIT
// Bytes and instructions of the guest, and the text of source files.
#include "frontend/dap/adapter.hpp"

#include "frontend/numbers.hpp"
#include "machine/edit.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>

namespace trapgate::frontend::dap {

namespace {

constexpr s64 most_bytes = 1 << 20;
constexpr s64 most_instructions = 4096;
constexpr u32 longest_instruction = 15;

std::string bytes_text(std::span<const u8> bytes) {
    std::string text;
    for (const u8 byte : bytes) text += fmt::format("{}{:02x}", text.empty() ? "" : " ", byte);
    return text;
}

} // namespace

u32 Adapter::address_argument(const Json& arguments, const char* name) const {
    const std::string given = need_text(arguments, name);
    const auto value = parse_number(given);
    if (!value || *value > 0xffffffff) throw Refusal{fmt::format("{} {}: not an address", name, given)};
    return static_cast<u32>(*value);
}

Json Adapter::instruction_at(u32 address, u32& length) const {
    std::array<u8, longest_instruction> bytes;
    std::size_t count = bytes.size();
    while (count && !debuggee_->memory().read(address, std::span(bytes).first(count))) --count;
    Json row{{"address", fmt::format("0x{:08x}", address)}};
    if (!count) {
        length = 1;
        row["instruction"] = "(not mapped)";
        row["presentationHint"] = "invalid";
        return row;
    }
    const DisassembledInsn insn = disassembler_.at(std::span(bytes).first(count), address);
    length = insn.length;
    row["instruction"] = insn.text;
    if (insn.target)
        if (const std::string name = debuggee_->symbols().name_at(insn.target); !name.empty())
            row["instruction"] = insn.text + "  <" + name + ">";
    row["instructionBytes"] = bytes_text(std::span(bytes).first(std::min<std::size_t>(length, count)));
    if (const std::string name = debuggee_->symbols().name_at(address); !name.empty()) row["symbol"] = name;
    return row;
}

/// The addresses of the `count` instructions before `address`, ascending; fewer where decoding does not lead there. Decoding
/// starts at a symbol, or so far before that it has fallen into step.
std::vector<u32> Adapter::instructions_before(u32 address, u64 count) const {
    const u32 far = static_cast<u32>(std::min<u64>(address, (count + 4) * longest_instruction));
    u32 start = address - far;
    if (const kernel::Symbol* symbol = debuggee_->symbols().containing(start))
        start = static_cast<u32>(symbol->address);
    for (u32 shift = 0; shift < longest_instruction; ++shift) {
        std::vector<u32> found;
        u32 at = start + shift, length = 1;
        for (; at < address; at += length) {
            found.push_back(at);
            (void)instruction_at(at, length);
        }
        if (at != address) continue;
        if (found.size() > count) found.erase(found.begin(), found.end() - static_cast<long>(count));
        return found;
    }
    return {};
}

Json Adapter::disassemble(const Json& arguments) {
    const u32 base =
        address_argument(arguments, "memoryReference") + static_cast<u32>(number(arguments, "offset", 0));
    const s64 wanted = need_number(arguments, "instructionCount"),
              shift = number(arguments, "instructionOffset", 0);
    if (wanted < 0 || wanted > most_instructions)
        throw Refusal{fmt::format("instructionCount: 0 to {}", most_instructions)};
    if (shift < -most_instructions || shift > most_instructions)
        throw Refusal{fmt::format("instructionOffset: at most {} either way", most_instructions)};
    Json rows = Json::array();
    std::vector<u32> before;
    if (shift < 0) before = instructions_before(base, static_cast<u64>(-shift));
    for (s64 missing = -shift - static_cast<s64>(before.size());
         shift < 0 && missing > 0 && rows.size() < static_cast<std::size_t>(wanted); --missing)
        rows.push_back(
            {{"address", fmt::format("0x{:08x}", (before.empty() ? base : before[0]) - static_cast<u32>(missing))},
             {"instruction", "(unknown)"},
             {"presentationHint", "invalid"}});
    u32 at = before.empty() ? base : before[0], length = 1;
    for (s64 skip = shift; skip > 0; --skip, at += length) (void)instruction_at(at, length);
    std::string last_file;
    int last_line = 0;
    for (; rows.size() < static_cast<std::size_t>(wanted); at += length) {
        Json row = instruction_at(at, length);
        const auto* line = sources_->line_of(at);
        if (line && (line->line != last_line || sources_->file_of(*line) != last_file)) {
            last_line = line->line;
            last_file = sources_->file_of(*line);
            row["location"] = sources_->source(last_file);
            row["line"] = last_line;
        }
        rows.push_back(std::move(row));
    }
    return {{"instructions", rows}};
}

Json Adapter::read_memory(const Json& arguments) {
    const u32 address =
        address_argument(arguments, "memoryReference") + static_cast<u32>(number(arguments, "offset", 0));
    const s64 count = need_number(arguments, "count");
    if (count < 0 || count > most_bytes) throw Refusal{fmt::format("count: 0 to {}", most_bytes)};
    std::string bytes;
    while (static_cast<s64>(bytes.size()) < count) { // page by page, up to the first that is not mapped
        const u32 at = address + static_cast<u32>(bytes.size());
        std::vector<u8> piece(std::min<u64>(static_cast<u64>(count) - bytes.size(), 4096 - at % 4096));
        if (!debuggee_->memory().read(at, piece)) break;
        bytes.append(piece.begin(), piece.end());
    }
    Json body{{"address", fmt::format("0x{:08x}", address)}, {"data", to_base64(bytes)}};
    if (const s64 missing = count - static_cast<s64>(bytes.size())) body["unreadableBytes"] = missing;
    return body;
}

Json Adapter::write_memory(const Json& arguments) {
    machine::Edit edit;
    edit.address =
        address_argument(arguments, "memoryReference") + static_cast<u32>(number(arguments, "offset", 0));
    const auto bytes = from_base64(need_text(arguments, "data"));
    if (!bytes) throw Refusal{"data: not base64"};
    edit.bytes.assign(bytes->begin(), bytes->end());
    if (const Status done = time().edit(edit); !done) throw Refusal{done.error().message};
    return {{"bytesWritten", edit.bytes.size()}};
}

/// Only what debug information names: the adapter is no file server.
Json Adapter::source(const Json& arguments) {
    const auto given = arguments.find("source");
    if (given == arguments.end() || !given->is_object()) throw Refusal{"argument source: missing"};
    const std::string path = text(*given, "path", text(*given, "name"));
    auto place = sources_->find(path, 1);
    if (!place) throw Refusal{path + ": no code of the program or the kernel comes from there"};
    auto content = sources_->content(place->file);
    if (!content) throw Refusal{content.error().message};
    return {{"content", content.value()}};
}

} // namespace trapgate::frontend::dap
