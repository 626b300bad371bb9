// SPDX-License-Identifier: MIT
// One event, one line: diff and grep work on a timeline too.
#include "frontend/timeline/event_file.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>

namespace trapgate::frontend::timeline {

namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 18;

/// Length of the UTF-8 sequence at the start of `text`; 0 if there is none.
std::size_t utf8_length(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<u8>(text[i]); };
    const u8 lead = at(0);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xc2 && lead < 0xe0 ? 2
                               : lead >= 0xe0 && lead < 0xf0 ? 3
                                                             : 0;
    if (!length || length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((at(i) & 0xc0) != 0x80) return 0;
    const bool overlong = lead == 0xe0 && at(1) < 0xa0, surrogate = lead == 0xed && at(1) >= 0xa0;
    return overlong || surrogate ? 0 : length;
}

std::string object(const Members& members) {
    std::string out = "{";
    for (const auto& [name, value] : members)
        out += fmt::format("{}{}:{}", out.size() > 1 ? "," : "", json_string(name), value);
    return out + "}";
}

std::string arguments_text(const Members& arguments) {
    return arguments.empty() ? "" : ",\"args\":" + object(arguments);
}

} // namespace

std::string json_string(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const auto byte = static_cast<u8>(text[0]);
        if (byte == '"' || byte == '\\')
            (out += '\\') += static_cast<char>(byte);
        else if (!length || byte < 0x20 || byte == 0x7f)
            out += fmt::format("\\u{:04x}", byte); // a stray byte: shown as the character of that number
        else
            out += text.substr(0, length);
        text.remove_prefix(length ? length : 1);
    }
    return out + "\"";
}

Result<EventFile> EventFile::create(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "we");
    if (!file) return Error{fmt::format("--timeline {}: {}", path, std::strerror(errno))};
    std::setvbuf(file, nullptr, _IOFBF, buffer_bytes);
    return EventFile(path, file);
}

EventFile::EventFile(EventFile&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, nullptr)), error_(other.error_),
      first_(other.first_), open_(std::move(other.open_)) {}

EventFile::~EventFile() {
    if (file_) std::fclose(file_);
}

void EventFile::put(std::string_view text) {
    if (error_) return;
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) error_ = errno ? errno : EIO;
}

void EventFile::header(const Members& about) {
    put(fmt::format("{{\"displayTimeUnit\":\"ns\",\n\"otherData\":{},\n\"traceEvents\":[\n", object(about)));
}

void EventFile::event(char phase, u32 process, std::string_view rest) {
    put(fmt::format("{}{{\"ph\":\"{}\",\"pid\":{}{}}}", first_ ? "" : ",\n", phase, process, rest));
    first_ = false;
}

void EventFile::process_name(u32 process, std::string_view name) {
    event('M', process, fmt::format(",\"name\":\"process_name\",\"args\":{{\"name\":{}}}", json_string(name)));
    event('M', process, fmt::format(",\"name\":\"process_sort_index\",\"args\":{{\"sort_index\":{}}}", process));
}

void EventFile::thread_name(Track track, std::string_view name, int sort_index) {
    event('M', track.process,
          fmt::format(",\"tid\":{},\"name\":\"thread_name\",\"args\":{{\"name\":{}}}", track.thread,
                      json_string(name)));
    event('M', track.process,
          fmt::format(",\"tid\":{},\"name\":\"thread_sort_index\",\"args\":{{\"sort_index\":{}}}", track.thread,
                      sort_index));
}

void EventFile::begin(Track track, u64 at, std::string_view name, std::string_view category,
                      const Members& arguments) {
    ++open_[track];
    event('B', track.process,
          fmt::format(",\"tid\":{},\"ts\":{},\"name\":{},\"cat\":{}{}", track.thread, at, json_string(name),
                      json_string(category), arguments_text(arguments)));
}

void EventFile::end(Track track, u64 at, const Members& arguments) {
    const auto found = open_.find(track);
    if (found == open_.end() || found->second == 0) return;
    --found->second;
    event('E', track.process, fmt::format(",\"tid\":{},\"ts\":{}{}", track.thread, at, arguments_text(arguments)));
}

void EventFile::complete(Track track, u64 from, u64 to, std::string_view name, std::string_view category) {
    event('X', track.process,
          fmt::format(",\"tid\":{},\"ts\":{},\"dur\":{},\"name\":{},\"cat\":{}", track.thread, from, to - from,
                      json_string(name), json_string(category)));
}

void EventFile::instant(Track track, u64 at, std::string_view name, std::string_view category) {
    event('i', track.process,
          fmt::format(",\"tid\":{},\"ts\":{},\"s\":\"t\",\"name\":{},\"cat\":{}", track.thread, at,
                      json_string(name), json_string(category)));
}

void EventFile::counter(u32 process, u64 at, std::string_view name, std::string_view series, u64 value) {
    event('C', process,
          fmt::format(",\"tid\":0,\"ts\":{},\"name\":{},\"args\":{{{}:{}}}", at, json_string(name),
                      json_string(series), value));
}

Status EventFile::close(u64 at) {
    for (const auto& [track, count] : open_)
        for (u32 i = count; i > 0; --i) end(track, at);
    put("\n]}\n");
    if (std::fclose(std::exchange(file_, nullptr)) != 0 && !error_) error_ = errno;
    if (error_) return Error{fmt::format("--timeline {}: {}", path_, std::strerror(error_))};
    return Nothing{};
}

} // namespace trapgate::frontend::timeline
