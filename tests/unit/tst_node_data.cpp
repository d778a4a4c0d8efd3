// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/node_harness.h"

#include <set>

using namespace millrace;
using namespace millrace::testing;
using base::ErrorCode;

class TstNodeData : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void helloIsWelcomedOnBothEndpoints();
    void submitDeliverSettle();
    void heartbeatsAreAnswered();
    void creditBoundsWhatIsDelivered();
    void d8_staleTokenChangesNothing();
    void retryComesBackWithItsNextAttempt();
    void d10_vanishedSessionGivesItsLeasesBack();
    void goodbyeGivesLeasesBackAtOnce();
    void helloAgainBeginsANewSession();
    void wrongVersionIsRefusedNamingBoth();
    void framesBeforeHelloAreRefused();
    void s5_garbageIsRefusedAndTheRestGoesOn();
    void s3_oversizedFrameIsRefused();
    void s3_heartbeatsNobodyReadsCostNothing();
    void s3_hugeFrameCostsOnlyItsConnection();
    void unknownQueueAndTooLargeBodyAreRefusedByItem();
    void r6_largestBodyPassesDiesAndIsReplayed();
    void sessionsAreLimited();
    void refusedFramesAreCountedAndLogged();
    void priorityGoesFirst();
    void atomicSubmitIsAcceptedWholeOrNotAtAll();
    void confirmWaitsForRoomAsLongAsIsAsked();
};

void TstNodeData::helloIsWelcomedOnBothEndpoints()
{
    NodeHarness harness;
    harness.start();
    for (const std::string& endpoint : {harness.inproc(), harness.ipc()}) {
        DataClient client(*harness.context, endpoint);
        const auto welcome = client.hello();
        QVERIFY(welcome.has_value());
        QCOMPARE(welcome->major, wire::kMajor);
        QCOMPARE(welcome->epoch, harness.node->epoch());
        QCOMPARE(welcome->version, std::string("tests 1.0"));
        QCOMPARE(welcome->heartbeatMs, 1000U);
    }
}

void TstNodeData::submitDeliverSettle()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient producer(*harness.context, harness.ipc());
    QVERIFY(producer.hello());
    const auto confirm = producer.submit("orders", makeMessages(1000));
    QVERIFY(confirm.has_value());
    QCOMPARE(confirm->sequences.size(), std::size_t{1000});
    QVERIFY(confirm->problems.empty());
    QCOMPARE(std::set<std::uint64_t>(confirm->sequences.begin(), confirm->sequences.end()).size(), std::size_t{1000});

    DataClient worker(*harness.context, harness.inproc());
    QVERIFY(worker.hello());
    const auto attached = worker.attach("orders");
    QVERIFY(attached && attached->ok);
    worker.grant(attached->queue, 1000);
    const auto deliveries = worker.deliveries(1000);
    QCOMPARE(deliveries.size(), std::size_t{1000});
    for (std::size_t i = 0; i < deliveries.size(); ++i) {
        const auto envelope = message::decodeEnvelope(deliveries[i].envelope.view());
        QVERIFY(envelope.has_value());
        QCOMPARE(envelope->id, "m" + std::to_string(i));
        QCOMPARE(deliveries[i].body.toString(), "body " + std::to_string(i));
        QCOMPARE(deliveries[i].attempt, 1U);
        QVERIFY(!deliveries[i].redelivered);
    }
    const auto settled = worker.settle(leasesOf(deliveries));
    QVERIFY(settled && settled->lost.empty());
    ControlClient control(*harness.context, harness.inproc());
    QTRY_COMPARE(control.snapshot().total().acknowledged(), std::uint64_t{1000});
}

void TstNodeData::heartbeatsAreAnswered()
{
    NodeHarness harness;
    harness.start();
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    client.send(wire::encode(wire::Heartbeat{42}, false));
    const auto answer = client.await<wire::Heartbeat>();
    QVERIFY(answer.has_value());
    QCOMPARE(answer->number, std::uint64_t{42});
}

void TstNodeData::creditBoundsWhatIsDelivered()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    QVERIFY(client.submit("orders", makeMessages(50)));
    const auto attached = client.attach("orders");
    QVERIFY(attached && attached->ok);
    client.grant(attached->queue, 7);
    QCOMPARE(client.deliveries(7).size(), std::size_t{7});
    // The node answers in order: whatever the credit had brought would come before this.
    client.send(wire::encode(wire::Heartbeat{1}, false));
    QVERIFY(client.await<wire::Heartbeat>());
    QVERIFY(!client.await<wire::Deliver>(0ms));
}

void TstNodeData::d8_staleTokenChangesNothing()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    QVERIFY(client.submit("orders", makeMessages(1)));
    const auto attached = client.attach("orders");
    client.grant(attached->queue, 1);
    const auto deliveries = client.deliveries(1);
    QCOMPARE(deliveries.size(), std::size_t{1});
    message::LeaseRef stale = deliveries[0].lease;
    stale.token += 1000;
    const auto lost = client.settle({stale});
    QVERIFY(lost.has_value());
    QVERIFY((lost->lost == std::vector<message::LeaseRef>{stale}));
    const auto settled = client.settle(leasesOf(deliveries));
    QVERIFY(settled && settled->lost.empty());
}

void TstNodeData::retryComesBackWithItsNextAttempt()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    QVERIFY(client.submit("orders", makeMessages(1)));
    const auto attached = client.attach("orders");
    client.grant(attached->queue, 2);
    const auto first = client.deliveries(1);
    QCOMPARE(first.size(), std::size_t{1});
    message::FailedDelivery retry;
    retry.lease = first[0].lease;
    retry.failure = {"Timeout", "no answer"};
    retry.delay = base::Micros(1000);
    QVERIFY(client.settle({}, {retry}));
    const auto second = client.deliveries(1);
    QCOMPARE(second.size(), std::size_t{1});
    QCOMPARE(second[0].attempt, 2U);
    QVERIFY(second[0].lease.token > first[0].lease.token);
}

void TstNodeData::d10_vanishedSessionGivesItsLeasesBack()
{
    NodeHarness harness;
    harness.options.heartbeat = 20ms;
    harness.options.sessionTimeout = 200ms;
    harness.declare("orders");
    harness.start();
    DataClient lasting(*harness.context, harness.inproc());
    QVERIFY(lasting.hello());
    QVERIFY(lasting.submit("orders", makeMessages(3)));
    {
        DataClient vanishing(*harness.context, harness.ipc());
        QVERIFY(vanishing.hello());
        const auto attached = vanishing.attach("orders");
        vanishing.grant(attached->queue, 3);
        QCOMPARE(vanishing.deliveries(3).size(), std::size_t{3});
    }
    const auto attached = lasting.attach("orders");
    lasting.grant(attached->queue, 3);
    std::vector<wire::Delivery> again;
    const auto until = Clock::now() + kPatience;
    for (std::uint64_t beat = 0; again.size() < 3 && Clock::now() < until; ++beat) {
        lasting.send(wire::encode(wire::Heartbeat{beat}, false));
        for (wire::Delivery& delivery : lasting.deliveries(3 - again.size(), 50ms))
            again.push_back(std::move(delivery));
    }
    QCOMPARE(again.size(), std::size_t{3});
    for (const wire::Delivery& delivery : again) {
        QVERIFY(delivery.redelivered);
        QCOMPARE(delivery.attempt, 1U); // a worker that vanished costs no attempt
    }
}

void TstNodeData::goodbyeGivesLeasesBackAtOnce()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient first(*harness.context, harness.inproc());
    DataClient second(*harness.context, harness.inproc());
    QVERIFY(first.hello());
    QVERIFY(second.hello());
    QVERIFY(first.submit("orders", makeMessages(2)));
    first.grant(first.attach("orders")->queue, 2);
    QCOMPARE(first.deliveries(2).size(), std::size_t{2});
    first.send(wire::encode(wire::Goodbye{}));
    second.grant(second.attach("orders")->queue, 2);
    QCOMPARE(second.deliveries(2, 2s).size(), std::size_t{2});
}

void TstNodeData::helloAgainBeginsANewSession()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    QVERIFY(client.submit("orders", makeMessages(1)));
    client.grant(client.attach("orders")->queue, 1);
    const auto before = client.deliveries(1);
    QCOMPARE(before.size(), std::size_t{1});
    QVERIFY(client.hello());
    const auto lost = client.settle(leasesOf(before));
    QVERIFY(lost.has_value());
    QCOMPARE(lost->lost.size(), std::size_t{1});
    // The same token on another connection ends this one.
    DataClient moved(*harness.context, harness.ipc());
    moved.useToken(client.token());
    QVERIFY(moved.hello());
    const auto refused = client.await<wire::Refused>();
    QVERIFY(refused && refused->error.code == ErrorCode::Closed);
    moved.grant(moved.attach("orders")->queue, 1);
    QCOMPARE(moved.deliveries(1).size(), std::size_t{1});
}

void TstNodeData::wrongVersionIsRefusedNamingBoth()
{
    NodeHarness harness;
    harness.start();
    DataClient client(*harness.context, harness.ipc());
    client.send(wire::encode(wire::Hello{7, 3, "worker", "from the future", client.token()}));
    const auto refused = client.await<wire::Refused>();
    QVERIFY(refused.has_value());
    QVERIFY(refused->error.code == ErrorCode::Unsupported);
    QVERIFY(refused->error.context.find("7.3") != std::string::npos);
    QVERIFY(refused->error.context.find("1.0") != std::string::npos);
    // The node serves it all the same once it speaks version 1.
    QVERIFY(client.hello());
}

void TstNodeData::framesBeforeHelloAreRefused()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient client(*harness.context, harness.inproc());
    const std::string envelope = message::encode(makeMessage("a").envelope);
    const std::vector<wire::OutgoingView> messages{{envelope, "body"}};
    client.send(wire::encodeSubmit(1, "orders", messages));
    const auto refused = client.await<wire::Refused>();
    QVERIFY(refused && refused->error.code == ErrorCode::Closed);
    QVERIFY(refused->error.context.find("hello") != std::string::npos);
    QVERIFY(client.hello());
    ControlClient control(*harness.context, harness.inproc());
    QCOMPARE(control.snapshot().total().submitted(), std::uint64_t{0});
}

void TstNodeData::s5_garbageIsRefusedAndTheRestGoesOn()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient hostile(*harness.context, harness.ipc());
    DataClient honest(*harness.context, harness.ipc());
    QVERIFY(honest.hello());
    for (int i = 0; i < 100; ++i)
        hostile.send(std::string(static_cast<std::size_t>(i * 7), static_cast<char>(i * 37 + 1)));
    hostile.sendParts("", "two parts");
    const auto refused = hostile.await<wire::Refused>();
    QVERIFY(refused.has_value());
    // In a session, too, it costs only the frame.
    honest.send("\xff\xff\xff\xff");
    const auto mine = honest.await<wire::Refused>();
    QVERIFY(mine && mine->error.code == ErrorCode::Protocol);
    const auto confirm = honest.submit("orders", makeMessages(10));
    QVERIFY(confirm && confirm->problems.empty());
}

void TstNodeData::s3_oversizedFrameIsRefused()
{
    NodeHarness harness;
    harness.start();
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    for (const std::size_t bytes : {wire::kMaxDataFrameBytes + 1, 2 * wire::kMaxDataFrameBytes}) {
        client.send(std::string(bytes, 'x'));
        const auto refused = client.await<wire::Refused>();
        QVERIFY(refused && refused->error.code == ErrorCode::Limit);
        QVERIFY(refused->error.context.find(std::to_string(wire::kMaxDataFrameBytes)) != std::string::npos);
    }
    QVERIFY(harness.hasLogged("refused a frame on the data socket"));
}

void TstNodeData::s3_heartbeatsNobodyReadsCostNothing()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    constexpr std::uint64_t kBeats = 100'000;
    const std::string beat = wire::encode(wire::Heartbeat{1}, false);
    for (std::uint64_t i = 0; i < kBeats; ++i)
        client.send(beat);
    // The answer to what came last: all before it were handled.
    QVERIFY(client.submit("orders", makeMessages(1)));
    std::uint64_t answered = client.discardKept();
    while (client.await<wire::Heartbeat>(50ms))
        ++answered;
    // As many as fit into the sockets, and none in memory of the node.
    QVERIFY2(answered < kBeats / 2, qPrintable(QString::number(answered)));
}

void TstNodeData::s3_hugeFrameCostsOnlyItsConnection()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient client(*harness.context, harness.ipc());
    DataClient other(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    QVERIFY(other.hello());
    client.send(std::string(4 * wire::kMaxDataFrameBytes + 1024, 'x'));
    // The connection is cut and made again: the node knows no session of the new one, and the client is told.
    std::optional<wire::Refused> refused;
    const auto until = Clock::now() + kPatience;
    while (!refused && Clock::now() < until) {
        client.send(wire::encode(wire::Heartbeat{1}, false));
        refused = client.await<wire::Refused>(20ms);
    }
    QVERIFY(refused && refused->error.code == ErrorCode::Closed);
    QVERIFY(client.hello());
    QVERIFY(other.submit("orders", makeMessages(1)));
}

void TstNodeData::unknownQueueAndTooLargeBodyAreRefusedByItem()
{
    NodeHarness harness;
    message::QueuePolicy small;
    small.maxBodyBytes = 100;
    harness.declare("small", small);
    harness.start();
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    const auto unknown = client.submit("nowhere", makeMessages(2));
    QVERIFY(unknown.has_value());
    QCOMPARE(unknown->problems.size(), std::size_t{2});
    QVERIFY(unknown->problems[0].error.code == ErrorCode::NotFound);
    QVERIFY(unknown->problems[0].error.context.find("nowhere") != std::string::npos);

    std::vector<message::Message> mixed = makeMessages(3);
    mixed[1].body = std::string(101, 'x');
    const auto partly = client.submit("small", mixed);
    QVERIFY(partly.has_value());
    QCOMPARE(partly->problems.size(), std::size_t{1});
    QCOMPARE(partly->problems[0].index, 1U);
    QVERIFY(partly->problems[0].error.code == ErrorCode::Limit);
    for (const char* part : {"\"small\"", "at most 100 bytes", "this one has 101", "max-body-bytes"})
        QVERIFY2(partly->problems[0].error.context.find(part) != std::string::npos, part);
    QVERIFY(partly->sequences[0] != 0 && partly->sequences[1] == 0 && partly->sequences[2] != 0);
    const auto attached = client.attach("nowhere");
    QVERIFY(attached && !attached->ok && attached->error.code == ErrorCode::NotFound);
}

/// 16 MiB, configured, in a queue of each durability: delivered by value, shown as a dead letter, and replayed by value.
void TstNodeData::r6_largestBodyPassesDiesAndIsReplayed()
{
    NodeHarness harness;
    message::QueuePolicy policy;
    policy.maxBodyBytes = message::kMaxBodyBytes;
    harness.declare("large", policy);
    policy.durability = message::Durability::Memory;
    harness.declare("memory", policy);
    harness.start();
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    ControlClient control(*harness.context, harness.ipc());
    message::Message message = makeMessage("large", std::string(message::kMaxBodyBytes, '\0'));
    std::uint32_t state = 1;
    for (char& byte : message.body)
        byte = static_cast<char>((state = state * 1664525U + 1013904223U) >> 24U);
    message.envelope.attributes["fill"] = std::string(message::kMaxAttributeBytes / 2, 'a');
    for (const char* queue : {"large", "memory"}) {
        const auto confirm = client.submit(queue, {message});
        QVERIFY(confirm && confirm->problems.empty());
        const auto id = client.attach(queue)->queue;
        client.grant(id, 2);
        const auto first = client.deliveries(1);
        QCOMPARE(first.size(), std::size_t{1});
        QVERIFY(first[0].body.view() == message.body);
        QVERIFY(client.settle({}, {{first[0].lease, message::Ending::Reject, message::Reason::Rejected, {"No", "no"}, {}}}));

        ControlClient::Request show;
        show.mutable_dead_letter()->set_ref(std::to_string(confirm->sequences[0]));
        const auto detail = control.call(show).detail();
        QCOMPARE(detail.row().body_bytes(), std::uint64_t{message::kMaxBodyBytes});
        // As much of it as a control frame takes.
        QVERIFY(detail.body().size() > wire::kMaxControlFrameBytes / 2);
        QVERIFY(message.body.starts_with(detail.body()));
        ControlClient::Request replay;
        replay.mutable_start_operation()->mutable_refs()->add_refs(std::to_string(confirm->sequences[0]));
        QVERIFY(control.call(replay).has_operation());
        const auto again = client.deliveries(1);
        QCOMPARE(again.size(), std::size_t{1});
        QVERIFY(again[0].body.view() == message.body);
        QVERIFY(client.settle({again[0].lease})->lost.empty());
    }
    // One byte more is no frame's fault: the session goes on.
    message.body += '!';
    const std::string envelope = message::encode(message.envelope);
    const wire::OutgoingView view{envelope, message.body};
    client.send(wire::encodeSubmit(99, "large", {&view, 1}));
    const auto refused = client.await<wire::Refused>();
    QVERIFY(refused && refused->error.code == ErrorCode::Limit && refused->request == 99);
    for (const char* part : {"message 0", "16777217", "at most 16777216", "send a reference"})
        QVERIFY2(refused->error.context.find(part) != std::string::npos, refused->error.context.c_str());
    QVERIFY(client.submit("large", makeMessages(1)));
}

void TstNodeData::sessionsAreLimited()
{
    NodeHarness harness;
    harness.options.maxSessions = 2;
    harness.start();
    DataClient first(*harness.context, harness.inproc());
    DataClient second(*harness.context, harness.inproc());
    DataClient third(*harness.context, harness.inproc());
    QVERIFY(first.hello());
    QVERIFY(second.hello());
    third.send(wire::encode(wire::Hello{1, 0, "worker", "third", third.token()}));
    const auto refused = third.await<wire::Refused>();
    QVERIFY(refused && refused->error.code == ErrorCode::Limit);
    first.send(wire::encode(wire::Goodbye{}));
    first.send(wire::encode(wire::Heartbeat{1}, false));
    QVERIFY(first.await<wire::Refused>());
    QVERIFY(third.hello());
}

void TstNodeData::refusedFramesAreCountedAndLogged()
{
    NodeHarness harness;
    harness.start();
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    for (int i = 0; i < 50; ++i)
        client.send("\xff");
    for (int i = 0; i < 50; ++i)
        QVERIFY(client.await<wire::Refused>());
    ControlClient control(*harness.context, harness.inproc());
    QTRY_COMPARE(control.snapshot().node().frames_refused(), std::uint64_t{50});
    QVERIFY(harness.hasLogged("W refused a frame on the data socket from \"raw client\""));
}

void TstNodeData::priorityGoesFirst()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    std::vector<message::Message> messages = makeMessages(3);
    messages[2].envelope.priority = 9;
    QVERIFY(client.submit("orders", messages));
    client.grant(client.attach("orders")->queue, 3);
    const auto deliveries = client.deliveries(3);
    QCOMPARE(deliveries.size(), std::size_t{3});
    QCOMPARE(message::decodeEnvelope(deliveries[0].envelope.view())->id, std::string("m2"));
    QCOMPARE(message::decodeEnvelope(deliveries[1].envelope.view())->id, std::string("m0"));
}

void TstNodeData::atomicSubmitIsAcceptedWholeOrNotAtAll()
{
    NodeHarness harness;
    harness.declare("orders");
    message::QueuePolicy small;
    small.maxDepth = 1;
    harness.declare("audit", small);
    harness.start();
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    client.sendSubmit("orders", makeMessages(3), {0, true}, {{}, "audit", "audit"});
    auto confirm = client.await<wire::Confirm>();
    QVERIFY(confirm.has_value());
    QCOMPARE(confirm->sequences, (std::vector<std::uint64_t>{0, 0, 0}));
    QCOMPARE(confirm->problems.size(), std::size_t{3});
    for (const wire::SubmitProblem& problem : confirm->problems)
        QVERIFY(problem.error.code == (problem.index == 2 ? ErrorCode::QueueFull : ErrorCode::Conflict));

    client.sendSubmit("orders", makeMessages(3), {0, true}, {{}, "audit", "orders"});
    confirm = client.await<wire::Confirm>();
    QVERIFY(confirm && confirm->problems.empty());
    ControlClient control(*harness.context, harness.inproc());
    QTRY_COMPARE(control.snapshot().total().submitted(), std::uint64_t{3});
    const auto snapshot = control.snapshot();
    QCOMPARE(snapshot.queues(0).sample().ready(), std::uint64_t{1}); // audit
    QCOMPARE(snapshot.queues(1).sample().ready(), std::uint64_t{2});
}

void TstNodeData::confirmWaitsForRoomAsLongAsIsAsked()
{
    NodeHarness harness;
    message::QueuePolicy deferring;
    deferring.maxDepth = 1;
    deferring.whenFull = message::WhenFull::Defer;
    harness.declare("orders", deferring);
    harness.start();
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    QVERIFY(client.submit("orders", makeMessages(1)));

    // Refused after what was asked for, not after the 30 s that the node takes otherwise.
    const auto begin = Clock::now();
    client.sendSubmit("orders", makeMessages(1, "late"), {50, false});
    auto confirm = client.await<wire::Confirm>();
    QVERIFY(confirm && confirm->problems.size() == 1);
    QVERIFY(confirm->problems[0].error.code == ErrorCode::QueueFull);
    QVERIFY(Clock::now() - begin >= 50ms);

    // Accepted as soon as there is room.
    client.sendSubmit("orders", makeMessages(1, "next"), {60'000, false});
    client.send(wire::encode(wire::Heartbeat{1}, false));
    QVERIFY(client.await<wire::Heartbeat>());
    QVERIFY(!client.await<wire::Confirm>(0ms));
    const auto attached = client.attach("orders");
    client.grant(attached->queue, 1);
    QVERIFY(client.settle(leasesOf(client.deliveries(1))));
    confirm = client.await<wire::Confirm>();
    QVERIFY(confirm && confirm->problems.empty());
    QVERIFY(confirm->sequences.at(0) > 0);
}

QTEST_GUILESS_MAIN(TstNodeData)
#include "tst_node_data.moc"
