// SPDX-License-Identifier: MIT
#include "frontend/views/relative.hpp"

#include "frontend/views/naming.hpp"
#include "kernel/task_list.hpp"

#include <cctype>
#include <charconv>
#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

constexpr u32 page_offset = 0xc0000000, highest = 0xffff0000;
constexpr u32 user_stack = 0xbf000000; ///< up to PAGE_OFFSET: where things lie there depends on the length of paths
constexpr std::size_t digits = 8;

class Renamer {
  public:
    explicit Renamer(const Debuggee& debuggee) : debuggee_(debuggee) {
        if (debuggee.guest()) tasks_ = kernel::all_tasks(*debuggee.guest(), debuggee.cpu());
    }

    void rename(std::string& text) const {
        std::string out;
        for (std::size_t i = 0; i < text.size();) {
            if (const auto value = number_at(text, i)) {
                if (out.ends_with("0x")) out.resize(out.size() - 2);
                out += name_of(*value);
                i += digits;
            } else {
                out += text[i++];
            }
        }
        text = std::move(out);
    }
    void rename(Line& line) const {
        for (Span& span : line.spans) rename(span.text);
    }
    void rename(TablePanel& panel) const {
        for (TableRow& row : panel.rows)
            for (Span& cell : row.cells) rename(cell.text);
    }
    void rename(TextPanel& panel) const {
        for (Line& line : panel.lines) rename(line);
    }
    void rename(ChainPanel& panel) const {
        for (ChainBox& box : panel.boxes) {
            rename(box.title);
            for (Line& line : box.lines) rename(line);
        }
        for (Line& line : panel.notes) rename(line);
    }
    template <class Other> void rename(Other&) const {}

  private:
    static bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

    /// A kernel address that begins at `at` and stands alone.
    static std::optional<u32> number_at(const std::string& text, std::size_t at) {
        if (at + digits > text.size()) return std::nullopt;
        const bool after_prefix = at >= 2 && text[at - 1] == 'x' && text[at - 2] == '0';
        if (at > 0 && is_word(text[at - 1]) && !after_prefix) return std::nullopt;
        if (at + digits < text.size() && is_word(text[at + digits])) return std::nullopt;
        u32 value = 0;
        const char* first = text.data() + at;
        const auto [end, problem] = std::from_chars(first, first + digits, value, 16);
        if (problem != std::errc() || end != first + digits || value < user_stack || value >= highest)
            return std::nullopt;
        return value;
    }

    std::string name_of(u32 value) const {
        if (value < page_offset) return "(stack)";
        const auto& cpu = debuggee_.cpu();
        for (const auto& [name, table] : {std::pair{"IDT", &cpu.idtr}, {"GDT", &cpu.gdtr}})
            if (table->base && value - table->base <= table->limit) {
                const u32 offset = value - table->base;
                return offset % 8 ? fmt::format("{}[{:02x}]+{}", name, offset / 8, offset % 8)
                                  : fmt::format("{}[{:02x}]", name, offset / 8);
            }
        for (const auto& task : tasks_) {
            const u32 top = task.thread_info + debuggee_.guest()->stack_size();
            if (value > task.thread_info && value <= top)
                return value == top ? fmt::format("stack{}", task.pid)
                                    : fmt::format("stack{}-{:x}", task.pid, top - value);
            if (value == task.thread_info) return fmt::format("thread_info{}", task.pid);
            if (value == task.address) return fmt::format("task{}", task.pid);
        }
        const std::string name = address_name(debuggee_, value);
        return name.empty() ? "(kernel)" : name;
    }

    const Debuggee& debuggee_;
    std::vector<kernel::TaskState> tasks_;
};

} // namespace

void make_relative(const Debuggee& debuggee, ViewModel& model) {
    const Renamer renamer(debuggee);
    renamer.rename(model.title);
    for (Panel& panel : model.panels) {
        renamer.rename(panel.title);
        std::visit([&](auto& content) { renamer.rename(content); }, panel.content);
    }
    for (std::string& remark : model.remarks) renamer.rename(remark);
}

} // namespace trapgate::frontend::views
