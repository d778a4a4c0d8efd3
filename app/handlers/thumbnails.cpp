// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/thumbnails.h"

#include "app/handlers/replace_file.h"

#include <QBuffer>
#include <QDir>
#include <QFileInfo>
#include <QImage>
#include <QImageReader>
#include <QPainter>

#include <algorithm>
#include <ranges>

namespace millrace::handlers {

namespace {

constexpr int kQuality = 85;

/// JPEG has no transparency: what shines through becomes white.
QImage flattened(const QImage& image)
{
    if (!image.hasAlphaChannel())
        return image;
    QImage flat(image.size(), QImage::Format_RGB32);
    flat.fill(Qt::white);
    QPainter(&flat).drawImage(0, 0, image);
    return flat;
}

Result<void> save(const QImage& image, const QString& path)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    if (!image.save(&buffer, "JPG", kQuality))
        return base::fail(base::ErrorCode::Io, "cannot encode the thumbnail " + path.toStdString());
    return replaceFile(path, bytes);
}

/// As the decoder will turn it.
QSize displayedSize(QImageReader& reader)
{
    const QSize size = reader.size();
    return reader.transformation().testFlag(QImageIOHandler::TransformationRotate90)
               ? size.transposed()
               : size;
}

} // namespace

QString thumbnailPath(const QString& folder, const QString& messageId, int pixels)
{
    return QStringLiteral("%1/%2-%3.jpg").arg(folder, messageId, QString::number(pixels));
}

QSize thumbnailSize(QSize picture, int pixels)
{
    if (picture.width() <= pixels && picture.height() <= pixels)
        return picture;
    return picture.scaled(pixels, pixels, Qt::KeepAspectRatio).expandedTo(QSize(1, 1));
}

Result<void> makeThumbnails(const QString& picture, const QString& folder, const QString& messageId)
{
    if (!QFileInfo::exists(picture)) {
        return base::fail(base::ErrorCode::NotFound,
                          "the picture " + picture.toStdString() + " does not exist");
    }
    QImageReader reader(picture);
    reader.setAutoTransform(true);
    reader.setDecideFormatFromContent(true);
    const QImage image = reader.read();
    if (image.isNull())
        return base::fail(base::ErrorCode::Corrupt, reader.errorString().toStdString());
    if (!QDir().mkpath(folder)) {
        return base::fail(base::ErrorCode::Io,
                          "cannot create the folder " + folder.toStdString()
                              + ": check that it can be written");
    }
    // The largest first: each smaller one is made from the one before.
    QImage scaled = flattened(image);
    for (const int pixels : kThumbnailPixels | std::views::reverse) {
        const QSize size = thumbnailSize(image.size(), pixels);
        if (size != scaled.size())
            scaled = scaled.scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
        if (auto saved = save(scaled, thumbnailPath(folder, messageId, pixels)); !saved)
            return saved;
    }
    return {};
}

bool areThumbnailsRight(const QString& picture, const QString& folder, const QString& messageId)
{
    QImageReader reader(picture);
    reader.setDecideFormatFromContent(true);
    const QSize whole = displayedSize(reader);
    return std::ranges::all_of(kThumbnailPixels, [&](int pixels) {
        const QImage thumbnail(thumbnailPath(folder, messageId, pixels));
        return !thumbnail.isNull() && thumbnail.size() == thumbnailSize(whole, pixels);
    });
}

} // namespace millrace::handlers
