// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/pipeline_host.h"

#include <QString>
#include <QStringList>

#include <optional>

namespace millrace::desktop {

struct CommandLine
{
    HostOptions host;
    QString theme;       ///< `light`, `dark`, `auto`; empty = as stored
    QString language;    ///< for example `de`; empty = the system's
    QString screenshots; ///< directory; empty = a window for a person
};

/// True if the arguments ask for screenshots: must be known before the application exists.
[[nodiscard]] bool wantsScreenshots(int argc, char** argv);
/// Prints help, version or what is wrong. @returns nullopt if the program should end with `exitCode`
[[nodiscard]] std::optional<CommandLine> parseCommandLine(const QStringList& arguments, int& exitCode);

} // namespace millrace::desktop
