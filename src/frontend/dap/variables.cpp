// SPDX-License-Identifier: MIT
// Scopes: the processor's registers, the system registers, the TSS, pt_regs, and both stacks word by word; and expressions.
// Source: [SDM3] "Task-State Segment (TSS)" for its members; the kernel's own DWARF for pt_regs.
#include "frontend/dap/adapter.hpp"

#include "frontend/numbers.hpp"
#include "machine/edit.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace trapgate::frontend::dap {

namespace {

struct TssMember {
    const char* name;
    u8 offset;
    u8 bytes;
};
constexpr TssMember tss_members[] = {
    {"tss_link", 0, 2},     {"tss_esp0", 4, 4},   {"tss_ss0", 8, 2},  {"tss_esp1", 12, 4}, {"tss_ss1", 16, 2},
    {"tss_esp2", 20, 4},    {"tss_ss2", 24, 2},   {"tss_cr3", 28, 4}, {"tss_eip", 32, 4},  {"tss_eflags", 36, 4},
    {"tss_eax", 40, 4},     {"tss_ecx", 44, 4},   {"tss_edx", 48, 4}, {"tss_ebx", 52, 4},  {"tss_esp", 56, 4},
    {"tss_ebp", 60, 4},     {"tss_esi", 64, 4},   {"tss_edi", 68, 4}, {"tss_es", 72, 2},   {"tss_cs", 76, 2},
    {"tss_ss", 80, 2},      {"tss_ds", 84, 2},    {"tss_fs", 88, 2},  {"tss_gs", 92, 2},   {"tss_ldt", 96, 2},
    {"tss_t_flag", 100, 2}, {"tss_iomap", 102, 2}};

struct Flag {
    const char* name;
    u8 bit;
    u8 bits;
};
constexpr Flag flag_bits[] = {{"CF", 0, 1},  {"PF", 2, 1},  {"AF", 4, 1},  {"ZF", 6, 1},  {"SF", 7, 1},
                              {"TF", 8, 1},  {"IF", 9, 1},  {"DF", 10, 1}, {"OF", 11, 1}, {"IOPL", 12, 2},
                              {"NT", 14, 1}, {"RF", 16, 1}, {"VM", 17, 1}, {"AC", 18, 1}, {"ID", 21, 1}};

/// Those of the scope Registers; the others are system registers.
constexpr std::array<std::string_view, 16> ordinary{"eax", "ecx",    "edx", "ebx", "esp", "ebp", "esi", "edi",
                                                    "eip", "eflags", "cs",  "ss",  "ds",  "es",  "fs",  "gs"};

constexpr u32 most_stack_words = 64;
constexpr u32 user_top = 0xc0000000;

bool is_ordinary_name(std::string_view name) {
    return std::find(ordinary.begin(), ordinary.end(), name) != ordinary.end();
}

std::string flag_letters(u32 eflags) {
    std::string letters;
    for (const Flag& flag : flag_bits)
        if (flag.bits == 1 && (eflags >> flag.bit & 1))
            letters += (letters.empty() ? "" : " ") + std::string(flag.name);
    return letters;
}

} // namespace

/// "0xc0100a40 <system_call+4>", with the symbol if one holds the address.
std::string Adapter::number_text(u32 value) const {
    const std::string name = value >= 0x1000 ? debuggee_->symbols().name_at(value) : "";
    return name.empty() ? fmt::format("0x{:08x}", value) : fmt::format("0x{:08x} <{}>", value, name);
}

s64 Adapter::group(Scope scope, const Frame& frame) {
    groups_.push_back({scope, frame});
    return static_cast<s64>(groups_.size());
}

Json Adapter::scopes(const Json& arguments) {
    const Frame frame = frame_of(arguments, "frameId");
    Json scopes = Json::array();
    const auto add = [&](const char* name, Scope scope, bool open) {
        Json each{{"name", name}, {"variablesReference", group(scope, frame)}, {"expensive", !open}};
        if (scope == Scope::Registers) each["presentationHint"] = "registers";
        scopes.push_back(std::move(each));
    };
    add("Registers", Scope::Registers, true);
    if (frame.innermost) add("System", Scope::System, false);
    if (frame.innermost) add("TSS", Scope::Tss, false);
    if (task_of(frame)) add("pt_regs", Scope::PtRegs, false);
    add("Both stacks", Scope::BothStacks, false);
    return {{"scopes", scopes}};
}

std::optional<kernel::Task> Adapter::task_of(const Frame& frame) const {
    if (frame.thread == current_thread()) return debuggee_->task();
    for (const kernel::TaskState& task : kernel::all_tasks(*debuggee_->guest(), cpu()))
        if (task.pid == (frame.thread == idle_thread ? 0 : frame.thread)) return task;
    return std::nullopt;
}

std::vector<Adapter::Variable> Adapter::registers(const Frame& frame) const {
    std::vector<Variable> variables;
    if (!frame.innermost) { // of a caller only these are known
        variables.push_back({"eip", number_text(frame.pc), {}, {}, 4, {}, frame.pc});
        if (frame.ebp) variables.push_back({"ebp", number_text(*frame.ebp), {}, {}, 4, {}, *frame.ebp});
        return variables;
    }
    for (const machine::RegisterInfo& info : machine::all_registers()) {
        if (!is_ordinary_name(info.name)) continue;
        const auto value = static_cast<u32>(info.get(cpu()));
        Variable variable{std::string(info.name), number_text(value), std::string(info.name)};
        if (info.bits == 16) variable.value = fmt::format("0x{:04x}  rpl {}", value, value & 3);
        if (info.bits == 32 && info.name != "eflags") variable.points_to = value;
        if (info.name == "eflags") {
            variable.value = fmt::format("0x{:08x} [ {} ]", value, flag_letters(value));
            variable.inside = Scope::Flags;
        }
        variables.push_back(std::move(variable));
    }
    return variables;
}

std::vector<Adapter::Variable> Adapter::flags() const {
    std::vector<Variable> variables;
    const u32 eflags = cpu().flags.image();
    for (const Flag& flag : flag_bits)
        variables.push_back({flag.name, fmt::format("{}", eflags >> flag.bit & ((1u << flag.bits) - 1))});
    return variables;
}

std::vector<Adapter::Variable> Adapter::system() const {
    std::vector<Variable> variables{{"ring", fmt::format("{}", cpu().cpl)},
                                    {"time", machine::to_text(time().now())},
                                    {"clock", fmt::format("{}", debuggee_->machine().clock())},
                                    {"instruction", fmt::format("{}", time().now().instruction)},
                                    {"micro", fmt::format("{}", time().now().micro)}};
    for (const machine::RegisterInfo& info : machine::all_registers()) {
        if (is_ordinary_name(info.name)) continue;
        const u64 value = info.get(cpu());
        Variable variable{std::string(info.name), {}, std::string(info.name)};
        variable.value = info.bits == 32  ? number_text(static_cast<u32>(value))
                         : info.bits > 32 ? fmt::format("0x{:016x}", value)
                                          : fmt::format("0x{:04x}", value);
        variables.push_back(std::move(variable));
    }
    return variables;
}

std::vector<Adapter::Variable> Adapter::tss() const {
    std::vector<Variable> variables;
    const u32 base = cpu().tr.base;
    for (const TssMember& member : tss_members) {
        Variable variable{member.name, "(not mapped)"};
        const auto word = debuggee_->memory().get<u16>(base + member.offset);
        const auto both = debuggee_->memory().get<u32>(base + member.offset);
        if (member.offset + member.bytes > u64{cpu().tr.limit} + 1) {
            variable.value = "(beyond the TSS's limit)";
        } else if (member.bytes == 2 && word) {
            variable.value = fmt::format("0x{:04x}", *word);
        } else if (both) {
            variable.value = number_text(*both);
            variable.points_to = *both;
        }
        variable.address = base + member.offset;
        variable.bytes = member.bytes;
        variables.push_back(std::move(variable));
    }
    return variables;
}

/// Where the task's kernel stack pointer is; nothing in user mode: the stack is empty.
std::optional<u32> Adapter::kernel_stack_pointer(const Frame& frame) const {
    if (frame.thread != current_thread()) {
        for (const kernel::TaskState& task : kernel::all_tasks(*debuggee_->guest(), cpu()))
            if (task.pid == (frame.thread == idle_thread ? 0 : frame.thread)) return task.esp;
        return std::nullopt;
    }
    if (cpu().cpl == 3) return std::nullopt;
    return cpu().reg(cpu::Gpr::esp);
}

/// The user's stack pointer: the processor's in user mode, else the one that pt_regs holds.
std::optional<u32> Adapter::user_stack_pointer(const Frame& frame) const {
    if (frame.thread != current_thread()) return std::nullopt; // in an address space that is not the present one
    if (cpu().cpl == 3) return cpu().reg(cpu::Gpr::esp);
    const auto task = debuggee_->task();
    const auto outer = task ? user_frame(*task, frame.thread) : std::nullopt;
    return outer ? std::optional(outer->stack) : std::nullopt;
}

std::vector<Adapter::Variable> Adapter::pt_regs(const Frame& frame) const {
    const auto task = task_of(frame);
    if (!task) return {};
    const auto esp = kernel_stack_pointer(frame);
    if (!esp) return {{"(none)", "the task is in ring 3: its kernel stack is empty"}};
    std::vector<Variable> variables;
    const kernel::Layout& layout = debuggee_->guest()->pt_regs();
    const u32 base = task->stack_top - layout.size;
    const bool here = *esp > task->thread_info && *esp <= task->stack_top;
    for (const kernel::Member& member : layout.members) {
        const auto value = debuggee_->memory().get<u32>(base + member.offset);
        if (!value || member.name.find('.') != std::string::npos) continue;
        const bool pushed = here && base + member.offset >= *esp;
        Variable variable{member.name, number_text(*value) + (pushed ? "" : "  (not pushed yet)")};
        variable.address = base + member.offset;
        variable.points_to = *value;
        variables.push_back(std::move(variable));
    }
    return variables;
}

std::vector<Adapter::Variable> Adapter::both_stacks(const Frame& frame) const {
    std::vector<Variable> stacks;
    const auto kernel = kernel_stack_pointer(frame), user = user_stack_pointer(frame);
    Variable first{"kernel stack", kernel ? number_text(*kernel) : "empty (ring 3)"};
    if (kernel) first.inside = Scope::KernelStack, first.points_to = *kernel;
    Variable second{"user stack", user ? number_text(*user) : "(not known here)"};
    if (user) second.inside = Scope::UserStack, second.points_to = *user;
    return {first, second};
}

std::vector<Adapter::Variable> Adapter::stack_words(u32 from, u32 end) const {
    std::vector<Variable> words;
    for (u32 at = from; at < end && words.size() < most_stack_words; at += 4) {
        const auto value = debuggee_->memory().get<u32>(at);
        if (!value) break;
        Variable word{fmt::format("{:08x}", at), number_text(*value)};
        word.address = at;
        word.points_to = *value;
        words.push_back(std::move(word));
    }
    return words;
}

std::vector<Adapter::Variable> Adapter::variables_of(const Group& group) const {
    const Frame& frame = group.frame;
    switch (group.scope) {
    case Scope::Registers: return registers(frame);
    case Scope::Flags: return flags();
    case Scope::System: return system();
    case Scope::Tss: return tss();
    case Scope::PtRegs: return pt_regs(frame);
    case Scope::BothStacks: return both_stacks(frame);
    case Scope::KernelStack: {
        const auto task = debuggee_->guest() ? task_of(frame) : std::nullopt;
        const u32 from = kernel_stack_pointer(frame).value_or(0);
        return stack_words(from, task && task->stack_top > from ? task->stack_top : ~u32{3});
    }
    case Scope::UserStack: return stack_words(user_stack_pointer(frame).value_or(0), user_top);
    }
    return {};
}

Json Adapter::variables(const Json& arguments) {
    const s64 reference = need_number(arguments, "variablesReference");
    if (reference < 1 || static_cast<std::size_t>(reference) > groups_.size())
        throw Refusal{fmt::format("variablesReference {}: not of this stop", reference)};
    const Group of = groups_[static_cast<std::size_t>(reference - 1)];
    Json variables = Json::array();
    for (const Variable& each : variables_of(of)) {
        Json variable{{"name", each.name},
                      {"value", each.value},
                      {"variablesReference", each.inside ? group(*each.inside, of.frame) : 0}};
        if (!each.register_name.empty()) variable["evaluateName"] = "$" + each.register_name;
        if (each.points_to) variable["memoryReference"] = fmt::format("0x{:08x}", *each.points_to);
        const auto* info = each.register_name.empty() ? nullptr : machine::find_register(each.register_name);
        const bool fixed = each.register_name.empty() ? !each.address : !info || !info->set;
        if (fixed) variable["presentationHint"] = {{"attributes", {"readOnly"}}};
        variables.push_back(std::move(variable));
    }
    const auto start = static_cast<std::size_t>(std::clamp<s64>(number(arguments, "start", 0), 0, 1 << 20));
    const s64 count = number(arguments, "count", 0);
    if (start)
        variables.erase(variables.begin(),
                        variables.begin() + static_cast<long>(std::min(start, variables.size())));
    if (count > 0 && static_cast<std::size_t>(count) < variables.size())
        variables.erase(variables.begin() + count, variables.end());
    return {{"variables", variables}};
}

Json Adapter::set_variable(const Json& arguments) {
    const s64 reference = need_number(arguments, "variablesReference");
    const std::string name = need_text(arguments, "name"), value_text = need_text(arguments, "value");
    if (reference < 1 || static_cast<std::size_t>(reference) > groups_.size())
        throw Refusal{fmt::format("variablesReference {}: not of this stop", reference)};
    const Group of = groups_[static_cast<std::size_t>(reference - 1)];
    auto parsed = parse_number(value_text);
    if (!parsed) {
        const auto value = interpreter_->evaluate(value_text);
        if (!value) throw Refusal{value.error().message};
        parsed = value.value();
    }
    for (const Variable& each : variables_of(of)) {
        if (each.name != name) continue;
        machine::Edit edit;
        if (!each.register_name.empty()) {
            edit.register_name = each.register_name;
            edit.value = *parsed;
        } else if (each.address) {
            edit.address = *each.address;
            for (u32 i = 0; i < each.bytes; ++i) edit.bytes.push_back(static_cast<u8>(*parsed >> (8 * i)));
        } else {
            throw Refusal{name + ": cannot be set"};
        }
        if (const Status done = time().edit(edit); !done) throw Refusal{done.error().message};
        for (const Variable& now : variables_of(of))
            if (now.name == name) return {{"value", now.value}};
    }
    throw Refusal{name + ": there is no such variable here"};
}

/// A command of the debugger, as `trapgate debug` takes it.
Json Adapter::evaluate_line(const std::string& line) {
    const debug::Outcome outcome = interpreter_->execute(line);
    if (outcome.error) throw Refusal{outcome.text};
    if (outcome.moved) {
        frames_.clear();
        groups_.clear();
        const auto arrival = outcome.arrival;
        afterwards_ = [this, arrival] {
            if (arrival && arrival->kind == machine::Arrival::Kind::End) return ended(arrival->stop);
            send_output();
            stopped("goto", "command");
        };
    }
    if (outcome.quit)
        afterwards_ = [this] {
            over_ = true;
            channel_.event("terminated", nullptr);
        };
    return {{"result", outcome.text}, {"variablesReference", 0}};
}

Json Adapter::evaluate(const Json& arguments) {
    const std::string expression = need_text(arguments, "expression");
    if (text(arguments, "context") == "repl") return evaluate_line(expression);
    const auto value = interpreter_->evaluate(expression);
    if (!value) throw Refusal{value.error().message};
    const auto number = static_cast<u32>(value.value());
    return {{"result", fmt::format("{}  {}", number_text(number), static_cast<s32>(number))},
            {"variablesReference", 0},
            {"memoryReference", fmt::format("0x{:08x}", number)}};
}

Json Adapter::completions(const Json& arguments) {
    const std::string line = need_text(arguments, "text");
    const auto column = static_cast<std::size_t>(std::clamp<s64>(number(arguments, "column", 1) - 1, 0, 1 << 16));
    const std::string before = line.substr(0, std::min(column, line.size()));
    const std::size_t begin = before.find_last_of(" \t") + 1;
    Json targets = Json::array();
    for (const std::string& word : interpreter_->complete(before))
        targets.push_back({{"label", word}, {"start", begin}, {"length", before.size() - begin}});
    return {{"targets", targets}};
}

} // namespace trapgate::frontend::dap
