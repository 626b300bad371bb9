# SPDX-License-Identifier: MIT
# Chooses the compiler before project(). Only clang guarantees tail calls ([[clang::musttail]]) in optimised builds,
# which makes the engine faster; so the release preset takes clang++-19 with lld-19 when both are installed.
# CXX in the environment or -DCMAKE_CXX_COMPILER=… always wins.
option(TRAPGATE_PREFER_CLANG "Use clang++-19 and lld-19 when they are installed" OFF)

if(TRAPGATE_PREFER_CLANG AND NOT DEFINED ENV{CXX} AND NOT DEFINED CMAKE_CXX_COMPILER)
    find_program(TRAPGATE_CLANGXX NAMES clang++-19)
    find_program(TRAPGATE_CLANG NAMES clang-19)
    find_program(TRAPGATE_LLD NAMES ld.lld-19)
    if(TRAPGATE_CLANGXX AND TRAPGATE_CLANG AND TRAPGATE_LLD)
        set(CMAKE_CXX_COMPILER "${TRAPGATE_CLANGXX}" CACHE FILEPATH "C++ compiler")
        set(CMAKE_C_COMPILER "${TRAPGATE_CLANG}" CACHE FILEPATH "C compiler")
    endif()
endif()

if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    find_program(TRAPGATE_CCACHE NAMES ccache)
    if(TRAPGATE_CCACHE)
        # Paths relative to the tree, so that two checkouts (a fresh clone, the copy that mutations break) share the cache.
        set(launcher env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${TRAPGATE_CCACHE}")
        set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher} CACHE STRING "compiler cache")
        set(CMAKE_C_COMPILER_LAUNCHER ${launcher} CACHE STRING "compiler cache")
    endif()
endif()
