// SPDX-License-Identifier: MIT
// The teaching kernel: text on the VGA screen, interrupts, a clock, a keyboard, one trip to ring 3, and a prompt that repeats
// what is typed. Source: [SDM3] for the tables, [VGA], [8259A], [8254], [8042] for the ports.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

struct frame {
    u32 es, ds, edi, esi, ebp, esp, ebx, edx, ecx, eax, vector, error, eip, cs, eflags, user_esp, user_ss;
};

struct pointer {
    u16 limit;
    u32 base;
} __attribute__((packed));

extern u8 stubs[], interrupt_stack_top[], user_stack_top[], leave_user[], user_code[];
void load_tables(struct pointer *gdtr, struct pointer *idtr);
void run_user(u32 eip, u32 esp);

static u64 gdt[6], idt[49];
static u32 tss[26];
static volatile u16 *const screen = (u16 *)0xb8000;
static u32 row, column;
static volatile u32 ticks;
static volatile char typed[64];
static volatile u32 typed_end;
static u32 typed_begin;

static void out(u16 port, u8 value) {
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static u8 in(u16 port) {
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void move_cursor(void) {
    const u32 place = row * 80 + column;
    out(0x3d4, 0x0e);
    out(0x3d5, place >> 8);
    out(0x3d4, 0x0f);
    out(0x3d5, place);
}

static void new_line(void) {
    column = 0;
    if (++row < 25) return;
    for (u32 i = 0; i < 24 * 80; ++i) screen[i] = screen[i + 80];
    for (u32 i = 24 * 80; i < 25 * 80; ++i) screen[i] = 0x0720;
    row = 24;
}

static void put(char c, u8 colour) {
    if (c == '\n') {
        new_line();
    } else if (c == '\b') {
        if (column) screen[row * 80 + --column] = 0x0720;
    } else {
        screen[row * 80 + column] = (u8)c | colour << 8;
        if (++column == 80) new_line();
    }
    move_cursor();
}

static void print(const char *text, u8 colour) {
    while (*text) put(*text++, colour);
}

static void print_number(u32 value, u32 base) {
    char digits[12], *at = digits + 11;
    *at = 0;
    do *--at = "0123456789abcdef"[value % base];
    while (value /= base);
    print(at, 0x07);
}

static u64 segment(u32 base, u32 limit, u8 access, u8 flags) {
    return (limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)access << 40 | (u64)(limit >> 16 & 15) << 48 |
           (u64)flags << 52 | (u64)(base >> 24) << 56;
}

static void gate(u32 vector, u8 access) {
    const u32 offset = (u32)stubs + vector * 16;
    idt[vector] = (offset & 0xffff) | 0x08 << 16 | (u64)access << 40 | (u64)(offset >> 16) << 48;
}

static void make_tables(void) {
    gdt[1] = segment(0, 0xfffff, 0x9a, 0xc);
    gdt[2] = segment(0, 0xfffff, 0x92, 0xc);
    gdt[3] = segment(0, 0xfffff, 0xfa, 0xc);
    gdt[4] = segment(0, 0xfffff, 0xf2, 0xc);
    gdt[5] = segment((u32)tss, sizeof tss - 1, 0x89, 0);
    tss[1] = (u32)interrupt_stack_top;
    tss[2] = 0x10;
    for (u32 vector = 0; vector < 48; ++vector) gate(vector, 0x8e);
    gate(48, 0xee);
    struct pointer gdtr = {sizeof gdt - 1, (u32)gdt}, idtr = {sizeof idt - 1, (u32)idt};
    load_tables(&gdtr, &idtr);
}

static void start_devices(void) {
    static const u8 words[] = {0x20, 0x11, 0xa0, 0x11, 0x21, 0x20, 0xa1, 0x28, 0x21, 4, 0xa1, 2, 0x21, 1, 0xa1, 1, 0x21, 0xfc, 0xa1, 0xff};
    for (u32 i = 0; i < sizeof words; i += 2) out(words[i], words[i + 1]);
    out(0x43, 0x34);
    out(0x40, 11932 & 0xff);
    out(0x40, 11932 >> 8);
    while (in(0x64) & 1) in(0x60);
    out(0x60, 0xed); // the lights: num lock
    while (!(in(0x64) & 1)) {}
    if (in(0x60) != 0xfa) print("no keyboard\n", 0x0c);
    out(0x60, 0x02);
    while (!(in(0x64) & 1)) {}
    in(0x60);
}

static void on_key(u8 code) {
    static const char plain[] = "\0\0331234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
    static const char shifted[] = "\0\033!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";
    static u32 shift;
    if ((code & 0x7f) == 0x2a || (code & 0x7f) == 0x36) shift = !(code & 0x80);
    if (code & 0x80 || code >= sizeof plain - 1) return;
    const char c = (shift ? shifted : plain)[code];
    if (!c) return;
    typed[typed_end % sizeof typed] = c;
    typed_end = typed_end + 1;
}

static void on_call(struct frame *frame) {
    if (frame->eax == 1) {
        print((const char *)frame->ebx, 0x0a);
        put('\n', 7);
    } else if (frame->eax == 2) {
        print("its privilege level is ", 0x07);
        print_number(frame->ebx, 10);
        put('\n', 7);
    } else {
        frame->eip = (u32)leave_user;
        frame->cs = 0x08;
    }
}

void on_interrupt(struct frame *frame) {
    if (frame->vector == 0x20) ticks = ticks + 1;
    if (frame->vector == 0x21) on_key(in(0x60));
    if (frame->vector >= 0x20 && frame->vector < 0x30) out(0x20, 0x20);
    if (frame->vector == 0x30) on_call(frame);
    if (frame->vector >= 0x20) return;
    print("exception ", 0x4f);
    print_number(frame->vector, 10);
    print(" at ", 0x4f);
    print_number(frame->eip, 16);
    put('\n', 7);
    for (;;) __asm__ volatile("cli; hlt");
}

static char next_key(void) {
    __asm__ volatile("cli");
    while (typed_begin == typed_end) __asm__ volatile("sti; hlt; cli");
    __asm__ volatile("sti");
    return typed[typed_begin++ % sizeof typed];
}

/// Reads a line with its editing. True if it is `word`.
static int line_is(const char *word) {
    u32 length = 0, same = 1;
    print("> ", 0x0e);
    for (;;) {
        const char c = next_key();
        put(c, 7);
        if (c == '\n') return same && !word[length];
        if (c == '\b') continue;
        same = same && word[length] == c;
        ++length;
    }
}

void kernel_main(u32 magic, const u32 *information) {
    for (u32 i = 0; i < 25 * 80; ++i) screen[i] = 0x0720;
    print("teaching kernel", 0x1f);
    print(", loaded with ", 7);
    print_number(magic, 16);
    print(", upper memory ", 7);
    print_number(information[2], 10);
    print(" KB\n", 7);
    make_tables();
    start_devices();
    run_user((u32)user_code, (u32)user_stack_top);
    __asm__ volatile("sti");
    while (!line_is("quit")) {}
    print(ticks ? "the clock ticked; " : "the clock stood still; ", 7);
    print("good bye", 7);
}
