#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

# licence_check.sh <root>
# Each source file begins with the two SPDX lines; app/ is GPL-3.0-or-later, everything else Apache-2.0.

set -euo pipefail
cd "$1"

bad=0
count=0
while IFS= read -r file; do
    file=${file#./}
    head=$(head -n 5 "$file")
    case "$file" in
        *.h|*.cpp|*.proto|*.sql|*.qss|*.cmake|*CMakeLists.txt|*.sh|*.supp|tests/arch/may_include.txt) ;;
        *)  [[ "$head" == '#!'* ]] || continue ;;
    esac
    count=$((count + 1))
    case "$file" in
        app/*) licence=GPL-3.0-or-later ;;
        resources/*) licence='(GPL-3.0-or-later|Apache-2.0)' ;;
        *) licence=Apache-2.0 ;;
    esac
    case "$file" in
        *.h|*.cpp|*.proto) mark='// ' end='' ;;
        *.sql) mark='-- ' end='' ;;
        *.qss) mark='/\* ' end='.*' ;;
        *) mark='# ' end='' ;;
    esac
    grep -qE "^${mark}SPDX-FileCopyrightText: 2026 The Millrace authors${end}$" <<< "$head" &&
        grep -qE "^(${mark}|   | \* )SPDX-License-Identifier: ${licence}${end}$" <<< "$head" || {
        echo "$file:1: the SPDX lines are missing or do not say $licence"
        bad=1
    }
done < <(find . \( -path ./.git -o -path ./build -o -path ./tests/arch/fixtures \) -prune -o \
    -type f -size -512k -print | sort)

[ "$count" -gt 0 ] || { echo "licence_check: no sources below $1"; exit 1; }
exit $bad
