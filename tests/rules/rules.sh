#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# rules.sh ROOT: who may include what (ARCHITECTURE.md), sizes, licence lines, left-overs. Prints each breach; 1 if there is any.
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
breach 'the engine must not know widgets or app' "$(including 'widgets/|app/' "${engine[@]}")"
breach 'widgets must not know app' "$(including 'app/' "${widgets[@]}")"
breach 'no licence line' "$(grep -L 'SPDX-License-Identifier: GPL-3.0-or-later' "${engine[@]}" "${widgets[@]}" "${app[@]}" "${tests[@]}")"
breach 'over 425 lines' "$(wc -l "${engine[@]}" "${widgets[@]}" "${app[@]}" "${tests[@]}" | awk '$2 != "total" && $1 > 425')"
breach 'left-overs' "$(grep -nE '\b(TODO|FIXME|XXX|HACK)\b' "${engine[@]}" "${widgets[@]}" "${app[@]}")"
exit $breaches
