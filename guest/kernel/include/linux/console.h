// SPDX-License-Identifier: MIT
// Where printk goes. A console driver may add itself; 0xE9 is always there.
#pragma once

struct console {
    char name[8];
    void (*write)(struct console *con, const char *text, unsigned int n);
    struct console *next;
    int index;
};
void register_console(struct console *con);
void console_init(void);
/// Copies the last `size` bytes of the log; the count.
int log_buf_copy(char *to, int size);
