// SPDX-License-Identifier: MIT
// Reading the tables where the registers say they are. Source: [SDM3] "Segment Descriptors", "IDT Descriptors", "Task-State Segment
// (TSS)", "32-Bit Paging".
#include "frontend/machine_tables.hpp"

#include "cpu/protect/describe.hpp"
#include "kernel/page_ranges.hpp"
#include "kernel/task_list.hpp"
#include "machine/edit.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace trapgate::frontend {

namespace {

using Json = nlohmann::ordered_json;

std::string hex(u64 value, int digits = 8) {
    return fmt::format("{:0{}x}", value, digits);
}

Json registers(const cpu::Cpu& cpu) {
    Json found = Json::object();
    for (const machine::RegisterInfo& info : machine::all_registers())
        found[std::string(info.name)] = hex(info.get(cpu), std::max(1, info.bits / 4));
    return found;
}

bool is_gate(cpu::Descriptor d) {
    constexpr u16 gates = 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 12 | 1 << 14 | 1 << 15;
    return !d.is_code_or_data() && (gates >> d.type() & 1);
}

Json entry(const Debuggee& debuggee, u32 index, cpu::Descriptor d) {
    Json row{{"index", hex(index, 2)},
             {"raw", hex(d.raw, 16)},
             {"kind", cpu::protect::descriptor_kind(d)},
             {"dpl", d.dpl()},
             {"present", d.present()}};
    if (is_gate(d)) {
        row["selector"] = hex(d.gate_selector(), 4);
        if (d.type() == 5) return row; // a task gate: no offset
        row["offset"] = hex(d.gate_offset());
        row["symbol"] = debuggee.symbols().name_at(d.gate_offset());
        return row;
    }
    row["base"] = hex(d.base());
    row["limit"] = hex(d.limit());
    if (d.is_code_or_data()) row["accessed"] = d.accessed();
    return row;
}

Json table(const Debuggee& debuggee, const cpu::TableRegister& where) {
    const u32 entries = (where.limit + 1u) / 8;
    Json result{{"base", hex(where.base)}, {"limit", hex(where.limit, 4)}, {"entries", entries}};
    Json rows = Json::array();
    for (u32 index = 0; index < entries; ++index) {
        const auto raw = debuggee.memory().get<u64>(where.base + index * 8);
        if (!raw) {
            result["unreadable_from"] = hex(index, 2);
            break;
        }
        if (*raw) rows.push_back(entry(debuggee, index, {*raw}));
    }
    result["used"] = std::move(rows);
    return result;
}

Json tss(const Debuggee& debuggee) {
    const cpu::Segment& tr = debuggee.cpu().tr;
    if (!tr.present) return nullptr;
    Json result{{"selector", hex(tr.selector, 4)}, {"base", hex(tr.base)}, {"limit", hex(tr.limit)}};
    struct Field {
        const char* name;
        u32 offset;
        int digits;
    };
    constexpr Field fields[] = {{"esp0", 4, 8}, {"ss0", 8, 4},  {"esp1", 12, 8},   {"ss1", 16, 4},
                                {"cr3", 28, 8}, {"eip", 32, 8}, {"io_map", 102, 4}};
    for (const Field& field : fields) {
        const auto word = debuggee.memory().get<u16>(tr.base + field.offset);
        const auto high = debuggee.memory().get<u16>(tr.base + field.offset + 2);
        if (!word || field.offset > tr.limit) continue;
        result[field.name] = hex(field.digits == 8 ? *word | u32{high.value_or(0)} << 16 : *word, field.digits);
    }
    return result;
}

Json pages(const Debuggee& debuggee) {
    const cpu::Cpu& cpu = debuggee.cpu();
    if (!cpu.paging()) return nullptr;
    Json rows = Json::array();
    for (const kernel::PageRange& range : kernel::page_ranges(debuggee.machine().memory(), cpu.paging_mode()))
        rows.push_back({{"first", hex(range.first)},
                        {"last", hex(range.end - 1)},
                        {"physical", hex(range.physical)},
                        {"contiguous", range.contiguous},
                        {"user", range.user},
                        {"writable", range.writable},
                        {"large", range.large},
                        {"global", range.global},
                        {"pages", range.pages()},
                        {"accessed", range.accessed},
                        {"dirty", range.dirty}});
    return rows;
}

Json tasks(const Debuggee& debuggee) {
    if (!debuggee.guest()) return nullptr;
    Json rows = Json::array();
    for (const kernel::TaskState& task : kernel::all_tasks(*debuggee.guest(), debuggee.cpu()))
        rows.push_back({{"pid", task.pid},
                        {"parent", task.parent_pid},
                        {"comm", task.comm},
                        {"state", task.state_text()},
                        {"running", task.running},
                        {"task_struct", hex(task.address)},
                        {"thread_info", hex(task.thread_info)},
                        {"stack_top", hex(task.stack_top)},
                        {"cr3", task.page_directory ? Json(hex(*task.page_directory)) : Json(nullptr)}});
    return rows;
}

// --- Text --------------------------------------------------------------------------------------------

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string registers_text(const Json& all) {
    std::string text = "registers\n";
    std::string line;
    const auto end_line = [&] {
        line.erase(line.find_last_not_of(' ') + 1);
        text += line.empty() ? "" : line + "\n";
        line.clear();
    };
    u32 column = 0;
    for (const auto& [name, value] : all.items()) {
        line += fmt::format("   {:<18}{:<9}", name, text_of(value));
        if (++column % 4 == 0) end_line();
    }
    end_line();
    return text;
}

std::string entry_text(std::string_view name, const Json& row) {
    std::string text =
        fmt::format("   {}[{}]  {:<13} DPL {} {:<11}", name, text_of(row["index"]), text_of(row["kind"]),
                    row["dpl"].get<int>(), row["present"].get<bool>() ? "P" : "not present");
    if (row.contains("selector")) {
        text += fmt::format("  {}", text_of(row["selector"]));
        if (row.contains("offset")) text += fmt::format(":{} {}", text_of(row["offset"]), text_of(row["symbol"]));
        return text;
    }
    return text + fmt::format("  base {}  limit {}{}", text_of(row["base"]), text_of(row["limit"]),
                              row.value("accessed", false) ? "  accessed" : "");
}

/// Without the index: entries that are alike but for it are shown once.
std::string sameness(const Json& row) {
    Json copy = row;
    copy.erase("index");
    return copy.dump();
}

std::string table_text(std::string_view name, const Json& table) {
    std::string text = fmt::format("{}   base {}  limit {}: {} entries, {} used\n", name, text_of(table["base"]),
                                   text_of(table["limit"]), table["entries"].get<int>(), table["used"].size());
    std::string before;
    u32 same = 0;
    const auto close = [&] {
        if (same) text += fmt::format("   ... {} more of the same\n", same);
        same = 0;
    };
    for (const Json& row : table["used"]) {
        const std::string now = sameness(row);
        if (now == before) {
            ++same;
            continue;
        }
        close();
        before = now;
        std::string line = entry_text(name, row);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    close();
    if (table.contains("unreadable_from"))
        text += fmt::format("   from entry {} on it lies in pages that are not mapped\n",
                            text_of(table["unreadable_from"]));
    return text;
}

std::string tss_text(const Json& tss) {
    if (tss.is_null()) return "TSS   TR holds none yet\n";
    std::string text = "TSS  ";
    for (const auto& [name, value] : tss.items()) text += fmt::format(" {} {} ", name, text_of(value));
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
}

std::string pages_text(const Json& pages) {
    if (pages.is_null()) return "pages   paging is off: linear addresses are physical ones\n";
    std::string text = fmt::format(
        "pages   {} ranges\n   linear               physical   rights   pages  accessed  dirty\n", pages.size());
    for (const Json& range : pages)
        text += fmt::format("   {}-{}    {}{}  {} {} {} {} {:>7}  {:>8}  {:>5}\n", text_of(range["first"]),
                            text_of(range["last"]), text_of(range["physical"]),
                            range["contiguous"].get<bool>() ? " " : "…", range["user"].get<bool>() ? 'u' : 's',
                            range["writable"].get<bool>() ? 'w' : 'r', range["large"].get<bool>() ? 'L' : '-',
                            range["global"].get<bool>() ? 'g' : '-', range["pages"].get<int>(),
                            range["accessed"].get<int>(), range["dirty"].get<int>());
    return text +
           "   u user, s supervisor; w writable, r not; L 4 MB pages; g global; … physical pages lie scattered\n";
}

std::string tasks_text(const Json& tasks) {
    if (tasks.is_null()) return "tasks   not known: the kernel is somebody else's\n";
    std::string text = fmt::format("tasks   {}\n   pid  parent  {:<16} {:<18} task      stack top  cr3\n",
                                   tasks.size(), "comm", "state");
    for (const Json& task : tasks)
        text += fmt::format("   {:<4} {:<7} {:<16} {:<18} {}  {}   {}\n", task["pid"].get<int>(),
                            task["parent"].get<int>(), text_of(task["comm"]), text_of(task["state"]),
                            text_of(task["task_struct"]), text_of(task["stack_top"]),
                            task["cr3"].is_null() ? "-" : text_of(task["cr3"]));
    return text;
}

} // namespace

Json machine_tables(Debuggee& debuggee) {
    const cpu::Cpu& cpu = debuggee.cpu();
    Json result{{"schema", "trapgate.machine/1"},
                {"program", debuggee.program_name()},
                {"time", machine::to_text(debuggee.time().now())},
                {"clock", debuggee.machine().clock()},
                {"cpl", cpu.cpl},
                {"at", debuggee.place(cpu.segment(cpu::SegmentRegister::cs).base + cpu.eip)}};
    result["registers"] = registers(cpu);
    result["gdt"] = table(debuggee, cpu.gdtr);
    result["idt"] = table(debuggee, cpu.idtr);
    result["tss"] = tss(debuggee);
    result["pages"] = pages(debuggee);
    result["tasks"] = tasks(debuggee);
    return result;
}

std::string machine_tables_text(const Json& tables) {
    const std::string head =
        fmt::format("{} at {}, clock {}, ring {}: {}\n\n", text_of(tables["program"]), text_of(tables["time"]),
                    tables["clock"].get<u64>(), tables["cpl"].get<int>(), text_of(tables["at"]));
    return head + registers_text(tables["registers"]) + "\n" + table_text("GDT", tables["gdt"]) + "\n" +
           table_text("IDT", tables["idt"]) + "\n" + tss_text(tables["tss"]) + "\n" + pages_text(tables["pages"]) +
           "\n" + tasks_text(tables["tasks"]);
}

} // namespace trapgate::frontend
