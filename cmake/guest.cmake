# SPDX-License-Identifier: MIT
# Target `guest`: the kernel, libc and programs that run inside the machine, built by guest/Makefile with the host's gcc -m32.
# All presets share build/guest: the guest does not depend on how the host side is compiled. A lock file makes
# concurrent builds of two presets safe. The command finds the result beside itself: <its folder>/../guest.
set(TRAPGATE_GUEST_DIR "${CMAKE_SOURCE_DIR}/build/guest" CACHE PATH "where the guest is built")
include(ProcessorCount)
ProcessorCount(cores)
file(MAKE_DIRECTORY "${TRAPGATE_GUEST_DIR}")
add_custom_target(guest
    COMMAND flock "${TRAPGATE_GUEST_DIR}/.lock" make --no-print-directory -s -j${cores} -C "${CMAKE_SOURCE_DIR}/guest"
            "O=${TRAPGATE_GUEST_DIR}"
    USES_TERMINAL VERBATIM COMMENT "Guest kernel, libc and programs")
# The kernels of other choices that tests boot (guest/Makefile, "variants").
add_custom_target(guest_variants
    COMMAND flock "${TRAPGATE_GUEST_DIR}/.lock" make --no-print-directory -s -j${cores} -C "${CMAKE_SOURCE_DIR}/guest"
            "O=${TRAPGATE_GUEST_DIR}" variants
    USES_TERMINAL VERBATIM COMMENT "Guest kernels of other choices")
