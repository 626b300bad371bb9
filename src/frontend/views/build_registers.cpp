// SPDX-License-Identifier: MIT
// Registers before and now: within an instruction, before it; between two, before the last one.
#include "frontend/views/build_switch.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

using cpu::SegmentRegister;
using cpu::protect::Registers;

class Table {
  public:
    Table(const SwitchMoment& moment, const Registers& before, const Registers& now)
        : moment_(moment), before_(before), now_(now) {}

    void general(std::string name, std::size_t index) {
        Register& row = add(std::move(name), before_.gpr[index], now_.gpr[index], 8);
        name_values(row);
    }
    void selector(std::string name, SegmentRegister which) {
        const auto index = static_cast<std::size_t>(which);
        add(std::move(name), before_.selectors[index], now_.selectors[index], 4);
    }
    Register& add(std::string name, u64 before, u64 now, u8 digits) {
        Register row;
        row.name = std::move(name);
        row.before = before, row.now = now, row.digits = digits;
        row.changed = before != now;
        row.id = "register." + row.name;
        panel_.registers.push_back(std::move(row));
        return panel_.registers.back();
    }
    void name_values(Register& row) const {
        if (!moment_.options.relative) return;
        row.before_text = named(static_cast<u32>(row.before));
        row.now_text = named(static_cast<u32>(row.now));
    }
    RegistersPanel take() { return std::move(panel_); }

  private:
    std::string named(u32 value) const {
        const std::string text = moment_.stack_pointer(value);
        return text == fmt::format("{:08x}", value) ? "" : text;
    }

    const SwitchMoment& moment_;
    const Registers& before_;
    const Registers& now_;
    RegistersPanel panel_;
};

} // namespace

Panel registers_panel(const SwitchMoment& moment) {
    const Registers now = Registers::of(moment.cpu);
    Registers before = moment.record.before;
    if (!moment.now.micro && moment.history.before_last()) before = *moment.history.before_last();
    Table table(moment, before, now);
    Register& eip = table.add("EIP", before.eip, now.eip, 8);
    eip.note = moment.code_name(now.eip);
    if (moment.options.relative) {
        // A name would not fit where the number stands: it is the note.
        if (before.cpl == 0) eip.before_text = "(kernel)";
        if (now.cpl == 0) eip.now_text = "(kernel)";
    }
    table.general("ESP", 4);
    table.selector("CS", SegmentRegister::cs);
    table.selector("SS", SegmentRegister::ss);
    table.add("EFLAGS", before.eflags, now.eflags, 8).note = flags_text(now.eflags);
    table.add("CPL", before.cpl, now.cpl, 1);
    static constexpr std::pair<const char*, std::size_t> general[] = {
        {"EAX", 0}, {"EBX", 3}, {"ECX", 1}, {"EDX", 2}, {"ESI", 6}, {"EDI", 7}, {"EBP", 5}};
    for (const auto& [name, index] : general) table.general(name, index);
    table.selector("DS", SegmentRegister::ds);
    table.selector("ES", SegmentRegister::es);
    table.selector("FS", SegmentRegister::fs);
    table.selector("GS", SegmentRegister::gs);
    table.add("CR2", before.cr2, now.cr2, 8);
    if (!moment.options.relative) table.add("CR3", before.cr3, now.cr3, 8);
    table.add("TR", before.tr, now.tr, 4);
    RegistersPanel panel = table.take();
    panel.before_title = "before";
    return {"registers", "registers", Meaning::Dim, std::move(panel)};
}

} // namespace trapgate::frontend::views
