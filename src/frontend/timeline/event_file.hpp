// SPDX-License-Identifier: MIT
// A file of trace events as Chrome's and Perfetto's viewers read them, written event by event: whatever ends the run, close()
// leaves balanced slices and valid JSON.
// Source: "Trace Event Format" (phases B E X i C M, object form with "traceEvents").
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <cstdio>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trapgate::frontend::timeline {

/// A row of the viewer.
struct Track {
    u32 process;
    s32 thread;
    auto operator<=>(const Track&) const = default;
};

/// "text" as JSON: quotes around it, control characters and what is no UTF-8 escaped.
std::string json_string(std::string_view text);

/// Members of an object: name and value, the value as JSON text.
using Members = std::vector<std::pair<std::string_view, std::string>>;

class EventFile {
  public:
    /// An error (125) if `path` cannot be written.
    static Result<EventFile> create(const std::string& path);
    EventFile(EventFile&&) noexcept;
    EventFile& operator=(EventFile&&) = delete;
    ~EventFile();

    /// What stands before the events. REQUIRES: called once, first.
    void header(const Members& about);
    void process_name(u32 process, std::string_view name);
    void thread_name(Track track, std::string_view name, int sort_index);
    /// Opens a slice on `track`; slices of a track nest.
    void begin(Track track, u64 at, std::string_view name, std::string_view category,
               const Members& arguments = {});
    /// Closes the innermost slice of `track`; does nothing if none is open.
    void end(Track track, u64 at, const Members& arguments = {});
    /// A whole slice at once.
    void complete(Track track, u64 from, u64 to, std::string_view name, std::string_view category);
    void instant(Track track, u64 at, std::string_view name, std::string_view category);
    void counter(u32 process, u64 at, std::string_view name, std::string_view series, u64 value);

    /// Something could not be written; close() will say what.
    bool failed() const { return error_ != 0; }
    /// Closes every open slice at `at`, then the file.
    Status close(u64 at);

  private:
    EventFile(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
    void event(char phase, u32 process, std::string_view rest);
    void put(std::string_view text);

    std::string path_;
    std::FILE* file_;
    int error_ = 0;
    bool first_ = true;
    std::map<Track, u32> open_; ///< slices that are open
};

} // namespace trapgate::frontend::timeline
