// SPDX-License-Identifier: MIT
// The kernel's log: a ring of 32 KB, and the consoles. Port 0xE9 (the debug console) is always one; drivers may add others.
// A line begins with its level, "<3>"; it reaches the consoles if the level is below console_loglevel.
#include <linux/console.h>
#include <linux/ctype.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <asm/io.h>

#define LOG_BUF_LEN 32768
#define DEBUG_CONSOLE 0xE9
#define DEFAULT_MESSAGE_LOGLEVEL 4

int console_loglevel = 7;
static char log_buf[LOG_BUF_LEN];
static unsigned long log_end; ///< characters ever written
static int line_level = -1;   ///< -1: at the beginning of a line
static struct console *console_drivers;
extern initcall_t __con_initcall_start[], __con_initcall_end[];

static int __init set_loglevel(char *value)
{
    console_loglevel = simple_strtol(value, NULL, 0);
    return 1;
}
__setup("loglevel=", set_loglevel);

static void emit(const char *text, unsigned int n)
{
    for (unsigned int i = 0; i < n; i++)
        log_buf[log_end++ % LOG_BUF_LEN] = text[i];
    if (line_level >= console_loglevel)
        return;
    for (unsigned int i = 0; i < n; i++)
        outb(text[i], DEBUG_CONSOLE);
    for (struct console *con = console_drivers; con; con = con->next)
        con->write(con, text, n);
}

static void emit_lines(const char *text)
{
    while (*text) {
        if (line_level < 0) {
            line_level = DEFAULT_MESSAGE_LOGLEVEL;
            if (text[0] == '<' && isdigit(text[1]) && text[2] == '>') {
                line_level = text[1] - '0';
                text += 3;
            }
        }
        unsigned int n = strcspn(text, "\n");
        int whole = text[n] == '\n';
        emit(text, n + whole);
        text += n + whole;
        if (whole)
            line_level = -1;
    }
}

asmlinkage int vprintk(const char *format, va_list args)
{
    static char line[1024];
    unsigned long flags;
    local_irq_save(flags);
    int n = vscnprintf(line, sizeof(line), format, args);
    emit_lines(line);
    local_irq_restore(flags);
    return n;
}

asmlinkage int printk(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vprintk(format, args);
    va_end(args);
    return n;
}

void register_console(struct console *con)
{
    con->next = console_drivers;
    console_drivers = con;
}

void __init console_init(void)
{
    for (initcall_t *call = __con_initcall_start; call < __con_initcall_end; call++)
        (*call)();
}

int log_buf_copy(char *to, int size)
{
    unsigned long have = log_end < LOG_BUF_LEN ? log_end : LOG_BUF_LEN;
    unsigned long n = (unsigned long)size < have ? (unsigned long)size : have;
    for (unsigned long i = 0; i < n; i++)
        to[i] = log_buf[(log_end - n + i) % LOG_BUF_LEN];
    return n;
}
