# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(tl-expected REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(SQLite3 REQUIRED)
pkg_check_modules(Sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(XxHash REQUIRED IMPORTED_TARGET libxxhash)

find_path(MR_PROTOZERO_INCLUDE protozero/pbf_reader.hpp REQUIRED)
mark_as_advanced(MR_PROTOZERO_INCLUDE)
add_library(mr_protozero INTERFACE)
target_include_directories(mr_protozero SYSTEM INTERFACE "${MR_PROTOZERO_INCLUDE}")

if(MR_CORE_ONLY)
    set(MR_APP OFF)
    set(MR_BUILD_TESTS OFF)
    return()
endif()

find_package(Protobuf REQUIRED)
pkg_check_modules(ZeroMq REQUIRED IMPORTED_TARGET libzmq)
find_path(MR_CPPZMQ_INCLUDE zmq.hpp REQUIRED)
mark_as_advanced(MR_CPPZMQ_INCLUDE)
find_package(tomlplusplus REQUIRED)

if(MR_BUILD_TESTS)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Core Test)
    # The Debian package names its imported target differently per version.
    find_path(MR_RAPIDCHECK_INCLUDE rapidcheck.h)
    find_library(MR_RAPIDCHECK_LIBRARY rapidcheck)
    mark_as_advanced(MR_RAPIDCHECK_INCLUDE MR_RAPIDCHECK_LIBRARY)
endif()

if(MR_APP)
    find_package(Qt6 6.4 REQUIRED COMPONENTS
        Core Gui Widgets Network Concurrent HttpServer Charts Svg LinguistTools)
    find_package(QCoro6 REQUIRED COMPONENTS Core Network)
    find_package(valijson REQUIRED)
    find_package(CLI11 REQUIRED)
    find_package(spdlog REQUIRED)
    find_library(MR_QSCINTILLA_LIBRARY qscintilla2_qt6 REQUIRED)
    find_path(MR_QSCINTILLA_INCLUDE Qsci/qsciscintilla.h
        HINTS ${Qt6Core_INCLUDE_DIRS} REQUIRED)
    mark_as_advanced(MR_QSCINTILLA_LIBRARY MR_QSCINTILLA_INCLUDE)
    include(MillraceQScintilla)
endif()
