// SPDX-License-Identifier: MIT
// A sample of silicon's answers as text: self-contained, so that it outlives every change of the generator.
//
//   # processor: NAME                                   header lines begin with #
//   ROW                                                 the row's text; the cases below are about it
//    66 01 d8 |s| eip=… eax=… fl=… fs=… @ADDRESS=BYTES | trap=3 eip=+3 eax=… fl=… mask=… @ADDRESS=BYTES
//
// Left of the second bar: instruction bytes, s for single step (else -), what differs from the plain case; right of it:
// what differs from the state before. `mask` holds the flags that are undefined. x87 cases have cw, sw, tags and st0 to st7 besides
// (after: only registers that have changed), MMX and SSE cases also mxcsr and xmm0 to xmm7; a row "(sequence)" holds several instructions a line.
// Source: our own format.
#pragma once

#include "generator.hpp"
#include "native_processor.hpp"

#include <string>
#include <vector>

namespace trapgate::silicon {

struct Recorded {
    std::string row;
    Case test;
    Outcome outcome;
    uint32_t undefined_flags;
};

/// Writes the first `count` cases of the series to `path`, with every register, flag and byte of memory that does not matter
/// put to its plain value. Gives the exit status.
int record_sample(const Series&, NativeProcessor&, uint64_t count, const std::string& path);

/// Reads a sample. Throws std::runtime_error that names file and line if a line is not understood.
std::vector<Recorded> read_sample(const std::string& path);

/// The text of one case, as it stands in a sample.
std::string recorded_line(const Recorded&);
Recorded parse_recorded(const std::string& row, const std::string& line);

} // namespace trapgate::silicon
