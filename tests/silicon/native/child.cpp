// SPDX-License-Identifier: MIT
// The native child: a 32-bit program without a libc that runs one instruction at a time for its parent.
// There is no loop around the tests: each ends in a signal, whose handler takes the answer out of the signal frame,
// writes the next question into the same frame and returns, so that sigreturn starts the next test.
// Source: Linux i386 ABI (sigcontext of the signal frame, system call numbers), [SDM3] "Single-Step Exception Condition".
#include "../test_memory.hpp"

using namespace trapgate::silicon;

namespace {

enum SystemCall : uint32_t {
    sys_exit = 1,
    sys_read = 3,
    sys_write = 4,
    sys_munmap = 91,
    sys_modify_ldt = 123,
    sys_rt_sigaction = 174,
    sys_sigaltstack = 186,
    sys_mmap2 = 192
};

constexpr uint32_t alias_base = 0x0880'0000; // a writable view of everything shared

uint32_t call(uint32_t number, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0, uint32_t d = 0, uint32_t e = 0) {
    uint32_t result;
    asm volatile("int $0x80" : "=a"(result) : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
    return result;
}

uint32_t sixth_argument; // has a fixed address: ebp, which carries it, cannot also be named as an operand

uint32_t mmap2(uint32_t address, uint32_t length, uint32_t protection, uint32_t flags, int descriptor,
               uint32_t page) {
    sixth_argument = page;
    uint32_t result;
    asm volatile("push %%ebp; mov %[page], %%ebp; int $0x80; pop %%ebp"
                 : "=a"(result)
                 : "0"(uint32_t{sys_mmap2}), "b"(address), "c"(length), "d"(protection), "S"(flags),
                   "D"(descriptor), [page] "m"(sixth_argument)
                 : "memory");
    return result;
}

struct SignalContext { // what the kernel pushes for an i386 handler
    uint32_t gs, fs, es, ds;
    uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
    uint32_t trap, error;
    uint32_t eip, cs, eflags, esp_at_signal, ss;
    uint32_t fpu_state, old_mask, cr2;
};

constexpr uint32_t trap_flag = 0x100;

Exchange& exchange() {
    return *reinterpret_cast<Exchange*>(alias_base + page_count * page_size);
}

alignas(16) uint8_t pristine[page_count * page_size];
uint32_t next_case = 0;
bool running = false;

TestMemory memory() {
    return {reinterpret_cast<uint8_t*>(alias_base), pristine};
}

/// Where the FXSAVE image lies in the frame's floating-point part, behind the FSAVE image with its two words of status.
constexpr uint32_t frame_fxsave = 112, frame_mxcsr = frame_fxsave + 24, frame_xmm = frame_fxsave + 160;

uint32_t* frame_part(const SignalContext& context, uint32_t offset) {
    return reinterpret_cast<uint32_t*>(context.fpu_state + offset);
}
void copy_words(uint32_t* to, const uint32_t* from) {
    for (uint32_t i = 0; i < 32; ++i) to[i] = from[i];
}

void record(const SignalContext& context, Outcome& outcome) {
    const uint32_t registers[8] = {context.eax, context.ecx, context.edx, context.ebx,
                                   context.esp, context.ebp, context.esi, context.edi};
    for (uint32_t i = 0; i < 8; ++i) outcome.registers[i] = registers[i];
    const uint32_t segments[6] = {context.es, context.cs, context.ss, context.ds, context.fs, context.gs};
    for (uint32_t i = 0; i < 6; ++i) outcome.segments[i] = uint16_t(segments[i]);
    outcome.eflags = context.eflags;
    outcome.eip = context.eip;
    outcome.trap = context.trap;
    outcome.error = context.error;
    outcome.cr2 = context.trap == page_fault ? context.cr2 : 0;
    outcome.fpu = *reinterpret_cast<const FpuImage*>(context.fpu_state);
    outcome.sse.mxcsr = *frame_part(context, frame_mxcsr);
    copy_words(outcome.sse.xmm[0], frame_part(context, frame_xmm));
    memory().collect_changes(outcome);
}

constexpr FpuImage initial_fpu{0x37F, 0, 0xFFFF, 0, 0, 0, 0, {}};
bool fpu_changed = true;

/// The frame begins with the FSAVE image, and sigreturn believes it.
void start_fpu(SignalContext& context, const Case& test) {
    if (test.uses_fpu || fpu_changed)
        *reinterpret_cast<FpuImage*>(context.fpu_state) = test.uses_fpu ? test.fpu : initial_fpu;
    fpu_changed = test.uses_fpu;
}

constexpr SseImage initial_sse{0x1F80, {}};
bool sse_changed = true;

void start_sse(SignalContext& context, const Case& test) {
    if (!test.uses_sse && !sse_changed) return;
    const SseImage& image = test.uses_sse ? test.sse : initial_sse;
    *frame_part(context, frame_mxcsr) = image.mxcsr;
    copy_words(frame_part(context, frame_xmm), image.xmm[0]);
    sse_changed = test.uses_sse;
}

void start(SignalContext& context, const Case& test) {
    start_fpu(context, test);
    start_sse(context, test);
    context.eax = test.registers[Eax], context.ecx = test.registers[Ecx];
    context.edx = test.registers[Edx], context.ebx = test.registers[Ebx];
    context.esp = test.registers[Esp], context.ebp = test.registers[Ebp];
    context.esi = test.registers[Esi], context.edi = test.registers[Edi];
    context.es = test.segments[Es], context.cs = test.segments[Cs], context.ss = test.segments[Ss];
    context.ds = test.segments[Ds], context.fs = test.segments[Fs], context.gs = test.segments[Gs];
    context.eip = test.eip;
    context.eflags = (test.eflags & ~trap_flag) | (test.single_step ? trap_flag : 0);
}

void wait_for_batch() {
    char byte = 1;
    call(sys_write, answer_descriptor, uint32_t(&byte), 1);
    if (call(sys_read, command_descriptor, uint32_t(&byte), 1) != 1) call(sys_exit, 0);
    next_case = 0;
}

} // namespace

/// Called for every signal. A signal between tests (the very first) only starts the next one.
extern "C" __attribute__((regparm(2), used)) void serve(SignalContext* context, uint32_t) {
    if (running) {
        record(*context, exchange().outcomes[next_case]);
        memory().clean(exchange().cases[next_case]);
        ++next_case;
    }
    if (!running || next_case == exchange().count) wait_for_batch();
    running = true;
    exchange().current = next_case;
    memory().arrange(exchange().cases[next_case]);
    start(*context, exchange().cases[next_case]);
}

// On entry the frame is: return address, signal number, sigcontext. The handler runs with AC, NT and ID as the test left them:
// AC would make unaligned accesses here fault, and sigreturn would leave NT and ID to the next test.
asm(R"(
    .globl on_signal, from_signal, _start
on_signal:
    pushf
    andl    $~0x244000, (%esp)
    popf
    lea     8(%esp), %eax
    mov     4(%esp), %edx
    push    %ebp
    mov     %esp, %ebp
    and     $-16, %esp
    call    serve
    mov     %ebp, %esp
    pop     %ebp
    ret
from_signal:
    pop     %eax
    mov     $119, %eax
    int     $0x80
_start:
    mov     $signal_stack_top, %esp
    and     $-16, %esp
    call    prepare
    int3
    .bss
    .balign 64
    .skip   65536
signal_stack_top:
    .balign 64
    .globl  alternate_stack
alternate_stack:
    .skip   131072
    .text
)");

extern "C" {
void on_signal();
void from_signal();
extern char alternate_stack[];
}

namespace {

struct SignalAction {
    void (*handler)();
    uint32_t flags;
    void (*restorer)();
    uint32_t mask[2];
};

struct SignalStack {
    char* base;
    uint32_t flags, size;
};

struct UserDescriptor { // modify_ldt(2)
    uint32_t entry, base, limit, bits;
};

[[noreturn]] void fail(uint32_t step) {
    exchange().setup_failure = step;
    for (;;) call(sys_exit, 1);
}

void catch_signals() {
    const SignalStack stack{alternate_stack, 0, 131072};
    if (call(sys_sigaltstack, uint32_t(&stack), 0)) fail(2);
    const uint32_t on_stack = 0x0800'0000, no_defer = 0x4000'0000, has_restorer = 0x0400'0000;
    const SignalAction action{on_signal, on_stack | no_defer | has_restorer, from_signal, {0, 0}};
    const uint32_t signals[] = {4, 5, 7, 8, 11}; // ILL, TRAP, BUS, FPE, SEGV
    for (const uint32_t signal : signals)
        if (call(sys_rt_sigaction, signal, uint32_t(&action), 0, 8)) fail(3);
}

void write_descriptors() {
    for (uint32_t i = 0; i < local_descriptor_count; ++i) {
        const LocalDescriptor& d = local_descriptors[i];
        const UserDescriptor user{i, d.base, d.limit,
                                  uint32_t(d.default_32) | uint32_t(d.contents) << 1 |
                                      uint32_t(d.read_or_execute_only) << 3 | uint32_t(d.limit_in_pages) << 4 |
                                      uint32_t(!d.present) << 5};
        if (call(sys_modify_ldt, 0x11, uint32_t(&user), sizeof user)) fail(4);
    }
}

void map_pages() {
    const uint32_t read = 1, write = 2, execute = 4, shared_fixed = 0x11, populate = 0x8000;
    if (mmap2(alias_base, (shared_bytes + page_size - 1) & ~(page_size - 1), read | write, shared_fixed | populate,
              shared_descriptor, 0) != alias_base)
        call(sys_exit, 2);
    for (uint32_t page = 0; page < page_count; ++page) {
        const uint32_t protection = read | (pages[page].writable ? write : 0) | (pages[page].code ? execute : 0);
        if (mmap2(pages[page].address, page_size, protection, shared_fixed | populate, shared_descriptor, page) !=
            pages[page].address)
            fail(1);
    }
}

/// The initial stack and the vDSO go, so that no test can reach anything it did not lay out itself.
void unmap_the_rest() {
    const uint32_t end = 0xFFFF'E000;
    call(sys_munmap, stack_base + page_size, end - (stack_base + page_size));
}

} // namespace

extern "C" void prepare() {
    map_pages();
    memory().paint();
    catch_signals();
    write_descriptors();
    unmap_the_rest();
    uint32_t limit = 0;
    asm volatile("lsl %1, %0" : "+r"(limit) : "r"(0x7Bu));
    exchange().processor_descriptor_limit = limit;
}
