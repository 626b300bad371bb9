// SPDX-License-Identifier: MIT
// Virtual-8086 mode through the kernel: the frame, the nine words of IRET, work_notifysig_v86.
// Source: tests/rows.tsv, row R11.
#include "catch.hpp"
#include "guest/guest.hpp"

#include <algorithm>

using namespace trapgate;
using namespace trapgate::tests;

namespace {

constexpr u32 vm_flag = 1u << 17;

/// What probe-vm86 makes the kernel do.
struct Story {
    u32 frame_bytes = 0; ///< from ESP to esp0 at restore_all, on the way to virtual-8086 mode
    u32 popped = 0;      ///< bytes that IRET took
    u32 esp0 = 0, call_esp0 = 0;
    std::vector<std::string> way; ///< of the signal: from work_notifysig on
    u32 result_frame = 0;         ///< what save_v86_state returned
};

const Story& story() {
    static const Story told = [] {
        Story s;
        Guest guest(by_int80({"probes/probe-vm86"}));
        u32 esp_at_iret = 0;
        bool leaving = false, notifying = false;
        guest.at_kernel("sys_vm86", [&](Guest& g) { s.call_esp0 = g.esp0(); });
        guest.at_kernel("restore_all", [&](Guest& g) {
            const PtRegs frame = g.frame(g.esp());
            leaving = frame.eflags & vm_flag;
            if (!leaving) return;
            s.esp0 = g.esp0();
            s.frame_bytes = s.esp0 - g.esp();
            esp_at_iret = g.esp() + 10 * 4; // EBX to ES, and ORIG_EAX
        });
        guest.on_ring_change = [&](Guest& g, const trace::RingChange& change) {
            if (leaving && change.to == 3) s.popped = s.esp0 - esp_at_iret;
            leaving = false;
            (void)g;
        };
        guest.at_kernel("work_notifysig", [&](Guest& g) {
            notifying = g.frame(g.esp()).eflags & vm_flag;
            if (notifying) s.way = {"work_notifysig"};
        });
        for (const char* name : {"work_notifysig_v86", "save_v86_state", "do_notify_resume", "resume_userspace"})
            guest.at_kernel(name, [&, name](Guest& g) {
                if (!notifying) return;
                s.way.emplace_back(name);
                if (name == std::string_view("do_notify_resume")) s.result_frame = g.reg(cpu::Gpr::eax);
                if (name == std::string_view("resume_userspace")) notifying = false;
            });
        guest.run_to_exit();
        return s;
    }();
    return told;
}

} // namespace

TEST_CASE("iret with VM in the frame pops nine words, and esp0 is where the next trap's frame will end", "[R11]") {
    CHECK(story().frame_bytes == 19 * 4); // struct pt_regs and ES DS FS GS
    CHECK(story().popped == 9 * 4);
    CHECK(story().esp0 < story().call_esp0); // below the frame of the call
}

TEST_CASE("a signal in virtual-8086 mode takes work_notifysig_v86 back to the frame of the call", "[R11]") {
    CHECK(story().way == std::vector<std::string>{"work_notifysig", "work_notifysig_v86", "save_v86_state",
                                                  "do_notify_resume", "resume_userspace"});
    CHECK(story().result_frame == story().call_esp0 - sizeof(PtRegs));
}
