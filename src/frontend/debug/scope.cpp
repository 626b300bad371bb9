// SPDX-License-Identifier: MIT
// Types of registers: gdb's for i386 (general registers signed, esp and ebp pointers to data, eip to code).
#include "frontend/debug/scope.hpp"

#include "frontend/debug/type_parser.hpp"
#include "frontend/suggest.hpp"

#include <array>
#include <charconv>

namespace trapgate::frontend::debug {

namespace {

constexpr std::array<RegisterPart, 16> parts{{{"al", "eax", 0, 8},
                                              {"ah", "eax", 8, 8},
                                              {"ax", "eax", 0, 16},
                                              {"bl", "ebx", 0, 8},
                                              {"bh", "ebx", 8, 8},
                                              {"bx", "ebx", 0, 16},
                                              {"cl", "ecx", 0, 8},
                                              {"ch", "ecx", 8, 8},
                                              {"cx", "ecx", 0, 16},
                                              {"dl", "edx", 0, 8},
                                              {"dh", "edx", 8, 8},
                                              {"dx", "edx", 0, 16},
                                              {"si", "esi", 0, 16},
                                              {"di", "edi", 0, 16},
                                              {"bp", "ebp", 0, 16},
                                              {"flags", "eflags", 0, 16}}};
constexpr std::array<std::string_view, 4> times{"insn", "micro", "clock", "frontier"};

Type code_pointer() {
    Type type = integer(1, false);
    type.is_code = true;
    type.pointers = 1;
    return type;
}

/// void *: its arithmetic counts bytes.
Type data_pointer() {
    Type type = integer(1, false);
    type.is_void = true;
    type.pointers = 1;
    return type;
}

Type register_type(std::string_view name, u8 bits) {
    if (name == "eip") return code_pointer();
    if (name == "esp" || name == "ebp") return data_pointer();
    const bool general = name.size() == 3 && name[0] == 'e' && (name[2] == 'x' || name[2] == 'i');
    return integer(bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8, general);
}

} // namespace

const RegisterPart* find_register_part(std::string_view name) {
    for (const RegisterPart& part : parts)
        if (part.name == name) return &part;
    return nullptr;
}

std::string_view register_alias(std::string_view name) {
    if (name == "pc") return "eip";
    if (name == "sp") return "esp";
    if (name == "fp") return "ebp";
    if (name == "ps") return "eflags";
    return name;
}

std::optional<Value> DebuggeeScope::dollar(std::string_view name) const {
    if (auto value = from_history(name)) return value;
    if (const auto found = variables.find(std::string(name)); found != variables.end()) return found->second;
    if (name == "task") return task();
    if (auto value = of_time(name)) return value;
    if (auto value = whole_register(register_alias(name))) return value;
    return register_part(name);
}

std::optional<Value> DebuggeeScope::from_history(std::string_view name) const {
    std::size_t number = history.size(); // of $, counted from 1
    if (name == "$") {
        if (number < 2) return std::nullopt;
        --number;
    } else if (!name.empty()) {
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    }
    if (number == 0 || number > history.size()) return std::nullopt;
    return history[number - 1];
}

std::optional<Value> DebuggeeScope::whole_register(std::string_view name) const {
    const machine::RegisterInfo* found = machine::find_register(name);
    if (!found) return std::nullopt;
    const Type type = register_type(name, found->bits);
    return Value{type, fit(found->get(debuggee_.cpu()), type), {}, std::string(name)};
}

std::optional<Value> DebuggeeScope::register_part(std::string_view name) const {
    const RegisterPart* part = find_register_part(name);
    const auto whole = part ? whole_register(part->whole) : std::nullopt;
    if (!whole) return std::nullopt;
    const Type type = integer(part->bits / 8, true);
    return Value{type, fit(whole->bits >> part->shift, type), {}, std::string(name)};
}

std::optional<Value> DebuggeeScope::of_time(std::string_view name) const {
    const machine::TimePoint now = debuggee_.time().now();
    const Type type = integer(8, false);
    if (name == "insn") return Value{type, now.instruction, {}, {}};
    if (name == "micro") return Value{type, now.micro, {}, {}};
    if (name == "clock") return Value{type, debuggee_.machine().clock(), {}, {}};
    if (name == "frontier") return Value{type, debuggee_.time().frontier(), {}, {}};
    return std::nullopt;
}

std::optional<Value> DebuggeeScope::task() const {
    const auto task = debuggee_.task();
    if (!task) return std::nullopt;
    Type type = integer(debuggee_.guest()->task_struct().size, true);
    type.structure = "task_struct";
    return Value{type.pointer_to(), task->address, {}, {}};
}

std::optional<Value> DebuggeeScope::symbol(std::string_view name) const {
    const kernel::Symbol* found = debuggee_.symbols().find(name);
    if (!found) return std::nullopt;
    const u32 address = static_cast<u32>(found->address);
    if (found->kind != kernel::Symbol::Kind::Object) return Value{code_pointer(), address, {}, {}};
    return Value{type_of_symbol(*found), address, address, {}};
}

/// What DWARF says, if it agrees with the symbol's size; else an integer of that size, or an array of words or bytes.
Type DebuggeeScope::type_of_symbol(const kernel::Symbol& symbol) const {
    auto known = types_.find(symbol.name);
    if (known == types_.end()) {
        std::optional<Type> type;
        for (const kernel::DebugInfo* debug : {debuggee_.kernel_debug(), debuggee_.program_debug()})
            if (const auto text = debug && !type ? debug->variable_type(symbol.name) : std::nullopt)
                type = parse_type(*text, *this);
        known = types_.emplace(symbol.name, type).first;
    }
    if (known->second && (symbol.size == 0 || known->second->size() == symbol.size)) return *known->second;
    const u32 size = static_cast<u32>(symbol.size);
    if (size == 1 || size == 2 || size == 8) return integer(size, false);
    Type type = integer(size % 4 ? 1 : 4, false);
    if (size > 4) type.count = size / type.bytes;
    return type;
}

const kernel::Layout* DebuggeeScope::layout(std::string_view name) const {
    for (const kernel::DebugInfo* debug : {debuggee_.kernel_debug(), debuggee_.program_debug()})
        if (const kernel::Layout* found = debug ? debug->structure(name) : nullptr) return found;
    return nullptr;
}

std::vector<std::string> DebuggeeScope::dollar_names() const {
    std::vector<std::string> names;
    for (const machine::RegisterInfo& info : machine::all_registers()) names.emplace_back(info.name);
    for (const RegisterPart& part : parts) names.emplace_back(part.name);
    for (const std::string_view name : times) names.emplace_back(name);
    for (const auto* name : {"pc", "sp", "fp", "ps", "task"}) names.emplace_back(name);
    for (const auto& [name, value] : variables) names.push_back(name);
    return names;
}

std::string DebuggeeScope::nearest(std::string_view name, bool dollar) const {
    std::vector<std::string_view> words;
    std::vector<std::string> names;
    if (dollar) {
        names = dollar_names();
        words.assign(names.begin(), names.end());
    } else {
        for (const kernel::Symbol& symbol : debuggee_.symbols().all()) words.push_back(symbol.name);
    }
    const auto meant = nearest_word(name, words);
    return meant ? std::string(*meant) : "";
}

} // namespace trapgate::frontend::debug
