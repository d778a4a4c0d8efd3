#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

# include_check.sh <root> [<table>]
# Fails for each #include that the table (may_include.txt) does not allow, with file, line and reason.

set -euo pipefail
root=$1
table=$(realpath "${2:-$(dirname "$0")/may_include.txt}")

cd "$root"
mapfile -t files < <(find core transport app tests -path tests/arch/fixtures -prune -o \
    -type f \( -name '*.h' -o -name '*.cpp' \) -print 2>/dev/null | sort)
[ ${#files[@]} -gt 0 ] || { echo "include_check: no sources below $root"; exit 1; }

awk -v table="$table" '
function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }

function library(header) {
    if (header ~ /^zmq[._]/) return "zmq"
    if (header ~ /^sqlite3/) return "sqlite3"
    if (header ~ /^(QCoro|qcoro)/) return "qcoro"
    if (header ~ /^Qsci\//) return "qsci"
    if (header ~ /^Q[A-Z]/ || header ~ /^Qt[A-Z]?/ || header ~ /^q[a-z]+\.h$/) return "qt"
    if (header ~ /^google\/protobuf\//) return "protobuf"
    if (header ~ /^protozero\//) return "protozero"
    if (header ~ /^nlohmann\//) return "nlohmann"
    if (header ~ /^toml\+\+\//) return "toml"
    if (header ~ /^CLI\//) return "cli"
    if (header ~ /^(spdlog|fmt)\//) return "spdlog"
    if (header ~ /^valijson\//) return "valijson"
    if (header ~ /^sodium(\.h|\/)/) return "sodium"
    if (header ~ /^xxh(ash|3)\.h$/) return "xxhash"
    if (header ~ /^tl\//) return "tl"
    if (header ~ /^rapidcheck/) return "rapidcheck"
    if (header ~ /^hiredis\//) return "hiredis"
    if (header ~ /^amqp[a-z_]*\.h$/) return "rabbitmq"
    if (header ~ /^nats\//) return "nats"
    if (header ~ /^[a-z0-9_]+$/) return "std"
    if (header ~ /^(sys|netinet|arpa|linux|sanitizer)\// || header ~ /^[a-z0-9_]+\.h$/) return "system"
    return ""
}

function fail(reason) {
    printf "%s:%d: %s\n", FILENAME, FNR, reason
    bad = 1
}

BEGIN {
    while ((getline line < table) > 0) {
        if (line ~ /^[ \t]*(#|$)/) continue
        if (split(line, column, ":") != 3) { print table ": not three columns: " line; fatal = 1; exit 2 }
        folder = trim(column[1])
        own[folder] = trim(column[2])
        libs[folder] = trim(column[3])
    }
    if (length(own) == 0) { print table ": is empty or cannot be read"; fatal = 1; exit 2 }
}

FNR == 1 {
    rule = FILENAME
    while (rule != "" && !(rule in own)) { if (!sub(/\/[^\/]*$/, "", rule)) rule = "" }
    if (rule == "") fail("this folder is not in " table)
    allowedCount = split(own[rule], allowed, " ")
    allowedLibs = " " libs[rule] " std system "
}

rule != "" && /^[ \t]*#[ \t]*include[ \t]*"/ {
    header = $0
    sub(/^[^"]*"/, "", header); sub(/".*/, "", header)
    if (header ~ /\.moc$/) next
    if (header !~ /^(core|transport|app|tests)\//) {
        fail("\"" header "\": own headers are included by their path from the root of the repository")
        next
    }
    if (index(header, rule "/") == 1) next
    for (i = 1; i <= allowedCount; ++i)
        if (header == allowed[i] || index(header, allowed[i] "/") == 1) next
    fail("\"" header "\": " rule " may not include it (may include: " own[rule] ")")
}

rule != "" && /^[ \t]*#[ \t]*include[ \t]*</ {
    header = $0
    sub(/^[^<]*</, "", header); sub(/>.*/, "", header)
    lib = library(header)
    if (lib == "") fail("<" header ">: unknown library; name it in include_check.sh and in the table")
    else if (index(allowedLibs, " " lib " ") == 0)
        fail("<" header ">: " rule " may not use " lib " (may use: " libs[rule] ")")
}

END { exit fatal ? 2 : bad }
' "${files[@]}"
