// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QString>
#include <QStringList>

#include <stop_token>

class QThreadPool;

namespace millrace::handlers {

using base::Result;

inline constexpr int kSamplePictures = 200;

/// Paints the sample pictures 0 … count-1 that `folder` does not hold yet, on the threads of
/// `pool`, and returns the paths of all of them. The same number yields the same picture. About one
/// in sixteen is a file that was cut. Not for the gui thread. Errors: Io (the folder cannot be
/// written), Cancelled.
[[nodiscard]] Result<QStringList>
ensureSamplePictures(const QString& folder, int count, QThreadPool* pool, std::stop_token stop);

/// True for the sample pictures whose file is cut, so that no decoder reads them.
[[nodiscard]] bool isTruncatedSample(int number);

} // namespace millrace::handlers
