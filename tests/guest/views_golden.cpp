// SPDX-License-Identifier: MIT
// Seventeen moments as pictures in text, compared with tests/golden/NAME.txt. Reviewed line by line against [SDM2] and [SDM3]; when a
// picture changes on purpose, `TRAPGATE_BLESS=1 build/<preset>/guest_tests "[golden]"` writes it anew, and the commit says why.
//
// Pictures are relative (no address of the kernel as a number) and without instruction numbers, so that they move only if what
// they show moves. The guest gets an empty environment and a program by a short path: its stack is the same everywhere.
#include "frontend/debuggee.hpp"
#include "frontend/paint/text.hpp"
#include "frontend/views/views.hpp"

#include "catch.hpp"
#include "cpu/isa/micro_steps.hpp"
#include "paths.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <sstream>

using namespace trapgate;
using namespace trapgate::frontend;
using cpu::isa::MicroStep;
using machine::Arrival;
using machine::StopSet;
using machine::TransferNews;
using trace::TransferKind;

namespace {

constexpr int columns = 126, rows = 40;
constexpr u8 general_protection = 13, page_fault = 14, system_call = 0x80;

/// A program of the guest's, at its first system call, with its future known for a while.
class Scene {
  public:
    Scene(const char* program, Entry entry) {
        std::filesystem::current_path(tests::guest_folder());
        setenv("TRAPGATE_GUEST", tests::guest_folder().c_str(), 0);
        RunOptions options;
        options.command = {program};
        options.entry = entry;
        options.clear_environment = true;
        auto opened = Debuggee::open(options, GuestConsole::Kept);
        INFO((opened ? std::string{} : opened.error().message));
        REQUIRE(opened);
        debuggee = std::move(opened.value());
        const auto first = debuggee->first_system_call();
        REQUIRE(first);
        begin = first.value();
        constexpr u64 future = 200'000;
        time().go_to({begin + future, 0});
        go(begin);
    }
    machine::TimeMachine& time() { return debuggee->time(); }
    void go(u64 instruction, u32 micro = 0) {
        REQUIRE(time().go_to({instruction, micro}).at == machine::TimePoint{instruction, micro});
    }
    /// The first transfer from `begin` on that `wanted` wants.
    const TransferNews& transfer(const std::function<bool(const TransferNews&)>& wanted) {
        for (const TransferNews& news : time().transfers())
            if (news.instruction >= begin && wanted(news)) return news;
        FAIL("no such transfer");
        throw 0;
    }
    /// Behind the given micro-step of the instruction we stand at.
    void behind(MicroStep wanted) {
        u32 number = 0;
        for (const auto& transfer : time().instruction().transfers)
            for (const auto& step : transfer.steps)
                if (++number; step.step == wanted) return go(time().now().instruction, number);
        FAIL("no such micro-step");
    }
    void run_to(const char* symbol) {
        const auto address = debuggee->symbols().address_of(symbol);
        REQUIRE(address);
        StopSet stops;
        stops.breakpoints = {static_cast<u32>(*address)};
        REQUIRE(time().run_on(stops).kind == Arrival::Kind::Breakpoint);
    }

    std::unique_ptr<Debuggee> debuggee;
    u64 begin = 0;
};

std::string picture(Scene& scene, const char* view) {
    views::Options options;
    options.relative = true;
    auto model = views::build(view, *scene.debuggee, options);
    INFO((model ? std::string{} : model.error().message));
    REQUIRE(model);
    model.value().header.at.instruction = 0;
    model.value().header.clock = 0;
    return paint::text(views::layout(model.value(), columns, rows, options));
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

/// Row by row: pictures have the same number of rows, so nothing more is needed to see what moved.
std::string difference(const std::string& golden, const std::string& now) {
    const auto before = lines_of(golden), after = lines_of(now);
    std::string text;
    for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
        const std::string old = i < before.size() ? before[i] : "", fresh = i < after.size() ? after[i] : "";
        if (old != fresh) text += fmt::format("row {}\n-{}\n+{}\n", i, old, fresh);
    }
    return text;
}

/// Task structures and stacks lie where there was room: the fork view shows such numbers, and they say nothing here.
std::string without_kernel_addresses(std::string text) {
    return std::regex_replace(text, std::regex("\\b[cd][0-9a-f]{7}\\b"), "(kernel)");
}

void compare(Scene& scene, const std::string& name, const char* view = "switch") {
    const auto file = tests::source_folder() / "tests/golden" / (name + ".txt");
    const std::string now = without_kernel_addresses(picture(scene, view));
    if (std::getenv("TRAPGATE_BLESS")) {
        std::ofstream(file) << now;
        return;
    }
    std::ifstream in(file);
    std::stringstream golden;
    golden << in.rdbuf();
    INFO(file.string() << " differs; if it should: TRAPGATE_BLESS=1 "
                       << (tests::build_folder() / "guest_tests").string() << " \"[golden]\"\n"
                       << difference(golden.str(), now));
    CHECK(golden.str() == now);
}

bool enters(const TransferNews& news) {
    return news.from_cpl == 3 && news.to_cpl == 0;
}

} // namespace

TEST_CASE("int 0x80 looks as reviewed, from the first checks to the return to ring 3", "[golden]") {
    Scene scene("demos/01-hello", Entry::Int80);
    REQUIRE(scene.time().instruction().micro_steps() == 19);
    for (const u32 micro : {2u, 9u, 12u, 13u, 18u}) {
        scene.go(scene.begin, micro);
        compare(scene, fmt::format("int80-{:02}", micro));
    }
    constexpr u64 pushes = 7; // of EAX, CLD, of ES, DS, EAX, EBP: half of SAVE_ALL
    scene.go(scene.begin + pushes);
    compare(scene, "save-all");
    scene.run_to("syscall_call");
    compare(scene, "dispatch");
    scene.run_to("restore_all");
    scene.time().step(3);
    compare(scene, "restore-all");
    const TransferNews& iret =
        scene.transfer([](const TransferNews& news) { return news.kind == TransferKind::InterruptReturn; });
    scene.go(iret.instruction);
    scene.behind(MicroStep::load_cs_eip);
    compare(scene, "iret");
}

TEST_CASE("sysenter looks as reviewed: nothing was saved", "[golden]") {
    Scene scene("demos/01-hello", Entry::Sysenter);
    const TransferNews& enter =
        scene.transfer([](const TransferNews& news) { return news.kind == TransferKind::Sysenter; });
    scene.go(enter.instruction);
    scene.behind(MicroStep::sysenter_eip);
    compare(scene, "sysenter");
}

TEST_CASE("a fork's child before its first run looks as reviewed", "[K01][golden]") {
    Scene scene("demos/07-fork", Entry::Int80);
    constexpr u32 sys_fork = 2;
    const TransferNews& fork = scene.transfer([](const TransferNews& news) {
        return enters(news) && news.vector == system_call && news.eax == sys_fork;
    });
    scene.go(fork.instruction);
    scene.run_to("wake_up_new_task");
    compare(scene, "fork-child", "fork");
}

TEST_CASE("a page fault inside copy_from_user looks as reviewed", "[golden]") {
    Scene scene("probes/probe-pointers", Entry::Int80);
    const TransferNews& fault = scene.transfer([&](const TransferNews& news) {
        return news.delivery && news.vector == page_fault && news.from_cpl == 0 &&
               scene.debuggee->symbols().name_at(news.eip).starts_with("copy_");
    });
    scene.go(fault.instruction);
    scene.behind(MicroStep::push_error_code);
    compare(scene, "copy-from-user");
}

TEST_CASE("the frame of virtual-8086 code looks as reviewed: nine words, and six more for IRET", "[golden]") {
    Scene scene("demos/19-vm86", Entry::Int80);
    const auto& enter = scene.transfer([&](const TransferNews& news) {
        return news.kind == TransferKind::InterruptReturn && news.to_cpl == 3 &&
               scene.time().instruction_at(news.instruction).after.eflags & cpu::eflags::vm;
    });
    scene.go(enter.instruction);
    scene.behind(MicroStep::load_virtual8086_segments);
    compare(scene, "v86-enter");
    const TransferNews& protection = scene.transfer([&](const TransferNews& news) {
        return enters(news) && news.delivery && news.vector == general_protection;
    });
    scene.go(protection.instruction);
    compare(scene, "v86-cli");
    scene.behind(MicroStep::push_ds);
    compare(scene, "v86-push-ds");
    scene.behind(MicroStep::push_error_code);
    compare(scene, "v86-error-code");
    scene.run_to("do_general_protection");
    compare(scene, "v86-kernel");
}

TEST_CASE("every micro-step of every kind of transfer has words and a picture of any size", "[views]") {
    Scene scene("demos/07-fork", Entry::Int80);
    const std::vector<TransferNews> all(scene.time().transfers().begin(), scene.time().transfers().end());
    std::map<std::string, int> looked_at;
    int size = 0;
    for (const TransferNews& news : all) {
        const std::string kind =
            fmt::format("{} {} {}{}", static_cast<int>(news.kind), news.vector, news.from_cpl, news.to_cpl);
        if (looked_at[kind]++ > 1) continue;
        scene.go(news.instruction);
        const u32 steps = scene.time().instruction().micro_steps();
        for (u32 micro = 0; micro <= steps; ++micro) {
            scene.go(news.instruction, micro);
            const auto model = views::build("switch", *scene.debuggee, {});
            REQUIRE(model);
            const auto& panel = std::get<views::StepsPanel>(model.value().panels[0].content);
            CHECK(std::ranges::count(panel.steps, views::Mark::Now, &views::Step::mark) == 1);
            for (const views::Step& step : panel.steps) CHECK(step.text.find('?') == std::string::npos);
            const auto& caption = std::get<views::CaptionPanel>(model.value().panels.back().content);
            CHECK(caption.sentence.find('?') == std::string::npos);
            ++size;
            CHECK(views::layout(model.value(), 1 + size * 7 % 210, 1 + size * 3 % 65, {}).rows() ==
                  1 + size * 3 % 65);
        }
    }
    CHECK(looked_at.size() >= 4);
}
