# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

# Compiler settings of all own targets.
#   mr_codegen  what changes the generated code; also for generated sources
#   mr_options  mr_codegen, the warnings, the Qt defines and the include root

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release or RelWithDebInfo" FORCE)
endif()

# No configuration defines NDEBUG: assertions stay on in what is shipped.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
if(MR_SANITIZE)
    set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
else()
    set(CMAKE_CXX_FLAGS_DEBUG "-g")
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(pchDefault ON)
else()
    set(pchDefault OFF)
endif()
option(MR_PCH "Use precompiled headers" ${pchDefault})
option(MR_CCACHE "Compile through ccache when it is found" ON)
option(MR_MOLD "Link with mold when it is found" ON)

if(MR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    find_program(MR_CCACHE_PROGRAM ccache)
    mark_as_advanced(MR_CCACHE_PROGRAM)
    if(MR_CCACHE_PROGRAM)
        set(CMAKE_CXX_COMPILER_LAUNCHER
            "${CMAKE_COMMAND}" -E env
            "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime"
            "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" "CCACHE_NOHASHDIR=1" "CCACHE_ABSSTDERR=1"
            "CCACHE_DEPEND=1" "CCACHE_PCH_EXTSUM=1"
            "${MR_CCACHE_PROGRAM}")
    endif()
endif()

set(mrPchLauncher "${CMAKE_CURRENT_LIST_DIR}/compile_pch.sh" ${CMAKE_CXX_COMPILER_LAUNCHER})

add_library(mr_codegen INTERFACE)
target_compile_definitions(mr_codegen INTERFACE _GLIBCXX_ASSERTIONS)
target_compile_options(mr_codegen INTERFACE -fstack-protector-strong -fstack-clash-protection)
target_link_options(mr_codegen INTERFACE
    LINKER:--as-needed LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|i.86")
    target_compile_options(mr_codegen INTERFACE -fcf-protection)
endif()
if(MR_SANITIZE)
    target_compile_options(mr_codegen INTERFACE
        -fsanitize=${MR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
    target_link_options(mr_codegen INTERFACE -fsanitize=${MR_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    target_compile_options(mr_codegen INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
if(MR_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(mr_codegen INTERFACE -fpch-preprocess)
endif()
if(MR_MOLD)
    find_program(MR_MOLD_PROGRAM mold)
    mark_as_advanced(MR_MOLD_PROGRAM)
    if(MR_MOLD_PROGRAM)
        target_link_options(mr_codegen INTERFACE -fuse-ld=mold)
    endif()
endif()

add_library(mr_options INTERFACE)
target_link_libraries(mr_options INTERFACE mr_codegen)
target_include_directories(mr_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(mr_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Woverloaded-virtual -Wold-style-cast -Wcast-align -Wformat=2 -Wimplicit-fallthrough
    -Werror=return-type)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(mr_options INTERFACE -Wnull-dereference)
else()
    # With optimisation g++ 12 reports these inside its own standard library, for correct code.
    target_compile_options(mr_options INTERFACE -Wno-null-dereference -Wno-restrict)
endif()
if(MR_WERROR)
    target_compile_options(mr_options INTERFACE -Werror)
endif()
target_compile_definitions(mr_options INTERFACE
    QT_NO_KEYWORDS QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_URL_CAST_FROM_STRING
    QT_NO_NARROWING_CONVERSIONS_IN_CONNECT QT_NO_FOREACH QT_USE_QSTRINGBUILDER
    QT_DISABLE_DEPRECATED_BEFORE=0x060400 QT_FORCE_ASSERTS QT_MESSAGELOGCONTEXT)
