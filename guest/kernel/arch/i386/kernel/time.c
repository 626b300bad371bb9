// SPDX-License-Identifier: MIT
// The clock. Channel 0 of the 8254 interrupts HZ times a second; the counter itself tells the time between two ticks.
// The date comes once from the RTC. Source: [8254] "Mode 2: rate generator", "Counter latch command"; [MC146818] registers.
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/time.h>
#include <asm/io.h>
#include <asm/irq.h>
#include <asm/msr.h>

#define CLOCK_TICK_RATE 1193182
#define LATCH ((CLOCK_TICK_RATE + HZ / 2) / HZ)
#define PIT_CH0 0x40
#define PIT_MODE 0x43
#define PIT_CH0_RATE_GENERATOR 0x34 ///< low byte then high byte, mode 2, binary
#define PIT_CH0_LATCH 0x00

static u64 last_offset_jiffy;
static unsigned long last_offset;

/// Nanoseconds since the last tick. The counter runs from LATCH down to 1 and starts again, which raises IRQ 0; if that
/// interrupt is still waiting, the time must not run backwards: the offset never falls within a tick.
unsigned long do_gettimeoffset(void)
{
    unsigned long flags;
    local_irq_save(flags);
    outb(PIT_CH0_LATCH, PIT_MODE);
    unsigned long count = inb(PIT_CH0);
    count |= inb(PIT_CH0) << 8;
    if (count > LATCH)
        count = LATCH;
    unsigned long offset = (LATCH - count) * (TICK_NSEC / LATCH);
    if (last_offset_jiffy == jiffies_64 && offset < last_offset)
        offset = last_offset;
    last_offset_jiffy = jiffies_64;
    last_offset = offset;
    local_irq_restore(flags);
    return offset;
}

/// The TSC's cycles as nanoseconds, by a factor with 10 bits behind the point; before that factor is known, and without a
/// TSC, whole ticks. The scheduler's own clock: never set, not related to the time of day.
static unsigned long cycles_to_ns;
unsigned long long sched_clock(void)
{
    u64 cycles;
    if (!cycles_to_ns)
        return jiffies_64 * TICK_NSEC;
    rdtscll(cycles);
    return cycles * cycles_to_ns >> 10;
}

static irqreturn_t timer_interrupt(int irq, void *dev_id, struct pt_regs *regs)
{
    do_timer(regs);
    return IRQ_HANDLED;
}
static struct irqaction irq0 = { .handler = timer_interrupt, .flags = SA_INTERRUPT, .name = "timer" };

static unsigned int cmos_read(unsigned int reg)
{
    outb(reg, 0x70);
    return inb(0x71);
}

static unsigned int from_bcd(unsigned int value, int binary)
{
    return binary ? value : (value & 15) + (value >> 4) * 10;
}

/// Seconds since 1970. The registers are read when no update is in progress; no waiting for the next full second.
static unsigned long get_cmos_time(void)
{
    unsigned int sec, min, hour, day, mon, year;
    for (int i = 0; i < 100000 && (cmos_read(10) & 0x80); i++)
        ;
    int binary = cmos_read(11) & 4;
    do {
        sec = from_bcd(cmos_read(0), binary);
        min = from_bcd(cmos_read(2), binary);
        hour = from_bcd(cmos_read(4), binary);
        day = from_bcd(cmos_read(7), binary);
        mon = from_bcd(cmos_read(8), binary);
        year = from_bcd(cmos_read(9), binary);
    } while (sec != from_bcd(cmos_read(0), binary));
    return mktime(year < 70 ? year + 2000 : year + 1900, mon, day, hour, min, sec);
}

void __init time_init(void)
{
    xtime.tv_sec = get_cmos_time();
    xtime.tv_nsec = 0;
    set_normalized_timespec(&wall_to_monotonic, -xtime.tv_sec, -xtime.tv_nsec);
    outb(PIT_CH0_RATE_GENERATOR, PIT_MODE);
    outb(LATCH & 0xff, PIT_CH0);
    outb(LATCH >> 8, PIT_CH0);
    setup_irq(TIMER_IRQ, &irq0);
}

/// How fast is the CPU? Counted by the TSC over one tick, asleep in between.
void __init calibrate_delay(void)
{
    u64 start, end;
    boot_cpu_data.loops_per_jiffy = 1 << 12;
    if (!cpu_has_tsc)
        return;
    unsigned long tick = jiffies;
    while (jiffies == tick)
        safe_halt();
    rdtscll(start);
    tick = jiffies;
    while (jiffies == tick)
        safe_halt();
    rdtscll(end);
    boot_cpu_data.tsc_khz = end - start; // cycles in 1/1000 second
    boot_cpu_data.loops_per_jiffy = end - start;
    cycles_to_ns = (1000000UL << 10) / boot_cpu_data.tsc_khz;
    printk(KERN_INFO "Detected %lu.%03lu MHz processor.\n", (unsigned long)(boot_cpu_data.tsc_khz / 1000),
           (unsigned long)(boot_cpu_data.tsc_khz % 1000));
}
