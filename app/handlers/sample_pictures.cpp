// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/sample_pictures.h"

#include "app/handlers/replace_file.h"

#include <QBuffer>
#include <QDir>
#include <QFileInfo>
#include <QImage>
#include <QPainter>
#include <QPainterPath>
#include <QRandomGenerator>
#include <QtConcurrentMap>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>

namespace millrace::handlers {

namespace {

constexpr quint32 kSeed = 20180131;
constexpr int kTruncatedEvery = 16;
/// These are JPEG files, whose decoder reports through Qt. libpng writes to standard error itself, past every log.
constexpr int kTruncatedAt = 6;
constexpr int kJpegQuality = 85;
/// A JPEG file loses everything after its first tables: with picture data, a decoder would fill the
/// rest with grey.
constexpr qsizetype kJpegKept = 420;

constexpr std::array kSizes{QSize(640, 480),
                            QSize(800, 600),
                            QSize(600, 800),
                            QSize(1024, 768),
                            QSize(1280, 720),
                            QSize(1280, 960),
                            QSize(960, 1280),
                            QSize(1600, 1200)};

bool isPng(int number)
{
    return number % 4 == 1;
}

QColor anyColor(QRandomGenerator& random, int alpha = 255)
{
    return QColor::fromHsv(
        random.bounded(360), 80 + random.bounded(150), 120 + random.bounded(130), alpha);
}

void paintGradient(QPainter& painter, QSize size, QRandomGenerator& random)
{
    const QPointF center(random.bounded(size.width()), random.bounded(size.height()));
    QRadialGradient gradient(center, std::hypot(size.width(), size.height()) * 0.7);
    const int stops = 3 + random.bounded(4);
    for (int i = 0; i <= stops; ++i)
        gradient.setColorAt(static_cast<double>(i) / stops, anyColor(random));
    painter.fillRect(QRect(QPoint(), size), gradient);
}

void paintShapes(QPainter& painter, QSize size, QRandomGenerator& random)
{
    painter.fillRect(QRect(QPoint(), size), anyColor(random));
    const int count = 25 + random.bounded(50);
    for (int i = 0; i < count; ++i) {
        const QPointF at(random.bounded(size.width()), random.bounded(size.height()));
        const double radius = 15 + random.bounded(size.height() / 5);
        painter.setPen(QPen(anyColor(random), 1 + random.bounded(6)));
        painter.setBrush(anyColor(random, 140));
        switch (random.bounded(3)) {
        case 0:
            painter.drawEllipse(at, radius, radius);
            break;
        case 1:
            painter.drawRoundedRect(QRectF(at, QSizeF(radius * 1.6, radius)), 12, 12);
            break;
        default:
            painter.drawPolygon(
                QPolygonF({at, at + QPointF(radius, radius), at + QPointF(-radius, radius)}));
        }
    }
}

QPainterPath ridge(QSize size, double baseline, double height, QRandomGenerator& random)
{
    QPainterPath path(QPointF(0, size.height()));
    const double phase = random.bounded(6.28);
    const double waves = 2 + random.bounded(4.0);
    constexpr int kStep = 8;
    for (int x = 0; x <= size.width() + kStep; x += kStep) {
        const double t = static_cast<double>(x) / size.width();
        const double y = std::sin(t * waves + phase) + 0.4 * std::sin(t * waves * 3.1 + phase * 2);
        path.lineTo(x, baseline - height * y);
    }
    path.lineTo(size.width(), size.height());
    path.closeSubpath();
    return path;
}

void paintLandscape(QPainter& painter, QSize size, QRandomGenerator& random)
{
    QLinearGradient sky(0, 0, 0, size.height());
    const int hue = random.bounded(360);
    sky.setColorAt(0, QColor::fromHsv(hue, 160, 150));
    sky.setColorAt(1, QColor::fromHsv((hue + 40) % 360, 60, 250));
    painter.fillRect(QRect(QPoint(), size), sky);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(255, 250, 220, 220));
    painter.drawEllipse(QPointF(random.bounded(size.width()), size.height() * 0.25),
                        size.height() * 0.06,
                        size.height() * 0.06);
    for (int layer = 0; layer < 5; ++layer) {
        painter.setBrush(
            QColor::fromHsv((hue + 120 + layer * 9) % 360, 60 + layer * 25, 170 - layer * 26));
        painter.drawPath(
            ridge(size, size.height() * (0.45 + 0.11 * layer), size.height() * 0.07, random));
    }
}

QImage paintPicture(int number)
{
    QRandomGenerator random(kSeed + static_cast<quint32>(number));
    // Few large ones: the sizes are drawn from the lower end twice as often.
    const auto last = static_cast<int>(kSizes.size());
    const int pick = std::min(random.bounded(last), random.bounded(last));
    const QSize size = kSizes[static_cast<std::size_t>(pick)];
    QImage image(size, QImage::Format_RGB32);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    switch (number % 3) {
    case 0:
        paintLandscape(painter, size, random);
        break;
    case 1:
        paintShapes(painter, size, random);
        break;
    default:
        paintGradient(painter, size, random);
    }
    return image;
}

QByteArray encodePicture(int number)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    paintPicture(number).save(
        &buffer, isPng(number) ? "PNG" : "JPG", isPng(number) ? -1 : kJpegQuality);
    buffer.close();
    if (isTruncatedSample(number))
        bytes.truncate(std::min(kJpegKept, bytes.size() / 2));
    return bytes;
}

QString samplePath(const QString& folder, int number)
{
    return QStringLiteral("%1/sample-%2.%3")
        .arg(folder,
             QString::number(number).rightJustified(3, QLatin1Char('0')),
             isPng(number) ? QStringLiteral("png") : QStringLiteral("jpg"));
}

} // namespace

bool isTruncatedSample(int number)
{
    return number % kTruncatedEvery == kTruncatedAt;
}

Result<QStringList>
ensureSamplePictures(const QString& folder, int count, QThreadPool* pool, std::stop_token stop)
{
    if (!QDir().mkpath(folder)) {
        return base::fail(base::ErrorCode::Io,
                          "cannot create the folder " + folder.toStdString()
                              + ": check that it can be written");
    }
    QStringList paths;
    std::vector<int> missing;
    for (int number = 0; number < std::min(count, kSamplePictures); ++number) {
        paths.append(samplePath(folder, number));
        if (!QFileInfo::exists(paths.constLast()))
            missing.push_back(number);
    }
    std::mutex lock;
    Result<void> outcome;
    QtConcurrent::blockingMap(pool, missing, [&](int number) {
        if (stop.stop_requested())
            return;
        const Result<void> written = replaceFile(samplePath(folder, number), encodePicture(number));
        const std::lock_guard guard(lock);
        if (!written)
            outcome = written;
    });
    if (stop.stop_requested())
        return base::fail(base::ErrorCode::Cancelled, "painting the sample pictures was stopped");
    if (!outcome)
        return tl::unexpected(outcome.error());
    return paths;
}

} // namespace millrace::handlers
