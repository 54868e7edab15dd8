#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What packaging/setup.sh asks of the system, seen from a PATH on which dpkg-query, apt-get, sudo and id only
# take notes.
set -uo pipefail
setup=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../packaging" && pwd)/setup.sh
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0

# system UID TOOL...: a fresh pretended system with these tools, on which the packages "a" and "b" are installed.
# shellcheck disable=SC2016 # the pretended tools expand these variables themselves
system() {
    rm -rf "${work:?}/bin" "$work/log"
    mkdir "$work/bin"
    : >"$work/log"
    local tool
    for tool in bash cut env sed sort tr dirname cat; do ln -s "$(command -v "$tool")" "$work/bin/$tool"; done
    tool_script id "echo $1"
    shift
    for tool in "$@"; do
        case $tool in
            dpkg-query) tool_script dpkg-query 'case $4 in a|b) printf "ii ";; half) printf "iF ";; *) exit 1;; esac' ;;
            broken-apt-get) tool_script apt-get 'echo "$*" >>"$LOG"; exit 100' ;;
            apt-get) tool_script apt-get 'echo "apt-get $DEBIAN_FRONTEND $*" >>"$LOG"' ;;
            sudo) tool_script sudo 'echo "sudo $1" >>"$LOG"; [ "$1" = -n ] && shift; exec "$@"' ;;
        esac
    done
    printf 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n' >"$work/os-release"
}
tool_script() { printf '#!/bin/bash\n%s\n' "$2" >"$work/bin/$1" && chmod +x "$work/bin/$1"; }

# check NAME STATUS WORDS COMMAND: runs it after setup.sh and compares exit status and words in what it says and does.
check() {
    local output status
    output=$(PATH="$work/bin" LOG="$work/log" OS_RELEASE="$work/os-release" bash -c "set -euo pipefail; . '$setup'; $4" 2>&1 </dev/null)
    status=$?
    output+=$'\n'$(cat "$work/log")
    if [ "$status" -ne "$2" ] || [[ $output != *$3* ]]; then
        printf 'FAIL: %s: status %s (expected %s), wanted "%s" in:\n%s\n' "$1" "$status" "$2" "$3" "$output"
        failures=$((failures + 1))
    else
        printf 'PASS: %s\n' "$1"
    fi
}

system 0 dpkg-query # no apt-get, no sudo: nothing to do must need nothing
check "everything installed" 0 "All packages are installed." "install_packages a b"

system 0 dpkg-query apt-get
check "root installs what is missing" 0 "apt-get noninteractive -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends -- c d" \
    "install_packages a c b d"
system 0 dpkg-query apt-get
check "a half-configured package counts as missing" 0 "no-install-recommends -- half" "install_packages a half"
system 1000 dpkg-query apt-get sudo
check "others install through sudo" 0 "sudo -n" "install_packages c"
system 1000 dpkg-query apt-get
check "neither root nor sudo" 1 "takes root or sudo: c." "install_packages c"
system 0 dpkg-query
check "no apt" 1 "apt-get is missing" "install_packages c"
system 0 dpkg-query broken-apt-get
check "apt fails" 1 "could not install all of: c" "install_packages c"

system 0 dpkg-query apt-get
printf 'PRETTY_NAME="Debian GNU/Linux 11 (bullseye)"\nVERSION_ID="11"\nID=debian\n' >"$work/os-release"
check "Debian 11" 1 "Debian 12 or newer, found Debian GNU/Linux 11 (bullseye)" "install_packages c"
printf 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian\n' >"$work/os-release"
check "Debian unstable" 0 "Installing 1 missing packages with apt: c" "install_packages c"
system 0
printf 'PRETTY_NAME="Fedora Linux 40"\nVERSION_ID=40\nID=fedora\n' >"$work/os-release"
check "another system" 1 "found Fedora Linux 40" "install_packages c"

system 0 dpkg-query
printf '# a comment\n\na # another\n  b\n' >"$work/list"
check "lists may hold comments" 0 $'a\nb' "wanted_packages '$work/list'"
[ "$failures" -eq 0 ]
