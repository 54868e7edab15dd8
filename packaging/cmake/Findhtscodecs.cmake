# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# htscodecs, as the target htscodecs::htscodecs. Debian's package brings neither a CMake nor a pkg-config file.
find_path(htscodecs_INCLUDE_DIR htscodecs/rANS_static4x16.h)
find_library(htscodecs_LIBRARY htscodecs)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(htscodecs REQUIRED_VARS htscodecs_LIBRARY htscodecs_INCLUDE_DIR)
if(htscodecs_FOUND AND NOT TARGET htscodecs::htscodecs)
    add_library(htscodecs::htscodecs UNKNOWN IMPORTED)
    set_target_properties(htscodecs::htscodecs PROPERTIES
        IMPORTED_LOCATION "${htscodecs_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${htscodecs_INCLUDE_DIR}")
endif()
mark_as_advanced(htscodecs_INCLUDE_DIR htscodecs_LIBRARY)
