// SPDX-License-Identifier: MIT
// Spin locks on one processor: nothing spins; the irq variants keep interrupts out, the others the scheduler.
#pragma once

#include <linux/preempt.h>
#include <asm/atomic.h>
#include <asm/bitops.h>
#include <asm/system.h>

typedef struct { int unused; } spinlock_t;
typedef spinlock_t rwlock_t;
#define SPIN_LOCK_UNLOCKED (spinlock_t) { 0 }
#define RW_LOCK_UNLOCKED (rwlock_t) { 0 }
#define DEFINE_SPINLOCK(x) spinlock_t x = { 0 }
#define DEFINE_RWLOCK(x) rwlock_t x = { 0 }
#define spin_lock_init(lock) do { *(lock) = SPIN_LOCK_UNLOCKED; } while (0)
#define rwlock_init spin_lock_init

#define spin_lock(lock) do { (void)(lock); preempt_disable(); } while (0)
#define spin_unlock(lock) do { (void)(lock); preempt_enable(); } while (0)
#define spin_trylock(lock) ({ spin_lock(lock); 1; })
#define spin_is_locked(lock) ((void)(lock), 0)
#define spin_lock_irq(lock) do { local_irq_disable(); spin_lock(lock); } while (0)
// Interrupts first: the end of the section may switch tasks, which must not happen with interrupts off.
#define spin_unlock_irq(lock) do { (void)(lock); local_irq_enable(); preempt_enable(); } while (0)
#define spin_lock_irqsave(lock, flags) do { local_irq_save(flags); spin_lock(lock); } while (0)
#define spin_unlock_irqrestore(lock, flags) do { (void)(lock); local_irq_restore(flags); preempt_enable(); } while (0)
#define local_bh_disable() do { preempt_count() += 0x100; barrier(); } while (0)
extern void local_bh_enable(void);
#define spin_lock_bh(lock) do { (void)(lock); local_bh_disable(); } while (0)
#define spin_unlock_bh(lock) do { (void)(lock); local_bh_enable(); } while (0)

#define read_lock spin_lock
#define read_unlock spin_unlock
#define write_lock spin_lock
#define write_unlock spin_unlock
#define read_lock_irq spin_lock_irq
#define read_unlock_irq spin_unlock_irq
#define write_lock_irq spin_lock_irq
#define write_unlock_irq spin_unlock_irq
#define read_lock_irqsave spin_lock_irqsave
#define read_unlock_irqrestore spin_unlock_irqrestore
#define write_lock_irqsave spin_lock_irqsave
#define write_unlock_irqrestore spin_unlock_irqrestore

extern int atomic_dec_and_lock(atomic_t *count, spinlock_t *lock);
