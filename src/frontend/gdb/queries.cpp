// SPDX-License-Identifier: MIT
// What gdb asks: what we can do, threads, documents (target description, auxv, which files), and `monitor`.
#include "frontend/gdb/stub.hpp"
#include "frontend/gdb/target_xml.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trapgate::frontend::gdb {

namespace {

constexpr const char* bad_packet = "E16";
constexpr const char* no_such_document = "E00"; // what gdb wants for an unknown annex

std::string xml_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += c;
        }
    }
    return out;
}

} // namespace

std::string Stub::supported(Fields fields) {
    client_knows_breaks_ = fields.rest().find("swbreak+") != std::string_view::npos;
    std::string text = fmt::format(
        "PacketSize={:x};QStartNoAckMode+;QCatchSyscalls+;vContSupported+;swbreak+;hwbreak+;ReverseStep+;"
        "ReverseContinue+;qXfer:features:read+;qXfer:exec-file:read+;qXfer:threads:read+;multiprocess-",
        packet_limit);
    if (debuggee_.guest()) text += ";qXfer:auxv:read+;qXfer:libraries-svr4:read+";
    return text;
}

std::string Stub::no_acknowledgements(Fields) {
    return "OK";
}

std::string Stub::first_threads(Fields) {
    std::string text = "m";
    for (const u32 thread : threads_.all()) {
        if (text.size() > packet_limit - 16) break;
        text += fmt::format("{}{:x}", text.size() > 1 ? "," : "", thread);
    }
    return text;
}

std::string Stub::thread_name(Fields fields) {
    const auto thread = fields.number32();
    return thread ? to_hex(threads_.description(*thread)) : bad_packet;
}

std::string Stub::current_thread(Fields) {
    return fmt::format("QC{:x}", threads_.current());
}

/// Where the file's sections lie relative to where it was linked to.
std::string Stub::offsets(Fields) {
    return "Text=0;Data=0;Bss=0";
}

/// qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH
std::string Stub::transfer(Fields fields) {
    const std::string_view object = fields.up_to(':');
    if (!fields.take("read:")) return {};
    const std::string_view annex = fields.up_to(':');
    const auto offset = fields.number();
    if (!offset || !fields.take(",")) return bad_packet;
    const auto length = fields.number();
    if (!length) return bad_packet;
    constexpr std::string_view known[] = {"features", "exec-file", "auxv", "threads", "libraries-svr4"};
    if (std::find(std::begin(known), std::end(known), object) == std::end(known)) return {};
    const auto whole = document(object, annex);
    if (!whole) return no_such_document;
    if (*offset >= whole->size()) return "l";
    const std::string piece = whole->substr(*offset, std::min<u64>(*length, packet_limit / 2 - 1));
    return (*offset + piece.size() < whole->size() ? "m" : "l") + piece;
}

std::optional<std::string> Stub::document(std::string_view object, std::string_view annex) const {
    if (object == "features") {
        if (annex != "target.xml") return std::nullopt;
        return target_xml(debuggee_.cpu().model.has(cpu::feature::sse));
    }
    if (object == "exec-file") return program_path_;
    if (object == "auxv") return threads_.auxv(chosen());
    if (object == "threads") return thread_list();
    return libraries();
}

/// The kernel is told as a shared library that lies where it was linked to: so gdb loads its symbols by itself.
std::string Stub::libraries() const {
    const std::string kernel =
        kernel_path_.empty() || kernel_path_ == program_path_
            ? ""
            : fmt::format("<library name=\"{}\" lm=\"0x1\" l_addr=\"0x0\" l_ld=\"0x0\" lmid=\"0x0\"/>",
                          xml_text(kernel_path_));
    return fmt::format("<library-list-svr4 version=\"1.0\">{}</library-list-svr4>", kernel);
}

std::string Stub::thread_list() const {
    std::string xml = "<?xml version=\"1.0\"?>\n<threads>\n";
    for (const u32 thread : threads_.all())
        xml += fmt::format("<thread id=\"{:x}\" core=\"0\">{}</thread>\n", thread,
                           xml_text(threads_.description(thread)));
    return xml + "</threads>\n";
}

} // namespace trapgate::frontend::gdb
