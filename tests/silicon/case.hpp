// SPDX-License-Identifier: MIT
// One question put to a processor, its answer, and the address space both are about.
// The 32-bit native child, the 64-bit host program and Trapgate's own machine all include this header, so it is
// freestanding and every structure has one layout in 32-bit and in 64-bit code.
// Source: the pages and segments are our choice; the flat selectors are those of an i386 process on an x86-64 Linux.
#pragma once

#include <stdint.h>

namespace trapgate::silicon {

enum Register : uint32_t { Eax, Ecx, Edx, Ebx, Esp, Ebp, Esi, Edi };
enum SegmentRegister : uint32_t { Es, Cs, Ss, Ds, Fs, Gs };

inline constexpr uint32_t page_size = 4096;
inline constexpr uint8_t filler = 0xCC; // int3: whatever runs past the tested instruction stops at once

struct Page {
    uint32_t address;
    bool writable;
    bool code;
};

/// The whole of the address space as a test may see it; what lies between is not mapped.
inline constexpr Page pages[] = {
    {0x0000'5000, true, false},  // within reach of 16-bit addresses, a hole before it
    {0x0000'6000, true, false},  //
    {0x0000'7000, false, false}, //
    {0x0000'F000, true, false},  // ends where a 16-bit address ends
    {0x2000'0000, false, true},  // code
    {0x2000'1000, false, true},  // a hole behind it: fetches may fault
    {0x3000'0000, true, false},  // data between two holes
    {0x3000'1000, true, false},  //
    {0x3000'2000, false, false}, //
    {0x4000'0000, true, false},  // stack between two holes
};
inline constexpr uint32_t page_count = sizeof pages / sizeof pages[0];

inline constexpr uint32_t low_data = 0x5000, code_base = 0x2000'0000, data_base = 0x3000'0000,
                          stack_base = 0x4000'0000;
inline constexpr uint32_t code_bytes = 2 * page_size;

/// Addresses that belong to the child itself: no test may name one.
inline constexpr uint32_t forbidden_begin = 0x0800'0000, forbidden_end = 0x0A00'0000;

inline constexpr uint16_t flat_code = 0x23, flat_data = 0x2B;

/// A local descriptor in the words of modify_ldt(2); entry n is selector n * 8 + 7.
struct LocalDescriptor {
    uint32_t base, limit;
    bool default_32, limit_in_pages, read_or_execute_only, present;
    uint8_t contents; // 0 data, 1 expand-down data, 2 code, 3 conforming code
};

inline constexpr LocalDescriptor local_descriptors[] = {
    {data_base, 0x0FFF, true, false, false, true, 0},   // 0x07 small data segment
    {data_base, 0x0FFF, true, false, true, true, 0},    // 0x0F the same, read only
    {data_base, 0x0FFF, true, false, false, true, 1},   // 0x17 expand-down above 0xFFF
    {data_base, 0x0FFF, true, false, false, false, 0},  // 0x1F not present
    {0, 0xF'FFFF, true, true, false, true, 2},          // 0x27 flat code, readable
    {0, 0xF'FFFF, true, true, true, true, 2},           // 0x2F flat code, execute only
    {code_base, 0x1FFF, false, false, false, true, 2},  // 0x37 16-bit code
    {stack_base, 0x0FFF, false, false, false, true, 0}, // 0x3F 16-bit stack
    {0, 0xF'FFFF, true, true, false, false, 2},         // 0x47 code, not present
    {data_base, 0x0FFF, false, false, false, true, 1},  // 0x4F 16-bit expand-down
};
inline constexpr uint32_t local_descriptor_count = sizeof local_descriptors / sizeof local_descriptors[0];
constexpr uint16_t local_selector(uint32_t index) {
    return uint16_t(index * 8 + 7);
}

struct Poke {
    uint32_t address;
    uint8_t length;
    uint8_t bytes[15];
};

/// The floating-point unit as FSAVE writes it in 32-bit code, and as the signal frame holds it.
struct FpuImage {
    uint32_t control, status, tags; // the lower halves count
    uint32_t instruction_offset, instruction_selector, operand_offset, operand_selector;
    uint8_t registers[8][10]; // ST(0) first
};
static_assert(sizeof(FpuImage) == 108);

/// The XMM registers and MXCSR, as the second half of the signal frame's floating-point part holds them.
struct SseImage {
    uint32_t mxcsr;
    uint32_t xmm[8][4];
};
static_assert(sizeof(SseImage) == 132);

struct Case {
    uint32_t registers[8];
    uint32_t eflags, eip;
    uint16_t segments[6];
    uint32_t code_address; // linear address of the first byte
    uint8_t code_length, single_step, poke_count, uses_fpu, uses_sse, unused[3];
    uint8_t code[72]; // one instruction, or a short sequence
    Poke pokes[4];
    FpuImage fpu; // only if uses_fpu; else as after FNINIT
    SseImage sse; // only if uses_sse; else zeros, MXCSR 1F80
};

struct ChangedByte {
    uint32_t address;
    uint32_t value;
};

inline constexpr uint32_t listed_changes = 300; // FXSAVE writes 288

struct Outcome {
    uint32_t registers[8];
    uint32_t eflags, eip;
    uint16_t segments[6];
    uint32_t trap, error, cr2; // cr2 is 0 unless trap is 14
    uint32_t changed_count, changed_hash;
    ChangedByte changed[listed_changes];
    FpuImage fpu;
    SseImage sse;
};

static_assert(sizeof(Case) == 32 + 8 + 12 + 4 + 4 + 4 + 72 + 80 + 108 + 132);
static_assert(sizeof(Outcome) == 32 + 8 + 12 + 12 + 8 + 8 * listed_changes + 108 + 132);

enum Trap : uint32_t {
    divide_error = 0,
    debug = 1,
    breakpoint = 3,
    overflow = 4,
    bound = 5,
    invalid_opcode = 6,
    not_present = 11,
    stack_fault = 12,
    general_protection = 13,
    page_fault = 14,
    math_fault = 16,
    alignment_check = 17,
    simd_exception = 19
};

/// What a page holds before a test pokes it: the same everywhere, a mixture of corner values and noise.
constexpr uint32_t background_word(uint32_t address) {
    uint32_t noise = address * 2654435761u;
    noise ^= noise >> 15;
    noise *= 2246822519u;
    noise ^= noise >> 13;
    switch (noise >> 29) {
    case 0: return 0;
    case 1: return 0xFFFF'FFFF;
    case 2: return 0x8000'0000;
    case 3: return data_base + (noise & 0x2FFF);
    default: return noise * 3266489917u;
    }
}

constexpr uint32_t hash_change(uint32_t hash, uint32_t address, uint32_t value) {
    hash = (hash ^ address) * 16777619u;
    return (hash ^ value) * 16777619u;
}

inline constexpr uint32_t empty_hash = 2166136261u;
inline constexpr uint32_t batch_capacity = 2048;

/// Shared memory, after the test pages: the parent fills `cases`, the child answers.
struct Exchange {
    uint32_t count;
    volatile uint32_t current;           // the case being run, for the report if the child dies
    uint32_t setup_failure;              // 0, or the number of the step that failed before the first batch
    uint32_t processor_descriptor_limit; // LSL of selector 0x7B: Linux keeps the processor number there
    Case cases[batch_capacity];
    Outcome outcomes[batch_capacity];
};

inline constexpr uint32_t shared_bytes = page_count * page_size + sizeof(Exchange);
inline constexpr int shared_descriptor = 3, command_descriptor = 4, answer_descriptor = 5;

} // namespace trapgate::silicon
