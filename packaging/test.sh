#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Installs what is missing, builds with warnings as errors, and runs every test. Ends with ctest's exit code.
# Further arguments go to ctest, e.g. ./packaging/test.sh -R tst_dataset
set -euo pipefail
here=$(dirname -- "${BASH_SOURCE[0]}")
# shellcheck source=packaging/setup.sh
. "$here/setup.sh"

mapfile -t packages < <(wanted_packages "$root/packaging/debian-packages.txt" "$root/packaging/debian-packages-test.txt")
install_packages "${packages[@]}"
build_preset ci
cd -- "$root"
exec ctest --preset ci -j2 --no-tests=error "$@"
