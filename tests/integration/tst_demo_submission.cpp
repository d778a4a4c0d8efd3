// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/handlers/pacer.h"
#include "app/handlers/submitter.h"
#include "tests/support/coro_verify.h"
#include "tests/support/fake_connection.h"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <set>

using namespace millrace;
using namespace millrace::handlers;
using namespace millrace::tests;
using namespace std::chrono_literals;

namespace {

message::Message numbered(std::uint64_t number)
{
    message::Message message;
    message.envelope.id = "m-" + std::to_string(number);
    message.envelope.source = "/test";
    message.envelope.type = "test";
    message.envelope.idempotencyKey = message.envelope.id;
    message.body = std::to_string(number);
    return message;
}

std::size_t countOf(const Submitter& submitter, Fate fate)
{
    return static_cast<std::size_t>(std::ranges::count(submitter.fates(), fate));
}

} // namespace

class TstDemoSubmission : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pacerKeepsTheRateOnAverage_data();
    void pacerKeepsTheRateOnAverage();
    void pacerDoesNotCatchUpALongAbsence();
    void pacerWithoutRateGivesEverything();
    void everythingIsSubmittedOnce();
    void rateIsKept();
    void d3_unknownOutcomeIsSubmittedAgainUnderTheSameKey();
    void fullQueueIsBackPressure();
    void refusalsAreCounted();
    void totalRefusalIsAnError();
    void stopEndsTheSubmission();
    void secondRunIsBusy();
    void destructionCancels();
    void lateConfirmationsOfAnEarlierRunAreNotNoted();
};

void TstDemoSubmission::pacerKeepsTheRateOnAverage_data()
{
    QTest::addColumn<double>("rate");
    QTest::addColumn<uint>("burst");
    QTest::newRow("1 each second") << 1.0 << 1U;
    QTest::newRow("20 in fours") << 20.0 << 4U;
    QTest::newRow("1000 singly") << 1000.0 << 1U;
    QTest::newRow("burst above rate") << 5.0 << 50U;
    QTest::newRow("a third each second") << 0.3333 << 1U;
}

void TstDemoSubmission::pacerKeepsTheRateOnAverage()
{
    QFETCH(double, rate);
    QFETCH(uint, burst);
    Pacer pacer(rate, burst, 1'000'000);
    std::uint64_t taken = 0;
    auto now = 0us;
    constexpr auto kEnd = 60s;
    while (now < kEnd) {
        const auto due = pacer.due(now);
        QCOMPARE(due % burst, std::uint64_t{0});
        pacer.take(due);
        taken += due;
        const auto next = pacer.nextDue();
        QVERIFY(next > now);
        now = next;
    }
    const double expected = rate * 60;
    QCOMPARE_GE(static_cast<double>(taken), expected - burst);
    QCOMPARE_LE(static_cast<double>(taken), expected + burst + 1);
}

void TstDemoSubmission::pacerDoesNotCatchUpALongAbsence()
{
    Pacer pacer(100, 1, 100'000);
    pacer.take(pacer.due(0us));
    QCOMPARE(pacer.due(600s), std::uint64_t{100});
    pacer.take(100);
    QCOMPARE(pacer.due(600s), std::uint64_t{0});
    QCOMPARE(pacer.due(601s), std::uint64_t{100});
}

void TstDemoSubmission::pacerWithoutRateGivesEverything()
{
    Pacer pacer(0, 1, 77);
    QCOMPARE(pacer.due(0us), std::uint64_t{77});
    pacer.take(70);
    QCOMPARE(pacer.left(), std::uint64_t{7});
    Pacer broken(std::numeric_limits<double>::quiet_NaN(), 0, 3);
    QCOMPARE(broken.due(0us), std::uint64_t{3});
}

void TstDemoSubmission::everythingIsSubmittedOnce()
{
    auto connection = std::make_shared<FakeConnection>();
    Submitter submitter(connection, QStringLiteral("q"));
    constexpr std::uint64_t kCount = 10'000;
    const auto ended =
        waitForResult(submitter.run({.count = kCount, .ratePerSecond = 0, .burst = 1}, &numbered));
    QVERIFY(ended && *ended);
    std::set<std::string> bodies;
    std::size_t all = 0;
    for (const auto& call : connection->submits()) {
        QCOMPARE(call.target, std::string("q"));
        bodies.insert(call.bodies.begin(), call.bodies.end());
        all += call.bodies.size();
    }
    QCOMPARE(all, kCount);
    QCOMPARE(bodies.size(), kCount);
    QCOMPARE(countOf(submitter, Fate::Accepted), kCount);
    QCOMPARE(submitter.accepted(), kCount);
}

void TstDemoSubmission::rateIsKept()
{
    auto connection = std::make_shared<FakeConnection>();
    Submitter submitter(connection, QStringLiteral("q"));
    QElapsedTimer clock;
    clock.start();
    const auto ended =
        waitForResult(submitter.run({.count = 60, .ratePerSecond = 100, .burst = 5}, &numbered));
    QVERIFY(ended && *ended);
    // The last of 12 bursts is due after 11 distances of 50 ms.
    QCOMPARE_GE(clock.elapsed(), 549);
}

void TstDemoSubmission::d3_unknownOutcomeIsSubmittedAgainUnderTheSameKey()
{
    auto connection = std::make_shared<FakeConnection>();
    connection->setSubmitRule(
        [](std::size_t call, std::size_t messages) -> base::Result<client::BatchReceipt> {
            if (call == 0)
                return base::fail(base::ErrorCode::Unknown, "the node died");
            client::BatchReceipt receipt;
            receipt.sequences.assign(messages, 1);
            client::SubmitProblem duplicate;
            duplicate.isDuplicate = true;
            duplicate.firstId = "m-0";
            receipt.problems.push_back(duplicate);
            return receipt;
        });
    Submitter submitter(connection, QStringLiteral("q"));
    const auto ended =
        waitForResult(submitter.run({.count = 3, .ratePerSecond = 0, .burst = 1}, &numbered));
    QVERIFY(ended && *ended);
    const auto calls = connection->submits();
    QCOMPARE(calls.size(), std::size_t{2});
    QCOMPARE(calls[0].bodies, calls[1].bodies);
    QCOMPARE(countOf(submitter, Fate::Accepted), std::size_t{3});
}

void TstDemoSubmission::fullQueueIsBackPressure()
{
    auto connection = std::make_shared<FakeConnection>();
    connection->setSubmitRule(
        [](std::size_t call, std::size_t messages) -> base::Result<client::BatchReceipt> {
            client::BatchReceipt receipt;
            receipt.sequences.assign(messages, 1);
            for (std::uint32_t i = 0; call == 0 && i < messages; i += 2)
                receipt.problems.push_back({i, false, {}, {base::ErrorCode::QueueFull, "full"}});
            return receipt;
        });
    Submitter submitter(connection, QStringLiteral("q"));
    const auto ended =
        waitForResult(submitter.run({.count = 5, .ratePerSecond = 0, .burst = 1}, &numbered));
    QVERIFY(ended && *ended);
    const auto calls = connection->submits();
    QCOMPARE(calls.size(), std::size_t{2});
    QCOMPARE(calls[1].bodies, (std::vector<std::string>{"0", "2", "4"}));
    QCOMPARE(submitter.accepted(), std::uint64_t{5});
    QCOMPARE(submitter.lastError(), QString());
}

void TstDemoSubmission::refusalsAreCounted()
{
    auto connection = std::make_shared<FakeConnection>();
    connection->setSubmitRule(
        [](std::size_t, std::size_t messages) -> base::Result<client::BatchReceipt> {
            client::BatchReceipt receipt;
            receipt.sequences.assign(messages, 1);
            receipt.problems.push_back({1, false, {}, {base::ErrorCode::Limit, "too large"}});
            return receipt;
        });
    Submitter submitter(connection, QStringLiteral("q"));
    const auto ended =
        waitForResult(submitter.run({.count = 3, .ratePerSecond = 0, .burst = 1}, &numbered));
    QVERIFY(ended && *ended);
    QCOMPARE(submitter.notAccepted(), std::uint64_t{1});
    QVERIFY(submitter.fates()[1] == Fate::Refused);
    QCOMPARE(submitter.lastError(), QStringLiteral("too large"));
}

void TstDemoSubmission::totalRefusalIsAnError()
{
    auto connection = std::make_shared<FakeConnection>();
    connection->setSubmitRule([](std::size_t, std::size_t) -> base::Result<client::BatchReceipt> {
        return base::fail(base::ErrorCode::NotFound, "no such queue");
    });
    Submitter submitter(connection, QStringLiteral("q"));
    const auto ended =
        waitForResult(submitter.run({.count = 3, .ratePerSecond = 0, .burst = 1}, &numbered));
    QVERIFY(ended.has_value());
    QCOMPARE(codeOf(*ended), QByteArrayLiteral("not-found"));
    QCOMPARE(countOf(submitter, Fate::Refused), std::size_t{3});
}

void TstDemoSubmission::stopEndsTheSubmission()
{
    auto connection = std::make_shared<FakeConnection>();
    Submitter submitter(connection, QStringLiteral("q"));
    auto running = submitter.run({.count = 1000, .ratePerSecond = 100, .burst = 1}, &numbered);
    QTRY_VERIFY(submitter.accepted() >= 3);
    submitter.stop();
    const auto ended = waitForResult(running);
    QVERIFY(ended && *ended);
    QVERIFY(!submitter.isRunning());
    QCOMPARE_LT(submitter.fates().size(), std::size_t{1000});
    QCOMPARE(countOf(submitter, Fate::Accepted), submitter.fates().size());
    // Numbers go on, so that ids stay unique.
    const auto next = submitter.fates().size();
    const auto again =
        waitForResult(submitter.run({.count = 1, .ratePerSecond = 0, .burst = 1}, &numbered));
    QVERIFY(again && *again);
    QCOMPARE(connection->submits().back().bodies.back(), std::to_string(next));
}

void TstDemoSubmission::secondRunIsBusy()
{
    auto connection = std::make_shared<FakeConnection>();
    Submitter submitter(connection, QStringLiteral("q"));
    auto first = submitter.run({.count = 3, .ratePerSecond = 0, .burst = 1}, &numbered);
    const auto second =
        waitForResult(submitter.run({.count = 3, .ratePerSecond = 0, .burst = 1}, &numbered));
    QVERIFY(second.has_value());
    QCOMPARE(codeOf(*second), QByteArrayLiteral("busy"));
    const auto ended = waitForResult(first);
    QVERIFY(ended && *ended);
}

void TstDemoSubmission::destructionCancels()
{
    auto connection = std::make_shared<FakeConnection>();
    connection->setSubmitAnswers(FakeConnection::Answers::Never);
    auto submitter = std::make_unique<Submitter>(connection, QStringLiteral("q"));
    auto running = submitter->run({.count = 3, .ratePerSecond = 0, .burst = 1}, &numbered);
    QTRY_COMPARE(connection->submits().size(), std::size_t{1});
    submitter.reset();
    const auto ended = waitForResult(running);
    QVERIFY(ended.has_value());
    QCOMPARE(codeOf(*ended), QByteArrayLiteral("cancelled"));
    connection->failWaitingSubmits({base::ErrorCode::Unknown, "gone"});
    QCoreApplication::processEvents();
}

void TstDemoSubmission::lateConfirmationsOfAnEarlierRunAreNotNoted()
{
    auto connection = std::make_shared<FakeConnection>();
    connection->setSubmitAnswers(FakeConnection::Answers::Never);
    Submitter submitter(connection, QStringLiteral("q"));
    auto earlier = submitter.run({.count = 300, .ratePerSecond = 0, .burst = 1}, &numbered);
    QTRY_COMPARE(connection->submits().size(), std::size_t{2});
    submitter.stop();
    QVERIFY2(submitter.isRunning(), "what is in flight is waited for");
    submitter.reset();
    const auto ended = waitForResult(earlier);
    QVERIFY(ended.has_value());
    QCOMPARE(codeOf(*ended), QByteArrayLiteral("cancelled"));

    auto later = submitter.run({.count = 2, .ratePerSecond = 0, .burst = 1}, &numbered);
    QTRY_COMPARE(connection->submits().size(), std::size_t{3});
    // All three, as when a connection comes back: only the last one counts.
    connection->failWaitingSubmits({base::ErrorCode::NotFound, "no such queue"});
    const auto settled = waitForResult(later);
    QVERIFY(settled.has_value());
    QCOMPARE(codeOf(*settled), QByteArrayLiteral("not-found"));
    QCOMPARE(submitter.fates().size(), std::size_t{2});
    QCOMPARE(submitter.notAccepted(), std::uint64_t{2});
    QVERIFY(!submitter.isRunning());
}

QTEST_GUILESS_MAIN(TstDemoSubmission)
#include "tst_demo_submission.moc"
