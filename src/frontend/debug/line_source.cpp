// SPDX-License-Identifier: MIT
// libedit's calls: its manual page editline(3).
#include "frontend/debug/line_source.hpp"

#include "frontend/debug/completion.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <histedit.h>
#include <iostream>
#include <unistd.h>

namespace trapgate::frontend::debug {

namespace {

constexpr int kept_lines = 1000;

class Pipe final : public LineSource {
  public:
    std::optional<std::string> next() override {
        std::string line;
        if (!std::getline(std::cin, line)) return std::nullopt;
        return line;
    }
    bool is_terminal() const override { return false; }
};

class Terminal final : public LineSource {
  public:
    explicit Terminal(Interpreter& interpreter)
        : interpreter_(interpreter), edit_(el_init("trapgate", stdin, stdout, stderr)), history_(history_init()),
          file_(history_file()) {
        HistEvent event;
        history(history_, &event, H_SETSIZE, kept_lines);
        history(history_, &event, H_SETUNIQUE, 1);
        if (!file_.empty()) history(history_, &event, H_LOAD, file_.c_str());
        el_set(edit_, EL_CLIENTDATA, this);
        el_set(edit_, EL_PROMPT, &Terminal::prompt);
        el_set(edit_, EL_EDITOR, "emacs");
        el_set(edit_, EL_HIST, history, history_);
        el_set(edit_, EL_SIGNAL, 1);
        el_set(edit_, EL_ADDFN, "trapgate-complete", "complete the word", &Terminal::complete);
        el_set(edit_, EL_BIND, "^I", "trapgate-complete", nullptr);
        el_set(edit_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
        // At the prompt Ctrl-C is a key like others, not a signal: that might come when libedit does not look for it.
        for (const int raw : {1, 0}) el_set(edit_, EL_PREP_TERM, raw); // now libedit knows the user's own keys
        el_set(edit_, EL_SETTY, "-d", "intr=", nullptr);
        el_set(edit_, EL_ADDFN, "trapgate-cancel", "throw the line away", &Terminal::cancel);
        el_set(edit_, EL_BIND, "^C", "trapgate-cancel", nullptr);
        el_source(edit_, nullptr); // the user's ~/.editrc
    }

    ~Terminal() override {
        HistEvent event;
        if (!file_.empty()) {
            std::error_code ignored;
            std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), ignored);
            history(history_, &event, H_SAVE, file_.c_str());
        }
        history_end(history_);
        el_end(edit_);
    }

    std::optional<std::string> next() override {
        int count = 0;
        const char* text = nullptr;
        for (;;) {
            cancelled_ = false;
            errno = 0;
            el_set(edit_, EL_PREP_TERM, 1); // before the prompt is seen, and somebody types
            text = el_gets(edit_, &count);
            const bool by_signal = !text && errno == EINTR; // from elsewhere than the keyboard
            if (!cancelled_ && !by_signal) break;
            fmt::print("^C\n"); // away with what was typed, and a new prompt
            std::fflush(stdout);
            el_reset(edit_);
        }
        if (!text || count <= 0) {
            fmt::print("\n");
            return std::nullopt;
        }
        std::string line(text, static_cast<std::size_t>(count));
        while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
        HistEvent event;
        if (!line.empty()) history(history_, &event, H_ENTER, line.c_str());
        return line;
    }
    bool is_terminal() const override { return true; }

  private:
    static char* prompt(EditLine*) {
        static char text[] = "(trapgate) ";
        return text;
    }

    static unsigned char cancel(EditLine* edit, int) {
        Terminal* self = nullptr;
        el_get(edit, EL_CLIENTDATA, &self);
        self->cancelled_ = true;
        return CC_NEWLINE;
    }

    static unsigned char complete(EditLine* edit, int) {
        Terminal* self = nullptr;
        el_get(edit, EL_CLIENTDATA, &self);
        const LineInfo* info = el_line(edit);
        const std::string_view line(info->buffer, static_cast<std::size_t>(info->cursor - info->buffer));
        const auto words = self->interpreter_.complete(line);
        if (words.empty()) return CC_ERROR;
        const std::string_view begun = line.substr(completed_word(line));
        std::string common = words.front();
        for (const std::string& word : words) {
            std::size_t same = 0;
            while (same < common.size() && same < word.size() && common[same] == word[same]) ++same;
            common.resize(same);
        }
        std::string addition = common.substr(std::min(begun.size(), common.size()));
        if (words.size() == 1 && !addition.ends_with('/')) addition += ' ';
        if (!addition.empty()) return el_insertstr(edit, addition.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
        list(words);
        return CC_REDISPLAY;
    }

    static void list(const std::vector<std::string>& words) {
        constexpr std::size_t most = 60;
        fmt::print("\n");
        for (std::size_t i = 0; i < words.size() && i < most; ++i) fmt::print("{}  ", words[i]);
        fmt::print("{}\n", words.size() > most ? fmt::format("... and {} more", words.size() - most) : "");
        std::fflush(stdout);
    }

    Interpreter& interpreter_;
    EditLine* edit_;
    History* history_;
    std::string file_;
    bool cancelled_ = false;
};

} // namespace

std::string history_file() {
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value ? value : "");
    };
    if (std::getenv("TRAPGATE_HISTORY")) return variable("TRAPGATE_HISTORY");
    const std::string state = variable("XDG_STATE_HOME"), home = variable("HOME");
    if (!state.empty()) return state + "/trapgate/debug_history";
    return home.empty() ? "" : home + "/.local/state/trapgate/debug_history";
}

std::unique_ptr<LineSource> open_standard_input(Interpreter& interpreter) {
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) return std::make_unique<Terminal>(interpreter);
    return std::make_unique<Pipe>();
}

} // namespace trapgate::frontend::debug
