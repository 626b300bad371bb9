// SPDX-License-Identifier: MIT
// execve with good and bad programs: tiny ELF files made here, garbage, scripts, long argument lists, set-id bits.
// Truth: execve(2); [linux-2.6.11] fs/exec.c, fs/binfmt_elf.c, fs/binfmt_script.c; the same program on a host's Linux.
// Symbols: none. Called as `probe-exec --args N BYTES` or `--secure` or by a script it checks what it was given and exits.

#include "probe.h"

#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>

static const char folder[] = "/tmp/probe-exec";
static char self[256];
static char *const no_strings[] = {NULL};

/// What a child that execs this ends with: its exit code, 1000 + signal, or -errno of execve.
static int run_with(const char *path, char *const argv[], char *const envp[])
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        execve(path, argv, envp);
        _exit(100 + errno);
    }
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status))
        return 1000 + WTERMSIG(status);
    return WEXITSTATUS(status) >= 100 ? 100 - WEXITSTATUS(status) : WEXITSTATUS(status);
}
static int run(const char *path) { return run_with(path, (char *[]){(char *)path, NULL}, no_strings); }

static void make(const char *name, const void *bytes, int length, int mode)
{
    unlink(name);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    write(fd, bytes, length);
    close(fd);
    chmod(name, mode);
}
static int run_text(const char *text)
{
    make("text", text, strlen(text), 0755);
    return run("./text");
}

typedef struct {
    unsigned char e_ident[16];
    unsigned short e_type, e_machine;
    unsigned e_version, e_entry, e_phoff, e_shoff, e_flags;
    unsigned short e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx;
} Elf32_Ehdr;
typedef struct {
    unsigned p_type, p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_flags, p_align;
} Elf32_Phdr;

/// A whole program: two headers and `exit(42)`, which runs at any address.
struct tiny {
    Elf32_Ehdr e;
    Elf32_Phdr p[2];
    char interpreter[32];
    unsigned char code[16];
};
static struct tiny tiny_program(void)
{
    struct tiny t = {.e = {.e_ident = {0x7f, 'E', 'L', 'F', 1, 1, 1}, .e_type = 2, .e_machine = 3, .e_version = 1}};
    static const unsigned char code[] = {0xb8, 1, 0, 0, 0, 0xbb, 42, 0, 0, 0, 0xcd, 0x80};
    memcpy(t.code, code, sizeof code);
    t.e.e_entry = 0x08048000 + offsetof(struct tiny, code);
    t.e.e_phoff = offsetof(struct tiny, p);
    t.e.e_ehsize = sizeof t.e;
    t.e.e_phentsize = sizeof t.p[0];
    t.e.e_phnum = 1;
    t.p[0] = (Elf32_Phdr){.p_type = 1, .p_vaddr = 0x08048000, .p_filesz = sizeof t, .p_memsz = sizeof t, .p_flags = 5, .p_align = 4096};
    return t;
}
static int run_tiny(const struct tiny *t)
{
    make("tiny", t, sizeof *t, 0755);
    return run("./tiny");
}
static int refused_or_killed(int result) { return result < 0 || result == 1000 + SIGKILL || result == 1000 + SIGSEGV; }

static void with_interpreter(struct tiny *t, const char *name, int length)
{
    t->e.e_phnum = 2;
    t->p[1] = (Elf32_Phdr){.p_type = 3, .p_offset = offsetof(struct tiny, interpreter), .p_filesz = length, .p_memsz = length};
    memcpy(t->interpreter, name, length);
}

static void elf_files(void)
{
    struct tiny t = tiny_program();
    int r = run_tiny(&t);
    check(r == 42, "a program of one segment: %d", r);
    t.e.e_type = 3;
    t.e.e_entry -= 0x08048000;
    t.p[0].p_vaddr = 0;
    r = run_tiny(&t);
    check(r == 42, "the same, position-independent: %d", r);
    t = tiny_program();
    with_interpreter(&t, "/no/such", 9);
    check(run_tiny(&t) == -ENOENT, "a dynamic linker that is not there: ENOENT");
    with_interpreter(&t, "/no/such", 8);
    check(run_tiny(&t) == -ENOEXEC, "its name without an end: ENOEXEC");
    with_interpreter(&t, "text", 5);
    make("text", "0123456789012345678901234567890123456789012345678901234567890123", 64, 0755);
    check(run_tiny(&t) == -80, "one that is no ELF file: ELIBBAD");
    with_interpreter(&t, "other", 6);
    struct tiny other = tiny_program();
    other.e.e_type = 3;
    other.e.e_entry -= 0x08048000;
    other.p[0].p_vaddr = 0;
    other.code[6] = 43;
    make("other", &other, sizeof other, 0755);
    r = run_tiny(&t);
    check(r == 43, "a dynamic linker is entered in the program's place: %d", r);
}

static void bad_elf_files(void)
{
    struct tiny t;
    static const struct {
        const char *what;
        int offset, size;
        unsigned value;
    } changes[] = {
        {"no program header", offsetof(struct tiny, e.e_phnum), 2, 0},
        {"65535 program headers", offsetof(struct tiny, e.e_phnum), 2, 65535},
        {"program headers of another size", offsetof(struct tiny, e.e_phentsize), 2, 31},
        {"program headers behind the end", offsetof(struct tiny, e.e_phoff), 4, 0x10000},
        {"another machine", offsetof(struct tiny, e.e_machine), 2, 40},
        {"an object file", offsetof(struct tiny, e.e_type), 2, 1},
        {"no segment to load", offsetof(struct tiny, p[0].p_type), 4, 4},
        {"an address of the kernel's", offsetof(struct tiny, p[0].p_vaddr), 4, 0xC0100000},
        {"address 0", offsetof(struct tiny, p[0].p_vaddr), 4, 0},
        {"more memory than there are addresses", offsetof(struct tiny, p[0].p_memsz), 4, 0xF8000000},
        {"more in the file than in memory", offsetof(struct tiny, p[0].p_memsz), 4, 1},
        {"file and memory apart within the page", offsetof(struct tiny, p[0].p_offset), 4, 100},
        {"an entry where nothing is", offsetof(struct tiny, e.e_entry), 4, 0x70000000},
        {"an entry in the kernel", offsetof(struct tiny, e.e_entry), 4, 0xC0100000},
    };
    for (unsigned i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        t = tiny_program();
        memcpy((char *)&t + changes[i].offset, &changes[i].value, changes[i].size);
        int r = run_tiny(&t);
        check(refused_or_killed(r), "an ELF file with %s: %d", changes[i].what, r);
    }
    for (int length = 0; length < (int)sizeof(Elf32_Ehdr); length += 13) {
        t = tiny_program();
        make("tiny", &t, length, 0755);
        int r = run("./tiny");
        check(r == -ENOEXEC, "the first %d bytes of one: %d", length, r);
    }
}

static void other_files(void)
{
    check(run_text("echo this is no program\n") == -ENOEXEC && run_text("") == -ENOEXEC, "a text, an empty file: ENOEXEC");
    check(run("./nothing") == -ENOENT && run(folder) == -EACCES, "nothing: ENOENT; a directory: EACCES");
    make("text", "#!/bin/sh\n", 10, 0644);
    check(run("./text") == -EACCES, "no right to execute: EACCES, for root too");
    int fd = open("tiny", O_WRONLY);
    struct tiny t = tiny_program();
    write(fd, &t, sizeof t);
    check(run("./tiny") == -ETXTBSY, "open for writing: ETXTBSY");
    close(fd);
    check(run("./tiny") == 42, "and when it is closed it runs");
    check(open(self, O_WRONLY) == -1 && errno == ETXTBSY, "a running program cannot be written: %s", strerror(errno));
}

static void arguments(void)
{
    char *unmapped = (char *)0x10000, *kernel = (char *)0xC0100000;
    static char big[200000], name[16], bytes[16];
    check(run_with("./tiny", (char **)unmapped, no_strings) == -EFAULT && run_with("./tiny", (char **)kernel, no_strings) == -EFAULT, "argv nowhere: EFAULT");
    check(run_with("./tiny", (char *[]){"x", unmapped, NULL}, no_strings) == -EFAULT, "a string nowhere: EFAULT");
    check(run_with("./tiny", (char *[]){"x", NULL}, (char *[]){kernel, NULL}) == -EFAULT, "one of the environment's: EFAULT");
    check(run(unmapped) == -EFAULT && run("") == -ENOENT, "a name nowhere: EFAULT; none: ENOENT");
    memset(big, 'a', sizeof big - 1);
    check(run_with("./tiny", (char *[]){"x", big, NULL}, no_strings) == -E2BIG, "a string of 200000 bytes: E2BIG");
    big[1000] = 0;
    static char *many[128] = {self, "--args", name, bytes};
    for (int i = 4; i < 104; i++)
        many[i] = big;
    strcpy(name, "104");
    strcpy(bytes, "1000");
    check(run_with(self, many, no_strings) == 0, "100 strings of 1000 bytes arrive");
    static char *too_many[200];
    for (int i = 0; i < 150; i++)
        too_many[i] = big;
    check(run_with("./tiny", too_many, no_strings) == (native() ? 42 : -E2BIG), "150 of them are more than 128 KB: E2BIG in 2.6.11");
    check(run_with("./tiny", NULL, NULL) == 42, "no argv and no environment at all");
}

/// A script that names this program: it gets the interpreter's argument, the script, and the script's arguments.
static void scripts(void)
{
    char text[300];
    snprintf(text, sizeof text, "#! %s  --script with blanks \nexit 1\n", self);
    make("script", text, strlen(text), 0755);
    int r = run_with("./script", (char *[]){"ignored", "first", "second", NULL}, no_strings);
    check(r == 0, "a script's interpreter gets one argument, the script, and the rest: %d", r);
    check(run_text("#!/no/such/interpreter\n") == -ENOENT && run_text("#!\n") == -ENOEXEC && run_text("#!   \n") == -ENOEXEC, "none there: ENOENT; none named: ENOEXEC");
    r = run_text("#!./text\n");
    check(r == -ENOEXEC || r == -ELOOP, "a script that is its own interpreter: %d", r);
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "#!/", 3);
    text[sizeof text - 1] = 0;
    r = run_text(text);
    check(r < 0, "a line that does not end: %d", r);
    check(run_text("#!/tmp\n") == -EACCES, "a directory as interpreter: EACCES");
}

static int script_arguments(int argc, char **argv)
{
    return !(argc == 5 && !strcmp(argv[1], "--script with blanks") && !strcmp(argv[2], "./script") && !strcmp(argv[3], "first") && !strcmp(argv[4], "second"));
}

static unsigned long auxiliary(unsigned long wanted)
{
    unsigned long pair[2];
    int fd = open("/proc/self/auxv", O_RDONLY);
    while (read(fd, pair, sizeof pair) == sizeof pair)
        if (pair[0] == wanted)
            return pair[1];
    return 0;
}

/// Exit code: 1 AT_SECURE, 2 effective user is root, 4 effective group is 0.
static int secure(void) { return (auxiliary(23) ? 1 : 0) | (geteuid() == 0 ? 2 : 0) | (getegid() == 0 ? 4 : 0); }

static void set_id(void)
{
    char *const argv[] = {"./copy", "--secure", NULL};
    static char bytes[400000];
    int fd = open(self, O_RDONLY), length = read(fd, bytes, sizeof bytes);
    close(fd);
    make("copy", bytes, length, 0755);
    if (getuid() != 0 || syscall(__NR_setgroups32, 0, 0) || setgid(1000) || setuid(1000))
        _exit(0);
    check(run_with("./copy", argv, no_strings) == 0, "without a set-id bit: nothing gained");
    _exit(failures != 0);
}
static void set_user_id(void)
{
    char *const argv[] = {"./copy", "--secure", NULL};
    if (getuid() != 0)
        _exit(0);
    chmod("copy", 04755);
    if (syscall(__NR_setgroups32, 0, 0) || setgid(1000) || setuid(1000))
        _exit(1);
    int r = run_with("./copy", argv, no_strings);
    check(r == 3, "a set-uid program of root's: effective user 0, AT_SECURE: %d", r);
    _exit(failures != 0);
}
static void set_group_id(void)
{
    char *const argv[] = {"./copy", "--secure", NULL};
    if (getuid() != 0)
        _exit(0);
    chmod("copy", 02755);
    if (syscall(__NR_setgroups32, 0, 0) || setgid(1000) || setuid(1000))
        _exit(1);
    int r = run_with("./copy", argv, no_strings);
    check(r == 5 || (native() && r == 4), "a set-gid program: effective group 0, AT_SECURE: %d", r);
    _exit(failures != 0);
}

int main(int argc, char **argv)
{
    if (argc > 3 && !strcmp(argv[1], "--args"))
        return argc != atoi(argv[2]) || strlen(argv[argc - 1]) != (size_t)atoi(argv[3]);
    if (argc > 1 && !strcmp(argv[1], "--secure"))
        return secure();
    if (argc > 1 && !strncmp(argv[1], "--script", 8))
        return script_arguments(argc, argv);
    mkdir(folder, 0755);
    chdir(folder);
    readlink("/proc/self/exe", self, sizeof self - 1);
    elf_files();
    bad_elf_files();
    other_files();
    arguments();
    scripts();
    check(in_child(set_id) == 0 && in_child(set_user_id) == 0 && in_child(set_group_id) == 0, "set-id bits");
    return finish();
}
