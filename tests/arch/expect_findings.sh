#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

# expect_findings.sh <check.sh> <fixture folder>
# Runs a check on a fixture. Each line of the fixture that ends in `// expect` must be reported, and no other line.

set -euo pipefail
check=$1
fixture=$2

status=0
output=$("$check" "$fixture") || status=$?
[ "$status" -eq 1 ] || { echo "expected exit code 1, got $status"; echo "$output"; exit 1; }

wanted=$(cd "$fixture" && grep -rn '// expect$' . | sed -E 's#^\./([^:]*:[0-9]+):.*#\1#' | sort -u)
found=$(sed -E 's#^([^:]*:[0-9]+):.*#\1#' <<< "$output" | sort -u)
[ -n "$wanted" ] || { echo "the fixture expects nothing"; exit 1; }
diff <(echo "$wanted") <(echo "$found") && exit 0
echo "< expected and not reported, > reported and not expected"
echo "$output"
exit 1
