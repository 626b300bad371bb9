# SPDX-License-Identifier: MIT
# The layers of src/, left to right: each folder is one static library trapgate_<folder> that may use the ones before it.
# tests/tools/check-layers checks the same order in the #include lines.
set(TRAPGATE_LAYERS base trace mmu cpu devices machine kernel frontend)

set(lower "")
foreach(layer IN LISTS TRAPGATE_LAYERS)
    set(folder "${CMAKE_SOURCE_DIR}/src/${layer}")
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${folder}/*.cpp")
    file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${folder}/*.hpp")
    if(sources)
        add_library(trapgate_${layer} STATIC ${sources})
        set(kind PUBLIC)
    else()
        add_library(trapgate_${layer} INTERFACE)
        set(kind INTERFACE)
    endif()
    target_link_libraries(trapgate_${layer} ${kind} ${lower} trapgate_options)
    if(headers)
        # Target all_verify_interface_header_sets compiles every header alone.
        target_sources(trapgate_${layer} ${kind} FILE_SET HEADERS BASE_DIRS "${CMAKE_SOURCE_DIR}/src" FILES ${headers})
        set_target_properties(trapgate_${layer} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
    endif()
    list(PREPEND lower trapgate_${layer})
endforeach()

# trapgate_layer_uses(layer libraries…): links Debian's libraries to a layer, also while it holds only headers.
function(trapgate_layer_uses layer)
    get_target_property(kind trapgate_${layer} TYPE)
    if(kind STREQUAL "INTERFACE_LIBRARY")
        target_link_libraries(trapgate_${layer} INTERFACE ${ARGN})
    else()
        target_link_libraries(trapgate_${layer} PUBLIC ${ARGN})
    endif()
endfunction()
trapgate_layer_uses(base fmt::fmt)
trapgate_layer_uses(cpu PkgConfig::capstone)
trapgate_layer_uses(kernel PkgConfig::libelf PkgConfig::libdw)
trapgate_layer_uses(frontend CLI11::CLI11 nlohmann_json::nlohmann_json PkgConfig::sdl2 PkgConfig::sdl2_ttf
    PkgConfig::sdl2_image PkgConfig::ncursesw PkgConfig::libedit PkgConfig::libzstd)
