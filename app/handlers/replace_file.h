// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>

namespace millrace::handlers {

/// Writes a temporary file beside `path` and renames it, so that nobody sees half of it and doing it
/// twice is as good as once. Not synced: these files can be made again, and a sync for each would be
/// most of the work (QSaveFile does one). Errors: Io, naming the file.
[[nodiscard]] base::Result<void> replaceFile(const QString& path, const QByteArray& bytes);

} // namespace millrace::handlers
