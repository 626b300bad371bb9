// SPDX-License-Identifier: MIT
// View `code`: the instructions around EIP (or any address), with symbols, the source line each belongs to, the source text where its
// file is at hand; what the current instruction is made of when it consists of micro-steps.
// The text of instructions is Capstone's; where they begin is the processor's own decoder's word from the start of the function on.
#include "frontend/disassembly.hpp"
#include "frontend/views/builders.hpp"
#include "frontend/views/naming.hpp"
#include "frontend/views/relative.hpp"
#include "frontend/views/source_text.hpp"
#include "frontend/virtual8086.hpp"

#include "cpu/isa/micro_steps.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

constexpr u32 longest_insn = 15;
constexpr u32 rows_before = 24, rows_after = 48;
constexpr u32 longest_function = 1 << 16; ///< further back than this nobody looks for the start

struct Insn {
    u32 linear;
    u32 length;
    std::string text;
    std::string bytes;
    u64 target;
};

std::optional<Insn> decode(const kernel::GuestMemory& memory, const Disassembler& disassembler, u32 linear) {
    std::array<u8, longest_insn> bytes{};
    std::size_t count = longest_insn;
    while (count > 0 && !memory.read(linear, std::span(bytes).first(count))) --count;
    if (count == 0) return std::nullopt;
    const auto found = disassembler.at(std::span(bytes).first(count), linear);
    Insn insn{linear,
              std::min<u32>(std::max<u32>(found.length, 1), static_cast<u32>(count)),
              found.text,
              {},
              found.target};
    for (u32 i = 0; i < insn.length; ++i) insn.bytes += fmt::format("{:02x}", bytes[i]);
    return insn;
}

/// Instructions before `linear` whose beginnings are sure: counted from the start of its function.
std::deque<Insn> before(const Debuggee& debuggee, const Disassembler& disassembler, u32 linear) {
    std::deque<Insn> insns;
    const auto* symbol = debuggee.symbols().containing(linear);
    if (!symbol || linear - symbol->address > longest_function) return insns;
    for (auto at = static_cast<u32>(symbol->address); at < linear;) {
        auto insn = decode(debuggee.memory(), disassembler, at);
        if (!insn) return {};
        at += insn->length;
        insns.push_back(std::move(*insn));
        if (insns.size() > rows_before) insns.pop_front();
        if (at > linear) insns.pop_back(); // data among code: the last one runs over the address
    }
    return insns;
}

std::vector<Insn> around(const Debuggee& debuggee, u32 linear, bool wide) {
    const Disassembler disassembler(wide ? 32 : 16);
    const auto earlier = before(debuggee, disassembler, linear);
    std::vector<Insn> insns(earlier.begin(), earlier.end());
    for (u32 i = 0; i < rows_after; ++i) {
        auto insn = decode(debuggee.memory(), disassembler, linear);
        if (!insn) break;
        linear += insn->length;
        insns.push_back(std::move(*insn));
    }
    return insns;
}

/// "entry.S:182" without its folders.
std::string short_line(const kernel::SourceLine& line) {
    return fmt::format("{}:{}", std::string_view(line.file).substr(line.file.rfind('/') + 1), line.line);
}

class Rows {
  public:
    Rows(Debuggee& debuggee, u32 linear, u32 eip) : debuggee_(debuggee), linear_(linear), eip_(eip) {}

    TablePanel table(const std::vector<Insn>& insns) {
        table_.columns = {{"address"}, {"symbol"}, {"bytes"}, {"instruction"}, {"source"}};
        table_.marks = true;
        for (const Insn& insn : insns) add(insn);
        return std::move(table_);
    }

  private:
    void add(const Insn& insn) {
        const auto line = debuggee_.line_of(insn.linear);
        if (line) add_source(*line);
        const bool here = insn.linear == eip_;
        const std::string leads = insn.target ? code_name(debuggee_, static_cast<u32>(insn.target)) : "";
        const std::string text = leads.empty() || insn.text.find('<') != std::string::npos
                                     ? insn.text
                                     : fmt::format("{}  <{}>", insn.text, leads);
        table_.rows.push_back(
            row({{fmt::format("{:08x}", insn.linear)},
                 {code_name(debuggee_, insn.linear), Meaning::Dim},
                 {insn.bytes, Meaning::Dim},
                 {text, here                     ? Meaning::Now
                        : insn.linear == linear_ ? Meaning::Title
                                                 : Meaning::Text},
                 {line ? short_line(*line) : "", Meaning::Dim}},
                fmt::format("insn.{:08x}", insn.linear),
                insn.target && !here ? view_command("code", fmt::format("{:08x}", static_cast<u32>(insn.target)))
                                     : fmt::format("tbreak *0x{:08x}", insn.linear),
                insn.target ? "Click: the code that it leads to." : "Click: stop here the next time.",
                here ? Mark::Now : Mark::None));
        if (here) add_micro_steps();
    }

    /// A line of source text above the first of its instructions.
    void add_source(const kernel::SourceLine& line) {
        if (last_ && last_->line == line.line && last_->file == line.file) return;
        last_ = line;
        const auto text = source_text(line);
        if (!text || text->empty()) return;
        table_.rows.push_back(row({{""}, {""}, {""}, {*text, Meaning::Entry}, {short_line(line), Meaning::Entry}},
                                  fmt::format("source.{}:{}", line.file, line.line)));
    }

    void add_micro_steps() {
        const auto& record = debuggee_.time().instruction();
        const u32 done = debuggee_.time().now().micro;
        u32 number = 0;
        for (const auto& transfer : record.transfers)
            for (const auto& step : transfer.steps) {
                ++number;
                const Mark mark = step.faulted     ? Mark::Failed
                                  : number < done  ? Mark::Done
                                  : number == done ? Mark::Now
                                                   : Mark::Ahead;
                table_.rows.push_back(
                    row({{""},
                         {fmt::format(".{}", number), Meaning::Dim},
                         {std::string(cpu::isa::info(step.step).name)},
                         {step.values.empty() ? std::string(cpu::isa::info(step.step).text) : step.values,
                          number <= done ? Meaning::Text : Meaning::Ahead},
                         {""}},
                        fmt::format("step.{}", number),
                        fmt::format("goto {}", machine::to_text({record.instruction, number})),
                        std::string(cpu::isa::info(step.step).text), mark));
            }
    }

    Debuggee& debuggee_;
    u32 linear_, eip_;
    TablePanel table_;
    std::optional<kernel::SourceLine> last_;
};

} // namespace

Status build_code(Debuggee& debuggee, const Options& options, ViewModel& model) {
    const auto& record = debuggee.time().instruction();
    const auto& cpu = debuggee.cpu();
    // Inside a transfer EIP may have moved on; what runs is still the instruction that asked for it.
    const u32 eip =
        debuggee.time().now().micro ? record.linear : cpu.segment(cpu::SegmentRegister::cs).base + cpu.eip;
    u32 linear = eip;
    if (!options.subject.empty()) {
        TRY(given, parse_address(debuggee, options.subject));
        linear = given;
    }
    model.title = fmt::format("code at {}", debuggee.place(linear));
    const auto insns = around(debuggee, linear, linear != eip || !in_virtual8086(record.before));
    if (insns.empty()) {
        model.remarks.push_back(fmt::format("{:08x} is not mapped: there is no code to show", linear));
        return Nothing{};
    }
    model.panels.push_back(panel("code", debuggee.place(linear), Rows(debuggee, linear, eip).table(insns)));
    if (record.external_interrupt && linear == eip)
        model.remarks.emplace_back("before this instruction the processor takes an interrupt");
    if (options.relative) make_relative(debuggee, model);
    return Nothing{};
}

} // namespace trapgate::frontend::views
