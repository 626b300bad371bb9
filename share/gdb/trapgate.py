# SPDX-License-Identifier: MIT
"""Commands for gdb as a client of `trapgate gdb`:  (gdb) source share/gdb/trapgate.py   (--exec gdb loads it by itself).

    info ring        the ring, the task, the time, both stacks' pointers
    ptregs           struct pt_regs on top of the current kernel stack: what the entry code and the processor saved
    micro [N]        N micro-steps forwards: inside of int, iret, sysenter, exceptions
    micro-back [N]   N micro-steps backwards
    goto TIME        to any moment: an instruction (1207) or between two micro-steps (1207.13)
"""
import gdb

PT_REGS = ("ebx", "ecx", "edx", "esi", "edi", "ebp", "eax", "xds", "xes", "orig_eax", "eip", "xcs", "eflags", "esp", "xss")


def register(name):
    return int(gdb.selected_frame().read_register(name)) & 0xffffffff


class InfoRing(gdb.Command):
    """The ring of the processor, the time, and where the stacks are."""

    def __init__(self):
        super().__init__("info ring", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        print(f"ring {register('cpl')}  cs {register('cs'):04x}:{register('eip'):08x}  ss {register('ss'):04x}:{register('esp'):08x}")
        print(f"tss.ss0:esp0 {register('tss_ss0'):04x}:{register('tss_esp0'):08x}")
        gdb.execute("monitor time")


class PtRegs(gdb.Command):
    """struct pt_regs at the top of the current kernel stack (TSS.esp0)."""

    def __init__(self):
        super().__init__("ptregs", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        bottom = register("tss_esp0") - 4 * len(PT_REGS)
        if register("cpl") == 3:
            print("in ring 3: these words are left from the last time this task was in the kernel")
        memory = gdb.selected_inferior().read_memory(bottom, 4 * len(PT_REGS)).tobytes()
        for i, name in enumerate(PT_REGS):
            word = int.from_bytes(memory[4 * i:4 * i + 4], "little")
            print(f"{bottom + 4 * i:08x}  +{4 * i:02x}  {name:<9}{word:08x}  {word if word < 1 << 31 else word - (1 << 32)}")


class Micro(gdb.Command):
    """Micro-steps: the instruction or delivery at eip from inside. $micro and $insn tell where."""

    def __init__(self, name, step):
        super().__init__(name, gdb.COMMAND_RUNNING)
        self.step = step

    def invoke(self, argument, from_tty):
        gdb.execute("monitor micro on", to_string=True)
        try:
            gdb.execute(f"{self.step} {argument}", from_tty)
        finally:
            gdb.execute("monitor micro off", to_string=True)
        gdb.execute("monitor time")


class Goto(gdb.Command):
    """To a moment of the run: goto 1207, goto 1207.13."""

    def __init__(self):
        super().__init__("goto", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        print(gdb.execute(f"monitor arrive {argument}", to_string=True), end="")
        gdb.execute("stepi", from_tty)


InfoRing(), PtRegs(), Micro("micro", "stepi"), Micro("micro-back", "reverse-stepi"), Goto()
