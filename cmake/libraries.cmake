# SPDX-License-Identifier: MIT
# The libraries we use, all from Debian 12. Each gets one target, so that a layer links only what it needs.
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(capstone REQUIRED IMPORTED_TARGET capstone)
pkg_check_modules(libelf REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(libdw REQUIRED IMPORTED_TARGET libdw)
pkg_check_modules(sdl2 REQUIRED IMPORTED_TARGET sdl2)             # the window
pkg_check_modules(sdl2_ttf REQUIRED IMPORTED_TARGET SDL2_ttf)     # its letters
pkg_check_modules(sdl2_image REQUIRED IMPORTED_TARGET SDL2_image) # PNG
pkg_check_modules(ncursesw REQUIRED IMPORTED_TARGET ncursesw)     # input and size of terminals
pkg_check_modules(libedit REQUIRED IMPORTED_TARGET libedit)       # the debugger's command line
pkg_check_modules(libzstd REQUIRED IMPORTED_TARGET libzstd)       # recordings and snapshots
