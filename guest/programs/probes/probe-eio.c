// SPDX-License-Identifier: MIT
// A write to a device that fails: standard output is broken when this runs, so it speaks on standard error.
// Rows: W08 failures come from hardware problems. tests/guest/failing_devices.cpp breaks the host's end.

#include "probe.h"

int main(void)
{
    int result = write(1, "lost", 4);
    dprintf(2, "write: %d, errno %d, %s\n", result, errno, strerror(errno));
    return result == -1 && errno == EIO ? 0 : 1;
}
