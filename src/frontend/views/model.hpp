// SPDX-License-Identifier: MIT
// What a person sees, before anything is drawn: plain structs, filled by builders from a machine at a moment, turned into a grid of
// cells by layouts. The same model is JSON, schema "trapgate.view/1" (json.hpp; docs/views.md describes it field by field).
#pragma once

#include "base/types.hpp"
#include "machine/time_point.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace trapgate::frontend::views {

/// What a piece of text stands for. Layouts turn it into a style token of the grid; it is never told by colour alone.
enum class Meaning : u8 {
    Text,
    Dim,     ///< said quietly: units, hints, what has not come yet
    Title,   ///< a heading
    Ring3,   ///< belongs to ring 3
    Ring0,   ///< belongs to ring 0
    Cpu,     ///< written by the processor itself
    Entry,   ///< written by the kernel's entry code; a check that was passed
    Kernel,  ///< written by C code of the kernel
    Now,     ///< this step
    Ahead,   ///< not yet
    Changed, ///< differs from before
    Warning, ///< a fault, damage, something to look at twice
    Crossed, ///< shown as not taking part
};

/// Where a row stands in time. Shown as `+`, `>`, `.`, `!`.
enum class Mark : u8 {
    None,
    Done,
    Now,
    Ahead,
    Failed, ///< the check that raised the fault
};

struct Span {
    std::string text{};
    Meaning meaning = Meaning::Text;
    bool operator==(const Span&) const = default;
};

/// One line of text. `id`, `tip` and `command` have the same meaning wherever they appear in the model:
struct Line {
    std::vector<Span> spans{};
    std::string
        id{}; ///< names this thing within the model ("step.13", "slot.ss"): for mouse, tooltips, screen readers
    std::string tip{};     ///< a sentence for a tooltip and for screen readers
    std::string command{}; ///< what a click on it does, as a command of the debugger; empty: nothing

    Line() = default;
    Line(std::string text, Meaning meaning = Meaning::Text) : spans{{std::move(text), meaning}} {}
    Line(std::vector<Span> parts) : spans(std::move(parts)) {}
    std::string text() const;
    bool operator==(const Line&) const = default;
};

// --- Panels --------------------------------------------------------------------------------------------

/// A micro-step of a transfer, or an instruction of the way from one transfer to the next.
struct Step {
    machine::TimePoint at{}; ///< the state that it leaves (for a micro-step), or begins with (for an instruction)
    u32 number = 0;          ///< within its transfer; for an instruction: how many since the ring changed
    Mark mark = Mark::None;
    std::string name{};   ///< "gate dpl"; for an instruction its symbolic place, "system_call+4"
    std::string text{};   ///< with this time's numbers: "gate.DPL 3 >= CPL 3"; for an instruction its assembly text
    std::string access{}; ///< "R8", "R2 R4", "W4"
    std::string raises{}; ///< what a failure raises: "#GP(402)"; empty: it cannot fail
    std::string general{}; ///< what this step does in general, in the manual's terms
    bool commit = false;   ///< below the point of no return
    std::string id{}, tip{}, command{};
    bool operator==(const Step&) const = default;
};
struct StepsPanel {
    bool instructions = false; ///< rows are instructions, not micro-steps
    std::vector<Step> steps{};
    std::string can_fault{}; ///< "can still fault: …", or that nothing can any more
    std::string next{};      ///< "next: push %eax  (orig_eax, system_call)"
    bool operator==(const StepsPanel&) const = default;
};

/// One station of the way of a transfer: IDTR, a gate, a descriptor, the TSS, an MSR, a frame on the stack.
struct ChainBox {
    std::string title{};
    std::vector<Line> lines{};
    Mark mark = Mark::None;
    bool crossed_out = false; ///< shown because one expects it here, and it is not read
    std::string arrow{};      ///< beside the arrow that leads to the next box
    std::string id{}, tip{}, command{};
    bool operator==(const ChainBox&) const = default;
};
struct ChainPanel {
    std::vector<ChainBox> boxes{};
    std::vector<Line> notes{};
    bool operator==(const ChainPanel&) const = default;
};

/// Who wrote a word.
enum class Writer : u8 {
    Nobody,   ///< not since the ring changed, and not before as far as known
    Earlier,  ///< before the window of time that was looked at
    Cpu,      ///< the processor, in a micro-step
    Entry,    ///< the kernel's entry code (assembly)
    Kernel,   ///< C code of the kernel
    Program,  ///< ring 3
    Software, ///< nobody yet: software will have to
};
struct Slot {
    u32 address = 0;
    std::string name{};         ///< "eflags"; "" for a word without a name
    std::optional<u32> value{}; ///< nothing: not written yet (what lies there does not count)
    Writer writer = Writer::Nobody;
    std::string who{}; ///< "CPU", "SAVE_ALL", "sys_write+12"
    Mark mark = Mark::None;
    bool hollow = false;               ///< hardware would have filled it on another way in
    std::string meaning{};             ///< "IF=1", "-> main+16"
    std::string place{}, value_text{}; ///< shown in place of address and value, if given: "esp0-4", "main+16"
    std::string id{}, tip{}, command{};
    bool operator==(const Slot&) const = default;
};
struct StackPanel {
    bool kernel = true;
    std::string top{};                ///< the line above the highest word: "c12fe000 = TSS.esp0"
    std::optional<u32> top_address{}; ///< where that is: an ESP there means an empty stack
    std::vector<Slot> slots{};        ///< from high addresses to low ones, one word each
    std::optional<u32> esp{};         ///< the stack pointer, if it points into this stack
    u32 frame = 0;                    ///< index of the first slot of the frame that matters now: it stays in view
    std::vector<Line> notes{};        ///< under the words: bytes free, arithmetic, thread_info
    u32 size = 0;                     ///< bytes of the whole stack; 0: unknown
    u32 used = 0;                     ///< bytes in use now
    u32 deepest = 0;                  ///< bytes that were ever used (high-water mark), as far as known
    bool operator==(const StackPanel&) const = default;
};

struct Register {
    std::string name{};
    u64 before = 0;
    u64 now = 0;
    u8 digits = 8; ///< hexadecimal digits to show
    bool changed = false;
    std::string note{};                    ///< "system_call+4", "IF ZF"
    std::string before_text{}, now_text{}; ///< shown in place of the numbers, if given: "esp0-4"
    std::string id{}, tip{};
    bool operator==(const Register&) const = default;
};
struct RegistersPanel {
    std::string before_title = "before", now_title = "now";
    std::vector<Register> registers{};
    bool operator==(const RegistersPanel&) const = default;
};

/// A stretch of time in one ring.
struct TimelineBar {
    u8 ring = 0;
    u64 from = 0, to = 0;   ///< instructions [from, to)
    std::string label{};    ///< under it: "write(1, \"hello\\n\", 6)"
    std::string from_how{}; ///< the transfer that began it: "int 80", "iret", "irq 0", "#PF"
    std::string id{}, tip{}, command{};
    bool operator==(const TimelineBar&) const = default;
};
struct TimelinePanel {
    u64 from = 0, to = 0;               ///< what is shown
    std::string from_text{}, to_text{}; ///< under the ends
    machine::TimePoint now{};
    u8 ring = 3;                     ///< in which the processor is now
    std::vector<TimelineBar> bars{}; ///< in order; without gaps
    bool operator==(const TimelinePanel&) const = default;
};

struct CaptionPanel {
    std::string sentence{}; ///< what happened, plainly
    std::string fact{};     ///< the machine's side: access, linear and physical address
    std::string source{};   ///< where the manual says so
    bool operator==(const CaptionPanel&) const = default;
};

/// Anything in rows and columns.
struct TableColumn {
    std::string title{};
    bool right = false; ///< align right
    bool operator==(const TableColumn&) const = default;
};
struct TableRow {
    std::vector<Span> cells{};
    Mark mark = Mark::None;
    std::string id{}, tip{}, command{};
    bool operator==(const TableRow&) const = default;
};
struct TablePanel {
    std::vector<TableColumn> columns{};
    std::vector<TableRow> rows{};
    bool marks = false; ///< a column for the marks before the first one
    bool operator==(const TablePanel&) const = default;
};

/// Lines, one below the other.
struct TextPanel {
    std::vector<Line> lines{};
    bool wrap = false; ///< long lines go on in the next row instead of being cut
    bool tail = false; ///< where not all fit, the last lines are shown and scrolling goes up
    bool operator==(const TextPanel&) const = default;
};

/// The guest's text screen, cell by cell.
struct ScreenCell {
    char32_t character = U' ';
    u8 attribute = 7; ///< the adapter's: ink in bits 3:0, paper in bits 6:4
    bool operator==(const ScreenCell&) const = default;
};
struct ScreenPanel {
    u32 columns = 0, rows = 0;
    std::vector<ScreenCell> cells{}; ///< row by row
    std::optional<u32> cursor{};     ///< index into `cells`
    bool operator==(const ScreenPanel&) const = default;
};

/// A panel. `content` says what kind it is.
struct Panel {
    std::string id{};    ///< "steps", "chain", "kernel-stack" …: what Options::panel names
    std::string title{}; ///< on its frame
    Meaning frame = Meaning::Dim;
    std::variant<StepsPanel, ChainPanel, StackPanel, RegistersPanel, TimelinePanel, CaptionPanel, TablePanel,
                 TextPanel, ScreenPanel>
        content;
    std::string tip{};
    bool operator==(const Panel&) const = default;
};

// --- The whole -----------------------------------------------------------------------------------------

/// Where the processor stands between the rings.
struct Badge {
    std::string text{}; ///< "RING 3", "RING 3 .. 0", "RING 0"
    u8 from = 0;        ///< the ring that is being left …
    u8 to = 0;          ///< … for this one; the same if none is
    bool operator==(const Badge&) const = default;
};

struct Header {
    machine::TimePoint at{};
    u64 clock = 0;
    u32 micro_steps = 0;  ///< of this instruction, in all; 0: it has none
    std::string task{};   ///< "init pid=1"; empty if there are no tasks (yet, or that we know of)
    std::string mode{};   ///< "PM32 PG"
    std::string kernel{}; ///< name of the kernel that runs
    std::string place{};  ///< of the instruction: "system_call+4 (entry.S:211)"
    Badge badge{};
    bool operator==(const Header&) const = default;
};

struct ViewModel {
    static constexpr std::string_view schema = "trapgate.view/1";
    std::string view{};  ///< its name in views.def
    std::string title{}; ///< "int 80h at 1207.13"
    Header header;
    std::vector<Panel> panels{};      ///< the most important one first
    std::vector<std::string> remarks; ///< what could not be shown, and why
    bool operator==(const ViewModel&) const = default;

    const Panel* find(std::string_view panel_id) const;
};

} // namespace trapgate::frontend::views
