# SPDX-License-Identifier: MIT
# How our own code is compiled: warnings, sanitizers, link-time optimisation. Everything of ours links trapgate_options.
add_library(trapgate_options INTERFACE)
target_include_directories(trapgate_options INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(trapgate_options INTERFACE -Wall -Wextra -Wnon-virtual-dtor
    # An observer overrides the events it wants and no others: that is what trace::Observer is for.
    -Wno-overloaded-virtual
    # Paths of the build machine stay out of the program and out of assertion messages.
    "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
if(TRAPGATE_WERROR)
    target_compile_options(trapgate_options INTERFACE -Werror)
endif()

if(TRAPGATE_SANITIZE)
    set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
    target_compile_options(trapgate_options INTERFACE ${sanitizers})
    target_link_options(trapgate_options INTERFACE ${sanitizers})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # g++ 12 takes the sanitizers' own temporaries for uninitialised, all over the standard library.
        target_compile_options(trapgate_options INTERFACE -Wno-maybe-uninitialized)
    endif()
endif()
if(TRAPGATE_FUZZ)
    target_compile_options(trapgate_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND TRAPGATE_LLD)
    target_link_options(trapgate_options INTERFACE -fuse-ld=lld)
endif()
if(TRAPGATE_LTO)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        # ThinLTO with a cache: a one-line change relinks in seconds.
        target_compile_options(trapgate_options INTERFACE -flto=thin)
        target_link_options(trapgate_options INTERFACE -flto=thin
            "-Wl,--thinlto-cache-dir=${CMAKE_BINARY_DIR}/lto-cache")
    else()
        set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
    endif()
endif()
