#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Installs what is missing, builds, and opens the window on the default experiment. Without a display it runs the same
# experiment headless. Further arguments go to the program, e.g. ./packaging/run.sh --lambda 1
set -euo pipefail
here=$(dirname -- "${BASH_SOURCE[0]}")
# shellcheck source=packaging/setup.sh
. "$here/setup.sh"

mapfile -t packages < <(wanted_packages "$root/packaging/debian-packages.txt")
if [ -n "${WAYLAND_DISPLAY:-}" ] && [ -z "${DISPLAY:-}" ]; then
    packages+=(qt6-wayland) # a session without X
fi
install_packages "${packages[@]}"
build_preset release
program=$root/build/release/bin/condensate

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    say "Opening the window."
    exec "$program" --start "$@"
fi

runs="$root/condensate-runs/$(date +%Y-%m-%d_%H-%M-%S)"
say "There is no display: running the default experiment and its float reference headless; the results go to $runs"
"$program" train --reference --out "$runs" "$@"
"$program" figures "$runs/snapshot.h5" --out "$runs/figures"
say "Done: report.md, snapshot.h5, model.cnd (the network, packed) and figures/ are in $runs"
