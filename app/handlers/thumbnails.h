// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QSize>
#include <QString>

#include <array>

namespace millrace::handlers {

using base::Result;

inline constexpr std::array kThumbnailPixels{64, 256, 512};

/// Where the thumbnail of a message is written: `<folder>/<message id>-<pixels>.jpg`.
[[nodiscard]] QString thumbnailPath(const QString& folder, const QString& messageId, int pixels);

/// The size of a picture that fits into a square of `pixels`; smaller pictures are not enlarged.
[[nodiscard]] QSize thumbnailSize(QSize picture, int pixels);

/// Decodes a picture and writes its three thumbnails, each to a temporary file that is then
/// renamed: doing it twice is as good as once. Computes: for a worker pool. Errors: Corrupt (the
/// context is the decoder's own text), NotFound (there is no such file), Io (cannot write).
[[nodiscard]] Result<void>
makeThumbnails(const QString& picture, const QString& folder, const QString& messageId);

/// Checks the three thumbnails of a message: they decode, and have the size that the picture asks
/// for.
[[nodiscard]] bool
areThumbnailsRight(const QString& picture, const QString& folder, const QString& messageId);

} // namespace millrace::handlers
