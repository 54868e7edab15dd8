#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Installs what is missing, builds with warnings as errors, runs every test, and the fuzzers where clang 16
# can be had. Ends with ctest's exit code. Further arguments go to ctest, e.g. ./packaging/test.sh -R
# tst_dataset
set -euo pipefail
here=$(dirname -- "${BASH_SOURCE[0]}")
# shellcheck source=packaging/setup.sh
. "$here/setup.sh"

mapfile -t packages < <(wanted_packages "$root/packaging/debian-packages.txt" "$root/packaging/debian-packages-test.txt")
install_packages "${packages[@]}"
build_preset ci
cd -- "$root"
ctest --preset ci -j "$(build_jobs)" --no-tests=error "$@"
[ $# -eq 0 ] || exit 0 # somebody asked for certain tests

# Files of strangers: libFuzzer gives each reader's harness a minute of damaged ones, all at once.
mapfile -t packages < <(wanted_packages "$root/packaging/debian-packages-fuzz.txt")
if command -v clang++-16 >/dev/null || (install_packages "${packages[@]}"); then
    build_preset fuzz
    exec ctest --preset fuzz -j 8 --no-tests=error
fi
say "The fuzzers were not run: clang 16 is missing."
