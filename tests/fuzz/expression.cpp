// SPDX-License-Identifier: MIT
// Any text goes through the debugger's expressions and formats: it ends, with a value or with an error that points into the text.
#include "frontend/debug/expression.hpp"
#include "base/assert.hpp"
#include "frontend/debug/format.hpp"

using namespace trapgate;
using namespace trapgate::frontend::debug;

namespace {

/// Every other page can be read; what stands there depends on the address.
class StripedWorld final : public Scope {
  public:
    std::optional<Value> dollar(std::string_view name) const override {
        if (name == "eax") return Value{integer(4, true), 0x1234, {}, "eax"};
        return std::nullopt;
    }
    std::optional<Value> symbol(std::string_view name) const override {
        if (name == "a") return Value{integer(4, true), 0, 0x1000, {}};
        if (name == "t") return Value{structure().pointer_to(), 0, 0x3008, {}};
        if (name == "s") return Value{structure(), 0x1010, 0x1010, {}};
        return std::nullopt;
    }
    const kernel::Layout* layout(std::string_view name) const override { return name == "task" ? &task_ : nullptr; }
    bool read(u32 address, std::span<u8> out) const override {
        for (u8& byte : out) {
            if (!(address >> 12 & 1)) return false;
            byte = static_cast<u8>(address++ * 37 >> 3);
        }
        return true;
    }
    std::string name_at(u32) const override { return {}; }
    std::string nearest(std::string_view, bool) const override { return {}; }

  private:
    static Type structure() {
        Type type = integer(16, true);
        type.structure = "task";
        return type;
    }
    kernel::Layout task_{"task",
                         16,
                         {{"pid", 0, 4, 1, "int"},
                          {"next", 4, 4, 1, "struct task *"},
                          {"name", 8, 4, 4, "char [4]"},
                          {"in", 12, 4, 1, "struct task"},
                          {"in.odd", 12, 3, 1, ""}}};
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    static const StripedWorld world;
    const std::string_view text(reinterpret_cast<const char*>(data), size < 4096 ? size : 4096);
    const auto value = evaluate(text, world);
    if (value) {
        (void)number_of(value.value());
        for (const char letter : number_formats) (void)show(value.value(), letter, world);
        ASSERT(!show(value.value(), 0, world).empty() || value.value().type.count);
    } else {
        ASSERT(!value.error().message.empty() && value.error().exit_code == 1);
    }
    std::string_view rest;
    if (evaluate_prefix(text, world, rest)) ASSERT(rest.size() < text.size() && text.ends_with(rest));
    if (parse_type(text, world)) ASSERT(!text.empty());
    (void)parse_display_format(text);
    return 0;
}
