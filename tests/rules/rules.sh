#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# rules.sh ROOT: which libraries a source may include, sizes, lines, licences, left-overs. Prints each breach;
# 1 if there is any.
set -u
cd -- "$1" || exit 2
breaches=0
# breach TEXT PATHS: reports the lines of PATHS, if any.
breach() {
    [ -n "$2" ] || return 0
    printf '%s:\n%s\n' "$1" "$2"
    breaches=1
}
sources() { find "$@" -name '*.cpp' -o -name '*.h' | sort; }
including() { # including REGEX FILES...
    local pattern=$1
    shift
    grep -lE "^#include *[<\"]($pattern)" "$@" /dev/null
}

# longer COLUMNS START FILES...: lines that begin with the pattern START and have more characters.
longer() {
    local columns=$1 start=$2
    shift 2
    LC_ALL=C.UTF-8 grep -nP "^(?=.{$((columns + 1))})$start" "$@" /dev/null | cut -c1-120
}

mapfile -t engine < <(sources engine)
mapfile -t widgets < <(sources widgets)
mapfile -t app < <(sources app)
mapfile -t tests < <(sources tests)
mapfile -t engine_headers < <(find engine -name '*.h' ! -name '*_torch.h')
mapfile -t engine_outside_storage < <(sources engine | grep -v '^engine/storage/')
[ ${#engine[@]} -gt 30 ] && [ ${#widgets[@]} -gt 30 ] || { echo "the sources are not here: $PWD"; exit 2; }

breach 'the engine must not know Qt' "$(including 'Q[A-Za-z]|qcustomplot' "${engine[@]}")"
breach 'torch only in *_torch.h headers of the engine' "$(including 'torch/|ATen/|c10/' "${engine_headers[@]}")"
breach 'HDF5 only in engine/storage' "$(including 'hdf5|H5' "${engine_outside_storage[@]}" "${widgets[@]}" "${app[@]}")"
breach 'widgets and app must not know torch' "$(including 'torch/|ATen/|c10/|.*_torch\.h' "${widgets[@]}" "${app[@]}")"
breach 'no licence line' "$(grep -L 'SPDX-License-Identifier: GPL-3.0-or-later' "${engine[@]}" "${widgets[@]}" "${app[@]}" "${tests[@]}")"
breach 'over 425 lines' "$(wc -l "${engine[@]}" "${widgets[@]}" "${app[@]}" "${tests[@]}" | awk '$2 != "total" && $1 > 425')"
mapfile -t words < <(find . -path ./build -prune -o -name '*.md' -print | grep -v '/build' | sort)
mapfile -t code < <(find . -path ./build -prune -o \
    \( -name '*.sh' -o -name '*.py' -o -name '*.cmake' -o -name CMakeLists.txt \) -print | sort)
code+=("${engine[@]}" "${widgets[@]}" "${app[@]}" "${tests[@]}")
breach 'code over 140 columns' "$(longer 140 '' "${code[@]}")"
breach 'comment over 120 columns: break it at 110' "$(longer 120 '\s*(//|#( |$))' "${code[@]}")"
breach 'prose over 120 columns: break it at 110' "$(longer 120 '(?!\s*\||    |!\[)' "${words[@]}")"
breach 'ARCHITECTURE.md is a page of 90 lines at most' "$(wc -l ARCHITECTURE.md | awk '$1 > 90')"
breach 'left-overs' "$(grep -nE '\b(TODO|FIXME|XXX|HACK)\b' "${engine[@]}" "${widgets[@]}" "${app[@]}")"
exit $breaches
