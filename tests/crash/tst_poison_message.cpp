// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/handlers/submitter.h"
#include "tests/support/coro_verify.h"
#include "tests/support/node_process.h"
#include "transport/client/worker.h"
#include "transport/zeromq/link/link.h"

#include <zmq.hpp>

#include <QFile>
#include <QTest>

#include <signal.h>

#include <atomic>
#include <map>
#include <mutex>

using namespace millrace;
using namespace millrace::handlers;
using namespace millrace::tests;

namespace {

constexpr std::uint64_t kMessages = 200;
constexpr std::uint64_t kPoison = 57;
constexpr std::uint32_t kCredit = 32;
constexpr int kMaxCrashes = 3;

constexpr auto kPipeline = R"([[queue]]
name = "work"
lease-ms = 60000
max-crashes = 3
)";

message::Message messageOf(std::uint64_t number)
{
    message::Message message;
    message.envelope.id = "m-" + std::to_string(number);
    message.envelope.source = "/test/poison";
    message.envelope.type = "test.numbered";
    message.body = std::to_string(number);
    return message;
}

/// Kills the node whenever it is given the poison, as a handler in the node's process that aborts would. Thread: any.
class Handler
{
public:
    std::vector<message::Outcome> handle(const std::vector<client::Delivery>& deliveries)
    {
        const std::lock_guard guard(m_lock);
        std::vector<message::Outcome> outcomes;
        for (const client::Delivery& delivery : deliveries) {
            const std::uint64_t number = std::stoull(std::string(delivery.body()));
            m_mostAttempts[number] = std::max(m_mostAttempts[number], delivery.attempt());
            // At most one kill for each life: what the client still had of the life before does not count.
            if (number == kPoison && m_pid > 0) {
                ::kill(static_cast<pid_t>(m_pid), SIGKILL);
                m_pid = 0;
                ++m_kills;
            }
            if (number != kPoison)
                m_handled.insert(number);
            outcomes.push_back(message::Outcome::acknowledge());
        }
        return outcomes;
    }
    void setNode(qint64 pid)
    {
        const std::lock_guard guard(m_lock);
        m_pid = pid;
    }
    [[nodiscard]] bool isKilled() const
    {
        const std::lock_guard guard(m_lock);
        return m_pid == 0;
    }
    [[nodiscard]] int kills() const
    {
        const std::lock_guard guard(m_lock);
        return m_kills;
    }
    [[nodiscard]] std::size_t handled() const
    {
        const std::lock_guard guard(m_lock);
        return m_handled.size();
    }
    [[nodiscard]] std::map<std::uint64_t, std::uint32_t> mostAttempts() const
    {
        const std::lock_guard guard(m_lock);
        return m_mostAttempts;
    }

private:
    mutable std::mutex m_lock;
    std::map<std::uint64_t, std::uint32_t> m_mostAttempts;
    std::set<std::uint64_t> m_handled;
    qint64 m_pid = 0;
    int m_kills = 0;
};

} // namespace

class TstPoisonMessage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void d9_messageThatKillsTheNodeEndsAsADeadLetterAndTheOthersComplete();
};

void TstPoisonMessage::d9_messageThatKillsTheNodeEndsAsADeadLetterAndTheOthersComplete()
{
    const QTemporaryDir directory;
    QFile file(directory.filePath(QStringLiteral("pipeline.toml")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(kPipeline);
    file.close();
    const QStringList arguments{QStringLiteral("--data"),     directory.filePath(QStringLiteral("data")),
                                QStringLiteral("--pipeline"), file.fileName(),
                                QStringLiteral("--name"),     QStringLiteral("poison")};
    NodeProcess node(QStringLiteral(MR_NODE_PROGRAM));
    QCOMPARE(node.serve(arguments), QString());

    auto context = std::make_shared<zmq::context_t>();
    zeromq::LinkOptions linkOptions;
    linkOptions.endpoint = node.endpoint().toStdString();
    auto link = zeromq::openLink(context, linkOptions);
    QVERIFY(link.has_value());
    Submitter submitter(link->connection, QStringLiteral("work"));
    auto submitting = submitter.run({.count = kMessages, .ratePerSecond = 10'000, .burst = 100}, &messageOf);
    const auto submitted = waitForResult(submitting, std::chrono::seconds(30));
    QVERIFY(submitted && *submitted);
    QCOMPARE(std::uint64_t(submitter.accepted()), kMessages);

    Handler handler;
    handler.setNode(node.pid());
    client::Worker::Options options;
    options.concurrency = kCredit;
    options.prefetch = 0;
    const client::Worker::BatchHandler batchHandler = [&](const auto& deliveries) {
        return handler.handle(deliveries);
    };
    client::Worker worker(link->connection, QStringLiteral("work"), batchHandler, options);
    const auto started = waitForResult(worker.start());
    QVERIFY(started && *started);

    const auto isOver = [&] {
        const auto snapshot = link->pipeline->snapshot();
        return snapshot && snapshot->total.dead == 1 && snapshot->total.depth() == 0;
    };
    for (int life = 0; life < 10 && !isOver(); ++life) {
        QTRY_VERIFY_WITH_TIMEOUT(handler.isKilled() || isOver(), 30'000);
        if (!handler.isKilled())
            break;
        node.kill(); // waits until it is gone
        QCOMPARE(node.serve(arguments), QString());
        handler.setNode(node.pid());
    }
    QTRY_VERIFY_WITH_TIMEOUT(isOver(), 30'000);
    // The first kill found it among others, and only those after it count.
    QCOMPARE(handler.kills(), 1 + kMaxCrashes);
    QCOMPARE(std::uint64_t(handler.handled()), kMessages - 1);
    for (const auto& [number, attempts] : handler.mostAttempts())
        QCOMPARE(attempts, number == kPoison ? std::uint32_t{kMaxCrashes} : 1U);

    const ProgramRun listed = node.run({QStringLiteral("dead-letters"), QStringLiteral("list"), QStringLiteral("--endpoint"),
                                        node.endpoint(), QStringLiteral("--json")});
    QVERIFY2(listed.output.contains("crashed-in-flight"), listed.errors.constData());
    const auto stopped = waitForResult(worker.stop());
    QVERIFY(stopped && *stopped);
    QCOMPARE(node.stop(), 0);
}

QTEST_GUILESS_MAIN(TstPoisonMessage)
#include "tst_poison_message.moc"
