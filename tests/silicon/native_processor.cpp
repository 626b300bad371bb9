// SPDX-License-Identifier: MIT
// Starting, feeding and ending the 32-bit child. Source: Linux man pages memfd_create(2), sched_setaffinity(2), poll(2).
#include "native_processor.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace trapgate::silicon {

namespace {

constexpr int answer_timeout_ms = 20'000;

[[noreturn]] void fail(const std::string& what) {
    throw NativeFailure(what + ": " + std::strerror(errno));
}

/// Linux tells a program its processor's number by a descriptor's limit: the child must not move while tests run.
void stay_on_one_processor() {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed)) return;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
        if (CPU_ISSET(cpu, &allowed)) {
            CPU_ZERO(&allowed);
            CPU_SET(cpu, &allowed);
            sched_setaffinity(0, sizeof allowed, &allowed);
            return;
        }
}

/// Moves the three descriptors to the numbers the child knows; runs between fork and exec.
void become_child(const char* path, int shared, int command, int answer) {
    stay_on_one_processor();
    const int s = fcntl(shared, F_DUPFD, 10), c = fcntl(command, F_DUPFD, 10), a = fcntl(answer, F_DUPFD, 10);
    dup2(s, shared_descriptor);
    dup2(c, command_descriptor);
    dup2(a, answer_descriptor);
    execl(path, path, nullptr);
    _exit(127);
}

} // namespace

NativeProcessor::NativeProcessor(std::string child_path) : child_path_(std::move(child_path)) {
    start();
}
NativeProcessor::~NativeProcessor() {
    stop();
}

void NativeProcessor::start() {
    shared_ = memfd_create("trapgate-silicon", MFD_CLOEXEC);
    if (shared_ < 0 || ftruncate(shared_, shared_bytes)) fail("shared memory for the native child");
    memory_ = mmap(nullptr, shared_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, shared_, 0);
    if (memory_ == MAP_FAILED) fail("mapping the memory shared with the native child");
    exchange_ = reinterpret_cast<Exchange*>(static_cast<char*>(memory_) + page_count * page_size);
    int command[2], answer[2];
    if (pipe2(command, O_CLOEXEC) || pipe2(answer, O_CLOEXEC)) fail("pipes to the native child");
    child_ = fork();
    if (child_ < 0) fail("fork");
    if (child_ == 0) become_child(child_path_.c_str(), shared_, command[0], answer[1]);
    close(command[0]);
    close(answer[1]);
    command_ = command[1];
    answer_ = answer[0];
    wait_for_answer("start");
}

void NativeProcessor::stop() {
    if (command_ >= 0) close(command_);
    if (answer_ >= 0) close(answer_);
    if (child_ > 0) {
        kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
    }
    if (memory_) munmap(memory_, shared_bytes);
    if (shared_ >= 0) close(shared_);
    command_ = answer_ = child_ = shared_ = -1;
    memory_ = nullptr;
}

void NativeProcessor::run(std::span<const Case> cases, std::span<Outcome> outcomes) {
    for (size_t done = 0; done < cases.size();) {
        const size_t count = std::min<size_t>(batch_capacity, cases.size() - done);
        std::copy_n(cases.begin() + done, count, exchange_->cases);
        exchange_->count = uint32_t(count);
        const char go = 1;
        if (write(command_, &go, 1) != 1) report_death("a batch");
        wait_for_answer("a batch");
        std::copy_n(exchange_->outcomes, count, outcomes.begin() + done);
        done += count;
    }
}

void NativeProcessor::wait_for_answer(const char* during) {
    pollfd ready{answer_, POLLIN, 0};
    const int events = poll(&ready, 1, answer_timeout_ms);
    char byte;
    if (events == 0)
        throw NativeFailure("the native child hangs in test " + std::to_string(exchange_->current) + " of a batch");
    if (read(answer_, &byte, 1) != 1) report_death(during);
}

void NativeProcessor::report_death(const char* during) {
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        throw NativeFailure("cannot execute " + child_path_ + " (does this host run 32-bit programs?)");
    std::string how = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                          : "status " + std::to_string(WEXITSTATUS(status));
    if (exchange_->setup_failure) how += ", setup step " + std::to_string(exchange_->setup_failure);
    throw NativeFailure(std::string("the native child died during ") + during + ", test " +
                        std::to_string(exchange_->current) + " (" + how + ")");
}

std::string NativeProcessor::name() {
    std::ifstream info("/proc/cpuinfo");
    std::string line, model, numbers;
    while (std::getline(info, line) && !line.empty()) {
        const auto colon = line.find(": ");
        if (colon == std::string::npos) continue;
        const std::string key = line.substr(0, line.find('\t')), value = line.substr(colon + 2);
        if (key == "model name") model = value;
        if (key == "cpu family" || key == "model" || key == "stepping") numbers += " " + key + " " + value;
    }
    return model + "," + numbers;
}

} // namespace trapgate::silicon
