// SPDX-License-Identifier: MIT
// The kernel stack of the current task: its words from the top down, who wrote each, and what lies below.
// Names of the words: struct pt_regs as DWARF has it. The frame of an entry is in the list, empty, before the first push.
#include "frontend/exceptions.hpp"
#include "frontend/views/build_switch.hpp"
#include "frontend/views/entry_code.hpp"

#include "kernel/syscalls.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

using cpu::isa::MicroStep;
using trace::TransferKind;

constexpr u32 word = 4;
constexpr u32 most_words = 512;

/// A struct pt_regs on the stack: the one at its top, or that of an interrupt or exception that came in the kernel.
struct Frame {
    u32 base = 0;       ///< of struct pt_regs
    u32 end = 0;        ///< behind its last word: a frame of the same ring has neither SS nor ESP
    std::string name{}; ///< for those below the first: "#PF"
    TransferKind kind{};
    u8 vector = 0;
    bool error_code = false; ///< the processor pushes one
    u64 since = 0;           ///< the instruction that began it: older writes to its words do not count
};

/// What a word is that the processor pushes in this micro-step; empty if it is none of those.
std::string name_of_push(MicroStep step) {
    switch (step) {
    case MicroStep::push_ss: return "ss";
    case MicroStep::push_esp: return "esp";
    case MicroStep::push_eflags: return "eflags";
    case MicroStep::push_cs: return "cs";
    case MicroStep::push_eip: return "eip";
    case MicroStep::push_gs: return "gs";
    case MicroStep::push_fs: return "fs";
    case MicroStep::push_ds: return "ds";
    case MicroStep::push_es: return "es";
    case MicroStep::push_error_code: return "error";
    case MicroStep::copy_parameters: return "param";
    default: return {};
    }
}

class KernelStack {
  public:
    explicit KernelStack(const SwitchMoment& moment) : m_(moment) {
        const u32 esp = m_.cpu.reg(cpu::Gpr::esp);
        if (m_.in_kernel_stack(esp) || esp == m_.stack_top) esp_ = esp;
        find_pushes();
        find_frames();
        for (const Frame& frame : frames_) expect_pushes(frame);
        count_lines();
    }

    StackPanel panel() {
        StackPanel panel;
        panel.top = m_.options.relative ? "esp0 = TSS.esp0" : fmt::format("{:08x} = TSS.esp0", m_.stack_top);
        panel.top_address = m_.stack_top;
        panel.esp = esp_;
        const u32 lowest = lowest_word();
        for (u32 address = m_.stack_top - word; address >= lowest && panel.slots.size() < most_words;
             address -= word) {
            if (address == frames_.back().end - word) panel.frame = static_cast<u32>(panel.slots.size());
            panel.slots.push_back(slot(address));
        }
        add_usage(panel);
        add_arithmetic(panel);
        add_thread_info(panel);
        return panel;
    }

  private:
    // --- Frames ------------------------------------------------------------------------------------------
    /// All that the current instruction's micro-steps push, also those that are still to come.
    void find_pushes() {
        for (const auto& [address, write] : m_.history.words())
            if (write.by_transfer) pushed_[address] = name_of_push(write.step);
        for (const StepHere& here : m_.steps)
            for (const trace::Access& access : here.step->accesses)
                if (access.intent == Intent::Write)
                    pushed_[static_cast<u32>(access.linear.value)] = name_of_push(here.step->step);
    }

    /// A call gate pushes no EFLAGS, but perhaps parameters: its frame is what it pushes.
    void shape_call_frame(Frame& frame) const {
        const auto first = std::ranges::find_if(
            pushed_, [&](const auto& entry) { return entry.first < m_.stack_top && entry.second == "eip"; });
        if (first != pushed_.end()) frame.base = first->first;
    }

    void find_frames() {
        const machine::TransferNews* change = m_.window.change;
        Frame first{m_.frame_base(), m_.stack_top};
        first.since = m_.cpl_before() == 3 ? m_.now.instruction : 0;
        if (m_.cpl_before() == 3 && m_.transfer()) {
            first.kind = m_.transfer()->kind, first.vector = m_.transfer()->vector;
        } else if (change && m_.cpl_before() == 0) {
            first.kind = change->kind, first.vector = change->vector;
        }
        first.error_code =
            first.kind == TransferKind::Interrupt && first.vector != 0x80 && has_error_code(first.vector);
        if (first.kind == TransferKind::FarCall) shape_call_frame(first);
        frames_.push_back(first);
        for (const PushedFrame& pushed : m_.history.frames())
            if (!pushed.inner)
                add_nested(pushed.eip_slot, pushed.kind, pushed.vector, pushed.delivery, pushed.instruction);
        // One that is about to be pushed by the instruction we stand in.
        for (const StepHere& here : m_.steps)
            if (here.step->step == MicroStep::push_eip && here.transfer->before.cpl == here.transfer->after.cpl)
                add_nested(static_cast<u32>(here.step->accesses[0].linear.value), here.transfer->kind,
                           here.transfer->vector, m_.record.external_interrupt || !m_.record.retired,
                           m_.now.instruction);
    }

    void add_nested(u32 eip_slot, TransferKind kind, u8 vector, bool delivery, u64 since) {
        if (!m_.in_kernel_stack(eip_slot)) return;
        const u32 base = eip_slot - offset_of_eip();
        if (std::ranges::any_of(frames_, [&](const Frame& f) { return f.base == base; })) return;
        frames_.push_back({base, eip_slot + 3 * word, transfer_name(kind, vector, delivery), kind, vector,
                           delivery && has_error_code(vector), since});
    }

    u32 offset_of_eip() const {
        const kernel::GuestKernel* guest = m_.debuggee.guest();
        const kernel::Member* eip = guest ? guest->pt_regs().find("eip") : nullptr;
        return eip ? eip->offset : 0;
    }

    const Frame* frame_of(u32 address) const {
        for (const Frame& frame : frames_)
            if (address >= frame.base && address < frame.end) return &frame;
        return nullptr;
    }

    /// Words of the frame that nobody has written yet: which instruction will.
    void expect_pushes(const Frame& frame) {
        u32 esp = frame.base + offset_of_eip() - (frame.error_code ? word : 0);
        if (frame.kind == TransferKind::Sysenter) esp = m_.stack_top;
        const u32 entry = entry_point(m_, frame.kind, frame.vector);
        for (const auto& [address, linear] : pushes_of(m_, entry, esp, frame.base)) expected_[address] = linear;
    }

    // --- Who ---------------------------------------------------------------------------------------------
    /// Several pushes of one source line are one macro's: in our kernel's entry code that is SAVE_ALL.
    void count_lines() {
        std::map<u32, u32> writers = expected_;
        for (const auto& [address, write] : m_.history.words())
            if (!write.by_transfer && frame_of(address)) writers[address] = write.linear;
        for (const auto& [address, linear] : writers) {
            const std::string line = m_.source(linear);
            lines_[linear] = line;
            ++pushes_of_line_[line];
        }
    }

    WriterName writer_at(u32 linear) {
        const auto known = lines_.find(linear);
        const std::string line = known == lines_.end() ? m_.source(linear) : known->second;
        const bool assembly = line.find(".S:") != std::string::npos;
        if (!assembly) return {Writer::Kernel, m_.code(linear)};
        constexpr int of_a_macro = 4;
        const auto count = pushes_of_line_.find(line);
        if (m_.debuggee.guest() && count != pushes_of_line_.end() && count->second >= of_a_macro)
            return {Writer::Entry, "SAVE_ALL"};
        return {Writer::Entry, line.substr(0, line.find(':'))};
    }

    bool by_hardware(const Frame& frame, u32 address) const {
        const u32 first = frame.base + offset_of_eip() - (frame.error_code ? word : 0);
        return frame.kind != TransferKind::Sysenter && address >= first;
    }

    // --- Words -------------------------------------------------------------------------------------------
    u32 lowest_word() const {
        u32 lowest = m_.stack_top - word;
        for (const Frame& frame : frames_) lowest = std::min(lowest, frame.base);
        if (esp_ && esp_ < lowest) lowest = esp_;
        return std::max(lowest, m_.stack_bottom);
    }

    bool standing_empty() const { return m_.cpl_before() == 3; }

    Slot slot(u32 address) {
        Slot slot;
        slot.address = address;
        if (m_.options.relative) slot.place = fmt::format("esp0-{:x}", m_.stack_top - address);
        const Frame* frame = frame_of(address);
        const bool by_gate = frame && frame->kind == TransferKind::FarCall;
        if (frame && !by_gate) slot.name = m_.frame_member(address - frame->base);
        // Of somebody else's kernel only what the processor pushed is known.
        const bool unknown = slot.name.empty() || !m_.debuggee.guest();
        if (const auto pushed = pushed_.find(address); unknown && pushed != pushed_.end())
            slot.name = pushed->second;
        slot.id = frame && frame == &frames_[0] && !slot.name.empty()
                      ? "slot." + slot.name
                      : fmt::format("slot.{:x}", m_.stack_top - address);
        const auto written = m_.history.words().find(address);
        const bool counts =
            written != m_.history.words().end() && (!frame || written->second.instruction >= frame->since);
        if (counts)
            set_written(slot, written->second, frame);
        else if (esp_ && address >= esp_ && !standing_empty())
            set_value(slot, {Writer::Earlier, "earlier"}, frame);
        else if (frame)
            set_expected(slot, *frame);
        slot.tip = tip_of(slot);
        return slot;
    }

    void set_value(Slot& slot, const WriterName& writer, const Frame* frame) {
        slot.value = m_.debuggee.memory().get<u32>(slot.address).value_or(0);
        slot.writer = writer.writer;
        slot.who = writer.who;
        if (m_.options.relative)
            if (const std::string text = m_.word(*slot.value); text != fmt::format("{:08x}", *slot.value))
                slot.value_text = text.size() > 8 ? "(kernel)" : text;
        slot.meaning = frame ? meaning_in_frame(slot, *frame) : meaning_of_word(slot);
    }

    void set_written(Slot& slot, const WordWrite& write, const Frame* frame) {
        WriterName writer = write.by_transfer ? WriterName{Writer::Cpu, "CPU"} : writer_at(write.linear);
        if (esp_ && slot.address < esp_) writer = {Writer::Nobody, "popped"};
        set_value(slot, writer, frame);
        if (write.is_return_address && slot.name.empty()) {
            slot.name = "ret";
            slot.who = "CALL";
            slot.meaning = "-> " + m_.code(*slot.value);
        }
        const bool this_step =
            write.instruction == m_.now.instruction && m_.now.micro && write_of_last_step(slot.address);
        const bool last_insn = !m_.now.micro && write.instruction + 1 == m_.now.instruction && !write.by_transfer;
        if (this_step || last_insn) slot.mark = Mark::Now;
    }

    bool write_of_last_step(u32 address) const {
        return std::ranges::any_of(m_.last_step()->step->accesses, [&](const trace::Access& a) {
            return a.intent == Intent::Write && (a.linear.value & ~u64{word - 1}) == address;
        });
    }

    void set_expected(Slot& slot, const Frame& frame) {
        slot.mark = Mark::Ahead;
        const auto push = expected_.find(slot.address);
        if (by_hardware(frame, slot.address)) {
            slot.writer = Writer::Cpu, slot.who = "CPU";
        } else if (frame.kind == TransferKind::Sysenter && slot.address >= frame.base + offset_of_eip()) {
            slot.writer = Writer::Software, slot.who = "software";
            slot.meaning = "must push it: nothing was saved", slot.hollow = true;
        } else if (push != expected_.end()) {
            const WriterName writer = writer_at(push->second);
            slot.writer = writer.writer, slot.who = writer.who;
        } else {
            slot.writer = Writer::Entry, slot.who = m_.debuggee.guest() ? "entry code" : "";
        }
    }

    std::string meaning_in_frame(const Slot& slot, const Frame& frame) const {
        const u32 value = *slot.value;
        const bool call = frame.kind == TransferKind::Sysenter || frame.vector == 0x80;
        if (m_.virtual8086 && &frame == &frames_[0]) return meaning_in_virtual8086(slot, frame);
        if (slot.name == "eip") return "-> " + m_.code(value);
        if (slot.name == "cs")
            return fmt::format("RPL {}: {}", value & 3, value & 3 ? "user_mode(regs)" : "from the kernel");
        if (slot.name == "ss") return "user stack segment";
        if (slot.name == "esp") return "user stack";
        if (slot.name == "eflags") return flags_text(value);
        if (slot.name == "orig_eax" && call)
            if (const auto* known = kernel::find_syscall(value)) return "__NR_" + std::string(known->name);
        if (slot.name == "orig_eax" && frame.error_code && slot.who == "CPU") return "error code";
        return {};
    }

    /// Selectors are paragraphs there: what they name is a linear address.
    std::string meaning_in_virtual8086(const Slot& slot, const Frame& frame) const {
        const u32 value = *slot.value;
        static constexpr std::string_view segments[] = {"cs", "ss", "es", "ds", "fs", "gs"};
        if (std::ranges::find(segments, slot.name) != std::end(segments))
            return fmt::format("at {:05x}", paragraph_base(value));
        const u32 above = m_.debuggee.memory().get<u32>(slot.address + word).value_or(0);
        if (slot.name == "eip") return "-> " + far_pointer(above, value);
        if (slot.name == "esp") return "SP of the 8086";
        if (slot.name == "eflags") return flags_text(value);
        if (slot.name == "orig_eax" && frame.error_code && slot.who == "CPU") return "error code";
        return {};
    }

    std::string meaning_of_word(const Slot& slot) const {
        const u32 value = *slot.value;
        if (m_.in_kernel_stack(value))
            return "-> " + (m_.options.relative ? m_.stack_pointer(value) : m_.data_name(value));
        const kernel::Symbol* symbol = m_.debuggee.kernel_symbols().containing(value);
        return symbol && !m_.options.relative ? "-> " + m_.code(value) : "";
    }

    std::string tip_of(const Slot& slot) const {
        const std::string where = fmt::format("TSS.esp0 - {:x}", m_.stack_top - slot.address);
        if (!slot.value)
            return fmt::format("{}{}: not written yet", where, slot.name.empty() ? "" : ", " + slot.name);
        return fmt::format("{}{}: written by {}", where, slot.name.empty() ? "" : ", " + slot.name,
                           slot.who.empty() ? "nobody we know of" : slot.who);
    }

    // --- What lies below ---------------------------------------------------------------------------------
    void add_usage(StackPanel& panel) const {
        if (!m_.debuggee.guest())
            panel.notes.emplace_back("not our kernel: no pt_regs, no thread_info", Meaning::Warning);
        if (!m_.stack_top || !m_.debuggee.guest()) return;
        // While vm86() lasts esp0 lies further down: what is above it is in use all the time.
        const u32 top = m_.virtual8086 ? m_.stack_bottom + m_.debuggee.guest()->stack_size() : m_.stack_top;
        panel.size = top - m_.stack_bottom;
        panel.used = esp_ && !(standing_empty() && !m_.now.micro) ? top - esp_ : top - m_.stack_top;
        const u32 deepest = m_.history.deepest_esp();
        panel.deepest = std::max(panel.used, deepest ? top - deepest : 0);
        if (m_.virtual8086)
            panel.notes.emplace_back(fmt::format("vm86() keeps {} bytes above esp0", top - m_.stack_top));
        const u32 room = panel.size - panel.used - m_.debuggee.guest()->thread_info().size;
        panel.notes.emplace_back(
            fmt::format("{} bytes free, deepest {} ({}%)", room, panel.deepest, panel.deepest * 100 / panel.size));
    }

    void add_arithmetic(StackPanel& panel) const {
        if (!m_.task || !m_.debuggee.guest()) return;
        const u32 mask = m_.debuggee.guest()->stack_size() - 1;
        if (!esp_) {
            panel.notes.emplace_back("ESP is not in this stack", Meaning::Dim);
        } else if (esp_ == m_.stack_top) {
            panel.notes.emplace_back("ESP = esp0: nothing is pushed yet", Meaning::Dim);
        } else if (m_.options.relative) {
            panel.notes.emplace_back(fmt::format("{} & ~{:x} = esp0-{:x}", m_.stack_pointer(esp_), mask,
                                                 m_.stack_top - m_.stack_bottom));
        } else {
            panel.notes.emplace_back(fmt::format("esp {:08x} & {:08x} = {:08x}", esp_, ~mask, esp_ & ~mask));
        }
    }

    void add_thread_info(StackPanel& panel) const {
        const kernel::GuestKernel* guest = m_.debuggee.guest();
        if (!m_.task || !guest) return;
        panel.notes.emplace_back(m_.options.relative ? "thread_info at the bottom"
                                                     : fmt::format("{:08x} thread_info", m_.task->thread_info),
                                 Meaning::Ring0);
        std::string line;
        constexpr std::size_t columns = 36;
        for (const std::string& field : fields_of(guest->thread_info())) {
            if (!line.empty() && line.size() + 1 + field.size() > columns) {
                panel.notes.emplace_back("  " + line);
                line.clear();
            }
            line += (line.empty() ? "" : " ") + field;
        }
        if (!line.empty()) panel.notes.emplace_back("  " + line);
    }

    /// The small numbers first: a reader wants flags and preempt_count more than pointers.
    std::vector<std::string> fields_of(const kernel::Layout& layout) const {
        std::vector<std::string> numbers, pointers;
        for (const kernel::Member& member : layout.members) {
            if (member.size != word || member.count != 1 || member.name.find('.') != std::string::npos) continue;
            const u32 value = m_.debuggee.memory().get<u32>(m_.task->thread_info + member.offset).value_or(0);
            const bool first = member.name == "task" || value < 4096;
            (first ? numbers : pointers).push_back(member.name + "=" + value_of_field(member.name, value));
        }
        numbers.insert(numbers.end(), pointers.begin(), pointers.end());
        return numbers;
    }

    std::string value_of_field(const std::string& name, u32 value) const {
        if (name == "task")
            return fmt::format("{}({} pid {})", m_.options.relative ? "" : fmt::format("{:08x} ", value),
                               m_.task->comm, m_.task->pid);
        if (value < 4096) return fmt::format("{:x}", value);
        return m_.word(value);
    }

    const SwitchMoment& m_;
    u32 esp_ = 0; ///< 0: it points elsewhere
    std::vector<Frame> frames_;
    std::map<u32, std::string> pushed_; ///< word → what the processor pushes there
    std::map<u32, u32> expected_;       ///< word → instruction that will push it
    std::map<u32, std::string> lines_;  ///< instruction → source line
    std::map<std::string, int> pushes_of_line_;
};

} // namespace

Panel kernel_stack_panel(const SwitchMoment& moment) {
    if (!moment.stack_top) {
        StackPanel none;
        none.notes.emplace_back("no TSS is loaded: nobody has said where a kernel stack is", Meaning::Dim);
        return {"kernel-stack", "kernel stack", Meaning::Ring0, std::move(none)};
    }
    StackPanel panel = KernelStack(moment).panel();
    const std::string whose = moment.task ? " of " + moment.task->comm : "";
    const std::string size = panel.size ? ", " + bytes_text(panel.size) : "";
    return {"kernel-stack", "kernel stack" + whose + size, Meaning::Ring0, std::move(panel)};
}

} // namespace trapgate::frontend::views
