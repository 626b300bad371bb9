// SPDX-License-Identifier: MIT
// What a FILE is, for the library itself.
//
// One buffer serves one direction at a time: after reading, bytes from `next` to `filled` are still to be handed out;
// after writing, bytes up to `filled` are still to be written.
#pragma once

#include <stdio.h>

enum direction { IDLE, READING, WRITING };

struct __file {
    int fd;
    int mode; // _IOFBF, _IOLBF, _IONBF; -1 = not decided yet (a terminal or not?)
    enum direction direction;
    int end_of_file, error;
    size_t next, filled, size;
    char *buffer;
    int owns_buffer;
    pid_t child; // of popen
    FILE *following; // in the list of all open streams
    char small[BUFSIZ];
};

/// Gets the stream ready for that direction: flushes or forgets what the other one left. 0 or EOF.
int __turn_to(FILE *file, enum direction direction);

/// Writes what is buffered. 0 or EOF.
int __write_out(FILE *file);
