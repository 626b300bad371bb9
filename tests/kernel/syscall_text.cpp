// SPDX-License-Identifier: MIT
// System calls as text, compared with what strace(1) 6.1 prints for the same call on Debian 12.
#include "kernel/syscall_text.hpp"

#include "catch.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace trapgate;
using namespace trapgate::kernel;

namespace {

/// A few bytes at a few addresses.
class FakeMemory final : public GuestMemory {
  public:
    void put(u32 address, std::string_view bytes) {
        for (const char c : bytes) bytes_[address++] = static_cast<u8>(c);
    }
    void put_words(u32 address, std::initializer_list<u32> words) {
        for (const u32 word : words) {
            put(address, {reinterpret_cast<const char*>(&word), 4});
            address += 4;
        }
    }
    bool read(u32 address, std::span<u8> out) const override {
        for (u8& byte : out) {
            const auto found = bytes_.find(address++);
            if (found == bytes_.end()) return false;
            byte = found->second;
        }
        return true;
    }

  private:
    std::map<u32, u8> bytes_;
};

using namespace std::string_view_literals;

std::string whole(const SyscallEntry& entry, const FakeMemory& memory, u32 result) {
    const EntryText begin = entry_text(entry, memory);
    return begin.text + exit_text(entry, memory, result, begin.arguments);
}

std::string line(const FakeMemory& memory, std::string_view name, std::array<u32, 6> words, u32 result) {
    const Syscall* call = find_syscall(name);
    REQUIRE(call);
    const SyscallEntry entry{call->number, words};
    return whole(entry, memory, result);
}

} // namespace

TEST_CASE("write shows its bytes and read shows what came") {
    FakeMemory memory;
    memory.put(0x1000, "hello\n");
    CHECK(line(memory, "write", {1, 0x1000, 6}, 6) == R"(write(1, "hello\n", 6) = 6)");
    CHECK(line(memory, "read", {0, 0x1000, 4096}, 6) == R"(read(0, "hello\n", 4096) = 6)");
    CHECK(line(memory, "read", {0, 0x1000, 4096}, 0) == R"(read(0, "", 4096) = 0)");
    CHECK(line(memory, "read", {99, 0x1000, 1}, u32(-9)) == "read(99, 0x1000, 1) = -1 EBADF (Bad file descriptor)");
    CHECK(line(memory, "write", {1, 0xc0100000, 4}, u32(-14)) ==
          "write(1, 0xc0100000, 4) = -1 EFAULT (Bad address)");
}

TEST_CASE("what is known at entry is printed at entry") {
    FakeMemory memory;
    const SyscallEntry reading{3, {0, 0x1000, 1}};
    CHECK(entry_text(reading, memory).text == "read(0, ");
    CHECK(entry_text({4, {1, 0x1000, 0}}, memory).text == "write(1, \"\", 0");
}

TEST_CASE("an argument that is not mapped at entry is printed at the return") {
    FakeMemory memory;
    const SyscallEntry entry{33, {0x1000, 4}}; // access
    const EntryText begin = entry_text(entry, memory);
    CHECK(begin.text == "access(");
    memory.put(0x1000, "/etc\0"sv);
    CHECK(begin.text + exit_text(entry, memory, 0, begin.arguments) == "access(\"/etc\", R_OK) = 0");
}

TEST_CASE("strings are escaped as strace does, and cut") {
    CHECK(quoted("a\tb\"\\\n"sv, 32) == R"("a\tb\"\\\n")");
    CHECK(quoted("\0"sv, 32) == R"("\0")");
    CHECK(quoted("\0"
                 "1"sv,
                 32) == R"("\0001")");
    CHECK(quoted("\x7f\xff"sv, 32) == R"("\177\377")");
    CHECK(quoted("abcdef", 3) == R"("abc"...)");
}

TEST_CASE("flags are symbolic") {
    FakeMemory memory;
    memory.put(0x1000, "/etc/passwd\0"sv);
    CHECK(line(memory, "open", {0x1000, 0100000}, 3) == R"(open("/etc/passwd", O_RDONLY|O_LARGEFILE) = 3)");
    CHECK(line(memory, "open", {0x1000, 01101, 0644}, u32(-13)) ==
          R"(open("/etc/passwd", O_WRONLY|O_CREAT|O_TRUNC, 0644) = -1 EACCES (Permission denied))");
    CHECK(line(memory, "openat", {u32(-100), 0x1000, 0}, 3) == R"(openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3)");
    CHECK(line(memory, "mmap2", {0, 4096, 3, 0x22, u32(-1), 0}, 0x40000000) ==
          "mmap2(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x40000000");
    CHECK(line(memory, "clone", {0x1200011, 0, 0, 0, 0x80ee0c8}, 301) ==
          "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x80ee0c8) "
          "= 301");
    CHECK(line(memory, "clone", {17, 0}, 2) == "clone(child_stack=NULL, flags=SIGCHLD) = 2");
    CHECK(line(memory, "kill", {30000, 15}, u32(-3)) == "kill(30000, SIGTERM) = -1 ESRCH (No such process)");
    CHECK(line(memory, "access", {0x1000, 6}, 0) == R"(access("/etc/passwd", R_OK|W_OK) = 0)");
    CHECK(line(memory, "umask", {022}, 077) == "umask(022) = 077");
    CHECK(line(memory, "pipe2", {0x2000, 02000000}, u32(-22)) ==
          "pipe2(0x2000, O_CLOEXEC) = -1 EINVAL (Invalid argument)");
    CHECK(line(memory, "fcntl64", {3, 2, 1}, 0) == "fcntl64(3, F_SETFD, FD_CLOEXEC) = 0");
    CHECK(line(memory, "fcntl64", {3, 1, 77}, 1) == "fcntl64(3, F_GETFD) = 1");
    CHECK(line(memory, "_llseek", {3, 0, 5, 0, 0}, u32(-29)) ==
          "_llseek(3, 5, NULL, SEEK_SET) = -1 ESPIPE (Illegal seek)");
}

TEST_CASE("structures behind pointers are read") {
    FakeMemory memory;
    memory.put_words(0x1000, {0x1100, 0x1200, 0});
    memory.put(0x1100, "hello\0"sv);
    memory.put(0x1200, "-l\0"sv);
    memory.put_words(0x1300, {0x1100, 0});
    CHECK(line(memory, "execve", {0x1100, 0x1000, 0x1300}, 0) ==
          R"(execve("hello", ["hello", "-l"], 0x1300 /* 1 var */) = 0)");
    memory.put_words(0x2000, {0x1100, 5, 0x1200, 2});
    CHECK(line(memory, "writev", {1, 0x2000, 2}, 7) ==
          R"(writev(1, [{iov_base="hello", iov_len=5}, {iov_base="-l", iov_len=2}], 2) = 7)");
    memory.put_words(0x3000, {0, 0x14000000, 0x804a000, 0, 0});
    CHECK(line(memory, "rt_sigaction", {2, 0x3000, 0, 8}, 0) ==
          "rt_sigaction(SIGINT, {sa_handler=SIG_DFL, sa_mask=[], sa_flags=SA_RESTORER|SA_RESTART, "
          "sa_restorer=0x804a000}, NULL, 8) = 0");
    memory.put_words(0x4000, {0x10002, 0});
    CHECK(line(memory, "rt_sigprocmask", {0, 0x4000, 0, 8}, 0) ==
          "rt_sigprocmask(SIG_BLOCK, [INT CHLD], NULL, 8) = 0");
    memory.put_words(0x5000, {0x300});
    CHECK(line(memory, "wait4", {u32(-1), 0x5000, 0, 0}, 301) ==
          "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 301");
    CHECK(line(memory, "wait4", {u32(-1), 0x5000, 1, 0}, 0) == "wait4(-1, 0x5000, WNOHANG, NULL) = 0");
    memory.put_words(0x6000, {8388608, 0xffffffff});
    CHECK(line(memory, "ugetrlimit", {3, 0x6000}, 0) ==
          "ugetrlimit(RLIMIT_STACK, {rlim_cur=8192*1024, rlim_max=RLIM_INFINITY}) = 0");
}

TEST_CASE("a number that nobody has shows its six words") {
    FakeMemory memory;
    const SyscallEntry entry{9999, {1, 2, 3, 4, 5, 6}};
    CHECK(whole(entry, memory, u32(-38)) ==
          "syscall_0x270f(0x1, 0x2, 0x3, 0x4, 0x5, 0x6) = -1 ENOSYS (Function not implemented)");
}

TEST_CASE("an argument list that is wild never hangs or crashes") {
    FakeMemory memory;
    memory.put_words(0x1000, {0x1000, 0x1000, 0x1000});
    for (const Syscall& call : all_syscalls()) {
        const SyscallEntry entry{call.number, {0xffffffff, 0x1000, 0xfffffff0, 0x1004, 0, 0x7fffffff}};
        CHECK_FALSE((whole(entry, memory, 5)).empty());
        const SyscallEntry other{call.number, {0x1000, 0xffffffff, 0x1000, 0xffffffff, 0x1000, 0xffffffff}};
        CHECK_FALSE((whole(other, memory, 0x7fffffff)).empty());
    }
}

TEST_CASE("the numbers of the system calls are Linux' own", "[D17]") {
    CHECK(find_syscall(20u)->name == "getpid");
    CHECK(find_syscall(64u)->name == "getppid");
    CHECK(find_syscall(190u)->name == "vfork");
    CHECK(find_syscall(252u)->name == "exit_group");
    CHECK(find_syscall(288u)->name == "keyctl");
    CHECK_FALSE(find_syscall(17u));
    CHECK_FALSE(find_syscall(0xffffffffu));
    u32 base = 0;
    for (const Syscall& call : all_syscalls()) base += call.profile == TableProfile::base;
    CHECK(base == 289 - 22);
}
