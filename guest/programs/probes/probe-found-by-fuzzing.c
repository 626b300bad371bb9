// SPDX-License-Identifier: MIT
// What the fuzzer (probe-fuzz-calls.c) has found in our kernel, one small program for each, so that it stays mended.
// Rows: L07, X03, R11.

#include "tracee.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

static void rest(int milliseconds)
{
    raw(__NR_nanosleep, (long)(long[2]){0, milliseconds * 1000000}, 0, 0);
}

/// The search for somebody who keeps a group from being an orphan gave up, or never ended, at a member that is a zombie.
static void zombie_in_the_group(void)
{
    pid_t leader = fork();
    if (leader == 0) {
        setpgid(0, 0);
        _exit(0);
    }
    setpgid(leader, leader);
    pid_t member = fork();
    if (member == 0) {
        setpgid(0, leader);
        kill(getpid(), SIGTSTP);
        _exit(7);
    }
    setpgid(member, leader);
    int status = -1;
    waitpid(member, &status, 2 /* WUNTRACED */);
    check(status == STOPPED_BY(SIGTSTP), "beside a zombie, SIGTSTP stops who is no orphan: status %x", status);
    kill(member, SIGKILL);
    waitpid(member, NULL, 0);
    waitpid(leader, NULL, 0);
}

static int sleeps(void *argument)
{
    (void)argument;
    return pause();
}

/// A traced child with an exit signal of its own ends, then its parent does: init, which waits for SIGCHLD's kind only, has to see it.
static void orphan_with_its_own_signal(void)
{
    static char stack[4096] __attribute__((aligned(16)));
    int channel[2];
    pid_t orphan = -1;
    pipe(channel);
    pid_t parent = fork();
    if (parent == 0) {
        pid_t pid = clone(sleeps, stack + sizeof stack, SIGUSR1, NULL, NULL, NULL, NULL);
        write(channel[1], &pid, sizeof pid);
        pause();
    }
    read(channel[0], &orphan, sizeof orphan);
    ptrace(PTRACE_ATTACH, orphan, NULL, NULL);
    wait_for(orphan);
    kill(orphan, SIGKILL); // its parent has not asked for it when it ends itself
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    wait_for(orphan);
    for (int i = 0; i < 100 && kill(orphan, 0) == 0; i++)
        rest(1);
    // Who is init of another kernel is not known.
    check(native() || (kill(orphan, 0) == -1 && errno == ESRCH), "an orphan that was traced and had an exit signal of its own is reaped");
    close(channel[0]);
    close(channel[1]);
}

/// The struct of vm86old may lie at address 0 when that is mapped; the kernel took it for a mistake of its own.
static void vm86_at_zero(void)
{
    mmap(NULL, 0x10000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    raw(__NR_vm86old, 0, 0, 0);
}

/// A queued signal for process 0 waited at the idle task until the end of the world.
static void signal_for_nobody(void)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_code = -1; // SI_QUEUE
    long error = raw(__NR_rt_sigqueueinfo, 0, SIGUSR1, (long)&info);
    check(error == -ESRCH, "nobody has number 0: rt_sigqueueinfo gives %ld", error);
}

/// Who was killed in a traced stop stopped again for a signal with a smaller number; no other SIGKILL could end that stop.
static void killed_in_a_stop(void)
{
    int status = -1;
    pid_t pid = start_tracee(pause);
    tkill(pid, SIGHUP);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    check(status == SIGKILL, "SIGKILL ends a traced stop although SIGHUP waits, too: status %x", status);
    if (WIFSTOPPED(status))
        ptrace(PTRACE_KILL, pid, NULL, NULL);
}

static void follows_a_link_to_the_root(void)
{
    chroot("/tmp/mounted");
    chdir("/");
    symlink("/", "link");
    access("/link", F_OK);
}

/// A symbolic link that began at the root held the root's mount once too often, if the walk was in that mount already.
static void link_to_the_root(void)
{
    if (native())
        return; // mounting is not for everybody over there
    mkdir("/tmp/mounted", 0755);
    mount("none", "/tmp/mounted", "tmpfs", 0, NULL);
    in_child(follows_a_link_to_the_root);
    int result = umount("/tmp/mounted");
    check(result == 0, "a mount whose links to the root have been followed can be unmounted: %s", result ? strerror(errno) : "done");
    rmdir("/tmp/mounted");
}

int main(void)
{
    link_to_the_root();
    killed_in_a_stop();
    signal_for_nobody();
    zombie_in_the_group();
    orphan_with_its_own_signal();
    int status = native() ? SIGSEGV : in_child(vm86_at_zero);
    check(status == SIGSEGV, "a struct of vm86 at address 0 ends its program only: status %x", status);
    return finish();
}
