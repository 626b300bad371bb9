// SPDX-License-Identifier: MIT
// Scripts: "#! interpreter [argument]" in the first line. argv becomes: interpreter, argument, the script, the old argv[1...].
#include <linux/binfmts.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/string.h>

static char *skip_blanks(char *p)
{
    while (*p == ' ' || *p == '\t')
        p++;
    return p;
}

/// Splits the line in place: the interpreter's path, and all that follows it as one argument (or NULL).
static char *parse_line(char *line, char **argument)
{
    char *end = strchr(line, '\n');
    if (!end)
        end = line + BINPRM_BUF_SIZE - 3;
    *end = 0;
    while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = 0;
    char *name = skip_blanks(line), *p = name;
    *argument = NULL;
    while (*p && *p != ' ' && *p != '\t')
        p++;
    if (*p) {
        *p++ = 0;
        p = skip_blanks(p);
        if (*p)
            *argument = p;
    }
    return name;
}

static int load_script(struct linux_binprm *bprm, struct pt_regs *regs)
{
    static char interpreter[BINPRM_BUF_SIZE];
    char line[BINPRM_BUF_SIZE], *argument, *name;
    if (bprm->buf[0] != '#' || bprm->buf[1] != '!' || bprm->sh_bang >= 4)
        return -ENOEXEC;
    bprm->sh_bang++;
    allow_write_access(bprm->file);
    fput(bprm->file);
    bprm->file = NULL;
    memcpy(line, bprm->buf + 2, BINPRM_BUF_SIZE - 2);
    line[BINPRM_BUF_SIZE - 3] = 0;
    name = parse_line(line, &argument);
    if (!*name)
        return -ENOEXEC;

    remove_arg_zero(bprm);
    int error = copy_strings_kernel(1, &bprm->interp, bprm);
    bprm->argc++;
    if (!error && argument) {
        error = copy_strings_kernel(1, &argument, bprm);
        bprm->argc++;
    }
    if (!error)
        error = copy_strings_kernel(1, &name, bprm);
    bprm->argc++;
    if (error)
        return error;
    strlcpy(interpreter, name, sizeof(interpreter));
    bprm->interp = interpreter;
    struct file *file = open_exec(interpreter);
    if (IS_ERR(file))
        return PTR_ERR(file);
    bprm->file = file;
    error = prepare_binprm(bprm);
    return error < 0 ? error : search_binary_handler(bprm, regs);
}

static struct linux_binfmt script_format = { .load_binary = load_script };
static int __init init_script_binfmt(void) { return register_binfmt(&script_format); }
core_initcall(init_script_binfmt);
