// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

class QCoreApplication;

namespace millrace::desktop {

/// Which language the window speaks to someone who reads `wanted`, best first, as in QLocale::uiLanguages().
/// @returns the suffix of a catalogue, for example `de`; empty = English, which the texts of the program are written in
[[nodiscard]] QString chooseLanguage(const QStringList& wanted);

/// Makes the program, and the texts of Qt itself, speak the language that chooseLanguage() finds for QLocale().
void installLanguage(QCoreApplication& application);

} // namespace millrace::desktop
