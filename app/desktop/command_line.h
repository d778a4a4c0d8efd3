// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/host/pipeline_host.h"

#include <QString>
#include <QStringList>

#include <optional>

namespace millrace::desktop {

struct CommandLine
{
    HostOptions host;
    QString theme;       ///< `light`, `dark`, `auto`; empty = as stored
    QString screenshots; ///< directory; empty = a window for a person
};

/// True if nothing has to be shown: screenshots, help, version, or a mistake. Must be known before the application
/// exists, which ends the program when there is no display.
[[nodiscard]] bool needsNoDisplay(int argc, char** argv);
/// While it exists, an application that finds no display ends the program with a sentence and kNoDisplay instead of aborting. One at a time;
/// must end before anything else installs a message handler.
class DisplayGuard
{
public:
    static constexpr int kNoDisplay = 3;
    DisplayGuard();
    ~DisplayGuard();
    DisplayGuard(const DisplayGuard&) = delete;
    DisplayGuard& operator=(const DisplayGuard&) = delete;
};
/// The value of --lang: must be known before anything is printed. Empty = the system's language.
[[nodiscard]] QString languageOf(const QStringList& arguments);
/// Prints help, version or what is wrong. @returns nullopt if the program should end with `exitCode`
[[nodiscard]] std::optional<CommandLine> parseCommandLine(const QStringList& arguments, int& exitCode);

} // namespace millrace::desktop
