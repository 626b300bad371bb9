// SPDX-License-Identifier: MIT
// Major numbers of the character devices that exist here. Truth: Linux' list of assigned device numbers.
#pragma once

#define UNNAMED_MAJOR 0
#define MEM_MAJOR 1       // null 3, zero 5, full 7, random 8, urandom 9
#define TTY_MAJOR 4       // ttyS0 is minor 64
#define TTYAUX_MAJOR 5    // tty 0, console 1, ptmx 2
#define UNIX98_PTY_SLAVE_MAJOR 136 // pts/0 and following
#define HOSTCHAN_MAJOR 240 // hostin 0, hostout 1, hosterr 2: 240..254 are for local use
#define FOO_MAJOR 241     // foo 0
