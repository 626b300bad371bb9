// SPDX-License-Identifier: MIT
// How one task waits on many wait queues at once: each poll_wait adds an entry here, and all are taken off together.
// Truth: names are Linux 2.6's.
#include <linux/poll_wqueues.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>

struct poll_table_entry {
    struct file *filp;
    wait_queue_t wait;
    wait_queue_head_t *wait_address;
};

struct poll_table_page {
    struct poll_table_page *next;
    unsigned int used;
    struct poll_table_entry entries[0];
};

#define ENTRIES_PER_PAGE ((PAGE_SIZE - sizeof(struct poll_table_page)) / sizeof(struct poll_table_entry))

static void __pollwait(struct file *filp, wait_queue_head_t *wait_address, poll_table *p)
{
    struct poll_wqueues *pwq = container_of(p, struct poll_wqueues, pt);
    struct poll_table_page *table = pwq->table;
    struct poll_table_entry *entry;

    if (!table || table->used == ENTRIES_PER_PAGE) {
        table = (struct poll_table_page *)__get_free_page(GFP_KERNEL);
        if (!table) {
            pwq->error = -ENOMEM;
            return;
        }
        table->next = pwq->table;
        table->used = 0;
        pwq->table = table;
    }
    entry = &table->entries[table->used++];
    get_file(filp); // its wait queue must outlive our entry
    entry->filp = filp;
    entry->wait_address = wait_address;
    init_waitqueue_entry(&entry->wait, current);
    add_wait_queue(wait_address, &entry->wait);
}

void poll_initwait(struct poll_wqueues *pwq)
{
    pwq->pt.qproc = __pollwait;
    pwq->table = NULL;
    pwq->error = 0;
}

void poll_freewait(struct poll_wqueues *pwq)
{
    while (pwq->table) {
        struct poll_table_page *table = pwq->table;
        unsigned int i;

        for (i = 0; i < table->used; i++) {
            remove_wait_queue(table->entries[i].wait_address, &table->entries[i].wait);
            fput(table->entries[i].filp);
        }
        pwq->table = table->next;
        free_page((unsigned long)table);
    }
}
