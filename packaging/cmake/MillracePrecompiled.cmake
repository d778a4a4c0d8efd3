# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

# Precompiled headers. Each is built once by a carrier target and reused by all others of its group.
#   mr_pch_std      Qt-free libraries
#   mr_pch_qt       Qt libraries without widgets
#   mr_pch_widgets  charts and views
#   mr_pch_tests    the test programs (made in tests/, whose path Qt6::Test defines for it)

if(NOT MR_PCH)
    return()
endif()

set(mrStdHeaders
    <algorithm> <array> <atomic> <chrono> <compare> <concepts> <cstddef> <cstdint> <deque>
    <functional> <map> <memory> <mutex> <optional> <set> <span> <string> <string_view> <thread>
    <tuple> <type_traits> <unordered_map> <utility> <variant> <vector> <tl/expected.hpp>)
set(mrQtHeaders
    <QtCore/QAbstractItemModel> <QtCore/QByteArray> <QtCore/QCoreApplication> <QtCore/QDateTime>
    <QtCore/QDebug> <QtCore/QFile> <QtCore/QHash> <QtCore/QJsonDocument> <QtCore/QJsonObject>
    <QtCore/QList> <QtCore/QObject> <QtCore/QPointer> <QtCore/QSet> <QtCore/QString>
    <QtCore/QStringList> <QtCore/QTimer> <QtCore/QUrl> <QtCore/QVariant>)
set(mrWidgetHeaders
    <QtGui/QAction> <QtGui/QPainter> <QtWidgets/QApplication> <QtWidgets/QBoxLayout>
    <QtWidgets/QComboBox> <QtWidgets/QDialog> <QtWidgets/QFormLayout> <QtWidgets/QHeaderView>
    <QtWidgets/QLabel> <QtWidgets/QLineEdit> <QtWidgets/QMainWindow> <QtWidgets/QMenu>
    <QtWidgets/QPushButton> <QtWidgets/QSplitter> <QtWidgets/QStackedWidget>
    <QtWidgets/QTableView> <QtWidgets/QToolButton> <QtWidgets/QTreeView> <QtWidgets/QWidget>)

file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/pch/library.cpp" CONTENT "extern const int mrPchCarrier;\nconst int mrPchCarrier = 0;\n")
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/pch/program.cpp" CONTENT "int main()\n{\n}\n")

function(mr_pch_carrier name type)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "LIBS;HEADERS")
    if(type STREQUAL "PROGRAM")
        add_executable(${name} EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/pch/program.cpp")
    else()
        add_library(${name} OBJECT EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/pch/library.cpp")
    endif()
    target_link_libraries(${name} PRIVATE mr_options ${arg_LIBS})
    target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
    set_target_properties(${name} PROPERTIES CXX_COMPILER_LAUNCHER "${mrPchLauncher}")
endfunction()

mr_pch_carrier(mr_pch_std LIBRARY HEADERS ${mrStdHeaders})
if(MR_APP)
    mr_pch_carrier(mr_pch_qt LIBRARY
        LIBS Qt6::Core QCoro6::Core
        HEADERS ${mrStdHeaders} ${mrQtHeaders} <QCoroTask>)
    mr_pch_carrier(mr_pch_widgets LIBRARY
        LIBS Qt6::Widgets QCoro6::Core
        HEADERS ${mrStdHeaders} ${mrQtHeaders} ${mrWidgetHeaders} <QCoroTask>)
endif()
