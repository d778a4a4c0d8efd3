#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

# licence_check.sh <root>
# Each source file begins with the two SPDX lines; app/ is GPL-3.0-or-later, everything else Apache-2.0
# (style sheets and samples in resources/ may be either). Files without an ending count if they are scripts.

set -euo pipefail
cd "$1"

mapfile -t files < <(find . \( -path ./.git -o -path ./build -o -path ./tests/arch/fixtures \) -prune -o \
    -type f \( -name '*.h' -o -name '*.cpp' -o -name '*.proto' -o -name '*.sql' -o -name '*.qss' \
    -o -name '*.cmake' -o -name CMakeLists.txt -o -name may_include.txt -o -name '*.sh' \
    -o -name '*.supp' -o -name '*.in' -o ! -name '*.*' \) -size +0 -print | sed 's#^\./##' | sort)
[ ${#files[@]} -gt 0 ] || { echo "licence_check: no sources below $1"; exit 1; }

awk '
function judge() {
    if (file != "" && !skipped && !(copyright && licence)) {
        print file ":1: the SPDX lines are missing or do not say " wanted
        bad = 1
    }
}

FNR == 1 {
    judge()
    file = FILENAME
    copyright = licence = 0
    name = file
    sub(/.*\//, "", name)
    skipped = name !~ /\./ && $0 !~ /^#!/
    wanted = "Apache-2.0"
    if (file ~ /^app\//) wanted = "GPL-3.0-or-later"
    mark = "# "
    if (file ~ /\.(h|cpp|proto)$/) mark = "// "
    else if (file ~ /\.sql$/) mark = "-- "
    else if (file ~ /\.qss$/) mark = ""
}

FNR > 5 || skipped { nextfile }

{
    line = $0
    if (mark == "") { gsub(/^(\/\*| \*|  )[ ]?|[ ]*\*\/$/, "", line) }
    else if (index(line, mark) == 1) line = substr(line, length(mark) + 1)
    else next
    if (line == "SPDX-FileCopyrightText: 2026 The Millrace authors") copyright = 1
    if (line == "SPDX-License-Identifier: " wanted) licence = 1
    if (file ~ /^resources\// && line == "SPDX-License-Identifier: GPL-3.0-or-later") licence = 1
}

END { judge(); exit bad }
' "${files[@]}"
