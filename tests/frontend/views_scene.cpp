// SPDX-License-Identifier: MIT
#include "views_scene.hpp"

#include <fmt/format.h>

namespace trapgate::tests {

using namespace frontend::views;

namespace {

StepsPanel steps() {
    struct Row {
        const char* text;
        const char* access;
        const char* raises;
    };
    static constexpr Row rows[] = {
        {"fetch and decode cd 80", "", "#PF, #GP"},
        {"80*8+7 = 407 <= IDTR.limit 7ff", "", "#GP(402)"},
        {"read the gate IDT[80]", "R8", "#PF"},
        {"type F = trap32, S = 0", "", "#GP(402)"},
        {"gate.DPL 3 >= CPL 3", "", "#GP(402)"},
        {"gate.P = 1", "", "#NP(402)"},
        {"CS 0060 -> GDT[0c]", "", "#GP(0), #GP(60)"},
        {"code32 DPL 0 P 1", "R8", "#GP(60), #NP(60)"},
        {"DPL 0 < CPL 3: inner level 0", "", ""},
        {"SS0:ESP0 = 0068:c12fe000", "R2 R4", "#TS(80)"},
        {"data32 DPL 0 W P 1", "R8", "#TS(68), #SS(68)"},
        {"20 bytes fit below ESP0", "", "#SS(68), #PF"},
        {"SS:ESP := 0068:c12fe000", "", ""},
        {"push old SS 007b", "W4", ""},
        {"push old ESP bffff8e0", "W4", ""},
        {"push EFLAGS 00000202", "W4", ""},
        {"push old CS 0073", "W4", ""},
        {"push EIP 08048096", "W4", ""},
        {"CS:EIP := system_call, CPL := 0", "", ""},
        {"TF NT RF VM := 0, IF stays", "", ""},
    };
    StepsPanel panel;
    for (u32 i = 0; i < std::size(rows); ++i) {
        Step step{
            .at = {1207, i}, .number = i, .text = rows[i].text, .access = rows[i].access, .raises = rows[i].raises};
        step.mark = i < 13 ? Mark::Done : i == 13 ? Mark::Now : Mark::Ahead;
        step.id = fmt::format("step.{}", i);
        step.tip = fmt::format("micro-step {}", i);
        step.command = fmt::format("goto 1207.{}", i);
        panel.steps.push_back(step);
    }
    panel.next = "next: push %eax  (system_call)";
    panel.can_fault = "can still fault: nothing";
    return panel;
}

ChainPanel chain() {
    ChainPanel panel;
    panel.boxes = {
        {"IDTR c1000000 limit 7ff",
         {{"80*8 -> c1000400"}, {"within the limit"}},
         Mark::Done,
         false,
         "80*8",
         "chain.idtr"},
        {"IDT[80] trap32",
         {{"0060:c0100a40 DPL 3 P"}, {"DPL 3 >= CPL 3"}},
         Mark::Done,
         false,
         "0060",
         "chain.gate"},
        {"GDT[0c] 0060 code32",
         {{"base 0 limit 4G DPL 0"}, {"DPL 0 < CPL 3: switch"}},
         Mark::Done,
         false,
         "",
         "chain.cs"},
        {"TR 0080 -> TSS c1002000",
         {{"SS0:ESP0 0068:c12fe000"}, {"20 bytes fit"}},
         Mark::Done,
         false,
         "",
         "chain.tss"},
    };
    panel.notes = {{"nothing can fault any more", Meaning::Dim}};
    return panel;
}

StackPanel kernel_stack() {
    StackPanel panel;
    panel.top = "c12fe000 = TSS.esp0";
    panel.top_address = 0xc12fe000;
    panel.esp = 0xc12fdffc;
    static constexpr const char* names[] = {"ss",  "esp", "eflags", "cs",  "eip", "orig_eax", "es", "ds",
                                            "eax", "ebp", "edi",    "esi", "edx", "ecx",      "ebx"};
    u32 address = 0xc12fe000;
    for (u32 i = 0; i < std::size(names); ++i) {
        Slot slot{.address = address -= 4, .name = names[i], .writer = i < 5 ? Writer::Cpu : Writer::Entry};
        slot.who = i < 5 ? "CPU" : "SAVE_ALL";
        slot.mark = i ? Mark::Ahead : Mark::Now;
        if (!i) slot.value = 0x7b, slot.meaning = "user stack segment";
        slot.id = fmt::format("slot.{}", names[i]);
        panel.slots.push_back(slot);
    }
    panel.size = 8192, panel.used = 4, panel.deepest = 412;
    panel.notes = {{"8124 bytes free, high water 412 (5%)"},
                   {"esp & ~1fff = c12fc000"},
                   {"thread_info: task=c1231000 (init) flags=0"}};
    return panel;
}

RegistersPanel registers() {
    return {"before",
            "now",
            {{"EIP", 0x08048094, 0x08048094},
             {"CS", 0x73, 0x73, 4},
             {"ESP", 0xbffff8e0, 0xc12fdffc, 8, true},
             {"SS", 0x7b, 0x68, 4, true},
             {"EFLAGS", 0x202, 0x202, 8, false, "IF"},
             {"CPL", 3, 3, 1},
             {"EAX", 4, 4}}};
}

TimelinePanel timeline() {
    TimelinePanel panel{.from = 1100, .to = 1500, .from_text = "insn 1100", .to_text = "1500", .now = {1207, 13}};
    panel.ring = 3;
    panel.bars = {{3, 1100, 1207},
                  {0, 1207, 1400, "int 80: write(1, \"hello\\n\", 6)", "int 80", "bar.1207", "", "goto 1207"},
                  {3, 1400, 1500, "iret", "iret", "bar.1400"}};
    return panel;
}

} // namespace

ViewModel scene_of_a_push() {
    ViewModel model;
    model.view = "switch";
    model.title = "int 80 at 1207.13: push old SS";
    model.header = {{1207, 13}, 18432, 19, "init pid=1", "PM32 PG", "our kernel", "main+16", {"RING 3 .. 0", 3, 0}};
    StackPanel user;
    user.kernel = false, user.top = "stack of init";
    user.slots = {{.address = 0xbffff8e4,
                   .name = "argv[0]",
                   .value = 0xbffffa10,
                   .writer = Writer::Program,
                   .meaning = "\"hello\""},
                  {.address = 0xbffff8e0, .name = "argc", .value = 1, .writer = Writer::Program}};
    user.notes = {{"INT writes nothing here", Meaning::Dim}};
    const CaptionPanel caption{
        "The privilege level changes, so the processor first saves the interrupted stack pointer: old SS "
        "007b goes to esp0-4 = c12fdffc.",
        "W4 c12fdffc = 0000007b (physical 012fdffc)", "[SDM2] INT n, \"Operation\""};
    model.panels = {{"steps", "int 80: micro-steps", Meaning::Dim, steps()},
                    {"kernel-stack", "kernel stack of init, 8 KiB", Meaning::Ring0, kernel_stack()},
                    {"registers", "registers", Meaning::Dim, registers()},
                    {"chain", "descriptor chain", Meaning::Dim, chain()},
                    {"user-stack", "user stack of init (ring 3)", Meaning::Ring3, user},
                    {"timeline", "timeline", Meaning::Dim, timeline()},
                    {"caption", "what happened", Meaning::Cpu, caption}};
    return model;
}

} // namespace trapgate::tests
