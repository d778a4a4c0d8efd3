// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/support/coro_verify.h"
#include "tests/support/node_process.h"
#include "transport/client/producer.h"
#include "transport/client/worker.h"
#include "transport/zeromq/link/link.h"

#include <zmq.hpp>

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace millrace;
using namespace millrace::tests;

namespace {

QJsonObject objectOf(const QByteArray& line)
{
    return QJsonDocument::fromJson(line).object();
}

qint64 figure(const QJsonObject& object, const char* key)
{
    return object.value(QLatin1String(key)).toInteger(-1);
}

QString writeFile(const QTemporaryDir& directory, const char* name, const QByteArray& content)
{
    QFile file(directory.filePath(QString::fromLatin1(name)));
    if (file.open(QIODevice::WriteOnly))
        file.write(content);
    return file.fileName();
}

} // namespace

class TstDemoProgram : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void demoAccountsForEverything();
    void demoOfOneWorkloadAsText();
    void demoLeavesNoTemporaryDirectory();
    void wrongCommandLine_data();
    void wrongCommandLine();
    void helpTellsTheExitCodes();
    void malformedPipelineFile();
    void directoryThatCannotBeWritten();
    void directoryHeldByAnotherProcess();
    void noNodeToTalkTo();
    void statusPauseAndResume();
    void deadLettersAreListedShownReplayedAndDiscarded();

private:
    /// Rejects every message of `orders` with a text that would clear a terminal.
    void makeDeadLetters(const QString& endpoint, int count);
};

void TstDemoProgram::demoAccountsForEverything()
{
    NodeProcess program(QStringLiteral(MR_NODE_PROGRAM));
    const auto run = program.run({QStringLiteral("demo"),
                                  QStringLiteral("--json"),
                                  QStringLiteral("--count"),
                                  QStringLiteral("30"),
                                  QStringLiteral("--rate"),
                                  QStringLiteral("0")},
                                 90'000);
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    // What decoders say of damaged pictures is in the dead letters.
    QCOMPARE(run.errors, QByteArray());
    for (const QByteArray& line : run.lines())
        QVERIFY2(QJsonDocument::fromJson(line).isObject(), line.constData());
    const QJsonObject sum = objectOf(run.lines().constLast());
    // Images and checkout once each, earthquakes to two subscriptions.
    QCOMPARE(figure(sum, "submitted"), 120);
    QCOMPARE(figure(sum, "acknowledged") + figure(sum, "dead"), 120);
    QCOMPARE_GT(figure(sum, "dead"), 0);
    QCOMPARE_GE(figure(sum, "retries"), 0);
    QCOMPARE(figure(sum, "missing"), 0);
    QCOMPARE_GT(sum.value(QLatin1String("seconds")).toDouble(), 0.0);
    QCOMPARE(sum.value(QLatin1String("workloads")).toObject().keys(),
             (QStringList{QStringLiteral("checkout"),
                          QStringLiteral("earthquakes"),
                          QStringLiteral("images")}));
}

void TstDemoProgram::demoOfOneWorkloadAsText()
{
    NodeProcess program(QStringLiteral(MR_NODE_PROGRAM));
    const QTemporaryDir data;
    const auto run = program.run({QStringLiteral("demo"),
                                  QStringLiteral("--workload"),
                                  QStringLiteral("earthquakes"),
                                  QStringLiteral("--count"),
                                  QStringLiteral("250"),
                                  QStringLiteral("--rate"),
                                  QStringLiteral("100"),
                                  QStringLiteral("--data"),
                                  data.path()},
                                 60'000);
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    QCOMPARE_GE(run.lines().size(), 4);
    QVERIFY2(run.lines().constFirst().contains("depth"), run.output.constData());
    QVERIFY2(run.lines().constLast().startsWith("all: 500 submitted = "), run.output.constData());
    QVERIFY(QFile::exists(data.filePath(QStringLiteral("millrace.db"))));
    QVERIFY(QFile::exists(data.filePath(QStringLiteral("earthquakes/alerts.jsonl"))));
}

void TstDemoProgram::demoLeavesNoTemporaryDirectory()
{
    const QTemporaryDir temporary;
    qputenv("TMPDIR", temporary.path().toLocal8Bit());
    NodeProcess program(QStringLiteral(MR_NODE_PROGRAM));
    const auto run = program.run({QStringLiteral("demo"),
                                  QStringLiteral("--workload"),
                                  QStringLiteral("earthquakes"),
                                  QStringLiteral("--count"),
                                  QStringLiteral("5"),
                                  QStringLiteral("--rate"),
                                  QStringLiteral("0")});
    qunsetenv("TMPDIR");
    QCOMPARE(run.exitCode, 0);
    QVERIFY(QDir(temporary.path())
                .entryList({QStringLiteral("millrace*")}, QDir::AllEntries)
                .isEmpty());
}

void TstDemoProgram::wrongCommandLine_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("nothing") << QStringList();
    QTest::newRow("unknown command") << QStringList{QStringLiteral("fly")};
    QTest::newRow("unknown workload") << QStringList{
        QStringLiteral("demo"), QStringLiteral("--workload"), QStringLiteral("coffee")};
    QTest::newRow("rate") << QStringList{
        QStringLiteral("demo"), QStringLiteral("--rate"), QStringLiteral("-4")};
    QTest::newRow("count") << QStringList{
        QStringLiteral("demo"), QStringLiteral("--count"), QStringLiteral("many")};
    for (const char* const count : {"-1", "-5", "99999999999999999999", "10000001", "", " 3", "3x", "2.5", "0x10"}) {
        QTest::addRow("count '%s'", count)
            << QStringList{QStringLiteral("demo"), QStringLiteral("--count"), QString::fromLatin1(count)};
    }
    for (const char* const rate : {"", "nan", "inf", "1e999", "5x", " 5"}) {
        QTest::addRow("rate '%s'", rate)
            << QStringList{QStringLiteral("demo"), QStringLiteral("--rate"), QString::fromLatin1(rate)};
    }
    for (const char* const limit : {"0", "-1", "", "1000001", "4294967297", "x"}) {
        QTest::addRow("limit '%s'", limit) << QStringList{QStringLiteral("dead-letters"),
                                                          QStringLiteral("list"),
                                                          QStringLiteral("--limit"),
                                                          QString::fromLatin1(limit)};
    }
    for (const char* const command : {"serve", "demo", "status"}) {
        QTest::addRow("%s, empty data", command)
            << QStringList{QString::fromLatin1(command), QStringLiteral("--data"), QString()};
    }
    for (const char* const option : {"--pipeline", "--name"})
        QTest::addRow("empty %s", option)
            << QStringList{QStringLiteral("serve"), QString::fromLatin1(option), QString()};
    QTest::newRow("empty endpoint") << QStringList{
        QStringLiteral("status"), QStringLiteral("--endpoint"), QString()};
    QTest::newRow("replay of nothing")
        << QStringList{QStringLiteral("dead-letters"), QStringLiteral("replay")};
    QTest::newRow("reason") << QStringList{QStringLiteral("dead-letters"),
                                           QStringLiteral("list"),
                                           QStringLiteral("--reason"),
                                           QStringLiteral("bored")};
}

void TstDemoProgram::wrongCommandLine()
{
    QFETCH(QStringList, arguments);
    NodeProcess program(QStringLiteral(MR_NODE_PROGRAM));
    const auto run = program.run(arguments, 5'000);
    QCOMPARE(run.exitCode, 2);
    QVERIFY(!run.errors.isEmpty());
}

void TstDemoProgram::helpTellsTheExitCodes()
{
    NodeProcess program(QStringLiteral(MR_NODE_PROGRAM));
    const auto run = program.run({QStringLiteral("--help")});
    QCOMPARE(run.exitCode, 0);
    QVERIFY(run.output.contains("Exit codes:"));
}

void TstDemoProgram::malformedPipelineFile()
{
    const QTemporaryDir directory;
    const QString file = writeFile(directory, "p.toml", "[[queue]]\nname = \"a\"\nleese-ms = 3\n");
    NodeProcess program(QStringLiteral(MR_NODE_PROGRAM));
    const auto run = program.run({QStringLiteral("serve"),
                                  QStringLiteral("--data"),
                                  directory.filePath(QStringLiteral("data")),
                                  QStringLiteral("--pipeline"),
                                  file});
    QCOMPARE(run.exitCode, 3);
    QVERIFY2(run.errors.contains(QByteArray(file.toUtf8() + ":3:1: ")) && run.errors.contains("`lease-ms`"),
             run.errors.constData());
    QVERIFY(!QDir(directory.path()).exists(QStringLiteral("data")));
}

void TstDemoProgram::directoryThatCannotBeWritten()
{
    const QTemporaryDir directory;
    const QString file = writeFile(directory, "a-file", "");
    NodeProcess program(QStringLiteral(MR_NODE_PROGRAM));
    for (const QString& command : {QStringLiteral("serve"), QStringLiteral("demo")}) {
        const auto run =
            program.run({command, QStringLiteral("--data"), file + QStringLiteral("/data")});
        QCOMPARE(run.exitCode, 3);
        QVERIFY2(run.errors.contains(file.toUtf8()), run.errors.constData());
        QVERIFY2(run.errors.contains("--data"), run.errors.constData());
    }
}

void TstDemoProgram::directoryHeldByAnotherProcess()
{
    const QTemporaryDir directory;
    NodeProcess node(QStringLiteral(MR_NODE_PROGRAM));
    QCOMPARE(node.serve({QStringLiteral("--data"), directory.path()}), QString());
    for (const QString& command : {QStringLiteral("serve"), QStringLiteral("demo")}) {
        const auto run = node.run({command, QStringLiteral("--data"), directory.path()});
        QCOMPARE(run.exitCode, 3);
        QVERIFY2(run.errors.contains("millrace-node")
                     && run.errors.contains(QByteArray::number(node.pid())),
                 run.errors.constData());
    }
    QCOMPARE(node.stop(), 0);
}

void TstDemoProgram::noNodeToTalkTo()
{
    const QTemporaryDir directory;
    NodeProcess program(QStringLiteral(MR_NODE_PROGRAM));
    const auto run =
        program.run({QStringLiteral("status"), QStringLiteral("--data"), directory.path()});
    QCOMPARE(run.exitCode, 3);
    QVERIFY2(run.errors.contains("millrace-node serve"), run.errors.constData());
    const auto other = program.run(
        {QStringLiteral("status"), QStringLiteral("--endpoint"), QStringLiteral("http://x")});
    QCOMPARE(other.exitCode, 3);
}

void TstDemoProgram::statusPauseAndResume()
{
    const QTemporaryDir directory;
    const QStringList target{QStringLiteral("--data"), directory.path(), QStringLiteral("--json")};
    NodeProcess node(QStringLiteral(MR_NODE_PROGRAM));
    QCOMPARE(node.serve({QStringLiteral("--data"),
                         directory.path(),
                         QStringLiteral("--pipeline"),
                         QStringLiteral(MR_SOURCE_DIR "/resources/pipelines/orders.toml")}),
             QString());
    const auto isPaused = [&] {
        const auto run = node.run(QStringList{QStringLiteral("status")} + target);
        const QJsonObject queue =
            objectOf(run.output).value(QLatin1String("queues")).toArray().at(0).toObject();
        return run.exitCode == 0
               && queue.value(QLatin1String("name")).toString() == QLatin1String("orders")
               && queue.value(QLatin1String("paused")).toBool();
    };
    QVERIFY(!isPaused());
    QCOMPARE(
        node.run(QStringList{QStringLiteral("pause"), QStringLiteral("orders")} + target).exitCode,
        0);
    QVERIFY(isPaused());
    QCOMPARE(
        node.run(QStringList{QStringLiteral("resume"), QStringLiteral("orders")} + target).exitCode,
        0);
    QVERIFY(!isPaused());
    const auto unknown =
        node.run(QStringList{QStringLiteral("pause"), QStringLiteral("nowhere")} + target);
    QCOMPARE(unknown.exitCode, 3);
    QVERIFY2(unknown.errors.contains("nowhere") && unknown.errors.contains("millrace-node status"),
             unknown.errors.constData());
    const auto whole = node.run(QStringList{QStringLiteral("status")} + target);
    const QJsonObject process = objectOf(whole.output).value(QLatin1String("node")).toObject();
    QVERIFY2(figure(process, "frames_refused") == 0, whole.output.constData());
    const auto text =
        node.run({QStringLiteral("status"), QStringLiteral("--endpoint"), node.endpoint()});
    QCOMPARE(text.exitCode, 0);
    QVERIFY(text.output.contains("orders.mail"));
    QCOMPARE(node.stop(), 0);
}

void TstDemoProgram::makeDeadLetters(const QString& endpoint, int count)
{
    auto context = std::make_shared<zmq::context_t>();
    zeromq::LinkOptions options;
    options.endpoint = endpoint.toStdString();
    auto link = zeromq::openLink(context, options);
    QVERIFY(link.has_value());
    std::vector<message::Message> messages;
    for (int i = 0; i < count; ++i) {
        message::Message message;
        message.envelope = {
            .id = "o-" + std::to_string(i), .source = "/test", .type = "order.placed"};
        message.body = i == 0 ? "first\n\x1b[2Jbody" : "other";
        messages.push_back(std::move(message));
    }
    client::Producer producer(link->connection);
    const auto submitted =
        waitForResult(producer.submit(QStringLiteral("orders"), std::move(messages)));
    QVERIFY(submitted && *submitted);
    client::Worker worker(link->connection,
                          QStringLiteral("orders"),
                          client::Worker::BatchHandler([](const auto& deliveries) {
                              return std::vector(
                                  deliveries.size(),
                                  message::Outcome::reject({"Nasty", "boom \x1b[2J\xff"}));
                          }),
                          {});
    const auto started = waitForResult(worker.start());
    QVERIFY(started && *started);
    QTRY_COMPARE(worker.totals().rejected, static_cast<std::uint64_t>(count));
    const auto stopped = waitForResult(worker.stop());
    QVERIFY(stopped && *stopped);
}

void TstDemoProgram::deadLettersAreListedShownReplayedAndDiscarded()
{
    const QTemporaryDir directory;
    NodeProcess node(QStringLiteral(MR_NODE_PROGRAM));
    QCOMPARE(node.serve({QStringLiteral("--data"),
                         directory.path(),
                         QStringLiteral("--pipeline"),
                         QStringLiteral(MR_SOURCE_DIR "/resources/pipelines/orders.toml")}),
             QString());
    makeDeadLetters(node.endpoint(), 5);
    const QStringList group{QStringLiteral("dead-letters")};
    const QStringList target{QStringLiteral("--data"), directory.path()};
    const QStringList json = target + QStringList{QStringLiteral("--json")};

    const auto list = node.run(
        group
        + QStringList{QStringLiteral("list"), QStringLiteral("--queue"), QStringLiteral("orders")}
        + json);
    QCOMPARE(list.exitCode, 0);
    QCOMPARE(list.lines().size(), 5);
    const auto none = node.run(
        group
        + QStringList{QStringLiteral("list"), QStringLiteral("--reason"), QStringLiteral("expired")}
        + json);
    QVERIFY(none.output.isEmpty());
    const auto text = node.run(
        group
        + QStringList{QStringLiteral("list"), QStringLiteral("--text"), QStringLiteral("Nasty")}
        + target);
    QCOMPARE(text.lines().size(), 7); // headings, rows, and the count
    QVERIFY(text.lines().at(0).startsWith("ref ") && text.lines().at(0).endsWith("error"));
    QVERIFY(!text.output.contains('\x1b'));

    const auto first = node.run(
        group
        + QStringList{QStringLiteral("list"), QStringLiteral("--text"), QStringLiteral("first")}
        + json);
    QCOMPARE(first.lines().size(), 1);
    const QString ref = objectOf(first.output).value(QLatin1String("ref")).toString();
    const auto shown = node.run(group + QStringList{QStringLiteral("show"), ref} + target);
    QCOMPARE(shown.exitCode, 0);
    QVERIFY2(shown.output.contains("first\n\\x1b[2Jbody"), shown.output.constData());
    QVERIFY(!shown.output.contains('\x1b'));
    QCOMPARE(
        node.run(group + QStringList{QStringLiteral("show"), QStringLiteral("999999")} + target)
            .exitCode,
        3);

    const auto replayed = node.run(group
                                   + QStringList{QStringLiteral("replay"),
                                                 ref,
                                                 QStringLiteral("--note"),
                                                 QStringLiteral("fixed")}
                                   + json);
    QCOMPARE(replayed.exitCode, 0);
    QCOMPARE(figure(objectOf(replayed.output), "moved"), 1);
    const auto again = node.run(group + QStringList{QStringLiteral("replay"), ref} + json);
    QCOMPARE(again.exitCode, 1);
    QCOMPARE(figure(objectOf(again.output), "skipped"), 1);
    const auto discarded = node.run(group
                                    + QStringList{QStringLiteral("discard"),
                                                  QStringLiteral("--all"),
                                                  QStringLiteral("--queue"),
                                                  QStringLiteral("orders")}
                                    + json);
    QCOMPARE(discarded.exitCode, 0);
    QCOMPARE(figure(objectOf(discarded.output), "moved"), 4);
    QCOMPARE(node.stop(), 0);
}

QTEST_GUILESS_MAIN(TstDemoProgram)
#include "tst_demo_program.moc"
