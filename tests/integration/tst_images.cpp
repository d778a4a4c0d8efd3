// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/handlers/images_workload.h"
#include "app/handlers/sample_pictures.h"
#include "app/handlers/thumbnails.h"
#include "tests/integration/embedded_bed.h"
#include "transport/client/producer.h"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QImageReader>
#include <QTest>
#include <QThreadPool>

#include <algorithm>
#include <set>

using namespace millrace;
using namespace millrace::handlers;
using namespace millrace::tests;

namespace {

constexpr int kPictures = 23; ///< holds two truncated ones, numbers 6 and 22

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QStringList paint(const QTemporaryDir& folder, int count = kPictures)
{
    QThreadPool pool;
    return ensureSamplePictures(folder.path(), count, &pool, {}).value_or(QStringList());
}

std::uint64_t truncatedAmong(std::uint64_t count)
{
    std::uint64_t cut = 0;
    for (std::uint64_t i = 0; i < count; ++i)
        cut += isTruncatedSample(static_cast<int>(i % kSamplePictures)) ? 1 : 0;
    return cut;
}

} // namespace

class TstImages : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void samplesAreTheSameEachTime();
    void aboutSixPercentAreTruncated();
    void truncatedOnesFailWithTheDecodersText();
    void thumbnailsHaveTheRightSizes();
    void doingItTwiceIsAsGoodAsOnce();
    void everyMessageIsAccountedFor();
    void missingAndSurplusThumbnailsAreNoticed();
    void ownFolderIsUsed();
    void folderWithoutPicturesIsAnError();
    void idsThatAreNoFileNamesAreRejected();
    void sizesAreTakenBeforeSubmitting();
};

void TstImages::samplesAreTheSameEachTime()
{
    const QTemporaryDir one;
    const QTemporaryDir two;
    const QStringList first = paint(one);
    const QStringList second = paint(two);
    QCOMPARE(first.size(), kPictures);
    for (qsizetype i = 0; i < first.size(); ++i) {
        QVERIFY(!contentOf(first[i]).isEmpty());
        QCOMPARE(contentOf(first[i]), contentOf(second[i]));
    }
    QVERIFY(contentOf(first[0]) != contentOf(first[3]));
}

void TstImages::aboutSixPercentAreTruncated()
{
    const auto cut = truncatedAmong(kSamplePictures);
    QCOMPARE_GE(cut, kSamplePictures * 5 / 100U);
    QCOMPARE_LE(cut, kSamplePictures * 8 / 100U);
}

void TstImages::truncatedOnesFailWithTheDecodersText()
{
    const QTemporaryDir folder;
    const QStringList paths = paint(folder);
    for (int i = 0; i < kPictures; ++i) {
        const auto made =
            makeThumbnails(paths[i], folder.filePath(QStringLiteral("out")), QString::number(i));
        QCOMPARE(made.has_value(), !isTruncatedSample(i));
        // What is wrong with a PNG file, libpng would write to standard error.
        QVERIFY(made || paths[i].endsWith(QLatin1String(".jpg")));
        if (made)
            continue;
        QImageReader reader(paths[i]);
        reader.setDecideFormatFromContent(true);
        QVERIFY(reader.read().isNull());
        QCOMPARE(codeOf(made), QByteArrayLiteral("corrupt"));
        QCOMPARE(QString::fromStdString(made.error().context), reader.errorString());
    }
}

void TstImages::thumbnailsHaveTheRightSizes()
{
    QCOMPARE(thumbnailSize(QSize(1600, 1200), 64), QSize(64, 48));
    QCOMPARE(thumbnailSize(QSize(600, 800), 256), QSize(192, 256));
    QCOMPARE(thumbnailSize(QSize(40, 30), 64), QSize(40, 30));
    QCOMPARE(thumbnailSize(QSize(10'000, 1), 64), QSize(64, 1));
    const QTemporaryDir folder;
    const QString path = paint(folder, 1).value(0);
    const QString out = folder.filePath(QStringLiteral("out"));
    QVERIFY(makeThumbnails(path, out, QStringLiteral("m")).has_value());
    for (const int pixels : kThumbnailPixels) {
        const QImage thumbnail(thumbnailPath(out, QStringLiteral("m"), pixels));
        QCOMPARE(thumbnail.size(), thumbnailSize(QImage(path).size(), pixels));
    }
    QVERIFY(areThumbnailsRight(path, out, QStringLiteral("m")));
}

void TstImages::doingItTwiceIsAsGoodAsOnce()
{
    const QTemporaryDir folder;
    const QString path = paint(folder, 1).value(0);
    const QString out = folder.filePath(QStringLiteral("out"));
    QVERIFY(makeThumbnails(path, out, QStringLiteral("m")).has_value());
    const QStringList once = QDir(out).entryList(QDir::Files);
    QVERIFY(makeThumbnails(path, out, QStringLiteral("m")).has_value());
    QCOMPARE(QDir(out).entryList(QDir::Files), once);
    QCOMPARE(once.size(), static_cast<qsizetype>(kThumbnailPixels.size()));
}

void TstImages::everyMessageIsAccountedFor()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    ImagesWorkload workload(bed.workloadContext());
    QString error;
    constexpr std::uint64_t kCount = 40;
    const Accounting sum =
        runWorkload(bed, workload, {.count = kCount, .ratePerSecond = 0, .burst = 1}, &error);
    QCOMPARE(error, QString());
    QVERIFY2(sum.isComplete(), qPrintable(sum.examples.join(QLatin1Char(' '))));
    QCOMPARE(sum.expected, kCount);
    QCOMPARE(sum.dead, truncatedAmong(kCount));
    QCOMPARE(sum.done + sum.dead, kCount);
    const auto dead = bed.deadLetters();
    QCOMPARE(dead.size(), static_cast<std::size_t>(sum.dead));
    for (const auto& row : dead) {
        QCOMPARE(row.errorClass, std::string("UnreadableImage"));
        QVERIFY(row.reason == message::Reason::Rejected);
        QVERIFY(!row.errorText.empty());
    }
    QCOMPARE(workload.progress().acknowledged, sum.done);
    QCOMPARE(workload.progress().rejected, sum.dead);
}

void TstImages::missingAndSurplusThumbnailsAreNoticed()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    ImagesWorkload workload(bed.workloadContext());
    QString error;
    const Accounting before =
        runWorkload(bed, workload, {.count = 4, .ratePerSecond = 0, .burst = 1}, &error);
    QCOMPARE(error, QString());
    QVERIFY(before.isComplete());
    const QDir folder(workload.thumbnailsFolder());
    const QStringList files = folder.entryList(QDir::Files, QDir::Name);
    QVERIFY(QFile::remove(folder.filePath(files.first())));
    QImage wrong(3, 3, QImage::Format_RGB32);
    wrong.fill(Qt::black);
    QVERIFY(wrong.save(folder.filePath(files.last())));
    QVERIFY(wrong.save(folder.filePath(QStringLiteral("alien-64.jpg"))));
    const auto after = resultOf(workload.account());
    QVERIFY(after.has_value());
    QCOMPARE(after->missing, std::uint64_t{2});
    QCOMPARE(after->surplus, std::uint64_t{1});
    QVERIFY(!after->isComplete());
}

void TstImages::ownFolderIsUsed()
{
    const QTemporaryDir own;
    QVERIFY(QDir(own.path()).mkpath(QStringLiteral("sub")));
    QImage picture(300, 200, QImage::Format_ARGB32);
    picture.fill(QColor(10, 200, 30, 100));
    QVERIFY(picture.save(own.filePath(QStringLiteral("sub/one.png"))));
    QVERIFY(picture.save(own.filePath(QStringLiteral("two.bmp"))));
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    ImagesWorkload workload(bed.workloadContext());
    workload.setFolder(own.path());
    QString error;
    const Accounting sum =
        runWorkload(bed, workload, {.count = 0, .ratePerSecond = 0, .burst = 1}, &error);
    QCOMPARE(error, QString());
    QVERIFY(sum.isComplete());
    QCOMPARE(sum.done, std::uint64_t{2});
}

void TstImages::folderWithoutPicturesIsAnError()
{
    const QTemporaryDir empty;
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    ImagesWorkload workload(bed.workloadContext());
    workload.setFolder(empty.path());
    QVERIFY(resultOf(workload.attach()).has_value());
    const auto submitted = resultOf(workload.submit(workload.defaultProfile()));
    QCOMPARE(codeOf(submitted), QByteArrayLiteral("not-found"));
    QVERIFY(submitted.error().context.find(empty.path().toStdString()) != std::string::npos);
    QVERIFY(!workload.progress().submitting);
    QVERIFY2(workload.problem().contains(empty.path()), qPrintable(workload.problem()));
}

void TstImages::idsThatAreNoFileNamesAreRejected()
{
    const QTemporaryDir pictures;
    const QString picture = paint(pictures, 1).value(0);
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    ImagesWorkload workload(bed.workloadContext());
    QVERIFY(resultOf(workload.attach()).has_value());
    const std::vector<std::string> ids{"../../../x",
                                       "../../../x-1",
                                       "/tmp/x-1",
                                       "a/b-1",
                                       "..",
                                       ".hidden",
                                       "a b",
                                       "a\\b",
                                       "\xC3\xA4-1",
                                       std::string(129, 'a')};
    std::vector<message::Message> messages;
    for (const std::string& id : ids) {
        message::Message message;
        message.envelope = {.id = id, .source = "/test", .type = "image.added"};
        message.body = "{\"path\":\"" + picture.toStdString() + "\"}";
        messages.push_back(std::move(message));
    }
    messages.push_back(messages.back());
    messages.back().envelope.id = std::string(127, 'b') + "_";
    client::Producer producer(bed.link.connection);
    const auto submitted = waitForResult(producer.submit(QStringLiteral("images"), std::move(messages)));
    QVERIFY(submitted && *submitted && (*submitted)->problems.empty());
    QVERIFY(bed.waitUntilSettled(std::chrono::seconds(20)));

    std::set<std::string> dead;
    for (const auto& row : bed.deadLetters()) {
        QCOMPARE(row.errorClass, std::string("UnsafeId"));
        dead.insert(row.id);
    }
    QVERIFY(dead == std::set<std::string>(ids.begin(), ids.end()));
    QCOMPARE(workload.progress().acknowledged, std::uint64_t{1});
    const QDir folder(bed.directory.filePath(QStringLiteral("images/thumbnails")));
    QCOMPARE(folder.entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
             QStringList{QString(127, QLatin1Char('b')) + QLatin1Char('_')});
    QVERIFY(resultOf(workload.detach()).has_value());
}

void TstImages::sizesAreTakenBeforeSubmitting()
{
    const QTemporaryDir own;
    QImage picture(30, 20, QImage::Format_RGB32);
    picture.fill(Qt::red);
    const QString path = own.filePath(QStringLiteral("one.bmp"));
    QVERIFY(picture.save(path));
    const qint64 size = QFile(path).size();
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    ImagesWorkload workload(bed.workloadContext());
    workload.setFolder(own.path());
    QVERIFY(resultOf(workload.attach()).has_value());
    QVERIFY(waitForResult(bed.pipeline()->setPaused("images", true))->has_value());
    auto submitting = workload.submit({.count = 2, .ratePerSecond = 4, .burst = 1});
    QTRY_COMPARE(workload.progress().submitted, std::uint64_t{1});
    QVERIFY(QFile::remove(path));
    QVERIFY(resultOf(std::move(submitting)).has_value());
    QVERIFY(waitForResult(bed.pipeline()->setPaused("images", false))->has_value());
    QVERIFY(bed.waitUntilSettled(std::chrono::seconds(20)));
    const auto dead = bed.deadLetters();
    QCOMPARE(dead.size(), std::size_t{2});
    for (const auto& row : dead) {
        const auto detail = waitForResult(bed.pipeline()->deadLetter(row.ref));
        QVERIFY(detail && *detail);
        QVERIFY((*detail)->body.find("\"bytes\":" + std::to_string(size)) != std::string::npos);
    }
}

QTEST_GUILESS_MAIN(TstImages)
#include "tst_images.moc"
