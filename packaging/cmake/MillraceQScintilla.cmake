# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

# mr_qscintilla: the editor widget. Its headers are written with the keywords `signals` and `slots`,
# which QT_NO_KEYWORDS takes away. So each is shadowed by a header that defines them around it.
# Qt's own include folder holds the originals, so the shadows must not be SYSTEM: -I comes first.

set(shadow "${CMAKE_BINARY_DIR}/qscintilla")
file(GLOB headers RELATIVE "${MR_QSCINTILLA_INCLUDE}" "${MR_QSCINTILLA_INCLUDE}/Qsci/*.h")
foreach(header IN LISTS headers)
    file(CONFIGURE OUTPUT "${shadow}/${header}" @ONLY CONTENT [[
#pragma GCC system_header
#include <QtCore/qobjectdefs.h>
#pragma push_macro("signals")
#pragma push_macro("slots")
#undef signals
#undef slots
#define signals Q_SIGNALS
#define slots Q_SLOTS
#include_next <@header@>
#pragma pop_macro("slots")
#pragma pop_macro("signals")
]])
endforeach()

add_library(mr_qscintilla INTERFACE)
target_include_directories(mr_qscintilla INTERFACE "${shadow}")
target_include_directories(mr_qscintilla SYSTEM INTERFACE "${MR_QSCINTILLA_INCLUDE}")
target_link_libraries(mr_qscintilla INTERFACE "${MR_QSCINTILLA_LIBRARY}" Qt6::Widgets)
