// SPDX-License-Identifier: MIT
// Writing and reading the sample. Source: the format stands in the header.
#include "recording.hpp"

#include "judgement.hpp"
#include "minimise.hpp"

#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace trapgate::silicon {

namespace {

constexpr const char* register_names[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
constexpr const char* segment_names[] = {"es", "cs", "ss", "ds", "fs", "gs"};

std::string hex_bytes(const uint8_t* bytes, uint32_t count) {
    std::string text;
    for (uint32_t i = 0; i < count; ++i) text += fmt::format("{:02x}", bytes[i]);
    return text;
}

template <class T> void write_if(std::string& line, const char* name, T value, T usual) {
    if (value != usual) line += fmt::format(" {}={:x}", name, value);
}

/// Runs of neighbouring bytes as one item each.
void write_changes(std::string& line, const Outcome& outcome) {
    for (uint32_t i = 0; i < outcome.changed_count; ++i) {
        if (i == 0 || outcome.changed[i].address != outcome.changed[i - 1].address + 1)
            line += fmt::format(" @{:x}=", outcome.changed[i].address);
        line += fmt::format("{:02x}", outcome.changed[i].value);
    }
}

bool is_empty(const FpuImage& fpu, uint32_t i) {
    return (fpu.tags >> 2 * (((fpu.status >> 11) + i) & 7) & 3) == 3;
}

/// The same physical registers as ST(i) of another status word.
FpuImage seen_from(const FpuImage& before, uint32_t status) {
    FpuImage after = before;
    after.status = status;
    for (uint32_t i = 0; i < 8; ++i)
        std::copy_n(before.registers[((status >> 11) - (before.status >> 11) + i) & 7], 10, after.registers[i]);
    return after;
}

/// `all`: what lies in empty registers counts too, as it does for MMX.
void write_fpu(std::string& line, const FpuImage& fpu, const FpuImage& before, bool all) {
    line +=
        fmt::format(" cw={:x} sw={:x} tags={:x}", uint16_t(fpu.control), uint16_t(fpu.status), uint16_t(fpu.tags));
    const FpuImage usual = seen_from(before, fpu.status);
    for (uint32_t i = 0; i < 8; ++i)
        if ((all || !is_empty(fpu, i)) && !std::equal(fpu.registers[i], fpu.registers[i] + 10, usual.registers[i]))
            line += fmt::format(" st{}={}", i, hex_bytes(fpu.registers[i], 10));
}

void write_sse(std::string& line, const SseImage& sse, const SseImage& before) {
    line += fmt::format(" mxcsr={:x}", sse.mxcsr);
    for (uint32_t i = 0; i < 8; ++i)
        if (!std::equal(sse.xmm[i], sse.xmm[i] + 4, before.xmm[i]))
            line += fmt::format(" xmm{}={}", i, hex_bytes(reinterpret_cast<const uint8_t*>(sse.xmm[i]), 16));
}

using Items = std::map<std::string, std::string>;

uint32_t number(const std::string& text) {
    return uint32_t(std::stoul(text, nullptr, 16));
}

uint32_t take(const Items& items, const std::string& name, uint32_t usual) {
    const auto found = items.find(name);
    return found == items.end() ? usual : number(found->second);
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

/// "name=value" words; memory goes to `memory(address, bytes)`.
template <class Memory> Items read_items(const std::vector<std::string>& words, size_t first, Memory memory) {
    Items items;
    for (size_t i = first; i < words.size(); ++i) {
        const auto equals = words[i].find('=');
        if (equals == std::string::npos) throw std::runtime_error("no '=' in \"" + words[i] + "\"");
        const std::string name = words[i].substr(0, equals), value = words[i].substr(equals + 1);
        if (name[0] != '@')
            items[name] = value;
        else
            memory(number(name.substr(1)), value);
    }
    return items;
}

uint32_t byte_at(const std::string& hex, uint32_t index) {
    return number(hex.substr(index * 2, 2));
}

FpuImage parse_fpu(const Items& items, const FpuImage& before) {
    FpuImage fpu = seen_from(before, take(items, "sw", 0));
    fpu.control = take(items, "cw", 0);
    fpu.tags = take(items, "tags", 0);
    for (uint32_t i = 0; i < 8; ++i)
        if (const auto found = items.find("st" + std::to_string(i)); found != items.end())
            for (uint32_t k = 0; k < 10; ++k) fpu.registers[i][k] = uint8_t(byte_at(found->second, k));
    return fpu;
}

SseImage parse_sse(const Items& items, const SseImage& before) {
    SseImage sse = before;
    sse.mxcsr = take(items, "mxcsr", 0);
    for (uint32_t i = 0; i < 8; ++i)
        if (const auto found = items.find("xmm" + std::to_string(i)); found != items.end())
            for (uint32_t k = 0; k < 16; ++k)
                reinterpret_cast<uint8_t*>(sse.xmm[i])[k] = uint8_t(byte_at(found->second, k));
    return sse;
}

void parse_case(Case& test, const std::vector<std::string>& words) {
    test = plain_case();
    test.code_length = uint8_t(words.at(0).size() / 2);
    if (test.code_length > sizeof test.code) throw std::runtime_error("too many instruction bytes");
    for (uint32_t i = 0; i < test.code_length; ++i) test.code[i] = uint8_t(byte_at(words[0], i));
    test.single_step = words.at(1) == "s";
    const Items items = read_items(words, 2, [&](uint32_t address, const std::string& hex) {
        if (test.poke_count == std::size(test.pokes)) throw std::runtime_error("too many pokes");
        Poke& poke = test.pokes[test.poke_count++];
        poke.address = address;
        poke.length = uint8_t(std::min(hex.size() / 2, sizeof poke.bytes));
        for (uint32_t i = 0; i < poke.length; ++i) poke.bytes[i] = uint8_t(byte_at(hex, i));
    });
    for (uint32_t r = 0; r < 8; ++r) test.registers[r] = take(items, register_names[r], test.registers[r]);
    for (uint32_t s = 0; s < 6; ++s) test.segments[s] = uint16_t(take(items, segment_names[s], test.segments[s]));
    test.eflags = take(items, "fl", test.eflags);
    test.uses_fpu = items.contains("cw");
    if (test.uses_fpu) test.fpu = parse_fpu(items, FpuImage{});
    test.uses_sse = items.contains("mxcsr");
    if (test.uses_sse) test.sse = parse_sse(items, SseImage{});
    test.eip = take(items, "eip", test.eip);
    test.code_address = test.eip + segment_base(test.segments[Cs]);
}

void parse_outcome(Outcome& outcome, uint32_t& undefined, const Case& test, const std::vector<std::string>& words) {
    outcome = {};
    outcome.changed_hash = empty_hash;
    const Items items = read_items(words, 0, [&](uint32_t address, const std::string& hex) {
        for (uint32_t i = 0; i < hex.size() / 2; ++i) {
            if (outcome.changed_count == listed_changes) throw std::runtime_error("too many changed bytes");
            const ChangedByte change{address + i, byte_at(hex, i)};
            outcome.changed[outcome.changed_count++] = change;
            outcome.changed_hash = hash_change(outcome.changed_hash, change.address, change.value);
        }
    });
    for (uint32_t r = 0; r < 8; ++r) outcome.registers[r] = take(items, register_names[r], test.registers[r]);
    for (uint32_t s = 0; s < 6; ++s)
        outcome.segments[s] = uint16_t(take(items, segment_names[s], test.segments[s]));
    outcome.eflags = take(items, "fl", test.eflags);
    outcome.eip = test.eip + take(items, "eip", 0);
    outcome.trap = take(items, "trap", 0);
    outcome.error = take(items, "err", 0);
    outcome.cr2 = take(items, "cr2", 0);
    undefined = take(items, "mask", 0);
    if (test.uses_fpu) outcome.fpu = parse_fpu(items, test.fpu);
    if (test.uses_sse) outcome.sse = parse_sse(items, test.sse);
}

} // namespace

std::string recorded_line(const Recorded& recorded) {
    const Case& test = recorded.test;
    const Case plain = plain_case();
    const Outcome& outcome = recorded.outcome;
    std::string line = fmt::format(" {} {}", hex_bytes(test.code, test.code_length), test.single_step ? "s" : "-");
    write_if(line, "eip", test.eip, plain.eip);
    for (uint32_t r = 0; r < 8; ++r) write_if(line, register_names[r], test.registers[r], plain.registers[r]);
    write_if(line, "fl", test.eflags, plain.eflags);
    for (uint32_t s = 0; s < 6; ++s) write_if(line, segment_names[s], test.segments[s], plain.segments[s]);
    for (uint32_t p = 0; p < test.poke_count; ++p)
        line +=
            fmt::format(" @{:x}={}", test.pokes[p].address, hex_bytes(test.pokes[p].bytes, test.pokes[p].length));
    if (test.uses_fpu) write_fpu(line, test.fpu, FpuImage{}, test.uses_sse);
    if (test.uses_sse) write_sse(line, test.sse, SseImage{});
    line += fmt::format(" | trap={:x}", outcome.trap);
    write_if(line, "err", outcome.error, 0u);
    write_if(line, "cr2", outcome.cr2, 0u);
    write_if(line, "eip", outcome.eip - test.eip, 0u);
    for (uint32_t r = 0; r < 8; ++r) write_if(line, register_names[r], outcome.registers[r], test.registers[r]);
    write_if(line, "fl", outcome.eflags, test.eflags);
    write_if(line, "mask", recorded.undefined_flags, 0u);
    for (uint32_t s = 0; s < 6; ++s) write_if(line, segment_names[s], outcome.segments[s], test.segments[s]);
    if (test.uses_fpu) write_fpu(line, outcome.fpu, test.fpu, false);
    if (test.uses_sse) write_sse(line, outcome.sse, test.sse);
    write_changes(line, outcome);
    return line;
}

Recorded parse_recorded(const std::string& row, const std::string& line) {
    const auto bar = line.find('|');
    if (bar == std::string::npos) throw std::runtime_error("no '|'");
    Recorded recorded{row, {}, {}, 0};
    parse_case(recorded.test, words_of(line.substr(0, bar)));
    parse_outcome(recorded.outcome, recorded.undefined_flags, recorded.test, words_of(line.substr(bar + 1)));
    return recorded;
}

namespace {

bool is_worth_recording(const Question& question, const Outcome& outcome) {
    const bool stores_pointers = question.test.uses_fpu && question.shape->digit == 6 &&
                                 (question.shape->is(0xD9) || question.shape->is(0xDD)); // FNSTENV, FNSAVE
    const bool saves_all = question.shape->is(0x0FAE) && question.shape->digit == 0;     // pointers, and 400 bytes
    return outcome.changed_count <= listed_changes && !saves_all && is_defined(question) &&
           !needs_excuse(question, outcome) && !is_newer(question, outcome) && !stores_pointers;
}

} // namespace

int record_sample(const Series& series, NativeProcessor& native, uint64_t count, const std::string& path) {
    std::map<std::string, std::vector<std::string>> lines; // by row
    uint64_t written = 0;
    for (uint64_t i = 0; i < count; ++i) {
        Question question = series(i);
        Outcome outcome;
        native.run({&question.test, 1}, {&outcome, 1});
        if (!is_worth_recording(question, outcome)) continue;
        const uint32_t undefined = undefined_flags(question, outcome);
        if (!question.is_sequence) minimise(question.test, outcome, native); // a loop counter must stay small
        lines[question.shape->row].push_back(
            recorded_line({question.shape->row, question.test, outcome, undefined}));
        ++written;
    }
    std::ofstream out(path);
    out << "# What one processor answered, in 32-bit code in ring 3. Format: tests/silicon/recording.hpp\n"
        << "# Recorded by: tests/silicon/run --record FILE --cases N\n"
        << "# processor: " << NativeProcessor::name() << "\n";
    for (const auto& [row, cases] : lines) {
        out << row << "\n";
        for (const std::string& line : cases) out << line << "\n";
    }
    out.close();
    if (!out) {
        fmt::print(stderr, "silicon: cannot write {}\n", path);
        return 1;
    }
    fmt::print("{} cases written to {}\n", written, path);
    return 0;
}

std::vector<Recorded> read_sample(const std::string& path) {
    std::ifstream in(path);
    if (!in) throw std::runtime_error("cannot read " + path);
    std::vector<Recorded> sample;
    std::string row;
    uint32_t line_number = 0;
    for (std::string line; std::getline(in, line);) {
        ++line_number;
        if (line.empty() || line[0] == '#') continue;
        if (line[0] != ' ') {
            row = line;
            continue;
        }
        try {
            sample.push_back(parse_recorded(row, line));
        } catch (const std::exception& error) {
            throw std::runtime_error(fmt::format("{}:{}: {}", path, line_number, error.what()));
        }
    }
    return sample;
}

} // namespace trapgate::silicon
