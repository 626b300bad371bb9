// SPDX-License-Identifier: MIT
// Breakpoints of all kinds go into the table that the debugger's commands share; the tag tells whose they are.
#include "frontend/dap/adapter.hpp"

#include "frontend/numbers.hpp"
#include "kernel/syscalls.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::dap {

namespace {

using debug::BreakKind;
using debug::Breakpoint;

constexpr const char* function_tag = "dap:function";
constexpr const char* instruction_tag = "dap:instruction";
constexpr const char* data_tag = "dap:data";
constexpr const char* exception_tag = "dap:exception";

std::string tag_of_file(const std::string& path) {
    return "dap:" + path;
}

std::string hex(u32 value) {
    return fmt::format("0x{:08x}", value);
}

/// What the user wrote behind a filter: a number, or the name of a system call.
u32 wanted_number(const std::string& condition, bool is_call) {
    if (const auto value = parse_number(condition); value && *value <= 0xffffffff) return static_cast<u32>(*value);
    if (const kernel::Syscall* call = is_call ? kernel::find_syscall(condition) : nullptr) return call->number;
    throw Refusal{fmt::format("{}: neither a number{}", condition, is_call ? " nor a system call" : "")};
}

/// The path of a Source argument.
std::string path_of(const Json& arguments) {
    const auto source = arguments.find("source");
    if (source == arguments.end() || !source->is_object()) throw Refusal{"argument source: missing"};
    const std::string path = text(*source, "path", text(*source, "name"));
    if (path.empty()) throw Refusal{"argument source: has neither path nor name"};
    return path;
}

} // namespace

void Adapter::forget_breakpoints(const std::string& tag) {
    std::vector<u32> numbers;
    for (const Breakpoint& each : interpreter_->breakpoints().all())
        if (each.tag == tag) numbers.push_back(each.number);
    for (const u32 number : numbers) {
        interpreter_->breakpoints().remove(number);
        log_messages_.erase(number);
    }
}

Json Adapter::refused(const std::string& why) const {
    return {{"verified", false}, {"message", why}};
}

/// Puts it into the table, with the condition, hit count and log message that the client wishes.
Json Adapter::keep(Breakpoint breakpoint, const Json& wish) {
    breakpoint.condition = text(wish, "condition");
    if (const std::string hits = text(wish, "hitCondition"); !hits.empty()) {
        const auto count = parse_number(hits);
        if (!count || *count == 0) return refused(hits + ": the hit count must be a number from 1");
        breakpoint.ignore = *count - 1;
    }
    Json answer{{"verified", true}};
    if (!breakpoint.addresses.empty()) answer["instructionReference"] = hex(breakpoint.addresses.front());
    const std::string message = text(wish, "logMessage");
    const u32 number = interpreter_->breakpoints().add(std::move(breakpoint));
    if (!message.empty()) log_messages_[number] = message;
    answer["id"] = number;
    return answer;
}

Json Adapter::set_breakpoints(const Json& arguments) {
    const std::string path = path_of(arguments);
    std::vector<Json> wishes = list(arguments, "breakpoints");
    for (const Json& line : list(arguments, "lines"))
        if (arguments.find("breakpoints") == arguments.end()) wishes.push_back({{"line", line}});
    forget_breakpoints(tag_of_file(path));
    Json answers = Json::array();
    for (const Json& wish : wishes) {
        const s64 line = need_number(wish, "line");
        const auto place = sources_->find(path, static_cast<int>(std::clamp<s64>(line, 0, 1 << 30)));
        if (!place) {
            answers.push_back(refused("no code of the program or the kernel comes from there"));
            continue;
        }
        Breakpoint breakpoint;
        breakpoint.where = fmt::format("{}:{}", place->file, place->line);
        for (const u64 address : place->addresses) breakpoint.addresses.push_back(static_cast<u32>(address));
        breakpoint.tag = tag_of_file(path);
        Json answer = keep(std::move(breakpoint), wish);
        answer["line"] = place->line;
        answer["source"] = sources_->source(place->file);
        answers.push_back(std::move(answer));
    }
    return {{"breakpoints", answers}};
}

Json Adapter::set_function_breakpoints(const Json& arguments) {
    forget_breakpoints(function_tag);
    Json answers = Json::array();
    for (const Json& wish : list(arguments, "breakpoints")) {
        Breakpoint breakpoint;
        breakpoint.where = need_text(wish, "name");
        breakpoint.tag = function_tag;
        const auto address = debuggee_->symbols().address_of(breakpoint.where);
        if (!address) {
            answers.push_back(refused(breakpoint.where + ": neither the kernel nor the program has such a symbol"));
            continue;
        }
        breakpoint.addresses = {static_cast<u32>(*address)};
        answers.push_back(keep(std::move(breakpoint), wish));
    }
    return {{"breakpoints", answers}};
}

Json Adapter::set_instruction_breakpoints(const Json& arguments) {
    forget_breakpoints(instruction_tag);
    Json answers = Json::array();
    for (const Json& wish : list(arguments, "breakpoints")) {
        const u32 address =
            address_argument(wish, "instructionReference") + static_cast<u32>(number(wish, "offset", 0));
        Breakpoint breakpoint;
        breakpoint.where = "*" + hex(address);
        breakpoint.addresses = {address};
        breakpoint.tag = instruction_tag;
        answers.push_back(keep(std::move(breakpoint), wish));
    }
    return {{"breakpoints", answers}};
}

Json Adapter::data_breakpoint_info(const Json& arguments) {
    const std::string name = need_text(arguments, "name");
    std::optional<u32> address;
    u32 bytes = 4;
    const s64 reference = number(arguments, "variablesReference", 0);
    if (reference > 0 && static_cast<std::size_t>(reference) <= groups_.size()) {
        for (const Variable& each : variables_of(groups_[static_cast<std::size_t>(reference - 1)]))
            if (each.name == name) address = each.address, bytes = each.bytes;
        if (!address) return {{"dataId", nullptr}, {"description", name + " does not lie in memory"}};
    } else if (boolean(arguments, "asAddress", false)) {
        address = address_argument(arguments, "name");
        bytes = static_cast<u32>(std::clamp<s64>(number(arguments, "bytes", 4), 1, 4096));
    } else {
        auto value = interpreter_->evaluate("&(" + name + ")");
        if (!value) value = interpreter_->evaluate(name);
        if (!value) return {{"dataId", nullptr}, {"description", value.error().message}};
        address = static_cast<u32>(value.value());
        bytes = static_cast<u32>(std::clamp<s64>(number(arguments, "bytes", 4), 1, 4096));
    }
    return {{"dataId", fmt::format("{:08x}/{}", *address, bytes)},
            {"description", fmt::format("{} bytes at {}", bytes, number_text(*address))},
            {"accessTypes", {"read", "write", "readWrite"}},
            {"canPersist", true}};
}

Json Adapter::set_data_breakpoints(const Json& arguments) {
    forget_breakpoints(data_tag);
    Json answers = Json::array();
    for (const Json& wish : list(arguments, "breakpoints")) {
        const std::string id = need_text(wish, "dataId"), access = text(wish, "accessType", "write");
        const auto slash = id.find('/');
        const auto address = parse_number("0x" + id.substr(0, slash));
        const auto bytes = slash == std::string::npos ? std::nullopt : parse_number(id.substr(slash + 1));
        if (!address || *address > 0xffffffff || !bytes || *bytes == 0 || *bytes > 4096) {
            answers.push_back(refused(id + ": not one of dataBreakpointInfo's"));
            continue;
        }
        Breakpoint breakpoint;
        breakpoint.kind = BreakKind::Watch;
        breakpoint.where = hex(static_cast<u32>(*address));
        breakpoint.range = {static_cast<u32>(*address), static_cast<u32>(*bytes), access != "write",
                            access != "read"};
        breakpoint.tag = data_tag;
        answers.push_back(keep(std::move(breakpoint), wish));
    }
    return {{"breakpoints", answers}};
}

Json Adapter::add_exception_filter(const std::string& filter, const std::string& condition) {
    Breakpoint breakpoint;
    breakpoint.where = filter;
    breakpoint.tag = exception_tag;
    const bool has = !condition.empty();
    if (filter == "ring") {
        breakpoint.kind = BreakKind::Ring;
        if (has) breakpoint.ring = static_cast<u8>(wanted_number(condition, false));
    } else if (filter == "syscall") {
        breakpoint.kind = BreakKind::Syscall;
        if (has) breakpoint.wanted = wanted_number(condition, true);
    } else if (filter == "fault" || filter == "irq") {
        breakpoint.kind = filter == "irq" ? BreakKind::Irq : BreakKind::Fault;
        if (has) breakpoint.wanted = wanted_number(condition, false);
    } else if (filter == "fork" || filter == "switch") {
        const char* symbol = filter == "fork" ? "do_fork" : "__switch_to";
        const auto address = debuggee_->kernel_symbols().address_of(symbol);
        if (!address) return refused(fmt::format("the kernel has no {}", symbol));
        breakpoint.addresses = {static_cast<u32>(*address)};
    } else {
        return refused(filter + ": there is no such filter");
    }
    return keep(std::move(breakpoint), Json::object());
}

Json Adapter::set_exception_breakpoints(const Json& arguments) {
    forget_breakpoints(exception_tag);
    Json answers = Json::array();
    const auto add = [&](const std::string& filter, const std::string& condition) {
        try {
            answers.push_back(add_exception_filter(filter, condition));
        } catch (const Refusal& refusal) {
            answers.push_back(refused(refusal.why));
        }
    };
    for (const std::string& filter : text_list(arguments, "filters")) add(filter, "");
    for (const Json& each : list(arguments, "filterOptions"))
        add(need_text(each, "filterId"), text(each, "condition"));
    return {{"breakpoints", answers}};
}

Json Adapter::breakpoint_locations(const Json& arguments) {
    const auto line = static_cast<int>(std::clamp<s64>(need_number(arguments, "line"), 0, 1 << 30));
    const auto last = static_cast<int>(std::clamp<s64>(number(arguments, "endLine", line), 0, 1 << 30));
    Json places = Json::array();
    for (const int each : sources_->lines(path_of(arguments), line, last)) places.push_back({{"line", each}});
    return {{"breakpoints", places}};
}

Json Adapter::exception_info(const Json&) {
    return {
        {"exceptionId", last_stop_}, {"description", last_stop_ + "; " + ring_and_time()}, {"breakMode", "always"}};
}

/// The condition of a breakpoint, with the machine standing there. A condition that cannot be evaluated holds, and is told.
bool Adapter::holds(const Breakpoint& breakpoint) {
    if (breakpoint.condition.empty()) return true;
    const auto value = interpreter_->evaluate(breakpoint.condition);
    if (!value) say(fmt::format("breakpoint {}: {}\n", breakpoint.number, value.error().message), "important");
    return !value || value.value() != 0;
}

/// "eax is {$eax}": expressions in braces are replaced by their values.
std::string Adapter::log_text(const std::string& message) {
    std::string out;
    for (std::size_t at = 0; at < message.size();) {
        const auto open = message.find('{', at), close = message.find('}', open);
        if (open == std::string::npos || close == std::string::npos) return out + message.substr(at);
        out += message.substr(at, open - at);
        const auto value = interpreter_->evaluate(message.substr(open + 1, close - open - 1));
        out += value ? number_text(static_cast<u32>(value.value())) : "<" + value.error().message + ">";
        at = close + 1;
    }
    return out;
}

/// A log point says its message, and time goes on.
bool Adapter::only_logs(const Breakpoint& breakpoint) {
    const auto found = log_messages_.find(breakpoint.number);
    if (found == log_messages_.end()) return false;
    say(log_text(found->second) + "\n");
    return true;
}

} // namespace trapgate::frontend::dap
