#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

# coroutine_check.sh <root>
# Text-level rules for coroutines: QCoro 0.8 and g++ 12 make these forms dangerous, and the compiler says nothing.
# A line with `// ref-ok: <reason>` is exempt from the rule on reference parameters, `// void` from the one on results.

set -euo pipefail
cd "$1"

mapfile -t files < <(grep -rlE 'co_await|co_return|Task<' core transport app tests \
    --include='*.h' --include='*.cpp' 2>/dev/null | grep -v '^tests/arch/fixtures/' | sort)
[ ${#files[@]} -gt 0 ] || exit 0

awk '
function fail(line, reason) {
    printf "%s:%d: %s\n", FILENAME, line, reason
    bad = 1
}

# Looks at a whole declaration that begins with a Task as return type, up to its ; or {.
function checkDeclaration(text, line,    parameters, raw) {
    raw = text
    if (raw ~ /ref-ok:/) return
    gsub(/\/\/[^\n]*/, "", text)
    if (text !~ /Task<.*>[ \t\n]+[A-Za-z_:]+[ \t\n]*\(/) return
    parameters = text
    sub(/^.*Task<[^(]*\(/, "(", parameters)
    gsub(/&&[ \t\n]*(mutable|noexcept|const)?[ \t\n]*[;{]$/, "", parameters)
    if (parameters ~ /&/ || parameters ~ /string_view|QStringView|QByteArrayView|QAnyStringView|std::span</)
        fail(line, "a coroutine takes its parameters by value: no reference, view or span")
}

FNR == 1 { inDeclaration = 0; inString = 0; coroutineFile = 0; previous = "" }

{
    code = $0
    if (code !~ /ref-ok:/) sub(/\/\/.*/, "", code)
    gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
}

/^[ \t]*(\*|\/\/)/ { next }

!inDeclaration && code ~ /^[ \t]*(\[\[[a-z]+\]\][ \t]*)?((static|virtual|inline|friend|explicit)[ \t]+)*(QCoro::)?Task</ \
    && code !~ /=[^=]/ {
    inDeclaration = 1
    declaration = ""
    declarationLine = FNR
}
inDeclaration {
    declaration = declaration code "\n"
    if (code ~ /[;{]/ ) {
        sub(/\{[^\n]*/, "{", declaration)
        checkDeclaration(declaration, declarationLine)
        inDeclaration = 0
    }
}

code ~ /\[[^]\[]+\][ \t]*\([^)]*\)[^{;]*->[ \t]*(QCoro::)?Task</ {
    fail(FNR, "a coroutine lambda has no captures")
}
code ~ /(QVERIFY|QVERIFY2|QCOMPARE[A-Z_]*|QTRY_[A-Z_0-9]*|QEXPECT_FAIL|Q_ASSERT|MR_[A-Z_]+)[ \t]*\(.*co_await/ {
    fail(FNR, "no co_await inside a macro: await into a named variable first")
}
code ~ /\?.*co_await/ { fail(FNR, "no co_await inside ?:") }
code ~ /(&&|\|\|).*co_await/ || code ~ /co_await.*(&&|\|\|)/ { fail(FNR, "no co_await inside a logical expression") }
code ~ /auto[ \t]*&*[ \t]*\[.*co_await/ { fail(FNR, "no structured binding of a co_await") }
code ~ /for[ \t]*\(.*:[^:].*co_await/ { fail(FNR, "no co_await in the head of a range for") }
code ~ /co_await.*co_await/ { fail(FNR, "one co_await per statement") }
code ~ /qCoroSignalListener/ { fail(FNR, "qCoroSignalListener resumes twice in QCoro 0.8") }
code ~ /QCoro::connect[ \t]*\(/ { fail(FNR, "QCoro::connect drops exceptions: use spawn") }
FILENAME !~ /^tests\// && code ~ /[A-Za-z_)](\.|->)then[ \t]*\(/ { fail(FNR, "then() drops exceptions: use spawn") }
code ~ /QCoro::moveToThread/ { fail(FNR, "a coroutine stays in its thread") }
code ~ /^[ \t]*co_await/ && $0 !~ /\/\/ void/ && previous !~ /[=(,][ \t]*$/ {
    fail(FNR, "the result of co_await goes into a named variable (or the line says // void)")
}

{ if (code !~ /^[ \t]*$/) previous = code }
END { exit bad }
' "${files[@]}"
