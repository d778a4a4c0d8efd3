// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/envelope.h"
#include "tests/support/coro_verify.h"
#include "tests/support/fake_connection.h"
#include "transport/client/producer.h"

#include <QDeadlineTimer>
#include <QSignalSpy>
#include <QTest>

#include <thread>

using namespace millrace;
using namespace std::chrono_literals;
using client::BatchReceipt;
using client::Producer;
using tests::codeOf;
using tests::FakeConnection;
using tests::waitForResult;

namespace {

message::Message makeMessage(std::size_t number, std::size_t bytes = 0)
{
    message::Message message;
    message.envelope.id = "id-" + std::to_string(number);
    message.envelope.source = "test";
    message.envelope.type = "test.happened";
    message.body = std::to_string(number);
    if (bytes > message.body.size())
        message.body.resize(bytes, 'x');
    return message;
}

std::vector<message::Message> makeMessages(std::size_t count, std::size_t bytes = 0)
{
    std::vector<message::Message> messages;
    for (std::size_t i = 0; i < count; ++i)
        messages.push_back(makeMessage(i, bytes));
    return messages;
}

BatchReceipt receiptOf(std::size_t count)
{
    BatchReceipt receipt;
    receipt.sequences.assign(count, 1);
    return receipt;
}

} // namespace

class TstProducer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void splitsByCountAndKeepsOrder();
    void splitsBySizeAndSendsALargeOneAlone();
    void nothingIsASuccess();
    void singlesOfOneTurnShareABatch();
    void refusalIsAnErrorAndADuplicateASuccess();
    void problemsAreIndexedOverTheWhole();
    void oneLostBatchIsUnknownForItsMessagesOnly();
    void allBatchesLostIsUnknownAsAWhole();
    void whatWaitsBehindTheWindowEndsInClosed();
    void needsNoEventLoopForBatches();
    void destroyedProducerEndsEveryCall();
    void awaitsInACoroutine();
    void waitIsCutToTheDeadline();
    void atomicIsOneBatchWithTargets();
    void atomicRefusalIsTheErrorOfTheWhole();
    void atomicThatIsTooLargeIsNotSplit();

private:
    std::shared_ptr<FakeConnection> m_connection;
};

void TstProducer::init()
{
    m_connection = std::make_shared<FakeConnection>();
}

void TstProducer::splitsByCountAndKeepsOrder()
{
    Producer producer(m_connection);
    QSignalSpy confirmed(&producer, &Producer::confirmed);
    const auto receipt = waitForResult(producer.submit(QStringLiteral("q"), makeMessages(50'000)));
    QVERIFY(receipt && receipt->has_value());
    QCOMPARE((*receipt)->sequences.size(), std::size_t(50'000));
    QCOMPARE((*receipt)->accepted(), std::uint64_t(50'000));
    for (std::size_t i = 0; i < (*receipt)->sequences.size(); ++i)
        QCOMPARE((*receipt)->sequences[i], i + 1);
    std::size_t next = 0;
    for (const auto& call : m_connection->submits()) {
        QVERIFY(call.bodies.size() <= 1024);
        QVERIFY(call.bytes <= 1024 * 1024);
        QCOMPARE(call.target, std::string("q"));
        for (const std::string& body : call.bodies)
            QCOMPARE(body, std::to_string(next++));
    }
    QCOMPARE(next, std::size_t(50'000));
    quint64 sum = 0;
    QTRY_VERIFY((sum = 0, std::for_each(confirmed.begin(), confirmed.end(),
                                        [&sum](const auto& call) { sum += call.first().toULongLong(); }),
                 sum == 50'000));
}

void TstProducer::splitsBySizeAndSendsALargeOneAlone()
{
    Producer producer(m_connection);
    std::vector<message::Message> messages = makeMessages(10, 300'000);
    messages.insert(messages.begin() + 5, makeMessage(99, 3 * 1024 * 1024));
    const auto receipt = waitForResult(producer.submit(QStringLiteral("q"), messages));
    QVERIFY(receipt && receipt->has_value());
    std::size_t index = 0;
    for (const auto& call : m_connection->submits()) {
        QVERIFY(call.bodies.size() == 1 || call.bytes <= 1024 * 1024);
        for (const std::string& body : call.bodies)
            QVERIFY(body == messages[index++].body);
    }
    QCOMPARE(index, messages.size());
    QCOMPARE(m_connection->submits().size(), std::size_t(5));
}

void TstProducer::nothingIsASuccess()
{
    Producer producer(m_connection);
    const auto receipt = waitForResult(producer.submit(QStringLiteral("q"), std::vector<message::Message>()));
    QVERIFY(receipt && receipt->has_value());
    QCOMPARE((*receipt)->accepted(), std::uint64_t(0));
    QVERIFY(m_connection->submits().empty());
}

void TstProducer::singlesOfOneTurnShareABatch()
{
    Producer producer(m_connection);
    std::vector<QFuture<base::Result<std::uint64_t>>> futures;
    for (std::size_t i = 0; i < 200; ++i)
        futures.push_back(producer.submit(i % 2 == 0 ? QStringLiteral("even") : QStringLiteral("odd"), makeMessage(i)));
    QVERIFY(m_connection->submits().empty());
    for (auto& future : futures) {
        const auto sequence = waitForResult(future);
        QVERIFY(sequence && sequence->has_value());
        QVERIFY(**sequence > 0);
    }
    const auto calls = m_connection->submits();
    QCOMPARE(calls.size(), std::size_t(2));
    QCOMPARE(calls[0].target, std::string("even"));
    QCOMPARE(calls[0].bodies.size(), std::size_t(100));
    QCOMPARE(calls[1].bodies.at(1), std::string("3"));
}

void TstProducer::refusalIsAnErrorAndADuplicateASuccess()
{
    m_connection->setSubmitRule([](std::size_t, std::size_t count) {
        BatchReceipt receipt = receiptOf(count);
        receipt.sequences = {7, 0, 5};
        receipt.problems.push_back({1, false, {}, {base::ErrorCode::QueueFull, "full"}});
        receipt.problems.push_back({2, true, "id-0", {}});
        return receipt;
    });
    Producer producer(m_connection);
    QSignalSpy failed(&producer, &Producer::failed);
    QSignalSpy confirmed(&producer, &Producer::confirmed);
    const auto accepted = producer.submit(QStringLiteral("q"), makeMessage(0));
    const auto refused = producer.submit(QStringLiteral("q"), makeMessage(1));
    const auto duplicate = producer.submit(QStringLiteral("q"), makeMessage(2));
    const auto acceptedResult = waitForResult(accepted);
    QCOMPARE(**acceptedResult, std::uint64_t(7));
    QCOMPARE(codeOf(*waitForResult(refused)), QByteArray("queue-full"));
    const auto duplicateResult = waitForResult(duplicate);
    QCOMPARE(codeOf(*duplicateResult), QByteArray("ok"));
    QCOMPARE(**duplicateResult, std::uint64_t(5));
    QTRY_COMPARE(failed.count(), qsizetype(1));
    QCOMPARE(failed.first().at(0).toULongLong(), qulonglong(1));
    QCOMPARE(failed.first().at(1).toString(), QStringLiteral("queue-full: full"));
    QCOMPARE(confirmed.first().at(0).toULongLong(), qulonglong(1));
}

void TstProducer::problemsAreIndexedOverTheWhole()
{
    m_connection->setSubmitRule([](std::size_t, std::size_t count) {
        BatchReceipt receipt = receiptOf(count);
        receipt.sequences[10] = 0;
        receipt.problems.push_back({10, false, {}, {base::ErrorCode::Invalid, "bad"}});
        return receipt;
    });
    Producer producer(m_connection);
    const auto receipt = waitForResult(producer.submit(QStringLiteral("q"), makeMessages(3000)));
    QVERIFY(receipt && receipt->has_value());
    QCOMPARE((*receipt)->problems.size(), std::size_t(3));
    for (std::uint32_t i = 0; i < 3; ++i) {
        QCOMPARE((*receipt)->problems[i].index, 10 + i * 1024);
        QCOMPARE((*receipt)->sequences[10 + i * 1024], std::uint64_t(0));
    }
    QCOMPARE((*receipt)->accepted(), std::uint64_t(2997));
}

void TstProducer::oneLostBatchIsUnknownForItsMessagesOnly()
{
    m_connection->setSubmitRule([](std::size_t call, std::size_t count) -> base::Result<BatchReceipt> {
        if (call == 1)
            return base::fail(base::ErrorCode::Unknown, "nobody can tell");
        return receiptOf(count);
    });
    Producer producer(m_connection);
    const auto receipt = waitForResult(producer.submit(QStringLiteral("q"), makeMessages(2500)));
    QVERIFY(receipt && receipt->has_value());
    QCOMPARE((*receipt)->problems.size(), std::size_t(1024));
    QCOMPARE((*receipt)->problems.front().index, std::uint32_t(1024));
    QVERIFY((*receipt)->problems.front().error.code == base::ErrorCode::Unknown);
    QCOMPARE((*receipt)->problems.back().index, std::uint32_t(2047));
}

void TstProducer::allBatchesLostIsUnknownAsAWhole()
{
    m_connection->setSubmitRule([](std::size_t call, std::size_t) -> base::Result<BatchReceipt> {
        return base::fail(call == 2 ? base::ErrorCode::Unknown : base::ErrorCode::Closed, "gone");
    });
    Producer producer(m_connection);
    QSignalSpy failed(&producer, &Producer::failed);
    const auto receipt = waitForResult(producer.submit(QStringLiteral("q"), makeMessages(5000)));
    QVERIFY(receipt.has_value());
    QCOMPARE(codeOf(*receipt), QByteArray("unknown"));
    QTRY_COMPARE(failed.count(), qsizetype(1));
    QCOMPARE(failed.first().at(0).toULongLong(), qulonglong(5000));
}

void TstProducer::whatWaitsBehindTheWindowEndsInClosed()
{
    m_connection->setSubmitAnswers(FakeConnection::Answers::Never);
    Producer producer(m_connection);
    producer.setDeadline(50ms);
    auto large = producer.submit(QStringLiteral("q"), makeMessages(40 * 1024));
    auto behind = producer.submit(QStringLiteral("q"), makeMessages(3));
    const std::size_t inFlight = m_connection->submits().size();
    QVERIFY(inFlight > 1);
    QVERIFY(inFlight < 40);
    const QDeadlineTimer deadline(60ms);
    QTRY_VERIFY(deadline.hasExpired());
    m_connection->failWaitingSubmits({base::ErrorCode::Unknown, "no answer"});
    QCOMPARE(codeOf(*waitForResult(large)), QByteArray("unknown"));
    QCOMPARE(codeOf(*waitForResult(behind)), QByteArray("closed"));
    QCOMPARE(m_connection->submits().size(), inFlight);
}

void TstProducer::needsNoEventLoopForBatches()
{
    bool accepted = false;
    std::thread other([this, &accepted] {
        Producer producer(m_connection);
        const auto receipt = producer.submit(QStringLiteral("q"), makeMessages(30'000)).result();
        accepted = receipt && receipt->accepted() == 30'000;
    });
    other.join();
    QVERIFY(accepted);
}

void TstProducer::destroyedProducerEndsEveryCall()
{
    m_connection->setSubmitAnswers(FakeConnection::Answers::Never);
    QFuture<base::Result<std::uint64_t>> single;
    QFuture<base::Result<BatchReceipt>> batch;
    {
        Producer producer(m_connection);
        single = producer.submit(QStringLiteral("q"), makeMessage(1));
        batch = producer.submit(QStringLiteral("q"), makeMessages(10));
    }
    QVERIFY(single.isFinished());
    QCOMPARE(codeOf(single.result()), QByteArray("cancelled"));
    QVERIFY(!batch.isFinished());
    m_connection->failWaitingSubmits({base::ErrorCode::Unknown, "no answer"});
    QVERIFY(batch.isFinished());
    QCOMPARE(codeOf(batch.result()), QByteArray("unknown"));
}

namespace {

QCoro::Task<> submitEachWay(Producer* producer)
{
    auto single = producer->submit(QStringLiteral("q"), makeMessage(1));
    const base::Result<std::uint64_t> first = co_await single;
    MR_CO_VERIFY(first.has_value());
    auto batch = producer->submit(QStringLiteral("q"), makeMessages(2));
    const base::Result<BatchReceipt> second = co_await batch;
    MR_CO_VERIFY(second.has_value());
    MR_CO_COMPARE(second->sequences.size(), std::size_t(2));
    auto atomic = producer->submitAtomic({{QStringLiteral("q"), makeMessage(4)}, {QStringLiteral("r"), makeMessage(5)}});
    const base::Result<BatchReceipt> third = co_await atomic;
    MR_CO_VERIFY(third.has_value());
    MR_CO_COMPARE(third->accepted(), std::uint64_t(2));
}

} // namespace

void TstProducer::awaitsInACoroutine()
{
    Producer producer(m_connection);
    QVERIFY(tests::runCoroutine(submitEachWay(&producer)));
    QCOMPARE(m_connection->submits().size(), std::size_t(3));
}

void TstProducer::waitIsCutToTheDeadline()
{
    Producer producer(m_connection);
    QVERIFY(waitForResult(producer.submit(QStringLiteral("q"), makeMessage(0)))->has_value());
    producer.setDeadline(2s);
    QVERIFY(waitForResult(producer.submit(QStringLiteral("q"), makeMessages(1)))->has_value());
    producer.setWait(300ms);
    QVERIFY(waitForResult(producer.submit(QStringLiteral("q"), makeMessages(1)))->has_value());
    producer.setWait(0ms);
    QVERIFY(waitForResult(producer.submit(QStringLiteral("q"), makeMessages(1)))->has_value());
    const auto calls = m_connection->submits();
    // As long as the deadline allows, and the answer is back before it.
    QVERIFY(calls[0].options.wait > 4s && calls[0].options.wait < calls[0].deadline);
    QVERIFY(calls[1].options.wait > 1500ms && calls[1].options.wait < calls[1].deadline);
    QVERIFY(calls[2].options.wait == 300ms);
    QVERIFY(calls[3].options.wait == 1ms); // 0 would be the node's own patience
}

void TstProducer::atomicIsOneBatchWithTargets()
{
    Producer producer(m_connection);
    QSignalSpy confirmed(&producer, &Producer::confirmed);
    std::vector<client::AddressedMessage> messages;
    for (std::size_t i = 0; i < 1024; ++i)
        messages.push_back({i % 2 == 0 ? QStringLiteral("even") : QStringLiteral("odd"), makeMessage(i)});
    const auto receipt = waitForResult(producer.submitAtomic(messages));
    QVERIFY(receipt && receipt->has_value());
    QCOMPARE((*receipt)->accepted(), std::uint64_t(1024));
    const auto calls = m_connection->submits();
    QCOMPARE(calls.size(), std::size_t(1));
    QVERIFY(calls[0].options.atomic);
    QCOMPARE(calls[0].options.targets.size(), std::size_t(1024));
    QCOMPARE(calls[0].options.targets[1], std::string("odd"));
    QCOMPARE(calls[0].bodies[1023], std::string("1023"));
    QTRY_COMPARE(confirmed.count(), qsizetype(1));
    QCOMPARE(confirmed.first().at(0).toULongLong(), qulonglong(1024));
}

void TstProducer::atomicRefusalIsTheErrorOfTheWhole()
{
    m_connection->setSubmitRule([](std::size_t, std::size_t) {
        BatchReceipt receipt;
        receipt.sequences = {0, 0, 0};
        receipt.problems.push_back({0, false, {}, {base::ErrorCode::Conflict, "another one"}});
        receipt.problems.push_back({1, false, {}, {base::ErrorCode::QueueFull, "no room"}});
        receipt.problems.push_back({2, false, {}, {base::ErrorCode::Conflict, "another one"}});
        return receipt;
    });
    Producer producer(m_connection);
    QSignalSpy failed(&producer, &Producer::failed);
    const auto receipt = waitForResult(producer.submitAtomic({{QStringLiteral("a"), makeMessage(0)},
                                                              {QStringLiteral("b"), makeMessage(1)},
                                                              {QStringLiteral("c"), makeMessage(2)}}));
    QVERIFY(receipt.has_value());
    QCOMPARE(codeOf(*receipt), QByteArray("queue-full"));
    QCOMPARE(receipt->error().context,
             std::string("nothing was accepted, because of message 1 for \"b\": no room"));
    QTRY_COMPARE(failed.count(), qsizetype(1));
    QCOMPARE(failed.first().at(0).toULongLong(), qulonglong(3));
}

void TstProducer::atomicThatIsTooLargeIsNotSplit()
{
    Producer producer(m_connection);
    std::vector<client::AddressedMessage> messages(1025, {QStringLiteral("q"), makeMessage(1)});
    (void)waitForResult(producer.submitAtomic(messages));
    QCOMPARE(m_connection->submits().size(), std::size_t(1));
    QCOMPARE(m_connection->submits()[0].bodies.size(), std::size_t(1025));
}

QTEST_GUILESS_MAIN(TstProducer)
#include "tst_producer.moc"
