// SPDX-License-Identifier: MIT
// A machine with our kernel in it, run by a test: see the header.
#include "guest/guest.hpp"

#include "catch.hpp"
#include "kernel/bit_field.hpp"
#include "kernel/boot_file.hpp"
#include "kernel/elf_program.hpp"
#include "kernel/guest_memory.hpp"
#include "kernel/initramfs.hpp"
#include "kernel/multiboot.hpp"
#include "mmu/page_walk.hpp"
#include "paths.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace trapgate::tests {

namespace {
class StringSource final : public devices::ByteSource {
  public:
    explicit StringSource(std::string text) : text_(std::move(text)) {}
    Outcome read(std::span<u8> into) override {
        const std::size_t bytes = std::min(into.size(), text_.size() - position_);
        std::memcpy(into.data(), text_.data() + position_, bytes);
        position_ += bytes;
        return {bytes, 0};
    }

  private:
    std::string text_;
    std::size_t position_ = 0;
};

class StringSink final : public devices::ByteSink {
  public:
    int write(std::span<const u8> bytes) override {
        if (!error) text.append(bytes.begin(), bytes.end());
        return error;
    }
    std::string text;
    int error = 0;
};
/// DWARF look-ups are slow: each is made once.
const kernel::Member& known_member(const kernel::DebugInfo& debug, std::string_view structure,
                                   std::string_view name) {
    static std::unordered_map<std::string, kernel::Member> known;
    const std::string key = std::string(structure) + "." + std::string(name);
    if (const auto found = known.find(key); found != known.end()) return found->second;
    const auto layout = debug.layout(structure);
    INFO("struct " << structure << ", member " << name);
    REQUIRE(layout.has_value());
    const kernel::Member* member = layout->find(name);
    REQUIRE(member);
    return known[key] = *member;
}

} // namespace

struct Guest::Streams {
    explicit Streams(const GuestSetup& setup) : input(setup.input) { output.error = setup.output_error; }
    StringSource input;
    StringSink output, errors, serial, log;
};

Guest::Guest(GuestSetup setup) : streams_(std::make_unique<Streams>(setup)) {
    const std::string path = (guest_folder() / setup.command.at(0)).string();
    program_ = std::make_unique<Image>(path);
    image_ = &Image::variant(setup.kernel);
    stack_size_ = setup.kernel == "4k" ? 4096 : 8192;
    machine::MachineOptions options;
    options.model = cpu::find_model(setup.cpu).value();
    options.ram_bytes = setup.memory;
    const devices::HostTerminals terminals{static_cast<u8>(setup.terminal || setup.typist ? 7 : 0), 24, 80};
    const machine::HostSide host{
        {streams_->input, devices::HostChannel::InputKind::Bytes, streams_->output, streams_->errors, terminals},
        streams_->serial,
        streams_->log,
        setup.typist};
    machine_ = std::make_unique<machine::Machine>(options, host);
    load(setup, path);
    machine_->start();
    if (setup.watched) machine_->observe(this);
}

Guest::~Guest() = default;

void Guest::load(const GuestSetup& setup, const std::string& path) {
    const auto program = kernel::read_program(path);
    REQUIRE(program);
    kernel::InitramfsPlan plan;
    plan.program = path;
    plan.program_bytes = program.value();
    plan.arguments = setup.command;
    plan.environment = {"PATH=/bin:/sbin", "HOME=/", "TERM=dumb"};
    plan.environment.insert(plan.environment.end(), setup.environment.begin(), setup.environment.end());
    plan.files = {{"/init", (guest_folder() / "init").string()}};
    auto initramfs = kernel::build_initramfs(plan);
    REQUIRE(initramfs);
    const std::string vmlinux = Image::variant_path(setup.kernel);
    const auto file = kernel::read_host_file(vmlinux);
    REQUIRE(file);
    kernel::BootRequest request;
    request.name = "vmlinux";
    request.file = file.value();
    request.command_line = "init=/init console=ttyS0 " + setup.append;
    request.modules.push_back({std::move(initramfs.value().archive), "initramfs"});
    const auto booted = kernel::boot_multiboot(request, machine_->loader_memory(), machine_->loader_cpu());
    REQUIRE(booted);
}

void Guest::at(u32 address, Hook hook) {
    hooks_[address].push_back(std::move(hook));
    hook_filter_[address & 0xffff] = true;
}

void Guest::at_program(std::string_view symbol, Hook hook) {
    at(program(symbol), [hook = std::move(hook)](Guest& guest) {
        if (!guest.runs_init()) hook(guest);
    });
}

bool Guest::runs_init() const {
    const u32 task =
        word((esp0() - 1) & ~(stack_size_ - 1)); // esp0 is the end of the kernel stack, thread_info its beginning
    return text(task + offset("task_struct", "comm")) == "init";
}

void Guest::follow(std::initializer_list<std::string_view> symbols) {
    for (const std::string_view symbol : symbols)
        at_kernel(symbol, [name = std::string(symbol)](Guest& guest) { guest.calls.push_back(name); });
}

machine::Stop Guest::run() {
    machine::Limits limits;
    limits.instructions = 400'000'000;
    limits.host_time = std::chrono::seconds(120);
    machine_->set_limits(limits);
    return machine_->run();
}

void Guest::run_to_exit(int status) {
    const machine::Stop stop = run();
    INFO("stopped: " << stop.text << "; the guest printed: " << output() << errors()
                     << "; its log: " << kernel_log());
    REQUIRE(stop.kind == machine::StopKind::GuestExit);
    REQUIRE(machine::exit_status_of_wait_status(stop.value) == status);
}

void Guest::arrive(u32 address) {
    if (!hook_filter_[address & 0xffff]) return;
    const auto found = hooks_.find(address);
    if (found == hooks_.end()) return;
    const std::deque<Hook>& hooks = found->second;
    for (std::size_t i = 0, count = hooks.size(); i < count; ++i) hooks[i](*this);
}

void Guest::on(const trace::Retired& event) {
    if (on_instruction) on_instruction(*this, event);
    arrive(eip());
}

void Guest::on(const trace::Access& event) {
    if (on_access) on_access(*this, event);
}

void Guest::on(const trace::PortAccess& event) {
    if (on_port) on_port(*this, event);
}

void Guest::on(const trace::Transfer& event) {
    if (on_transfer) on_transfer(*this, event);
}

void Guest::on(const trace::Fault& event) {
    if (on_fault) on_fault(*this, event);
}

void Guest::on(const trace::RingChange& event) {
    if (on_ring_change) on_ring_change(*this, event);
}

u32 Guest::flags() const {
    return cpu().flags.image();
}

std::optional<u32> Guest::word_if_mapped(u32 address) const {
    return kernel::CpuMemory(cpu()).get<u32>(address);
}

u32 Guest::word(u32 address) const {
    const auto value = word_if_mapped(address);
    INFO("guest address " << std::hex << address);
    REQUIRE(value.has_value());
    return *value;
}

u8 Guest::byte(u32 address) const {
    const auto value = kernel::CpuMemory(cpu()).get<u8>(address);
    INFO("guest address " << std::hex << address);
    REQUIRE(value.has_value());
    return *value;
}

std::string Guest::text(u32 address) const {
    return kernel::CpuMemory(cpu()).text(address, 4096).value_or("(unmapped)");
}

PtRegs Guest::frame(u32 address) const {
    const auto regs = kernel::CpuMemory(cpu()).get<PtRegs>(address);
    INFO("frame at " << std::hex << address);
    REQUIRE(regs.has_value());
    return *regs;
}

u32 Guest::esp0() const {
    return word(cpu().tr.base + 4);
}

u32 Guest::offset(std::string_view structure, std::string_view name) const {
    return known_member(image_->debug_info(), structure, name).offset;
}

/// Of a bit field its own bits.
u32 Guest::member(u32 address, std::string_view structure, std::string_view name) const {
    const kernel::Member& found = known_member(image_->debug_info(), structure, name);
    return static_cast<u32>(kernel::bit_field(found).value_in(word(address + found.offset)));
}

void Guest::poke(u32 address, u32 value) {
    const mmu::PagingMode mode{cpu().cr3, false, (cpu().cr4 & cpu::cr4::pse) != 0};
    const mmu::PageWalk walk =
        mmu::walk_page_table(machine_->memory(), mode, LinearAddress{address}, Intent::Read, false);
    INFO("guest address " << std::hex << address);
    REQUIRE(walk.ok);
    machine::Snapshot snapshot = machine_->save();
    const u64 number = walk.page.value / 4096;
    const mmu::PageBytes* const old = snapshot.pages.page(number);
    auto page = std::make_shared<mmu::PageBytes>(old ? *old : mmu::PageBytes{});
    REQUIRE((address & 0xfff) <= 0xffc);
    std::memcpy(page->data() + (address & 0xfff), &value, 4);
    snapshot.pages.set(number, std::move(page));
    machine_->restore(snapshot);
}

const std::string& Guest::output() const {
    return streams_->output.text;
}

const std::string& Guest::errors() const {
    return streams_->errors.text;
}

const std::string& Guest::serial() const {
    return streams_->serial.text;
}

const std::string& Guest::kernel_log() const {
    return streams_->log.text;
}

} // namespace trapgate::tests
