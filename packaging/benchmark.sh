#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Installs what is missing, builds the benchmarks, runs them, and prints one table of ratios
# (tests/benchmarks/README.md). Further arguments: --quick for a short trial, --only
# step|layout|wait|kernel|layers|peer|coding|window ... for some of them.
set -euo pipefail
here=$(dirname -- "${BASH_SOURCE[0]}")
# shellcheck source=packaging/setup.sh
. "$here/setup.sh"

mapfile -t packages < <(wanted_packages "$root/packaging/debian-packages.txt" "$root/packaging/debian-packages-test.txt")
install_packages "${packages[@]}"
build_preset bench
exec "$root/tests/benchmarks/benchmarks.py" "$root/build/bench/benchmarks" "$@"
