// SPDX-License-Identifier: MIT
// What the loaders of program formats work with.
#pragma once

#include <linux/types.h>
#include <linux/list.h>
struct file;
struct pt_regs;
struct mm_struct;
struct module;

#define MAX_ARG_PAGES 32
#define BINPRM_BUF_SIZE 128
/// A program that is being loaded. page[] holds the new stack's strings, filled from the top (p) down.
struct linux_binprm {
    char buf[BINPRM_BUF_SIZE]; ///< first bytes of the file
    struct page *page[MAX_ARG_PAGES];
    struct mm_struct *mm;
    unsigned long p; ///< top of the free part of page[], as an offset
    int sh_bang;
    struct file *file;
    int e_uid, e_gid;
    int secure; ///< AT_SECURE: the program has gained rights by a set-id bit
    int argc, envc;
    char *filename; ///< as /proc and AT_EXECFN see it
    char *interp;   ///< the file that is run: differs for #! scripts
    unsigned long exec; ///< user address of the filename string
};
struct linux_binfmt {
    struct list_head formats;
    struct module *module; ///< each task that runs such a program is a use of it
    int (*load_binary)(struct linux_binprm *bprm, struct pt_regs *regs);
    int (*core_dump)(long signr, struct pt_regs *regs, struct file *file); ///< 1: there is a core file
    unsigned long min_coredump; ///< with a smaller RLIMIT_CORE there is none
};
#define CORENAME_MAX_SIZE 64
extern char core_pattern[CORENAME_MAX_SIZE];
extern int core_uses_pid;
int do_coredump(long signr, int exit_code, struct pt_regs *regs);
int register_binfmt(struct linux_binfmt *format);
void set_binfmt(struct linux_binfmt *format);
int do_execve(char *filename, char __user *__user *argv, char __user *__user *envp, struct pt_regs *regs);
int prepare_binprm(struct linux_binprm *bprm);
int search_binary_handler(struct linux_binprm *bprm, struct pt_regs *regs);
int flush_old_exec(struct linux_binprm *bprm);
int setup_arg_pages(struct linux_binprm *bprm, unsigned long stack_top, int executable_stack);
int copy_strings_kernel(int argc, char **argv, struct linux_binprm *bprm);
void remove_arg_zero(struct linux_binprm *bprm);
void compute_creds(struct linux_binprm *bprm);
struct file *open_exec(const char *name);
int kernel_execve(const char *filename, char **argv, char **envp);
