# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

# cmake -DFOLDER=<dir> -DOUTPUT=<file.cpp> -P EmbedMigrations.cmake
# Turns FOLDER/NNN_name.sql into millrace::store::migrations(), ordered by version.

cmake_minimum_required(VERSION 3.25)

file(GLOB files "${FOLDER}/*.sql")
list(SORT files COMPARE NATURAL)

set(entries "")
set(count 0)
set(last 0)
foreach(file IN LISTS files)
    get_filename_component(stem "${file}" NAME_WLE)
    if(NOT stem MATCHES "^([0-9]+)_([a-z0-9_]+)$")
        message(FATAL_ERROR "${file}: a migration is named NNN_name.sql")
    endif()
    set(name "${CMAKE_MATCH_2}")
    string(REGEX REPLACE "^0+" "" version "${CMAKE_MATCH_1}")
    math(EXPR expected "${last} + 1")
    if(NOT version STREQUAL "${expected}")
        message(FATAL_ERROR "${file}: migration ${expected} is missing, or two have one number")
    endif()
    set(last "${version}")
    file(READ "${file}" sql)
    string(APPEND entries "    Migration{${version}, \"${name}\", R\"sql(${sql})sql\"},\n")
    math(EXPR count "${count} + 1")
endforeach()

set(code "#include \"core/store/migration.h\"\n\n#include <array>\n#include <span>\n\n")
string(APPEND code "namespace millrace::store {\n\nnamespace {\n\n")
if(count EQUAL 0)
    string(APPEND code "constexpr std::array<Migration, 0> kMigrations{};\n")
else()
    string(APPEND code "constexpr std::array<Migration, ${count}> kMigrations{\n${entries}};\n")
endif()
string(APPEND code "\n} // namespace\n\n")
string(APPEND code "std::span<const Migration> migrations()\n{\n    return kMigrations;\n}\n\n")
string(APPEND code "} // namespace millrace::store\n")
file(WRITE "${OUTPUT}" "${code}")
