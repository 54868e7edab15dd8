#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Functions for run.sh and test.sh: install what is missing, configure, build. Source it; it does nothing by itself.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf 'condensate: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# wanted_packages FILE...: the packages named there, without comments.
wanted_packages() { sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' -- "$@" | sort -u; }

# missing_packages: those of the names on standard input that dpkg does not have.
missing_packages() {
    local package
    while read -r package; do
        [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | cut -c2)" = i ] || printf '%s\n' "$package"
    done
}

# require_debian OS_RELEASE: ends with one sentence unless that file is of Debian 12 or newer.
require_debian() {
    local id name version
    id=$(sed -n 's/^ID=//p' "$1" 2>/dev/null | tr -d '"')
    name=$(sed -n 's/^PRETTY_NAME=//p' "$1" 2>/dev/null | tr -d '"')
    version=$(sed -n 's/^VERSION_ID=//p' "$1" 2>/dev/null | tr -d '"')
    # testing and unstable have no number and are newer
    if [ "$id" != debian ] || { [ -n "$version" ] && [ "${version%%.*}" -lt 12 ]; }; then
        die "This set-up is made for Debian 12 or newer, found ${name:-an unknown system}; install the packages of" \
            "packaging/debian-packages.txt by hand, then build with cmake --preset release."
    fi
}

# as_root COMMAND...: with sudo unless we are root already.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@" # nobody is there to type a password
    fi
}

# install_packages NAME...: installs those that dpkg lacks; without a gap it needs neither rights nor network.
install_packages() {
    local -a missing apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
    command -v dpkg-query >/dev/null || require_debian "${OS_RELEASE:-/etc/os-release}"
    mapfile -t missing < <(printf '%s\n' "$@" | missing_packages)
    if [ ${#missing[@]} -eq 0 ]; then
        say "All packages are installed."
        return
    fi
    require_debian "${OS_RELEASE:-/etc/os-release}"
    command -v apt-get >/dev/null || die "apt-get is missing, so these packages cannot be installed: ${missing[*]}."
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
        die "These packages are missing and installing them takes root or sudo: ${missing[*]}."
    say "Installing ${#missing[@]} missing packages with apt: ${missing[*]}"
    as_root "${apt[@]}" update || say "The package lists could not be refreshed; going on with those at hand."
    as_root "${apt[@]}" install --no-install-recommends -- "${missing[@]}" ||
        die "apt could not install all of: ${missing[*]}; its message is above."
}

# build_jobs: as many compilers at once as there are processors, but 2 GiB of memory for each.
build_jobs() {
    local kib limit jobs most
    kib=$(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo)
    limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || true) # a container's limit, or "max"
    case $limit in
        '' | *[!0-9]*) ;;
        *) kib=$((limit / 1024 < kib ? limit / 1024 : kib)) ;;
    esac
    jobs=$(nproc)
    most=$((kib / (2 * 1024 * 1024)))
    [ "$jobs" -le "$most" ] || jobs=$most
    [ "$jobs" -ge 1 ] || jobs=1
    printf '%s\n' "$jobs"
}

# build_preset NAME: configures and builds below build/NAME; leaves the caller's folder as it is.
build_preset() (
    jobs=$(build_jobs)
    cd -- "$root" || exit 1
    say "Configuring and building in build/$1, $jobs at once; the first time takes some minutes."
    cmake --preset "$1" || die "CMake could not configure build/$1; its message is above."
    cmake --build --preset "$1" -j "$jobs" || die "The build in build/$1 failed; the compiler's message is above."
)
