// SPDX-License-Identifier: MIT
// What `trapgate explain` can be asked about: the four system call instructions, and every other transfer that the processor has.
#pragma once

#include "base/result.hpp"
#include "machine/time_machine.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend {

/// The instructions of a system call on our kernel; explain/recording.hpp watches the whole call.
enum class Subject : u8 { Int80, Iret, Sysenter, Sysexit };

/// Anything else: one transfer, on any kernel.
struct EventSubject {
    enum class Kind : u8 {
        Exception,    ///< `vector`, or any
        Interrupt,    ///< an external one; `vector` is the IRQ, or any
        SoftwareCall, ///< INT n with `vector`, or any
        TaskSwitch,
        TaskGate, ///< a task switch through a task gate
        CallGate,
        FarCall, ///< without a gate
        FarJump,
        FarReturn,
        LeaveVirtual8086, ///< an interrupt or exception out of virtual-8086 mode; `vector`, or any
        EnterVirtual8086, ///< IRET with VM = 1 in the frame
    };
    Kind kind{};
    std::optional<u8> vector;

    /// It may be this one, by what a fast run tells of it. `irq`: the vector of IRQ 0 and of IRQ 8.
    bool may_be(const machine::TransferNews& news) const;
    /// It is this one.
    bool is(const machine::InstructionRecord& record) const;
};

struct ExplainSubject {
    std::string name; ///< as it was asked
    std::optional<Subject> call;
    EventSubject event; ///< unless `call`
};

/// Errors (2) name the nearest subject.
Result<ExplainSubject> parse_subject(std::string_view word);

/// The names, for help.
std::vector<std::string_view> subject_names();

/// "#PF page fault"; nothing for vectors that are no exceptions.
std::string exception_name(u8 vector);

/// What an exception's error code says, in words.
std::string error_code_text(u8 vector, u32 code);

} // namespace trapgate::frontend
