// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/config/nearest_key.h"
#include "app/config/paths.h"
#include "app/config/pipeline_file.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <array>

using namespace millrace;
using namespace millrace::config;

namespace {

QByteArray errorOf(const base::Result<message::PipelineDefinition>& result)
{
    return result ? QByteArray() : QByteArray::fromStdString(result.error().context);
}

QString sample(const char* name)
{
    return QStringLiteral(MR_SOURCE_DIR "/resources/pipelines/") + QString::fromLatin1(name);
}

} // namespace

class TstPipelineFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void emptyTextIsAnEmptyPipeline();
    void everyKeyIsRead();
    void whatIsWrittenIsReadAsTheSame();
    void whatAFileCannotHoldIsRefused();
    void samplesAreValid_data();
    void samplesAreValid();
    void orderSampleShowsTheDefaults();
    void errorsSayWhereAndWhat_data();
    void errorsSayWhereAndWhat();
    void missingFileIsNamed();
    void directoryIsRefused();
    void largeFileIsRefused();
    void deepKeysAreRefused();
    void garbageIsAnErrorAndNoCrash();
    void nearestKeyIsFound();
    void dataDirectoryFollowsTheEnvironment();
};

void TstPipelineFile::emptyTextIsAnEmptyPipeline()
{
    const auto parsed = parsePipeline("", "p.toml");
    QVERIFY(parsed.has_value());
    QVERIFY(*parsed == message::PipelineDefinition());
}

void TstPipelineFile::everyKeyIsRead()
{
    const auto parsed = parsePipeline(R"(
[[queue]]
name = "a"
lease-ms = 1000
max-run-time-ms = 2000
max-depth = 30
max-depth-bytes = 4000
when-full = "defer"
max-body-bytes = 400
deduplication-window-ms = 5000
durability = "normal"
max-crashes = 9
max-dead-letters = 77
dead-letter-max-age-ms = 88
on-key-failure = "park"
max-concurrency = 7
rate = { per-second = 2.5, burst = 3 }
key-rate = { per-second = 1, burst = 4 }
[queue.retry]
initial-delay-ms = 6
multiplier = 3
max-delay-ms = 700
max-attempts = 8
backoff = "list"
delays-ms = [1, 20]
deadline-ms = 90
[[queue.retry.rule]]
class = "CardDeclined"
reject = true
[[queue.retry.rule]]
class = "Timeout"
delays-ms = [5]
max-attempts = 2
[[queue]]
name = "b"
[[subscription]]
topic = "t"
queue = "b"
type = "x.*"
source = "/s*"
attributes = { region = "eu" }
[[schedule]]
name = "nightly"
cron = "@daily"
target = "t"
missed = "skip"
type = "x.y"
source = "/s"
subject = "u"
content-type = "text/plain"
partition-key = "p"
priority = 7
body = "hello"
[[schedule]]
name = "hourly"
cron = "@hourly"
target = "a"
type = "x.z"
)",
                                      "p.toml");
    QCOMPARE(errorOf(parsed), QByteArray());
    QCOMPARE(parsed->queues.size(), std::size_t{2});
    message::QueuePolicy wanted;
    wanted.lease = std::chrono::milliseconds(1000);
    wanted.maxRunTime = std::chrono::milliseconds(2000);
    wanted.maxDepth = 30;
    wanted.maxDepthBytes = 4000;
    wanted.whenFull = message::WhenFull::Defer;
    wanted.maxBodyBytes = 400;
    wanted.deduplicationWindow = std::chrono::milliseconds(5000);
    wanted.durability = message::Durability::Normal;
    wanted.maxCrashes = 9;
    wanted.maxDeadLetters = 77;
    wanted.deadLetterMaxAge = std::chrono::milliseconds(88);
    wanted.onKeyFailure = message::OnKeyFailure::Park;
    wanted.maxConcurrency = 7;
    wanted.rate = {2.5, 3};
    wanted.keyRate = {1, 4};
    wanted.retry = {std::chrono::milliseconds(6), 3.0, std::chrono::milliseconds(700), 8};
    wanted.retry.backoff = message::Backoff::List;
    wanted.retry.delays = {std::chrono::milliseconds(1), std::chrono::milliseconds(20)};
    wanted.retry.deadline = std::chrono::milliseconds(90);
    wanted.retry.rules = {{"CardDeclined", true, {}, 0}, {"Timeout", false, {std::chrono::milliseconds(5)}, 2}};
    QVERIFY(parsed->queues[0].policy == wanted);
    QVERIFY(parsed->queues[1].policy == message::QueuePolicy());
    QVERIFY(parsed->subscriptions
            == (std::vector<message::SubscriptionDefinition>{{"t", "b", "x.*", "/s*", {{"region", "eu"}}}}));
    QCOMPARE(parsed->schedules.size(), std::size_t{2});
    message::ScheduleDefinition schedule{"nightly", "@daily", "t", message::Missed::Skip, {}, "hello"};
    schedule.envelope.type = "x.y";
    schedule.envelope.source = "/s";
    schedule.envelope.subject = "u";
    schedule.envelope.dataContentType = "text/plain";
    schedule.envelope.partitionKey = "p";
    schedule.envelope.priority = 7;
    QVERIFY(parsed->schedules[0] == schedule);
    QVERIFY(parsed->schedules[1].missed == message::Missed::One);
    QCOMPARE(parsed->schedules[1].envelope.source, std::string("/schedules/hourly"));
}

void TstPipelineFile::whatIsWrittenIsReadAsTheSame()
{
    message::PipelineDefinition definition;
    message::QueueDefinition queue;
    queue.name = "orders";
    message::QueuePolicy& policy = queue.policy;
    policy.lease = std::chrono::milliseconds(1234);
    policy.maxDepth = 1'000'000'000'000;
    policy.whenFull = message::WhenFull::Defer;
    policy.durability = message::Durability::Memory;
    policy.onKeyFailure = message::OnKeyFailure::Park;
    policy.maxConcurrency = 3;
    policy.rate = {0.1, 7};
    policy.keyRate = {1'000'000, 1};
    policy.retry.backoff = message::Backoff::List;
    policy.retry.multiplier = 1.3333333333333333;
    policy.retry.delays = {std::chrono::milliseconds(0), std::chrono::milliseconds(20)};
    policy.retry.deadline = std::chrono::milliseconds(99);
    policy.retry.rules = {{"Card\"Declined\\ \n\x01\x7f \xC3\xA4", true, {}, 0},
                          {"Timeout", false, {std::chrono::milliseconds(5)}, 2}};
    definition.queues = {queue, {"plain", {}}};
    definition.subscriptions = {{"news", "plain", {}}, {"news", "orders", "a.*", "/s*", {{"region", "e\"u"}}}};
    message::ScheduleDefinition schedule;
    schedule.name = "nightly";
    schedule.cron = "@daily";
    schedule.target = "news";
    schedule.missed = message::Missed::Skip;
    schedule.envelope.type = "night.fell";
    schedule.envelope.source = "/s";
    schedule.envelope.subject = "u";
    schedule.envelope.partitionKey = "p";
    schedule.envelope.priority = 7;
    // Longer than a line may be, with blanks and characters of several bytes where lines could break.
    for (int i = 0; i < 2000; ++i)
        schedule.body += "  \xE2\x82\xAC\t\"\"\"\\" + std::to_string(i) + "\n";
    definition.schedules = {schedule};
    const auto text = writePipeline(definition);
    QVERIFY2(text.has_value(), text ? "" : text.error().context.c_str());
    const auto read = parsePipeline(*text, "p.toml");
    QVERIFY2(read.has_value(), errorOf(read).constData());
    QVERIFY(*read == definition);
    QVERIFY(*writePipeline(*read) == *text);
}

void TstPipelineFile::whatAFileCannotHoldIsRefused()
{
    message::ScheduleDefinition schedule;
    schedule.name = "tick";
    schedule.cron = "@daily";
    schedule.target = "orders";
    schedule.envelope.type = "t";
    schedule.envelope.source = "/s";
    schedule.envelope.id = "tick"; // the node's own, as it answers it
    QCOMPARE(whyNotInFile(schedule), std::string());
    message::ScheduleDefinition binary = schedule;
    binary.body = "\xff\xfe";
    QVERIFY2(whyNotInFile(binary).find("\"tick\"") != std::string::npos, whyNotInFile(binary).c_str());
    message::ScheduleDefinition tagged = schedule;
    tagged.envelope.attributes["region"] = "eu";
    QVERIFY(!whyNotInFile(tagged).empty());
    message::PipelineDefinition definition;
    definition.queues.push_back({"orders", {}});
    definition.schedules.push_back(tagged);
    QVERIFY(!writePipeline(definition).has_value());
    definition.schedules.clear();
    for (int i = 0; i < 3000; ++i)
        definition.queues.push_back({"q" + std::to_string(i), {}});
    const auto large = writePipeline(definition);
    QVERIFY(!large && large.error().code == base::ErrorCode::Limit);
}

void TstPipelineFile::samplesAreValid_data()
{
    QTest::addColumn<QString>("path");
    QTest::newRow("orders") << sample("orders.toml");
    QTest::newRow("demo") << sample("demo.toml");
}

void TstPipelineFile::samplesAreValid()
{
    QFETCH(QString, path);
    const auto read = readPipelineFile(path.toStdString());
    QCOMPARE(errorOf(read), QByteArray());
    QVERIFY(!read->queues.empty());
    QVERIFY(!read->subscriptions.empty());
}

void TstPipelineFile::orderSampleShowsTheDefaults()
{
    const auto read = readPipelineFile(sample("orders.toml").toStdString());
    QVERIFY(read.has_value());
    for (const auto& queue : read->queues)
        QVERIFY2(queue.policy == message::QueuePolicy(), queue.name.c_str());
}

void TstPipelineFile::errorsSayWhereAndWhat_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("start");
    QTest::addColumn<QByteArray>("contains");
    QTest::newRow("syntax") << QByteArray("[[queue]\nname=1") << QByteArray("p.toml:1:")
                            << QByteArray("");
    QTest::newRow("unknown top key")
        << QByteArray("[[queues]]\nname=\"a\"") << QByteArray("p.toml:1:3: ")
        << QByteArray("did you mean `queue`");
    QTest::newRow("unknown queue key")
        << QByteArray("[[queue]]\nname=\"a\"\nlease_ms=3") << QByteArray("p.toml:3:1: ")
        << QByteArray("did you mean `lease-ms`");
    QTest::newRow("unknown retry key")
        << QByteArray("[[queue]]\nname=\"a\"\n[queue.retry]\nmax_atempts=3")
        << QByteArray("p.toml:4:1: ") << QByteArray("did you mean `max-attempts`");
    QTest::newRow("unknown subscription key")
        << QByteArray("[[queue]]\nname=\"a\"\n[[subscription]]\ntopik=\"t\"")
        << QByteArray("p.toml:4:1: ") << QByteArray("did you mean `topic`");
    QTest::newRow("unknown rule key")
        << QByteArray("[[queue]]\nname=\"a\"\n[[queue.retry.rule]]\nclas=\"t\"")
        << QByteArray("p.toml:4:1: ") << QByteArray("did you mean `class`");
    QTest::newRow("delay is a text")
        << QByteArray("[[queue]]\nname=\"a\"\n[queue.retry]\ndelays-ms=[\"1\"]")
        << QByteArray("p.toml:4:12: ") << QByteArray("delays-ms");
    QTest::newRow("queue is a table")
        << QByteArray("[queue]\nname=\"a\"") << QByteArray("p.toml:1:") << QByteArray("[[queue]]");
    QTest::newRow("queue is a list of numbers")
        << QByteArray("queue=[1]") << QByteArray("p.toml:1:8: ") << QByteArray("[[queue]]");
    QTest::newRow("no name") << QByteArray("\n[[queue]]\nlease-ms=10") << QByteArray("p.toml:2:")
                             << QByteArray("has no `name`");
    QTest::newRow("bad name") << QByteArray("[[queue]]\nname=\"a b\"") << QByteArray("p.toml:2:6: ")
                              << QByteArray("not allowed");
    QTest::newRow("name is a number") << QByteArray("[[queue]]\nname=7")
                                      << QByteArray("p.toml:2:6: ") << QByteArray("text in quotes");
    QTest::newRow("text for a number") << QByteArray("[[queue]]\nname=\"a\"\nlease-ms=\"3\"")
                                       << QByteArray("p.toml:3:10: ") << QByteArray("whole number");
    QTest::newRow("negative") << QByteArray("[[queue]]\nname=\"a\"\nmax-depth=-3")
                              << QByteArray("p.toml:3:11: ") << QByteArray("not negative");
    QTest::newRow("fraction") << QByteArray("[[queue]]\nname=\"a\"\nlease-ms=1.5")
                              << QByteArray("p.toml:3:10: ") << QByteArray("whole number");
    QTest::newRow("too many attempts")
        << QByteArray("[[queue]]\nname=\"a\"\n[queue.retry]\nmax-attempts=5000000000")
        << QByteArray("p.toml:4:14: ") << QByteArray("too large");
    QTest::newRow("out of range") << QByteArray("[[queue]]\nname=\"a\"\nlease-ms=0")
                                  << QByteArray("p.toml:1:") << QByteArray("lease_ms");
    QTest::newRow("durability") << QByteArray("[[queue]]\nname=\"a\"\ndurability=\"forever\"")
                                << QByteArray("p.toml:3:12: ") << QByteArray("\"full\"");
    QTest::newRow("twice") << QByteArray("[[queue]]\nname=\"a\"\n[[queue]]\nname=\"a\"")
                           << QByteArray("p.toml:3:") << QByteArray("twice");
    QTest::newRow("subscription of no queue")
        << QByteArray("[[subscription]]\ntopic=\"t\"\nqueue=\"a\"") << QByteArray("p.toml:1:")
        << QByteArray("not declared");
    QTest::newRow("retry is a number") << QByteArray("[[queue]]\nname=\"a\"\nretry=3")
                                       << QByteArray("p.toml:3:7: ") << QByteArray("[queue.retry]");
    QTest::newRow("deep nesting") << QByteArray("a=" + QByteArray(5000, '['))
                                  << QByteArray("p.toml:1:") << QByteArray("");
}

void TstPipelineFile::errorsSayWhereAndWhat()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, start);
    QFETCH(QByteArray, contains);
    const QByteArray error = errorOf(parsePipeline(text.toStdString(), "p.toml"));
    QVERIFY2(error.startsWith(start), error.constData());
    QVERIFY2(error.contains(contains), error.constData());
    QVERIFY(error.size() > start.size() + 5);
}

void TstPipelineFile::missingFileIsNamed()
{
    const auto read = readPipelineFile("/nowhere/pipeline.toml");
    QVERIFY(!read && read.error().code == base::ErrorCode::NotFound);
    QVERIFY(errorOf(read).contains("/nowhere/pipeline.toml"));
}

void TstPipelineFile::directoryIsRefused()
{
    const QTemporaryDir directory;
    const auto read = readPipelineFile(directory.path().toStdString());
    QVERIFY(!read && read.error().code == base::ErrorCode::Io);
}

void TstPipelineFile::deepKeysAreRefused()
{
    std::string key = "a";
    for (int i = 0; i < 100'000; ++i)
        key += ".a";
    for (const std::string& text : {"\n" + key + " = 1\n", "\n[" + key + "]\n"}) {
        const auto parsed = parsePipeline(text, "p.toml");
        QVERIFY(!parsed && parsed.error().code == base::ErrorCode::Limit);
        QVERIFY(parsed.error().context.starts_with("p.toml:2:1: a line"));
    }
}

void TstPipelineFile::largeFileIsRefused()
{
    const QTemporaryDir directory;
    QFile file(directory.filePath(QStringLiteral("large.toml")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(static_cast<qsizetype>(kMaxPipelineFileBytes), '\n'));
    file.close();
    QVERIFY(readPipelineFile(file.fileName().toStdString()).has_value());
    QVERIFY(file.open(QIODevice::Append));
    file.write("\n");
    file.close();
    const auto read = readPipelineFile(file.fileName().toStdString());
    QVERIFY(!read && read.error().code == base::ErrorCode::Limit);
}

void TstPipelineFile::garbageIsAnErrorAndNoCrash()
{
    std::string text;
    for (int i = 0; i < 4096; ++i)
        text += static_cast<char>((i * 7919) % 256);
    QVERIFY(!parsePipeline(text, "p.toml").has_value());
    QVERIFY(!parsePipeline(std::string_view("a=\"\0\"", 6), "p.toml").has_value());
    QVERIFY(!parsePipeline("name=\"\xff\xfe\"", "p.toml").has_value());
}

void TstPipelineFile::nearestKeyIsFound()
{
    constexpr std::array<std::string_view, 3> known{"lease-ms", "max-depth", "name"};
    QCOMPARE(nearestKey("leasems", known), std::string_view("lease-ms"));
    QCOMPARE(nearestKey("mane", known), std::string_view("name"));
    QCOMPARE(nearestKey("", known), std::string_view("name"));
    QVERIFY(!nearestKey(std::string(100'000, 'x'), known).empty());
}

void TstPipelineFile::dataDirectoryFollowsTheEnvironment()
{
    const QByteArray data = qgetenv("XDG_DATA_HOME");
    const QByteArray home = qgetenv("HOME");
    qputenv("HOME", "/home/someone");
    qputenv("XDG_DATA_HOME", "/data");
    QCOMPARE(defaultDataDirectory()->string(), std::string("/data/millrace"));
    qputenv("XDG_DATA_HOME", "relative");
    QCOMPARE(defaultDataDirectory()->string(), std::string("/home/someone/.local/share/millrace"));
    qunsetenv("XDG_DATA_HOME");
    qunsetenv("HOME");
    QVERIFY(!defaultDataDirectory().has_value());
    qputenv("HOME", home);
    if (!data.isNull())
        qputenv("XDG_DATA_HOME", data);
}

QTEST_GUILESS_MAIN(TstPipelineFile)
#include "tst_pipeline_file.moc"
