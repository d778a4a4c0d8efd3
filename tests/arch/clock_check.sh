#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

# clock_check.sh <root>
# The engine and what it is made of never ask for the time, for chance, for a thread or for the database.

set -euo pipefail
cd "$1"

pattern='_clock::now[[:space:]]*\(|(^|[^A-Za-z0-9_])s?rand[[:space:]]*\(|std::random_device|std::(j?thread|async)[^A-Za-z0-9_]'
pattern+='|(^|[^A-Za-z0-9_])(time|gettimeofday|clock_gettime)[[:space:]]*\((NULL|nullptr|0|&)|sqlite3_open'
folders=()
for folder in core/engine core/message core/telemetry; do [ -d "$folder" ] && folders+=("$folder"); done
[ ${#folders[@]} -gt 0 ] || { echo "clock_check: no sources below $1"; exit 1; }
hits=$(grep -rnE "$pattern" "${folders[@]}" --include='*.h' --include='*.cpp' |
    grep -vE '^[^:]*:[0-9]+:[[:space:]]*//' || true)
[ -z "$hits" ] && exit 0

while IFS=: read -r file line text; do
    echo "$file:$line: time, chance, threads and the database are given to the engine, never taken:${text}"
done <<< "$hits"
exit 1
