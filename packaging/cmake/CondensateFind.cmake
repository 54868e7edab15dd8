# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# condensate_find(NAME HEADER LIBRARY [NEEDS libraries...] [DEFINITIONS definitions...]): all of a find
# module, for a library that no file of its own describes well enough. NAME::NAME is then a target with all
# that its users need.
include(FindPackageHandleStandardArgs)

macro(condensate_find name header library)
    cmake_parse_arguments(${name} "" "" "NEEDS;DEFINITIONS" ${ARGN})
    find_path(${name}_INCLUDE_DIR ${header})
    find_library(${name}_LIBRARY ${library})
    set(${name}_found_as ${name}_LIBRARY ${name}_INCLUDE_DIR)
    set(${name}_further)
    foreach(needed IN LISTS ${name}_NEEDS)
        find_library(${name}_${needed}_LIBRARY ${needed})
        list(APPEND ${name}_found_as ${name}_${needed}_LIBRARY)
        list(APPEND ${name}_further "${${name}_${needed}_LIBRARY}")
    endforeach()
    find_package_handle_standard_args(${name} REQUIRED_VARS ${${name}_found_as})
    if(${name}_FOUND AND NOT TARGET ${name}::${name})
        add_library(${name}::${name} UNKNOWN IMPORTED)
        set_target_properties(${name}::${name} PROPERTIES
            IMPORTED_LOCATION "${${name}_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${${name}_INCLUDE_DIR}"
            INTERFACE_COMPILE_DEFINITIONS "${${name}_DEFINITIONS}" INTERFACE_LINK_LIBRARIES "${${name}_further}")
    endif()
    mark_as_advanced(${${name}_found_as})
endmacro()
