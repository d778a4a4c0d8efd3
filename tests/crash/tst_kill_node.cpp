// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/handlers/submitter.h"
#include "tests/support/coro_verify.h"
#include "tests/support/node_process.h"
#include "tests/support/numbered_message.h"
#include "transport/client/snapshots.h"
#include "transport/client/worker.h"
#include "transport/zeromq/link/link.h"

#include <zmq.hpp>

#include <QElapsedTimer>
#include <QFile>
#include <QRandomGenerator>
#include <QScopeGuard>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

using namespace millrace;
using namespace millrace::handlers;
using namespace millrace::tests;

namespace {

constexpr int kKills = 20;
constexpr std::size_t kUnsettledAtKill = 1000;
/// The worker lets at least so many wait, so that every kill finds enough.
constexpr std::size_t kBacklog = 1500;
constexpr std::uint32_t kCredit = 64;
constexpr std::size_t kConfirmedPerLife = 200;
/// From the start of the node to the first delivery to this worker, which is another process.
constexpr qint64 kResumeLimitMs = 1000;

constexpr auto kPipeline = R"([[queue]]
name = "work"
lease-ms = 60000

# By chance a message may be alone in flight at several of the kills; it must not become a dead
# letter for that.
max-crashes = 1000
[queue.retry]
max-attempts = 1000
)";

/// What the worker saw, by number. Thread: any.
class Ledger
{
public:
    struct Entry
    {
        std::uint32_t handled = 0;
        bool isWrong = false;           ///< a body or an envelope that nobody submitted
        bool isUnflaggedRepeat = false; ///< came again without being marked as redelivered
    };

    /// Blocks the handler thread while fewer than kBacklog would be left.
    std::vector<message::Outcome> handle(const std::vector<client::Delivery>& deliveries)
    {
        std::vector<message::Outcome> outcomes;
        for (const client::Delivery& delivery : deliveries) {
            std::unique_lock guard(m_lock);
            if (!m_firstSince.isValid() || m_waitsForFirst) {
                m_waitsForFirst = false;
                m_firstAfterMs = m_firstSince.isValid() ? m_firstSince.elapsed() : 0;
            }
            m_wake.wait(guard, [&] {
                return m_isOpen || m_confirmed > m_acknowledged + kBacklog
                       || delivery.stopToken().stop_requested();
            });
            record(delivery);
            outcomes.push_back(message::Outcome::acknowledge());
        }
        return outcomes;
    }

    void setConfirmed(std::size_t count)
    {
        const std::lock_guard guard(m_lock);
        m_confirmed = count;
        m_wake.notify_all();
    }
    void open()
    {
        const std::lock_guard guard(m_lock);
        m_isOpen = true;
        m_wake.notify_all();
    }
    void expectFirst()
    {
        const std::lock_guard guard(m_lock);
        m_firstSince.start();
        m_waitsForFirst = true;
        m_firstAfterMs.reset();
    }
    [[nodiscard]] std::optional<qint64> firstAfterMs() const
    {
        const std::lock_guard guard(m_lock);
        return m_firstAfterMs;
    }
    /// Different messages whose handler said that they are done.
    [[nodiscard]] std::size_t acknowledged() const
    {
        const std::lock_guard guard(m_lock);
        return m_acknowledged;
    }
    [[nodiscard]] std::vector<Entry> entries() const
    {
        const std::lock_guard guard(m_lock);
        return m_entries;
    }
    [[nodiscard]] std::size_t strangers() const
    {
        const std::lock_guard guard(m_lock);
        return m_strangers;
    }

private:
    void record(const client::Delivery& delivery)
    {
        const auto found = test::numberOf(delivery.body());
        if (!found) {
            ++m_strangers;
            return;
        }
        const std::uint64_t number = *found;
        if (number >= m_entries.size())
            m_entries.resize(number + 1);
        Entry& entry = m_entries[number];
        const message::Message wanted = test::numberedMessage(number);
        entry.isWrong = entry.isWrong || delivery.body() != wanted.body
                        || delivery.encodedEnvelope() != message::encode(wanted.envelope);
        entry.isUnflaggedRepeat =
            entry.isUnflaggedRepeat || (entry.handled > 0 && !delivery.isRedelivered());
        m_acknowledged += entry.handled == 0 ? 1 : 0;
        ++entry.handled;
    }

    mutable std::mutex m_lock;
    std::condition_variable m_wake;
    std::vector<Entry> m_entries;
    std::size_t m_confirmed = 0;
    std::size_t m_acknowledged = 0;
    std::size_t m_strangers = 0;
    bool m_isOpen = false;
    bool m_waitsForFirst = false;
    QElapsedTimer m_firstSince;
    std::optional<qint64> m_firstAfterMs;
};

} // namespace

class TstKillNode : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void d1_d10_nothingConfirmedIsLostByKills();

private:
    [[nodiscard]] QStringList writePipeline() const;
    void killAgainAndAgain(NodeProcess& node, const QStringList& arguments);
    void drain(client::Pipeline& pipeline);
    void compareByValue() const;

    QTemporaryDir m_directory;
    QRandomGenerator m_random;
    Ledger m_ledger;
    std::unique_ptr<Submitter> m_submitter;
    std::vector<qint64> m_resumedMs;
    std::size_t m_leastUnsettled = SIZE_MAX;
};

QStringList TstKillNode::writePipeline() const
{
    QFile file(m_directory.filePath(QStringLiteral("pipeline.toml")));
    if (file.open(QIODevice::WriteOnly))
        file.write(kPipeline);
    return {QStringLiteral("--data"),
            m_directory.filePath(QStringLiteral("data")),
            QStringLiteral("--pipeline"),
            file.fileName(),
            QStringLiteral("--name"),
            QStringLiteral("crash")};
}

void TstKillNode::killAgainAndAgain(NodeProcess& node, const QStringList& arguments)
{
    for (int kill = 0; kill < kKills; ++kill) {
        // Each life of the node confirms and settles something, and ends at any moment of that.
        const std::size_t confirmedBefore = m_submitter->accepted();
        const std::size_t acknowledgedBefore = m_ledger.acknowledged();
        QTRY_VERIFY_WITH_TIMEOUT(m_submitter->accepted() >= confirmedBefore + kConfirmedPerLife
                                     && m_ledger.acknowledged() > acknowledgedBefore
                                     && m_submitter->accepted()
                                            >= m_ledger.acknowledged() + kUnsettledAtKill,
                                 30'000);
        QTest::qWait(m_random.bounded(150));
        node.kill();
        // What the handlers took counts as settled, although the node may not have heard of it.
        const std::size_t unsettled = m_submitter->accepted() - m_ledger.acknowledged();
        m_leastUnsettled = std::min(m_leastUnsettled, unsettled);
        QCOMPARE_GE(unsettled, kUnsettledAtKill);
        m_ledger.expectFirst();
        QCOMPARE(node.serve(arguments), QString());
        QTRY_VERIFY_WITH_TIMEOUT(m_ledger.firstAfterMs().has_value(), 30'000);
        m_resumedMs.push_back(*m_ledger.firstAfterMs());
    }
}

void TstKillNode::drain(client::Pipeline& pipeline)
{
    m_ledger.open();
    const auto isDrained = [&] {
        const auto snapshot = pipeline.snapshot();
        return snapshot && snapshot->total.depth() == 0
               && m_ledger.acknowledged() >= m_submitter->accepted();
    };
    QTRY_VERIFY_WITH_TIMEOUT(isDrained(), 60'000);
    QCOMPARE(pipeline.snapshot()->total.dead, std::uint64_t{0});
}

void TstKillNode::compareByValue() const
{
    const auto entries = m_ledger.entries();
    const auto& fates = m_submitter->fates();
    std::size_t lost = 0;
    std::size_t wrong = 0;
    std::size_t repeats = 0;
    std::size_t unflagged = 0;
    for (std::uint64_t number = 0; number < fates.size(); ++number) {
        const Ledger::Entry entry = number < entries.size() ? entries[number] : Ledger::Entry();
        lost += fates[number] == Fate::Accepted && entry.handled == 0 ? 1U : 0U;
        wrong += entry.isWrong ? 1 : 0;
        repeats += entry.handled > 1 ? entry.handled - 1 : 0;
        unflagged += entry.isUnflaggedRepeat ? 1 : 0;
    }
    qInfo("%d kills, %llu confirmed, at least %zu unsettled at each kill; lost %zu, wrong %zu, "
          "repeated %zu",
          kKills,
          static_cast<unsigned long long>(m_submitter->accepted()),
          m_leastUnsettled,
          lost,
          wrong,
          repeats);
    QCOMPARE(lost, std::size_t{0});
    QCOMPARE(wrong, std::size_t{0});
    QCOMPARE(unflagged, std::size_t{0});
    QCOMPARE(m_ledger.strangers(), std::size_t{0});
    QCOMPARE_LE(entries.size(), fates.size());
    // Only what was in flight at a kill may come again.
    QCOMPARE_LE(repeats, std::size_t{kKills} * kCredit);
}

void TstKillNode::d1_d10_nothingConfirmedIsLostByKills()
{
    const auto wanted = static_cast<quint32>(qEnvironmentVariableIntValue("MR_SEED"));
    const quint32 seed = wanted != 0 ? wanted : QRandomGenerator::system()->generate();
    qInfo("MR_SEED=%u", seed);
    m_random.seed(seed);
    const QStringList arguments = writePipeline();
    NodeProcess node(QStringLiteral(MR_NODE_PROGRAM));
    QCOMPARE(node.serve(arguments), QString());

    auto context = std::make_shared<zmq::context_t>();
    zeromq::LinkOptions linkOptions;
    linkOptions.endpoint = node.endpoint().toStdString();
    auto link = zeromq::openLink(context, linkOptions);
    QVERIFY(link.has_value());
    m_submitter = std::make_unique<Submitter>(link->connection, QStringLiteral("work"));
    connect(m_submitter.get(), &Submitter::changed, this, [this] {
        m_ledger.setConfirmed(m_submitter->accepted());
    });
    client::Worker::Options options;
    options.concurrency = kCredit;
    options.prefetch = 0;
    const client::Worker::BatchHandler handler = [this](const auto& deliveries) {
        return m_ledger.handle(deliveries);
    };
    client::Worker worker(link->connection, QStringLiteral("work"), handler, options);
    // A handler that waits must not outlive a test that failed.
    const auto opener = qScopeGuard([this] { m_ledger.open(); });
    const auto started = waitForResult(worker.start());
    QVERIFY(started && *started);
    auto submitting =
        m_submitter->run({.count = 10'000'000, .ratePerSecond = 4000, .burst = 100}, &test::numberedMessage);

    killAgainAndAgain(node, arguments);
    if (QTest::currentTestFailed())
        return;
    m_submitter->stop();
    const auto submitted = waitForResult(submitting, std::chrono::seconds(70));
    QVERIFY(submitted && *submitted);
    drain(*link->pipeline);
    const auto stopped = waitForResult(worker.stop());
    QVERIFY(stopped && *stopped);
    compareByValue();

    std::ranges::sort(m_resumedMs);
    qInfo("from the start of the node to the first delivery: %lld ms (median), %lld ms (worst)",
          m_resumedMs[m_resumedMs.size() / 2],
          m_resumedMs.back());
    QCOMPARE_LE(m_resumedMs.back(), kResumeLimitMs);
    QCOMPARE(node.stop(), 0);
}

QTEST_GUILESS_MAIN(TstKillNode)
#include "tst_kill_node.moc"
