// SPDX-License-Identifier: MIT
// Model-specific registers and the time-stamp counter.
#pragma once

#include <linux/types.h>
#define MSR_IA32_SYSENTER_CS 0x174
#define MSR_IA32_SYSENTER_ESP 0x175
#define MSR_IA32_SYSENTER_EIP 0x176
#define wrmsr(msr, low, high) __asm__ __volatile__("wrmsr" : : "c"(msr), "a"(low), "d"(high))
#define rdmsr(msr, low, high) __asm__ __volatile__("rdmsr" : "=a"(low), "=d"(high) : "c"(msr))
#define rdtscll(value) __asm__ __volatile__("rdtsc" : "=A"(value))
#define rdtscl(low) __asm__ __volatile__("rdtsc" : "=a"(low) : : "edx")
