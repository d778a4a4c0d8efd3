# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

# translations/*.ts are compiled into every program that links `views`, as :/i18n/<name>.qm.
# The target update_translations collects the texts of app/ into them.

file(GLOB catalogues CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/translations/*.ts")

set(folder "${PROJECT_BINARY_DIR}/i18n")
set(qrc "<RCC><qresource prefix=\"/i18n\">\n")
set(commands "")
foreach(catalogue IN LISTS catalogues)
    get_filename_component(stem "${catalogue}" NAME_WLE)
    list(APPEND commands
        COMMAND Qt6::lrelease -silent "${catalogue}" -qm "${folder}/${stem}.qm")
    string(APPEND qrc "  <file>${stem}.qm</file>\n")
endforeach()
string(APPEND qrc "</qresource></RCC>\n")

if(catalogues)
    file(CONFIGURE OUTPUT "${folder}/translations.qrc" CONTENT "${qrc}" @ONLY)
    add_custom_command(
        OUTPUT "${folder}/qrc_translations.cpp"
        ${commands}
        COMMAND Qt6::rcc --name translations -o "${folder}/qrc_translations.cpp"
            "${folder}/translations.qrc"
        DEPENDS ${catalogues} "${folder}/translations.qrc"
        COMMENT "Compiling the translations"
        VERBATIM)
    add_library(translations_resources OBJECT "${folder}/qrc_translations.cpp")
    target_link_libraries(translations_resources PRIVATE mr_codegen Qt6::Core)
    target_link_libraries(views INTERFACE $<TARGET_OBJECTS:translations_resources>)
endif()

add_custom_target(update_translations
    # Without the include folder lupdate misses the namespaces, and no text would be found at run time.
    COMMAND Qt6::lupdate -silent -locations relative -no-obsolete
        -I "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/app" -ts "${PROJECT_SOURCE_DIR}/translations/millrace_de.ts"
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    COMMENT "Collecting the texts of app/"
    VERBATIM)
