#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

# Runs a compile command; after a precompiled header it writes the header's checksum beside it.
# ccache reads that (CCACHE_PCH_EXTSUM) and need not hash the large file for each source file.

"$@" || exit $?
while [ $# -gt 1 ]; do
    case "$1 $2" in
        "-o "*.gch) sha1sum < "$2" > "$2.sum" ;;
    esac
    shift
done
