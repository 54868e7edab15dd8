# Options of the build, each shown in the configure summary.
option(CONDENSATE_GUI "Build the window (needs Qt 6 and QCustomPlot)" ON)
option(CONDENSATE_TESTS "Build the tests (needs QtTest)" ON)
option(CONDENSATE_BENCHMARKS "Build the benchmarks (needs Google Benchmark)" OFF)
option(CONDENSATE_WERROR "Treat warnings as errors" OFF)
option(CONDENSATE_FUZZ "Build the fuzzers alone with libFuzzer (needs clang)" OFF)
set(CONDENSATE_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # The precompiled header needs the first two, or ccache never hits.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

# Language and visibility, for every target of ours.
add_library(condensate_options INTERFACE)
target_compile_features(condensate_options INTERFACE cxx_std_23)
target_include_directories(condensate_options INTERFACE "${PROJECT_SOURCE_DIR}")
# The version is in a header of its own, so that a new one compiles little.
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/condensateversion.h"
     CONTENT "#pragma once\n#define CONDENSATE_VERSION \"@PROJECT_VERSION@\"\n" @ONLY)
target_include_directories(condensate_options INTERFACE "${PROJECT_BINARY_DIR}/generated")
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# moc 6.4 cannot parse libstdc++'s <concepts>; this makes it skip that header.
set(CMAKE_AUTOMOC_MOC_OPTIONS -D_GLIBCXX_CONCEPTS)

# Warnings, PRIVATE to each target so that nobody else inherits them.
add_library(condensate_warnings INTERFACE)
target_compile_options(condensate_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
    $<$<BOOL:${CONDENSATE_WERROR}>:-Werror>)

if(CONDENSATE_SANITIZE)
    add_compile_options(-fsanitize=${CONDENSATE_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${CONDENSATE_SANITIZE})
endif()

if(CONDENSATE_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
    # libstdc++ has std::expected for compilers that claim all of C++20's concepts; clang from 16 on knows
    # what it takes, but claims less.
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-D__cpp_concepts=202002L> -Wno-builtin-macro-redefined -Wno-macro-redefined)
endif()

# condensate_library(SOURCES a.cpp b.cpp USES core frame LINK fmt::fmt): the library of the calling folder, named
# after it; of headers alone without SOURCES. USES: the libraries of our other folders, as the table in
# ARCHITECTURE.md allows them. LINK: those of others. TORCH: sources that include LibTorch are called *_torch.cpp.
function(condensate_library)
    cmake_parse_arguments(arg "TORCH" "" "SOURCES;USES;LINK" ${ARGN})
    cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME folder)
    set(library condensate_${folder})
    list(TRANSFORM arg_USES PREPEND condensate_)
    if(NOT arg_SOURCES)
        add_library(${library} INTERFACE)
        target_link_libraries(${library} INTERFACE condensate_options ${arg_USES})
        return()
    endif()
    add_library(${library} STATIC ${arg_SOURCES})
    target_link_libraries(${library} PUBLIC condensate_options ${arg_USES} PRIVATE condensate_warnings)
    if(folder IN_LIST CONDENSATE_WINDOW_FOLDERS) # Qt's headers are in theirs
        target_link_libraries(${library} PUBLIC ${arg_LINK})
        if(QCustomPlotQt6::QCustomPlotQt6 IN_LIST arg_LINK)
            target_precompile_headers(${library} PRIVATE <qcustomplot.h>) # saves some 5 seconds a source
        elseif(Qt6::Widgets IN_LIST arg_LINK)
            target_precompile_headers(${library} PRIVATE <QtWidgets>) # and this one
        endif()
    else()
        target_link_libraries(${library} PRIVATE ${arg_LINK})
    endif()
    if(arg_TORCH)
        condensate_uses_torch(${library})
    endif()
endfunction()
set(CONDENSATE_WINDOW_FOLDERS plots link models commands docks gui)

message(STATUS "Condensate: gui ${CONDENSATE_GUI}, tests ${CONDENSATE_TESTS}, benchmarks ${CONDENSATE_BENCHMARKS}, "
               "warnings as errors ${CONDENSATE_WERROR}, sanitizers '${CONDENSATE_SANITIZE}', ccache ${CCACHE}")
