# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# htscodecs, as the target htscodecs::htscodecs. Debian's package brings neither a CMake nor a pkg-config file.
include(CondensateFind)
condensate_find(htscodecs htscodecs/rANS_static4x16.h htscodecs)
