#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# tst_install.sh BUILD_FOLDER VERSION SANITIZERS: installs into an empty prefix and runs what was installed.
set -euo pipefail
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$1" --prefix "$prefix" >/dev/null
[ "$("$prefix/bin/condensate" --version)" = "condensate $2" ]
if ldd "$prefix/bin/condensate" | grep -qE 'torch|Qt'; then
    echo "FAIL: bin/condensate loads libraries that make short answers slow"; exit 1
fi
for file in share/man/man1/condensate.1 share/doc/*/LICENSE; do
    compgen -G "$prefix/$file" >/dev/null || { echo "FAIL: $file is not installed"; exit 1; }
done
# Another program builds against the installed library alone.
library=$(dirname "$(find "$prefix" -name libcondensate_decode.so)")
printf '%s\n' '#include <condensate_decode.h>' '#include <stdio.h>' 'int main(void) {' 'char why[CND_ERROR_BYTES];' \
    'return cnd_open("none.cnd", why, sizeof why) ? 1 : puts(why) < 0; }' >"$prefix/reader.c"
read -ra flags < <(PKG_CONFIG_PATH="$library/pkgconfig" pkg-config --define-variable=prefix="$prefix" --cflags --libs condensate-decode)
cc -std=c99 -Wall -Werror ${3:+"-fsanitize=$3"} "$prefix/reader.c" -o "$prefix/reader" "${flags[@]}"
LD_LIBRARY_PATH="$library" "$prefix/reader" | grep -q 'found none' || { echo "FAIL: the installed decoder does not answer"; exit 1; }
if [ -d "$prefix/share/applications" ]; then # built with the window: what the desktop file names must be there too
    desktop="$prefix/share/applications/org.condensate.Condensate.desktop"
    icon=$(sed -n 's/^Icon=//p' "$desktop")
    [ -s "$prefix/share/icons/hicolor/scalable/apps/$icon.svg" ] || { echo "FAIL: the icon $icon is not installed"; exit 1; }
    [ -x "$prefix/bin/$(sed -n 's/^Exec=\([^ ]*\).*/\1/p' "$desktop")" ] || { echo "FAIL: Exec names no program"; exit 1; }
    types="$prefix/share/mime/packages/org.condensate.Condensate.xml"
    for type in snapshot network; do
        grep -q "type=\"application/x-condensate-$type\"" "$types" || { echo "FAIL: the type of a $type is not installed"; exit 1; }
    done
    if command -v update-mime-database >/dev/null; then # packed networks are known by their ending and by their first bytes
        update-mime-database "$prefix/share/mime" >/dev/null 2>&1
        grep -q 'application/x-condensate-network:\*\.cnd$' "$prefix/share/mime/globs2" || { echo "FAIL: no type for .cnd"; exit 1; }
        bytes() { od -An -v -tx1 "$@" | tr -d ' \n'; }
        first=$(bytes -N 8 "$(dirname "$0")/../golden/packed-1.0/lenet5.cnd")
        [[ "$(bytes "$prefix/share/mime/magic")" == *"$first"* ]] ||
            { echo "FAIL: packed networks begin with $first, their type says otherwise"; exit 1; }
    fi
fi
echo "PASS: installed program runs"
