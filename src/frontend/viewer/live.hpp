// SPDX-License-Identifier: MIT
// The real thing behind a viewer: a debuggee and the interpreter of its commands, set to the moment where looking begins.
#pragma once

#include "base/result.hpp"
#include "frontend/options.hpp"
#include "frontend/viewer/debugged.hpp"
#include "frontend/viewer/viewer.hpp"

#include <functional>
#include <memory>
#include <string>

namespace trapgate::frontend::viewer {

class Live final : public Debugged {
  public:
    /// Opens what the options name, and goes to PROG's first system call; with -S, and for other kernels, it stays at the first
    /// instruction. Errors carry the exit code.
    static Result<std::unique_ptr<Live>> open(const RunOptions& options);
    ~Live() override;

    /// Executes the files of -x and the commands of -e; stops at the first that fails and says why.
    Status run_commands(Viewer& viewer, const RunOptions& options);
    /// Called every few milliseconds of a long move.
    void on_progress(std::function<void(u64 instruction)> call);
    /// "hello: trapgate", for the title of a window.
    std::string title() const;

    debug::Outcome execute(std::string_view line) override;
    debug::Outcome repeat() override;
    std::vector<std::string> complete(std::string_view line) override;
    void interrupt() override;
    Result<views::ViewModel> look(std::string_view view, const views::Options& options) override;
    std::string console() override;
    void type(std::string_view bytes) override;

  private:
    explicit Live(std::unique_ptr<Debuggee> debuggee);
    void go_to_the_beginning(bool has_breakpoints);

    std::unique_ptr<Debuggee> debuggee_;
    std::unique_ptr<debug::Interpreter> interpreter_;
};

/// The settings that the options ask for. An unknown view or theme is an error with exit code 2.
Result<Settings> settings_from(const RunOptions& options);

} // namespace trapgate::frontend::viewer
