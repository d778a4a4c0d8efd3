// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/config/pipeline_file.h"
#include "tests/support/coro_verify.h"
#include "tests/support/node_process.h"
#include "transport/client/producer.h"
#include "transport/client/worker.h"
#include "transport/zeromq/link/link.h"

#include <zmq.hpp>

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>

using namespace millrace;
using tests::NodeProcess;
using tests::ProgramRun;
using tests::waitForResult;

namespace {

constexpr const char* kPipeline = R"(
[[queue]]
name = "orders"
max-depth = 100
on-key-failure = "park"
[queue.retry]
backoff = "fixed"
initial-delay-ms = 3600000
max-delay-ms = 3600000
[[subscription]]
topic = "news"
queue = "orders"
type = "order.*"
[[schedule]]
name = "nightly"
cron = "30 2 * * *"
target = "orders"
type = "night.fell"
body = "good night"
)";

QJsonObject objectOf(const QByteArray& line)
{
    return QJsonDocument::fromJson(line).object();
}

} // namespace

/// `millrace-node` as somebody who operates a pipeline uses it.
class TstNodeCommands : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_directory = std::make_unique<QTemporaryDir>();
        QFile file(m_directory->filePath(QStringLiteral("p.toml")));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(kPipeline) > 0);
        file.close();
        m_node = std::make_unique<NodeProcess>(QStringLiteral(MR_NODE_PROGRAM));
        QCOMPARE(m_node->serve({QStringLiteral("--data"), data(), QStringLiteral("--pipeline"), file.fileName()}), QString());
        zeromq::LinkOptions options;
        options.endpoint = m_node->endpoint().toStdString();
        m_context = std::make_shared<zmq::context_t>();
        auto link = zeromq::openLink(m_context, options);
        QVERIFY(link.has_value());
        m_link = std::move(*link);
    }
    void cleanup()
    {
        m_link = {};
        m_context.reset();
        m_node.reset();
        m_directory.reset();
    }

    void queuesAreListedAndShown();
    void policiesAreSetAndReset();
    void settingsThatAreWrongSayWhat_data();
    void settingsThatAreWrongSayWhat();
    void runningAndRetryingMessagesAreActedOn();
    void parkedKeysAreShownAndResumed();
    void schedulesArePausedAndRun();
    void theExportLoadsAgain();
    void whatIsNotThereIsNamed_data();
    void whatIsNotThereIsNamed();

private:
    QString data() const { return m_directory->filePath(QStringLiteral("data")); }
    ProgramRun run(const char* line)
    {
        QStringList arguments = QString::fromLatin1(line).split(QLatin1Char(' '));
        return m_node->run(arguments + QStringList{QStringLiteral("--data"), data()});
    }
    ProgramRun runAs(const char* line, const QString& last)
    {
        QStringList arguments = QString::fromLatin1(line).split(QLatin1Char(' '));
        return m_node->run(arguments + QStringList{last, QStringLiteral("--data"), data()});
    }
    QJsonObject queue() { return objectOf(run("queues show orders --json").output); }
    void submit(std::size_t count, const std::string& key = {})
    {
        std::vector<message::Message> messages(count);
        for (std::size_t i = 0; i < count; ++i) {
            message::Envelope& envelope = messages[i].envelope;
            envelope.id = "o-" + std::to_string(i);
            envelope.source = "/test";
            envelope.type = "order.placed";
            envelope.partitionKey = key;
        }
        client::Producer producer(m_link.connection);
        QVERIFY(waitForResult(producer.submit(QStringLiteral("orders"), messages))->has_value());
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<NodeProcess> m_node;
    std::shared_ptr<zmq::context_t> m_context;
    zeromq::Link m_link;
};

void TstNodeCommands::queuesAreListedAndShown()
{
    const auto list = run("queues list");
    QCOMPARE(list.exitCode, 0);
    QVERIFY2(list.lines().at(0).startsWith("queue ") && list.lines().at(0).contains("retrying"), list.output.constData());
    QVERIFY(list.lines().at(1).startsWith("orders "));
    QCOMPARE(run("queues list --json").lines().size(), 1);
    const auto show = run("queues show orders");
    QCOMPARE(show.exitCode, 0);
    QVERIFY2(show.output.contains("orders: running") && show.output.contains("retry.backoff") && show.output.contains("fixed"),
             show.output.constData());
    QCOMPARE(queue().value(QLatin1String("policy")).toObject().value(QLatin1String("max_depth")).toInt(), 100);
    QCOMPARE(run("queues pause orders").exitCode, 0);
    QVERIFY(queue().value(QLatin1String("paused")).toBool());
    QCOMPARE(run("queues resume orders").exitCode, 0);
    QVERIFY(!queue().value(QLatin1String("paused")).toBool());
}

void TstNodeCommands::policiesAreSetAndReset()
{
    const auto set = run("queues set orders max-depth=200 rate.per-second=2.5 durability=normal retry.max-attempts=3");
    QVERIFY2(set.exitCode == 0, set.errors.constData());
    QVERIFY2(set.output.contains("orders: max-depth was 100 and is 200"), set.output.constData());
    QVERIFY(set.output.contains("durability was full and is normal"));
    const QJsonObject policy = queue().value(QLatin1String("policy")).toObject();
    QCOMPARE(policy.value(QLatin1String("max_depth")).toInt(), 200);
    QCOMPARE(policy.value(QLatin1String("rate")).toObject().value(QLatin1String("per_second")).toDouble(), 2.5);
    QCOMPARE(policy.value(QLatin1String("on_key_failure")).toString(), QStringLiteral("park")); // what was not named stays
    QVERIFY(queue().value(QLatin1String("differs_from_file")).toBool());
    QVERIFY(run("queues list").output.contains("differs from file"));
    QCOMPARE(run("queues reset orders").exitCode, 0);
    QVERIFY(!queue().value(QLatin1String("differs_from_file")).toBool());
    QCOMPARE(queue().value(QLatin1String("policy")).toObject().value(QLatin1String("max_depth")).toInt(), 100);
}

void TstNodeCommands::settingsThatAreWrongSayWhat_data()
{
    QTest::addColumn<QString>("setting");
    QTest::addColumn<QByteArray>("said");
    QTest::newRow("unknown") << QStringLiteral("max-dept=1") << QByteArray("`max-depth`");
    QTest::newRow("no value") << QStringLiteral("max-depth") << QByteArray("KEY=VALUE");
    QTest::newRow("text for a number") << QStringLiteral("max-depth=many") << QByteArray("max_depth");
    QTest::newRow("out of range") << QStringLiteral("retry.max-attempts=0") << QByteArray("retry.max_attempts");
    QTest::newRow("unknown word") << QStringLiteral("durability=paper") << QByteArray("durability");
    QTest::newRow("a group") << QStringLiteral("retry=5") << QByteArray("retry");
}
void TstNodeCommands::settingsThatAreWrongSayWhat()
{
    QFETCH(QString, setting);
    QFETCH(QByteArray, said);
    const auto set = runAs("queues set orders", setting);
    QCOMPARE(set.exitCode, 2);
    QVERIFY2(set.errors.contains(said), set.errors.constData());
    QVERIFY(!queue().value(QLatin1String("differs_from_file")).toBool());
}

void TstNodeCommands::runningAndRetryingMessagesAreActedOn()
{
    submit(3);
    client::Worker::Options options;
    options.concurrency = 3;
    client::Worker worker(m_link.connection, QStringLiteral("orders"),
                          client::Worker::BatchHandler([](const std::vector<client::Delivery>& deliveries) {
                              return std::vector(deliveries.size(), message::Outcome::retry({"Busy", "later"}));
                          }),
                          options);
    QVERIFY(waitForResult(worker.start())->has_value());
    QTRY_COMPARE(worker.totals().retried, std::uint64_t(3));
    const auto waiting = run("retrying orders --json");
    QCOMPARE(waiting.exitCode, 0);
    QCOMPARE(waiting.lines().size(), 3);
    const auto table = run("retrying orders --limit 2");
    QVERIFY2(table.lines().size() == 3 && table.lines().at(0).startsWith("ref "), table.output.constData());
    const auto ref = [&](int row) { return objectOf(waiting.lines().at(row)).value(QLatin1String("ref")).toString(); };
    const auto given = runAs("messages give-up orders --note hopeless", ref(0));
    QVERIFY2(given.exitCode == 0 && given.output.contains("1 messages given up"), given.errors.constData());
    const auto tried = runAs("messages try-now orders", ref(1));
    QCOMPARE(tried.exitCode, 0);
    QTRY_COMPARE(worker.totals().retried, std::uint64_t(4));
    QVERIFY(waitForResult(worker.stop())->has_value());
    QCOMPARE(runAs("messages cancel orders --json", ref(2)).exitCode, 0);
    // One that is gone, and one that is there.
    const auto some = m_node->run({QStringLiteral("messages"), QStringLiteral("cancel"), QStringLiteral("orders"), ref(1), ref(2),
                                   QStringLiteral("--json"), QStringLiteral("--data"), data()});
    QCOMPARE(some.exitCode, 1);
    QCOMPARE(objectOf(some.output).value(QLatin1String("moved")).toInt(), 1);
    QCOMPARE(objectOf(some.output).value(QLatin1String("skipped")).toInt(), 1);
    QCOMPARE(runAs("messages cancel orders", ref(2)).exitCode, 3);
    const auto dead = run("dead-letters list");
    QVERIFY2(dead.lines().at(0).startsWith("ref ") && dead.lines().at(1).contains("given-up"), dead.output.constData());
    const auto running = run("running orders");
    QVERIFY2(running.exitCode == 0 && running.output.startsWith("ref "), running.output.constData());
    QCOMPARE(running.lines().size(), 1);
}

void TstNodeCommands::parkedKeysAreShownAndResumed()
{
    submit(3, "customer-1");
    client::Worker worker(m_link.connection, QStringLiteral("orders"),
                          client::Worker::BatchHandler([](const std::vector<client::Delivery>& deliveries) {
                              std::vector<message::Outcome> outcomes;
                              for (const client::Delivery& delivery : deliveries)
                                  outcomes.push_back(delivery.envelope().id == "o-0" ? message::Outcome::reject({"Bad", "no"})
                                                                                     : message::Outcome::acknowledge());
                              return outcomes;
                          }),
                          {});
    QVERIFY(waitForResult(worker.start())->has_value());
    QTRY_COMPARE(worker.totals().rejected, std::uint64_t(1));
    QTRY_COMPARE(queue().value(QLatin1String("parked_keys")).toArray().size(), 1);
    const auto show = run("queues show orders");
    QVERIFY2(show.output.contains("parked key") && show.output.contains("customer-1"), show.output.constData());
    QCOMPARE(run("queues resume-key orders customer-1").exitCode, 0);
    QTRY_COMPARE(worker.totals().acknowledged, std::uint64_t(2));
    const auto again = run("queues resume-key orders customer-1");
    QCOMPARE(again.exitCode, 3);
    QVERIFY2(again.errors.contains("customer-1"), again.errors.constData());
}

void TstNodeCommands::schedulesArePausedAndRun()
{
    const auto schedule = [&] { return objectOf(run("schedules list --json").output); };
    QCOMPARE(schedule().value(QLatin1String("name")).toString(), QStringLiteral("nightly"));
    QCOMPARE(schedule().value(QLatin1String("next")).toArray().size(), 5);
    QCOMPARE(run("schedules pause nightly").exitCode, 0);
    QVERIFY(schedule().value(QLatin1String("paused")).toBool());
    QVERIFY(run("schedules list").output.contains("paused"));
    QCOMPARE(run("schedules run nightly").exitCode, 0);
    QVERIFY(!schedule().value(QLatin1String("last_due")).toString().isEmpty());
    const QJsonObject listed = objectOf(run("queues list --json").output);
    QCOMPARE(listed.value(QLatin1String("ready")).toInt(), 1);
    QCOMPARE(run("schedules resume nightly").exitCode, 0);
    QVERIFY(!schedule().value(QLatin1String("paused")).toBool());
}

void TstNodeCommands::theExportLoadsAgain()
{
    QCOMPARE(run("queues set orders max-depth=200").exitCode, 0);
    const QString file = m_directory->filePath(QStringLiteral("out.toml"));
    const auto exported = runAs("pipeline export --output", file);
    QVERIFY2(exported.exitCode == 0, exported.errors.constData());
    const auto written = config::readPipelineFile(file.toStdString());
    QVERIFY2(written.has_value(), written ? "" : written.error().context.c_str());
    auto expected = config::parsePipeline(kPipeline, "p.toml");
    QVERIFY(expected.has_value());
    expected->queues[0].policy.maxDepth = 200;
    QVERIFY(*written == *expected);
    QCOMPARE(config::parsePipeline(run("pipeline export").output.toStdString(), "out")->queues, expected->queues);

    // A node that starts with it says that nothing differs any more.
    m_link = {};
    QCOMPARE(m_node->stop(), 0);
    QCOMPARE(m_node->serve({QStringLiteral("--data"), data(), QStringLiteral("--pipeline"), file}), QString());
    QVERIFY(!queue().value(QLatin1String("differs_from_file")).toBool());
    QCOMPARE(queue().value(QLatin1String("policy")).toObject().value(QLatin1String("max_depth")).toInt(), 200);
    QCOMPARE(runAs("pipeline export --output", m_directory->filePath(QStringLiteral("missing/out.toml"))).exitCode, 3);
}

void TstNodeCommands::whatIsNotThereIsNamed_data()
{
    QTest::addColumn<QByteArray>("line");
    for (const char* line : {"queues show nowhere", "queues set nowhere max-depth=1", "queues reset nowhere", "queues pause nowhere",
                             "queues resume-key nowhere k", "running nowhere", "retrying nowhere", "messages cancel nowhere 1",
                             "schedules pause nowhere", "schedules run nowhere"})
        QTest::newRow(line) << QByteArray(line);
}
void TstNodeCommands::whatIsNotThereIsNamed()
{
    QFETCH(QByteArray, line);
    for (const char* option : {"", " --json"}) {
        const auto failed = run(QByteArray(line + option).constData());
        QCOMPARE(failed.exitCode, 3);
        QVERIFY2(failed.errors.startsWith("millrace-node: ") && failed.errors.contains("nowhere"), failed.errors.constData());
        QVERIFY2(failed.output.isEmpty(), failed.output.constData());
    }
}

QTEST_GUILESS_MAIN(TstNodeCommands)
#include "tst_node_commands.moc"
