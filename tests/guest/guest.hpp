// SPDX-License-Identifier: MIT
// A machine with our kernel in it, run by a test: stops at symbols, reads registers, memory and frames, notes what it saw.
#pragma once

#include "base/types.hpp"
#include "cpu/cpu.hpp"
#include "guest/image.hpp"
#include "machine/machine.hpp"
#include "trace/event.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trapgate::tests {

struct GuestSetup {
    std::vector<std::string>
        command{};        ///< a program of build/guest ("demos/01-hello", "probes/probe-fork") and its arguments
    std::string append{}; ///< more words for the kernel's command line
    std::string input{};  ///< standard input
    std::vector<std::string> environment{};   ///< more variables for the program
    machine::TerminalInput* typist = nullptr; ///< descriptors 0 to 2 are a terminal, and this is its user
    int output_error = 0;                     ///< an errno: the host refuses what is written to standard output
    std::string
        kernel{}; ///< a variant (build/guest/variants/NAME/vmlinux): "4k", "kernel-ds", "preempt"; else the kernel
    u64 memory = u64{64} << 20;
    std::string cpu = "i686"; ///< as --cpu names it
    bool terminal = false;    ///< descriptors 0 to 2 are a terminal: the guest uses ttyS0
    bool watched = true;      ///< with an observer: hooks work; false: the fast engine
};

/// The same with `int $0x80` as libc's only way into the kernel: no AT_SYSINFO.
inline GuestSetup by_int80(std::vector<std::string> command) {
    GuestSetup setup;
    setup.command = std::move(command);
    setup.append = "nosysenter";
    return setup;
}

/// struct pt_regs, word by word, from the kernel stack. [linux-2.6.11] include/asm-i386/ptrace.h
struct PtRegs {
    u32 ebx, ecx, edx, esi, edi, ebp, eax, ds, es, orig_eax, eip, cs, eflags, esp, ss;
};
static_assert(sizeof(PtRegs) == 60);

class Guest final : private trace::Observer {
  public:
    using Hook = std::function<void(Guest&)>;

    explicit Guest(GuestSetup setup);
    ~Guest() override;

    /// Calls `hook` whenever the instruction at `address` is about to be executed.
    void at(u32 address, Hook hook);
    /// At a symbol of the kernel.
    void at_kernel(std::string_view symbol, Hook hook) { at(kernel(symbol), std::move(hook)); }
    /// At a symbol of the program. Init, whose code lies at the same addresses, does not count.
    void at_program(std::string_view symbol, Hook hook);
    /// Notes every arrival at these kernel symbols in `calls`.
    void follow(std::initializer_list<std::string_view> symbols);
    /// Sees every instruction after it has been executed, every access, every port access, every transfer.
    std::function<void(Guest&, const trace::Retired&)> on_instruction;
    std::function<void(Guest&, const trace::Access&)> on_access;
    std::function<void(Guest&, const trace::PortAccess&)> on_port;
    std::function<void(Guest&, const trace::Transfer&)> on_transfer;
    std::function<void(Guest&, const trace::Fault&)> on_fault;
    std::function<void(Guest&, const trace::RingChange&)> on_ring_change;

    /// Runs until the program has ended (or a hook asked to pause). The time is bounded; the test fails when it is up.
    machine::Stop run();
    /// Runs to the end and requires that the program exited with this status.
    void run_to_exit(int status = 0);
    void pause() { machine_->request_pause(); }

    const Image& image() const { return *image_; }
    u32 kernel(std::string_view symbol) const { return image_->address(symbol); }
    u32 program(std::string_view symbol) const { return program_->address(symbol); }

    const cpu::Cpu& cpu() const { return machine_->cpu(); }
    u32 reg(cpu::Gpr r) const { return cpu().reg(r); }
    u32 esp() const { return reg(cpu::Gpr::esp); }
    u32 eip() const { return cpu().eip; }
    u32 selector(cpu::SegmentRegister r) const { return cpu().segment(r).selector; }
    u32 flags() const;
    machine::Machine& machine() { return *machine_; }

    /// Reads by linear address, as the current address space maps it. The test fails when it is not mapped.
    u32 word(u32 address) const;
    std::optional<u32> word_if_mapped(u32 address) const;
    u8 byte(u32 address) const;
    std::string text(u32 address) const;
    /// The frame at `address` (ESP, right after SAVE_ALL).
    PtRegs frame(u32 address) const;
    /// The frame of the running task: below the esp0 of the TSS.
    PtRegs user_frame() const { return frame(esp0() - sizeof(PtRegs)); }
    u32 esp0() const;
    u32 thread_info() const { return esp() & ~(stack_size_ - 1); }
    u32 stack_size() const { return stack_size_; }
    /// A member of a structure that lies at `address`: member(task, "task_struct", "thread.esp0").
    u32 member(u32 address, std::string_view structure, std::string_view name) const;
    u32 offset(std::string_view structure, std::string_view name) const;
    u32 current_task() const { return word(thread_info()); }
    u32 current_pid() const { return member(current_task(), "task_struct", "pid"); }
    /// "sys_write", "sys_write+12".
    std::string where(u32 address) const { return image_->symbols().name_at(address); }

    /// Changes a word of the guest's memory by way of a snapshot, between two runs: tests only.
    void poke(u32 address, u32 value);

    std::vector<std::string> calls; ///< what follow() saw
    const std::string& output() const;
    const std::string& errors() const;
    const std::string& serial() const;
    const std::string& kernel_log() const;

  private:
    struct Streams;

    void load(const GuestSetup& setup, const std::string& path);
    void on(const trace::Retired&) override;
    void on(const trace::Access&) override;
    void on(const trace::PortAccess&) override;
    void on(const trace::Transfer&) override;
    void on(const trace::Fault&) override;
    void on(const trace::RingChange&) override;
    void arrive(u32 address);
    bool runs_init() const;

    std::unique_ptr<Streams> streams_;
    const Image* image_ = nullptr; ///< the kernel
    u32 stack_size_ = 0;           ///< of a kernel stack with its thread_info, in bytes
    std::unique_ptr<Image> program_;
    std::unique_ptr<machine::Machine> machine_;
    std::unordered_map<u32, std::deque<Hook>> hooks_;            // deques: a hook may add hooks while it runs
    std::vector<bool> hook_filter_ = std::vector<bool>(1 << 16); ///< by the low 16 bits of the address
};

} // namespace trapgate::tests
