// SPDX-License-Identifier: MIT
// The table of packets; registers and memory; how a visit begins and ends.
#include "frontend/gdb/stub.hpp"

#include "base/guest_paths.hpp"
#include "machine/edit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace trapgate::frontend::gdb {

namespace {

constexpr const char* bad_packet = "E16";   // EINVAL
constexpr const char* bad_address = "E0e";  // EFAULT
constexpr const char* not_possible = "E01"; // EPERM

std::string absolute(const std::string& path) {
    std::error_code ignored;
    const auto real = std::filesystem::canonical(path, ignored);
    return ignored ? path : real.string();
}

std::string kernel_of(const RunOptions& options) {
    if (options.kernel) return absolute(*options.kernel);
    const auto ours = find_guest_file("vmlinux");
    return ours ? absolute(ours->string()) : "";
}

/// Packets that gdb expects no answer to.
bool has_no_answer(std::string_view packet) {
    return packet == "k" || packet.starts_with('R');
}

} // namespace

/// The longest prefixes first where one is the beginning of another.
const Stub::Row Stub::rows_[] = {
    {"qSupported", &Stub::supported},
    {"QStartNoAckMode", &Stub::no_acknowledgements},
    {"QCatchSyscalls:", &Stub::catch_calls},
    {"qfThreadInfo", &Stub::first_threads},
    {"qsThreadInfo", &Stub::more_threads},
    {"qThreadExtraInfo,", &Stub::thread_name},
    {"qOffsets", &Stub::offsets},
    {"qAttached", &Stub::attached},
    {"qXfer:", &Stub::transfer},
    {"qRcmd,", &Stub::monitor},
    {"qC", &Stub::current_thread},
    {"vFile:", &Stub::file},
    {"vCont?", &Stub::resume_actions},
    {"vCont", &Stub::resume_by_action},
    {"vKill;", &Stub::kill_process},
    {"vRun", &Stub::run_again},
    {"bs", &Stub::step_back},
    {"bc", &Stub::go_back},
    {"?", &Stub::why_stopped},
    {"g", &Stub::read_registers},
    {"G", &Stub::write_registers},
    {"p", &Stub::read_register},
    {"P", &Stub::write_register},
    {"m", &Stub::read_memory},
    {"M", &Stub::write_memory},
    {"X", &Stub::write_memory_binary},
    {"c", &Stub::go_on},
    {"C", &Stub::go_on_with_signal},
    {"s", &Stub::step},
    {"S", &Stub::step_with_signal},
    {"Z", &Stub::insert_stop},
    {"z", &Stub::remove_stop},
    {"H", &Stub::choose_thread},
    {"T", &Stub::thread_alive},
    {"!", &Stub::extended_mode},
    {"D", &Stub::detach},
    {"k", &Stub::kill},
    {"R", &Stub::restart},
};

Stub::Stub(Debuggee& debuggee, Monitor monitor, machine::TimePoint start)
    : debuggee_(debuggee), monitor_(std::move(monitor)), time_(debuggee.time()), start_(start), threads_(debuggee),
      program_path_(absolute(debuggee.program_name())), kernel_path_(kernel_of(debuggee.options())),
      files_({program_path_, kernel_path_}) {}

Ending Stub::serve(Wire& wire) {
    wire_ = &wire;
    ending_.reset();
    chosen_thread_ = 0;
    extended_ = client_knows_breaks_ = false;
    stops_.clear(); // a client that vanished has left its own here
    last_stop_ = stop_text({});
    while (!ending_) {
        const auto input = wire.next();
        if (!input) break;
        if (input->kind == Input::Kind::TooLong) wire.send("E07"); // E2BIG
        if (input->kind != Input::Kind::Packet) continue;
        const std::string reply = answer(input->text);
        if (!has_no_answer(input->text)) wire.send(reply);
        if (input->text == "QStartNoAckMode") wire.stop_acknowledging();
    }
    wire_ = nullptr;
    if (ending_) return *ending_;
    return exit_told_ ? Ending::Exited : Ending::Vanished;
}

std::string Stub::answer(std::string_view packet) {
    for (const Row& row : rows_) {
        Fields fields(packet);
        if (fields.take(row.prefix)) return (this->*row.answer)(fields);
    }
    return {};
}

// --- registers --------------------------------------------------------------------------------------------

RegisterSource Stub::processor() const {
    return {debuggee_.cpu(), time_.now(), debuggee_.machine().clock(), threads_.current_call()};
}

u32 Stub::chosen() const {
    return chosen_thread_ && threads_.exists(chosen_thread_) ? chosen_thread_ : threads_.current();
}

std::string Stub::read_registers(Fields) {
    const auto image = threads_.image(chosen(), processor());
    return image ? image_text(*image) : not_possible;
}

std::string Stub::read_register(Fields fields) {
    const auto number = fields.number32();
    if (!number || *number >= registers().size()) return bad_packet;
    const auto image = threads_.image(chosen(), processor());
    if (!image) return not_possible;
    return *number < image->size() ? register_text(*number, (*image)[*number]) : bad_packet;
}

/// gdb sends all of them when it wants to change one: only the ones that differ are set.
std::string Stub::write_registers(Fields fields) {
    const auto image = threads_.image(chosen(), processor());
    if (!image) return not_possible;
    std::string_view rest = fields.rest();
    for (unsigned i = 0; i < image->size() && !rest.empty(); ++i) {
        const std::string_view digits = rest.substr(0, registers()[i].bits / 4u);
        rest.remove_prefix(digits.size());
        if (digits == register_text(i, (*image)[i])) continue;
        const auto value = parse_register(i, digits);
        if (!value) return bad_packet;
        if (const std::string reply = set_register(i, *value); reply != "OK") return reply;
    }
    return rest.empty() ? "OK" : bad_packet;
}

std::string Stub::write_register(Fields fields) {
    const auto number = fields.number32();
    if (!number || *number >= registers().size() || !fields.take("=")) return bad_packet;
    const auto value = parse_register(*number, fields.rest());
    return value ? set_register(*number, *value) : bad_packet;
}

std::string Stub::set_register(unsigned number, const Value& value) {
    if (chosen() != threads_.current()) return "E.the registers of a task that does not run cannot be set";
    const Register& wanted = registers()[number];
    const Value old = wanted.get(processor());
    if (old.low == value.low && old.high == value.high) return "OK";
    if (put_back(wanted.name, value)) return "OK";
    if (time_.now().micro != 0) return "E.between two micro-steps nothing can be set";
    if (wanted.feature == Feature::Linux) {
        const auto place = threads_.current_call_address();
        return place ? set_memory(*place, 4, *from_hex(register_text(number, value)))
                     : "E.in ring 3 there is no call";
    }
    for (const RegisterPart& part : parts_of(number, value)) {
        const auto* info = machine::find_register(part.name);
        if (!info || !info->set) return fmt::format("E.{} cannot be set", wanted.name);
        machine::Edit edit;
        edit.register_name = part.name;
        edit.value = part.value;
        if (const Status done = time_.edit(edit); !done) return "E." + done.error().message;
    }
    return "OK";
}

/// After a function has been called for the user (`print getpid()`), gdb writes every register's old value. Time and what it
/// brings with it are not put back: the call has happened, and reverse-continue leads to before it.
bool Stub::put_back(std::string_view name, const Value& value) const {
    return std::any_of(began_at_.begin(), began_at_.end(), [&](const auto& began) {
        const auto& [time, clock] = began;
        return (name == "insn" && value.low == time.instruction) || (name == "clock" && value.low == clock) ||
               (name == "micro" && value.low == time.micro);
    });
}

// --- memory -----------------------------------------------------------------------------------------------

std::string Stub::read_memory(Fields fields) {
    const auto address = fields.number32();
    if (!address || !fields.take(",")) return bad_packet;
    const auto length = fields.number();
    if (!length || !fields.at_end()) return bad_packet;
    const auto memory = threads_.memory(chosen());
    std::vector<u8> bytes(std::min<u64>(*length, packet_limit / 2));
    std::size_t got = 0;
    while (got < bytes.size()) { // page by page: what lies before an unmapped one is an answer too
        const u32 at = *address + static_cast<u32>(got);
        const auto piece = std::min<std::size_t>(bytes.size() - got, page_size - (at & page_offset_mask));
        if (!memory->read(at, std::span(bytes).subspan(got, piece))) break;
        got += piece;
    }
    return got == 0 && *length != 0 ? bad_address : to_hex(std::span(bytes).first(got));
}

std::string Stub::write_memory(Fields fields) {
    const auto address = fields.number32();
    if (!address || !fields.take(",")) return bad_packet;
    const auto length = fields.number32();
    if (!length || !fields.take(":")) return bad_packet;
    const auto bytes = from_hex(fields.rest());
    return bytes ? set_memory(*address, *length, *bytes) : bad_packet;
}

std::string Stub::write_memory_binary(Fields fields) {
    const auto address = fields.number32();
    if (!address || !fields.take(",")) return bad_packet;
    const auto length = fields.number32();
    if (!length || !fields.take(":")) return bad_packet;
    return set_memory(*address, *length, fields.rest());
}

std::string Stub::set_memory(u32 address, u32 length, std::string_view bytes) {
    if (bytes.size() != length) return bad_packet;
    if (length == 0) return "OK"; // gdb asks whether `X` is there
    if (chosen() != threads_.current()) return "E.the memory of a task that does not run cannot be set";
    if (time_.now().micro != 0) return "E.between two micro-steps nothing can be set";
    machine::Edit edit;
    edit.address = address;
    edit.bytes.assign(bytes.begin(), bytes.end());
    return time_.edit(edit) ? "OK" : bad_address;
}

// --- threads, beginning and end -----------------------------------------------------------------------------

std::string Stub::choose_thread(Fields fields) {
    const bool for_reading = fields.take("g");
    if (!for_reading && !fields.take("c")) return bad_packet;
    if (!for_reading) return "OK"; // there is one processor: it goes on as it does
    if (fields.rest() == "-1") {
        chosen_thread_ = 0;
        return "OK";
    }
    const auto thread = fields.number32();
    if (!thread) return bad_packet;
    if (*thread != 0 && !threads_.exists(*thread)) return not_possible;
    chosen_thread_ = *thread;
    return "OK";
}

std::string Stub::thread_alive(Fields fields) {
    const auto thread = fields.number32();
    return thread && threads_.exists(*thread) ? "OK" : not_possible;
}

std::string Stub::extended_mode(Fields) {
    extended_ = true;
    return "OK";
}

std::string Stub::detach(Fields) {
    ending_ = Ending::Detached;
    return "OK";
}

std::string Stub::kill(Fields) {
    if (!extended_) ending_ = Ending::Killed;
    exit_told_ = true;
    return {};
}

std::string Stub::kill_process(Fields) {
    kill(Fields({}));
    return "OK";
}

/// `R` has no answer; gdb asks afterwards.
std::string Stub::restart(Fields) {
    run_again(Fields({}));
    return {};
}

std::string Stub::run_again(Fields) {
    exit_told_ = false;
    return resume([this] { return time_.go_to(start_); });
}

} // namespace trapgate::frontend::gdb
