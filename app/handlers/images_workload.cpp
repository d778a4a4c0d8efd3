// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/images_workload.h"

#include "app/handlers/sample_pictures.h"
#include "app/handlers/thumbnails.h"

#include <QCoroFuture>

#include <QDir>
#include <QDirIterator>
#include <QFileInfo>
#include <QImageReader>
#include <QJsonDocument>
#include <QJsonObject>
#include <QThread>
#include <QtConcurrentRun>

#include <algorithm>
#include <utility>

namespace millrace::handlers {

namespace {

constexpr qsizetype kMaxPictures = 100'000;
constexpr std::uint32_t kHandlersPerDecoder = 2;
constexpr std::size_t kMaxNameLength = 128;

message::Outcome outcomeOf(const Result<void>& made)
{
    if (made)
        return message::Outcome::acknowledge();
    const std::string& text = made.error().context;
    switch (made.error().code) {
    case base::ErrorCode::Corrupt:
        return message::Outcome::reject({"UnreadableImage", text});
    case base::ErrorCode::NotFound:
        return message::Outcome::reject({"MissingFile", text});
    default:
        return message::Outcome::retry({"CannotWriteThumbnail", text});
    }
}

/// The id of a message becomes part of a file's name, and anybody may submit to the queue: what could leave the
/// folder, or is no name everywhere, is refused.
bool isFileName(std::string_view id)
{
    const auto isPlain = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.'
               || c == '_' || c == '-';
    };
    return !id.empty() && id.size() <= kMaxNameLength && id.front() != '.'
           && std::ranges::all_of(id, isPlain);
}

/// @param folder  holds a folder of thumbnails for each run
QCoro::Task<message::Outcome>
handlePicture(std::shared_ptr<QThreadPool> decoders, QString folder, client::Delivery delivery)
{
    const std::string name = delivery.envelope().id;
    if (!isFileName(name))
        co_return message::Outcome::reject(
            {"UnsafeId",
             "the id of the message cannot be part of a file's name: use 1 to 128 letters, digits, `.`, "
             "`_` and `-`, not beginning with `.`"});
    const QString id = QString::fromStdString(name);
    const std::string_view body = delivery.body();
    const QString path =
        QJsonDocument::fromJson(QByteArray(body.data(), static_cast<qsizetype>(body.size())))
            .object()
            .value(QLatin1String("path"))
            .toString();
    if (path.isEmpty())
        co_return message::Outcome::reject(
            {"MalformedMessage", "the body has no `path` of a picture"});
    const QString target = folder + QLatin1Char('/') + id.section(QLatin1Char('-'), 0, 0);
    auto making = QtConcurrent::run(
        decoders.get(), [path, target, id] { return makeThumbnails(path, target, id); });
    const Result<void> made = co_await making;
    co_return outcomeOf(made);
}

Result<QStringList> picturesIn(const QString& folder, std::stop_token stop)
{
    QStringList patterns;
    for (const QByteArray& format : QImageReader::supportedImageFormats())
        patterns.append(QStringLiteral("*.") + QString::fromLatin1(format));
    QStringList paths;
    QDirIterator files(
        folder, patterns, QDir::Files | QDir::Readable, QDirIterator::Subdirectories);
    while (files.hasNext() && paths.size() < kMaxPictures && !stop.stop_requested())
        paths.append(files.next());
    if (paths.isEmpty()) {
        return base::fail(base::ErrorCode::NotFound,
                          "there are no pictures in the folder " + folder.toStdString()
                              + ": choose another one");
    }
    paths.sort();
    return paths;
}

/// Removes the thumbnails of earlier runs, so that the folder does not grow with each start.
Result<void> clearThumbnails(const QString& folder)
{
    const auto runs = QDir(folder).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString& run : runs)
        QDir(folder + QLatin1Char('/') + run).removeRecursively();
    if (QDir().mkpath(folder))
        return {};
    return base::fail(base::ErrorCode::Io,
                      "cannot create the folder " + folder.toStdString()
                          + ": check that it can be written");
}

} // namespace

ImagesWorkload::ImagesWorkload(WorkloadContext context, QObject* parent)
    : WorkloadBase(std::move(context), QStringLiteral("images"), parent)
{}

QString ImagesWorkload::id() const
{
    return QStringLiteral("images");
}

QString ImagesWorkload::title() const
{
    //: Title of a demo workload: makes thumbnails of pictures
    return tr("Images");
}

QString ImagesWorkload::description() const
{
    //: What the demo workload "Images" does, one sentence
    return tr("Makes three thumbnails of each picture in a folder; files that are cut off cannot "
              "be decoded and are "
              "rejected with the decoder's own error.");
}

message::PipelineDefinition ImagesWorkload::definition() const
{
    message::QueueDefinition queue;
    queue.name = "images";
    queue.policy.retry = {.initialDelay = std::chrono::milliseconds(500),
                          .multiplier = 2.0,
                          .maxDelay = std::chrono::milliseconds(10'000),
                          .maxAttempts = 3};
    return {{queue}, {}};
}

LoadProfile ImagesWorkload::defaultProfile() const
{
    return {.count = kSamplePictures, .ratePerSecond = 20, .burst = 4};
}

QList<Knob> ImagesWorkload::knobs() const
{
    return {};
}

void ImagesWorkload::setKnob(const QString& /*key*/, double /*value*/) {}

QString ImagesWorkload::knobLabel(const QString& /*key*/) const
{
    return {};
}

QString ImagesWorkload::thumbnailsFolder() const
{
    return directory() + QStringLiteral("/thumbnails/") + QString::fromStdString(run());
}

QCoro::Task<Result<void>> ImagesWorkload::prepare()
{
    m_inputs.clear();
    m_decoders = std::make_shared<QThreadPool>();
    m_decoders->setMaxThreadCount(std::max(1, QThread::idealThreadCount() - 1));
    m_decoders->setObjectName(QStringLiteral("image decoders"));
    const QString folder = directory() + QStringLiteral("/thumbnails");
    auto clearing = QtConcurrent::run(pool(), &clearThumbnails, folder);
    const Result<void> cleared = co_await clearing;
    co_return cleared;
}

std::vector<std::unique_ptr<client::Worker>> ImagesWorkload::makeWorkers()
{
    const QString folder = directory() + QStringLiteral("/thumbnails");
    const auto concurrency =
        static_cast<std::uint32_t>(m_decoders->maxThreadCount()) * kHandlersPerDecoder;
    auto factory = [decoders = m_decoders, folder]() -> client::Worker::Handler {
        return [decoders, folder](client::Delivery delivery) {
            return handlePicture(decoders, folder, std::move(delivery));
        };
    };
    std::vector<std::unique_ptr<client::Worker>> workers;
    workers.push_back(std::make_unique<client::Worker>(context().connection,
                                                       QStringLiteral("images"),
                                                       std::move(factory),
                                                       workerOptions(concurrency, 1)));
    return workers;
}

QFuture<Result<std::uint64_t>> ImagesWorkload::prepareInput(std::uint64_t count)
{
    auto input = std::make_shared<Input>();
    input->first = nextNumber();
    m_inputs.push_back(input);
    const QString samples = directory() + QStringLiteral("/samples");
    return QtConcurrent::run(
        pool(),
        [input, count, samples, folder = m_folder, threads = pool(), stop = stopToken()]()
            -> Result<std::uint64_t> {
            const std::uint64_t painted =
                count == 0 ? kSamplePictures : std::min<std::uint64_t>(count, kSamplePictures);
            auto paths =
                folder.isEmpty()
                    ? ensureSamplePictures(samples, static_cast<int>(painted), threads, stop)
                    : picturesIn(folder, stop);
            if (!paths)
                return tl::unexpected(paths.error());
            input->paths = std::move(*paths);
            for (const QString& path : std::as_const(input->paths))
                input->sizes.push_back(QFileInfo(path).size());
            return count == 0 ? static_cast<std::uint64_t>(input->paths.size()) : count;
        });
}

QString ImagesWorkload::inputProblem(const base::Error& error) const
{
    if (error.code != base::ErrorCode::NotFound)
        return {};
    //: %1 is a folder
    return tr("There are no pictures in the folder %1. Choose another one.").arg(m_folder);
}

ImagesWorkload::Picture ImagesWorkload::pictureOf(const std::vector<std::shared_ptr<Input>>& inputs,
                                                  std::uint64_t number)
{
    const auto isAfter = [](std::uint64_t value, const auto& input) {
        return value < input->first;
    };
    const auto next = std::upper_bound(inputs.begin(), inputs.end(), number, isAfter);
    const auto& input = **std::prev(next);
    const std::size_t index = (number - input.first) % input.sizes.size();
    return {input.paths[static_cast<qsizetype>(index)], input.sizes[index]};
}

message::Message ImagesWorkload::makeMessage(std::uint64_t number) const
{
    const Picture picture = pictureOf(m_inputs, number);
    const QJsonObject body{{QStringLiteral("path"), picture.path},
                           {QStringLiteral("bytes"), picture.bytes}};
    message::Message message;
    message.envelope.type = "image.added";
    message.envelope.subject =
        picture.path.section(QLatin1Char('/'), -1).toStdString();
    message.envelope.correlationId = "folder-" + run();
    message.body = QJsonDocument(body).toJson(QJsonDocument::Compact).toStdString();
    return message;
}

QFuture<Result<Findings>> ImagesWorkload::findResults(std::vector<Fate> fates)
{
    return QtConcurrent::run(
        pool(),
        [fates = std::move(fates),
         inputs = m_inputs,
         folder = thumbnailsFolder(),
         run = run(),
         stop = stopToken()]() -> Result<Findings> {
            Findings findings;
            const auto files =
                QDir(folder).entryList({QStringLiteral("*.jpg")}, QDir::Files, QDir::Name);
            for (const QString& file : files) {
                if (stop.stop_requested())
                    return base::fail(base::ErrorCode::Cancelled, "the workload has ended");
                const QString id = file.section(QLatin1Char('-'), 0, -2);
                const auto number = numberOfMessage(run, id.toStdString());
                if (!number || *number >= fates.size())
                    findings.surplus.append(file);
                else if (!findings.done.contains(Copy{0, *number})
                         && areThumbnailsRight(pictureOf(inputs, *number).path, folder, id))
                    findings.done.insert(Copy{0, *number});
            }
            return findings;
        });
}

std::vector<std::shared_ptr<void>> ImagesWorkload::release()
{
    return {std::exchange(m_decoders, nullptr)};
}

} // namespace millrace::handlers
