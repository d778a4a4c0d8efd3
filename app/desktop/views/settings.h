// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QVariant>

namespace millrace::desktop {

/// Keeps a setting. QSettings syncs its file to disk, which can take a second on a busy one: so it is written by
/// another thread, in order. Thread: gui.
void keepSetting(const QString& key, const QVariant& value);
/// What was kept last, whether it is written yet or not.
[[nodiscard]] QVariant keptSetting(const QString& key, const QVariant& otherwise = {});
/// Returns when all is written; for the end of the program.
void finishSettings();

} // namespace millrace::desktop
