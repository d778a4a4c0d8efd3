# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

# One folder is one target: every .cpp in it belongs to the target.

# mr_library(<name> [QT | WIDGETS] [PUBLIC libs...] [PRIVATE libs...] [SOURCES generated...])
# Static library of the current folder, alias Millrace::<name>. While the folder has no .cpp,
# the target is an INTERFACE library. QT turns AUTOMOC on; WIDGETS is QT for widget code.
function(mr_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "QT;WIDGETS" "" "PUBLIC;PRIVATE;SOURCES")
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    file(GLOB headers CONFIGURE_DEPENDS *.h)
    if(NOT sources)
        add_library(${name} INTERFACE)
        add_library(Millrace::${name} ALIAS ${name})
        target_link_libraries(${name} INTERFACE ${arg_PUBLIC} ${arg_PRIVATE})
        return()
    endif()

    add_library(${name} STATIC ${sources} ${headers} ${arg_SOURCES})
    add_library(Millrace::${name} ALIAS ${name})
    target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE mr_options ${arg_PRIVATE})
    if(arg_QT OR arg_WIDGETS)
        set_target_properties(${name} PROPERTIES AUTOMOC ON)
    endif()
    if(MR_PCH)
        if(arg_WIDGETS)
            target_precompile_headers(${name} REUSE_FROM mr_pch_widgets)
        elseif(arg_QT)
            target_precompile_headers(${name} REUSE_FROM mr_pch_qt)
        else()
            target_precompile_headers(${name} REUSE_FROM mr_pch_std)
        endif()
    endif()
endfunction()

# mr_failpoints(<target>)
# Lets tests kill the process at named places of the target (core/base/failpoint.h). Only where tests are built.
function(mr_failpoints name)
    if(MR_BUILD_TESTS)
        target_compile_definitions(${name} PRIVATE MR_FAILPOINTS)
    endif()
endfunction()

# mr_program(<target> OUTPUT <file name> LIBS <libs...>)
# Executable of the current folder in bin/. Nothing happens while the folder has no .cpp.
function(mr_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT" "LIBS")
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    file(GLOB headers CONFIGURE_DEPENDS *.h)
    if(NOT sources)
        return()
    endif()
    add_executable(${name} ${sources} ${headers})
    target_link_libraries(${name} PRIVATE mr_options ${arg_LIBS})
    target_compile_definitions(${name} PRIVATE MR_VERSION="${PROJECT_VERSION}")
    set_target_properties(${name} PROPERTIES
        AUTOMOC ON
        OUTPUT_NAME "${arg_OUTPUT}"
        RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
endfunction()

# mr_resources(<library> <file.qrc>)
# Compiles a resource file, if it exists, and hands its object file to every program that links
# the library; so nobody has to call Q_INIT_RESOURCE.
function(mr_resources library qrc)
    file(GLOB present CONFIGURE_DEPENDS "${qrc}")
    if(NOT present)
        return()
    endif()
    get_filename_component(stem "${qrc}" NAME_WE)
    # Not AUTORCC: it adds its source too late for $<TARGET_OBJECTS> in an outer folder.
    qt_add_resources(compiled "${qrc}")
    add_library(${stem}_resources OBJECT ${compiled})
    target_link_libraries(${stem}_resources PRIVATE mr_codegen Qt6::Core)
    target_link_libraries(${library} INTERFACE $<TARGET_OBJECTS:${stem}_resources>)
endfunction()
