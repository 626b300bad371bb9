// SPDX-License-Identifier: MIT
// Views of the machine and the kernel at real moments: pages, tasks, fork, system calls, screen, code, memory, tables, descriptor, stack.
// What a view predicts is tried: every fault that the descriptor view promises is raised by the what-if that it offers.
#include "catch.hpp"
#include "frontend/debuggee.hpp"
#include "frontend/paint/text.hpp"
#include "frontend/views/builders.hpp"
#include "frontend/views/descriptor_checks.hpp"
#include "frontend/views/views.hpp"
#include "paths.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <sstream>

using namespace trapgate;
using namespace trapgate::tests;
using namespace trapgate::frontend;

namespace {

std::unique_ptr<Debuggee> open_program(const std::string& program) {
    RunOptions options;
    options.command = {(guest_folder() / program).string()};
    options.append = "nosysenter";
    auto opened = Debuggee::open(options, GuestConsole::Kept);
    if (!opened) FAIL(opened.error().message);
    return std::move(opened.value());
}

/// Runs to the n-th arrival at a symbol of the kernel.
void run_to(Debuggee& debuggee, std::string_view symbol, int times = 1) {
    const auto address = debuggee.kernel_symbols().address_of(symbol);
    REQUIRE(address);
    machine::StopSet stops;
    stops.breakpoints = {static_cast<u32>(*address)};
    for (int i = 0; i < times; ++i)
        REQUIRE(debuggee.time().run_on(stops).kind == machine::Arrival::Kind::Breakpoint);
}

void to_first_call(Debuggee& debuggee) {
    const auto first = debuggee.first_system_call();
    REQUIRE(first);
    debuggee.time().go_to({first.value(), 0});
}

views::ViewModel model_of(Debuggee& debuggee, std::string_view view, const std::string& subject = "",
                          bool relative = false) {
    views::Options options;
    options.subject = subject;
    options.relative = relative;
    auto built = views::build(view, debuggee, options);
    if (!built) FAIL(built.error().message);
    return std::move(built.value());
}

std::string picture(const views::ViewModel& model, int columns, int rows) {
    return paint::text(views::layout(model, columns, rows, {}));
}

const views::TablePanel& table_of(const views::ViewModel& model, std::string_view panel) {
    const views::Panel* found = model.find(panel);
    REQUIRE(found);
    return std::get<views::TablePanel>(found->content);
}

const views::TableRow& row_of(const views::TablePanel& table, std::string_view id) {
    for (const auto& row : table.rows)
        if (row.id == id) return row;
    FAIL("no row " << id);
    std::abort();
}

std::string text_of(const views::TableRow& row) {
    std::string text;
    for (const auto& cell : row.cells) text += (text.empty() ? "" : " ") + cell.text;
    return text;
}

/// The picture without the head line (times and counts), compared with tests/golden/views/NAME.txt. TRAPGATE_BLESS=1 writes it anew.
void check_golden(const std::string& name, const views::ViewModel& model, int columns, int rows) {
    std::string text = picture(model, columns, rows);
    text.erase(0, text.find('\n') + 1);
    const auto path = source_folder() / "tests/golden/views" / (name + ".txt");
    if (std::getenv("TRAPGATE_BLESS")) std::ofstream(path) << text;
    std::ifstream file(path);
    std::stringstream wanted;
    wanted << file.rdbuf();
    CHECK(text == wanted.str());
}

const char* const all_of_mine[] = {"pages", "tasks",  "fork",   "syscalls",   "screen",
                                   "code",  "memory", "tables", "descriptor", "stack"};

} // namespace

TEST_CASE("every view can be drawn at every kind of moment and in every size", "[guest][views]") {
    auto debuggee = open_program("demos/07-fork");
    const auto draw_all = [&] {
        const u64 hash = debuggee->time().state_hash();
        const auto now = debuggee->time().now();
        for (const char* view : all_of_mine) {
            INFO(view << " at " << machine::to_text(now));
            const auto model = model_of(*debuggee, view);
            CHECK((!model.panels.empty() || !model.remarks.empty()));
            for (const auto& [columns, rows] : {std::pair{80, 24}, {200, 60}, {120, 40}, {40, 10}, {1, 1}})
                CHECK(!picture(model, columns, rows).empty());
            CHECK(debuggee->time().now() == now);
        }
        CHECK(debuggee->time().state_hash() == hash);
    };
    draw_all(); // nothing has run: no paging, no tables, no tasks
    debuggee->time().go_to({2000, 0});
    draw_all();
    to_first_call(*debuggee);
    const u64 first = debuggee->time().now().instruction;
    draw_all();
    for (const u32 micro : {3u, 13u, 19u}) {
        debuggee->time().go_to({first, micro});
        draw_all();
    }
    run_to(*debuggee, "copy_thread");
    draw_all();
    run_to(*debuggee, "ret_from_fork");
    draw_all();
    debuggee->time().run_on({});
    draw_all();
}

TEST_CASE("ids of rows are different within a panel", "[guest][views]") {
    auto debuggee = open_program("demos/07-fork");
    run_to(*debuggee, "wake_up_new_task", 3);
    for (const char* view : all_of_mine)
        for (const auto model = model_of(*debuggee, view); const auto& panel : model.panels)
            if (const auto* table = std::get_if<views::TablePanel>(&panel.content)) {
                std::set<std::string> ids;
                for (const auto& row : table->rows) {
                    INFO(view << " " << panel.id << " " << row.id);
                    CHECK((row.id.empty() || row.id.starts_with("source.") || ids.insert(row.id).second));
                }
            }
}

TEST_CASE("pages: the walk of a kernel address and what ring 3 would get for it", "[guest][views]") {
    auto debuggee = open_program("demos/01-hello");
    to_first_call(*debuggee);
    const auto model = model_of(*debuggee, "pages", "c0100000");
    const auto& rights = table_of(model, "rights");
    CHECK(text_of(row_of(rights, "rights.ring3")).starts_with("ring 3 #PF(5)"));
    CHECK(text_of(row_of(rights, "rights.ring3")).find("#PF(7)") != std::string::npos);
    CHECK(text_of(row_of(rights, "rights.ring0")) == "ring 0 yes yes yes");
    const auto& walk = std::get<views::ChainPanel>(model.find("walk")->content);
    CHECK(walk.boxes.back().title == "physical 00100000");
    const auto text = model_of(*debuggee, "pages", "main");
    CHECK(text_of(row_of(table_of(text, "rights"), "rights.ring3")).starts_with("ring 3 yes #PF(7)"));
    const auto nothing = model_of(*debuggee, "pages", "0x10");
    CHECK(text_of(row_of(table_of(nothing, "rights"), "rights.ring3")).starts_with("ring 3 #PF(4)"));
    CHECK(std::get<views::ChainPanel>(nothing.find("walk")->content).notes.size() == 1);
    CHECK(!views::build("pages", *debuggee, {.subject = "no_such_symbol"}));
}

TEST_CASE("descriptor: what each check promises is what the what-if raises", "[guest][views]") {
    auto debuggee = open_program("demos/01-hello");
    to_first_call(*debuggee);
    const auto checks = views::interrupt_checks(debuggee->cpu(), debuggee->memory(), 0x80, 3);
    u32 tried = 0;
    for (const auto& check : checks) {
        INFO(check.name << ": " << check.change << " raises " << check.outcome);
        CHECK(check.passes);
        if (!check.edit) continue;
        machine::Edit edit;
        edit.address = check.edit->address;
        edit.bytes = {check.edit->value};
        const auto record = debuggee->time().what_if(std::span(&edit, 1));
        REQUIRE(record);
        REQUIRE(record.value().transfers.size() >= 1);
        REQUIRE(record.value().transfers[0].faulted);
        // The fault's own delivery says which vector it was; its error code is the last word that it pushed.
        REQUIRE(record.value().transfers.size() >= 2);
        const auto& delivery = record.value().transfers[1];
        std::optional<u32> code;
        for (const auto& step : delivery.steps)
            if (step.step == cpu::isa::MicroStep::push_error_code && !step.accesses.empty())
                code = static_cast<u32>(step.accesses.back().value);
        // A broken kernel segment breaks the delivery of the fault as well: then it ends before the push, in a double fault.
        REQUIRE((code || delivery.faulted));
        const bool fatal = check.because.find("#DF") != std::string::npos;
        CHECK(fatal == delivery.faulted);
        const char* name = delivery.vector == 10   ? "TS"
                           : delivery.vector == 11 ? "NP"
                           : delivery.vector == 12 ? "SS"
                           : delivery.vector == 13 ? "GP"
                                                   : "?";
        if (code)
            CHECK(fmt::format("#{}({:x})", name, *code) == check.outcome);
        else
            CHECK(check.outcome.starts_with(fmt::format("#{}(", name)));
        ++tried;
    }
    CHECK(tried >= 6);
}

TEST_CASE("descriptor: subjects are tables, selectors and registers", "[guest][views]") {
    auto debuggee = open_program("demos/01-hello");
    to_first_call(*debuggee);
    CHECK(model_of(*debuggee, "descriptor").title.starts_with("descriptor IDT[80]"));
    CHECK(model_of(*debuggee, "descriptor", "cs").title.starts_with("descriptor GDT[0e]"));
    CHECK(model_of(*debuggee, "descriptor", "7b").title.starts_with("descriptor GDT[0f]"));
    CHECK(model_of(*debuggee, "descriptor", "GDT[10]").title.starts_with("descriptor GDT[10]"));
    CHECK(model_of(*debuggee, "descriptor", "idt 0e").title.starts_with("descriptor IDT[0e]"));
    CHECK(model_of(*debuggee, "descriptor", "gdt 1fff").remarks.size() == 1); // outside the table
    CHECK(!views::build("descriptor", *debuggee, {.subject = "nonsense"}));
}

TEST_CASE("golden: the gate of int 80h, opened", "[guest][views][golden]") {
    auto debuggee = open_program("demos/01-hello");
    to_first_call(*debuggee);
    check_golden("descriptor", model_of(*debuggee, "descriptor", "", true), 120, 26);
}

TEST_CASE("golden: parent and child before the child's first run", "[guest][views][golden]") {
    auto debuggee = open_program("demos/07-fork");
    run_to(*debuggee, "wake_up_new_task", 3);
    check_golden("fork", model_of(*debuggee, "fork", "", true), 120, 45);
}

TEST_CASE("fork: only EAX differs, and the words arrive as copy_thread runs", "[guest][views]") {
    auto debuggee = open_program("demos/07-fork");
    run_to(*debuggee, "copy_thread", 3);
    const auto differing = [&] {
        std::set<std::string> names;
        const auto model = model_of(*debuggee, "fork");
        for (const auto& row : table_of(model, "frames").rows)
            if (row.cells[3].text == "*") names.insert(row.cells[1].text);
        return names;
    };
    CHECK(differing().size() > 5); // nothing copied yet: what lay on the page before
    run_to(*debuggee, "wake_up_new_task");
    CHECK(differing() == std::set<std::string>{"eax"});
    CHECK(model_of(*debuggee, "fork", "3").title == model_of(*debuggee, "fork").title);
    CHECK(!views::build("fork", *debuggee, {.subject = "99"}));
}

TEST_CASE("syscalls: lines as strace prints them, each with its moment", "[guest][views]") {
    auto debuggee = open_program("demos/01-hello");
    debuggee->time().run_on({});
    const auto model = model_of(*debuggee, "syscalls");
    const views::TableRow* write = nullptr;
    for (const auto& row : table_of(model, "syscalls").rows)
        if (row.cells[4].text.starts_with("write(1, \"hello, int 0x80\\n\", 16) = 16")) write = &row;
    REQUIRE(write);
    const auto moment = machine::parse_time_point(write->command.substr(5));
    REQUIRE(moment);
    debuggee->time().go_to(moment.value());
    CHECK(debuggee->time().instruction().transfers.at(0).vector == 0x80);
    CHECK(debuggee->cpu().cpl == 3);
    const auto here = model_of(*debuggee, "syscalls");
    CHECK(table_of(here, "syscalls").rows.back().cells[4].text.ends_with("comes next"));
    // One instruction later it is in the kernel; then it is back.
    debuggee->time().step();
    const auto inside = model_of(*debuggee, "syscalls");
    CHECK(table_of(inside, "syscalls").rows.back().mark == views::Mark::Now);
    CHECK(table_of(inside, "syscalls").rows.back().cells[4].text.ends_with("in the kernel"));
}

TEST_CASE("stack: callers by name, down to whoever runs", "[guest][views]") {
    auto debuggee = open_program("demos/07-fork");
    run_to(*debuggee, "wake_up_new_task", 3);
    std::vector<std::string> calls;
    const auto model = model_of(*debuggee, "stack");
    for (const auto& row : table_of(model, "stack").rows)
        if (row.cells[1].text == "return") calls.push_back(row.cells[3].text);
    CHECK(calls == std::vector<std::string>{"CALL sys_fork", "CALL do_fork", "CALL wake_up_new_task"});
    const auto folded = table_of(model_of(*debuggee, "stack"), "stack").rows.size();
    CHECK(table_of(model_of(*debuggee, "stack", "all"), "stack").rows.size() > folded);
    CHECK(model_of(*debuggee, "stack", "1").title == "kernel stack of init (1)");
    CHECK(!views::build("stack", *debuggee, {.subject = "4711"}));
}

TEST_CASE("tasks: one runs, and the TSS says which", "[guest][views]") {
    auto debuggee = open_program("demos/07-fork");
    run_to(*debuggee, "wake_up_new_task", 3);
    const auto model = model_of(*debuggee, "tasks");
    const auto& rows = table_of(model, "tasks").rows;
    CHECK(std::ranges::count(rows, views::Mark::Now, &views::TableRow::mark) == 1);
    CHECK(text_of(row_of(table_of(model, "tasks"), "task.3")).find("ret_from_fork: has never run") !=
          std::string::npos);
    CHECK(picture(model, 120, 40).find("belongs to 07-fork (2)") != std::string::npos);
}

TEST_CASE("memory and code: areas of the task, source lines of the kernel", "[guest][views]") {
    auto debuggee = open_program("demos/01-hello");
    to_first_call(*debuggee);
    const std::string map = picture(model_of(*debuggee, "memory"), 120, 60);
    for (const char* part : {"vsyscall page", "kernel code (.text)", "kernel stack of 01-hello (2), running", "IDT",
                             "text of 01-hello", "stack (begins at"})
        CHECK(map.find(part) != std::string::npos);
    const std::string code = picture(model_of(*debuggee, "code", "system_call"), 120, 40);
    CHECK(code.find("SAVE_ALL") != std::string::npos);
    CHECK(code.find("pushl %eax") != std::string::npos);
    CHECK(code.find("entry.S:") != std::string::npos);
    debuggee->time().run_on({});
    CHECK(picture(model_of(*debuggee, "screen"), 80, 24).find("hello, int 0x80") != std::string::npos);
}
