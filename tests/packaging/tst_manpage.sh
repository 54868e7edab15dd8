#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# tst_manpage.sh PROGRAM MANPAGE: each option that the page shows is one that the program knows; commands and their own
# options are all there (the page shows a few of the parameters only).
set -uo pipefail
program=$1 page=$2
failures=0
fail() { printf 'FAIL: %s\n' "$*"; failures=$((failures + 1)); }

help=$("$program" --help) || fail "--help ends with an error"
for command in train figures info pack evaluate unpack quantize export sensitivity allocate models replay; do
    help+=$("$program" "$command" --help) || fail "$command --help ends with an error"
    grep -q "^.B condensate $command" "$page" || fail "the page lacks the command $command"
done
mapfile -t shown < <(sed 's/\\-/-/g' "$page" | grep -o -- '--[a-z][a-z0-9-]*' | sort -u)
[ ${#shown[@]} -gt 5 ] || fail "no options found in $page"
for option in "${shown[@]}"; do
    grep -qE -- "$option([^a-z0-9-]|$)" <<<"$help" || fail "the page shows $option, which the program does not know"
done
for option in --out --reference --compare --resume --branch --json --quiet --start --images --coder --float16 --method --prune --finetune \
    --validation --json-lines --bytes --overwrite --runs --epochs; do
    [[ " ${shown[*]} " == *" $option "* ]] || fail "the page lacks $option"
done
[ "$failures" -eq 0 ] && printf 'PASS: %s options\n' ${#shown[@]}
