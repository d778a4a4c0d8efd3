// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/envelope.h"
#include "transport/wire/data_codec.h"
#include "transport/wire/millrace.pb.h"

#include <QtTest/QtTest>

#include <random>

using namespace millrace;
using base::ErrorCode;
using base::Slice;
namespace v1 = millrace::wire::v1;

namespace {

std::string envelopeText(const std::string& id)
{
    message::Envelope envelope;
    envelope.id = id;
    envelope.source = "/tests";
    envelope.type = "order.created";
    envelope.partitionKey = "k";
    return message::encode(envelope);
}

template<typename Frame>
Frame decodedAs(std::string bytes)
{
    auto frame = wire::decodeClientFrame(Slice::own(std::move(bytes)));
    if (!frame)
        qFatal("%s", frame.error().context.c_str());
    return std::get<Frame>(std::move(*frame));
}

template<typename Frame>
Frame nodeDecodedAs(std::string bytes)
{
    auto frame = wire::decodeNodeFrame(Slice::own(std::move(bytes)));
    if (!frame)
        qFatal("%s", frame.error().context.c_str());
    return std::get<Frame>(std::move(*frame));
}

ErrorCode codeOf(std::string bytes, std::uint64_t* request = nullptr)
{
    const auto frame = wire::decodeClientFrame(Slice::own(std::move(bytes)), request);
    return frame ? ErrorCode::Internal : frame.error().code;
}

std::string submitOf(std::size_t count, std::size_t bodyBytes)
{
    const std::string envelope = envelopeText("a");
    const std::string body(bodyBytes, 'b');
    const std::vector<wire::OutgoingView> messages(count, wire::OutgoingView{envelope, body});
    return wire::encodeSubmit(7, "orders", messages);
}

/// Two messages that go to different places, and may wait for room for 1.5 s.
std::string atomicSubmit()
{
    const std::string envelope = envelopeText("a");
    const std::vector<wire::OutgoingView> messages{{envelope, "one", "orders"}, {envelope, "two", {}}};
    return wire::encodeSubmit(8, "audit", messages, {1500, true});
}

wire::Settle someSettle()
{
    wire::Settle settle;
    settle.request = 9;
    settle.acknowledged = {{1, 2}, {300, 70000}, {UINT64_MAX, 1}};
    message::FailedDelivery retry;
    retry.lease = {4, 5};
    retry.failure = {"Timeout", "no answer in 5 s"};
    retry.delay = base::Micros(1'500'000);
    message::FailedDelivery reject;
    reject.lease = {6, 7};
    reject.ending = message::Ending::Reject;
    reject.reason = message::Reason::SchemaInvalid;
    reject.failure = {"Schema", "ä is not a number"};
    message::FailedDelivery release;
    release.lease = {8, 9};
    release.ending = message::Ending::Release;
    settle.failed = {retry, reject, release};
    return settle;
}

engine::Deliver someDeliver()
{
    engine::Deliver deliver;
    deliver.queue = 3;
    deliver.lease = base::Micros(30'000'000);
    for (int i = 1; i <= 3; ++i) {
        engine::Delivery item;
        item.lease = {static_cast<std::uint64_t>(i) << 40U, static_cast<std::uint64_t>(i)};
        item.attempt = static_cast<std::uint32_t>(i);
        item.redelivered = i == 2;
        item.envelope = Slice::own(envelopeText("id-" + std::to_string(i)));
        item.body = Slice::own(std::string(static_cast<std::size_t>(i - 1) * 500, 'x'));
        deliver.items.push_back(item);
    }
    return deliver;
}

engine::Confirm someConfirm()
{
    engine::Confirm confirm;
    confirm.request = 12;
    confirm.sequences = {100, 0, 101};
    engine::SubmitProblem full;
    full.index = 1;
    full.error = {ErrorCode::QueueFull, "queue \"orders\" is full"};
    engine::SubmitProblem duplicate;
    duplicate.index = 2;
    duplicate.isDuplicate = true;
    duplicate.firstId = "first";
    confirm.problems = {full, duplicate};
    return confirm;
}

std::vector<std::string> everyClientFrame()
{
    return {wire::encode(wire::Hello{1, 0, "worker", "tests", std::string(16, 's')}),
            wire::encode(wire::Heartbeat{77}, false),
            submitOf(3, 40),
            atomicSubmit(),
            wire::encode(wire::Attach{5, "orders", "w1"}),
            wire::encode(wire::Detach{6}),
            wire::encode(wire::Credit{6, 1000}),
            wire::encode(someSettle()),
            wire::encode(wire::Extend{10, {{1, 2}, {3, 4}}, {{{3, 4}, {40, "half"}}}}),
            wire::encode(wire::Goodbye{})};
}

std::vector<std::string> everyNodeFrame()
{
    engine::Attached refused{1, 8, base::fail(ErrorCode::NotFound, "no queue"), {}};
    return {wire::encode(wire::Welcome{.epoch = 5, .node = "n", .version = "1"}),
            wire::encode(wire::Heartbeat{77}, true),
            wire::encode(someConfirm()),
            wire::encode(engine::Attached{1, 7, message::QueueId{4}, {}}),
            wire::encode(refused),
            wire::encode(someDeliver()),
            wire::encode(engine::Settled{1, 9, {{1, 2}}}),
            wire::encode(wire::Refused{3, {ErrorCode::Protocol, "no"}}),
            wire::encode(wire::Lost{{1, 2, 3}, {ErrorCode::Unknown, "lost"}}),
            wire::encode(engine::StopDeliveries{1, 3, {{5, 6}, {7, 8}}})};
}

} // namespace

class TstDataCodec : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void clientFramesComeBackAsTheyWere();
    void nodeFramesComeBackAsTheyWere();
    void atomicSubmitCarriesTargetsAndWait();
    void submittedMessagesReferIntoTheFrame();
    void generatedClassesReadWhatIsWritten();
    void whatGeneratedClassesWriteIsRead();
    void bothEncodingsOfRepeatedNumbersAreRead();
    void unknownFieldsAreIgnored();
    void unknownKindIsUnsupported();
    void twoKindsAtOnceAreRefused();
    void limits();
    void s5_invalidValuesAreRefused();
    void errorsCarryTheRequestNumber();
    void s5_truncationAtEveryByteYieldsValueOrError();
    void s5_randomMutationsYieldValueOrError();
    void textThatIsNotUtf8IsMendedOnTheWayOut();
};

void TstDataCodec::clientFramesComeBackAsTheyWere()
{
    const auto hello = decodedAs<wire::Hello>(wire::encode(wire::Hello{1, 3, "worker", "tests", std::string(16, '\xff')}));
    QCOMPARE(hello.major, 1U);
    QCOMPARE(hello.minor, 3U);
    QCOMPARE(hello.role, std::string("worker"));
    QCOMPARE(hello.session, std::string(16, '\xff'));
    QCOMPARE(decodedAs<wire::Heartbeat>(wire::encode(wire::Heartbeat{77}, false)).number, std::uint64_t{77});

    const auto submit = decodedAs<wire::Submit>(submitOf(3, 40));
    QCOMPARE(submit.request, std::uint64_t{7});
    QCOMPARE(submit.target, std::string("orders"));
    QCOMPARE(submit.messages.size(), std::size_t{3});
    QCOMPARE(submit.messages[2].envelope.toString(), envelopeText("a"));
    QCOMPARE(submit.messages[2].body.toString(), std::string(40, 'b'));
    QCOMPARE(submit.messages[2].view.partitionKey, std::string_view("k"));

    const auto attach = decodedAs<wire::Attach>(wire::encode(wire::Attach{5, "orders", "w1"}));
    QCOMPARE(attach.queue + "/" + attach.worker, std::string("orders/w1"));
    const auto credit = decodedAs<wire::Credit>(wire::encode(wire::Credit{6, 1000}));
    QCOMPARE(credit.queue, 6U);
    QCOMPARE(credit.more, 1000U);
    QCOMPARE(decodedAs<wire::Detach>(wire::encode(wire::Detach{6})).queue, 6U);

    const auto settle = decodedAs<wire::Settle>(wire::encode(someSettle()));
    QCOMPARE(settle.request, std::uint64_t{9});
    QVERIFY(settle.acknowledged == someSettle().acknowledged);
    QVERIFY(settle.failed == someSettle().failed);
    const auto extend = decodedAs<wire::Extend>(wire::encode(wire::Extend{10, {{1, 2}, {3, 4}}}));
    QVERIFY((extend.leases == std::vector<message::LeaseRef>{{1, 2}, {3, 4}}));
    QVERIFY(extend.progress.empty());
    const std::vector<message::LeaseProgress> progress{{{1, 2}, {0, ""}}, {{5, 6}, {100, "done"}}};
    const auto told = decodedAs<wire::Extend>(wire::encode(wire::Extend{10, {{1, 2}, {3, 4}, {5, 6}}, progress}));
    QVERIFY(told.progress == progress);
    // What fits no lease is left out; what is out of range is cut.
    const auto odd = decodedAs<wire::Extend>(
        wire::encode(wire::Extend{10, {{1, 2}}, {{{9, 9}, {1, ""}}, {{1, 2}, {200, std::string(300, 'n')}}}}));
    QCOMPARE(odd.progress.size(), std::size_t{1});
    QCOMPARE(odd.progress[0].progress.percent, 100);
    QVERIFY(odd.progress[0].progress.note.size() <= message::kMaxProgressNoteBytes);
    (void)decodedAs<wire::Goodbye>(wire::encode(wire::Goodbye{}));
}

void TstDataCodec::nodeFramesComeBackAsTheyWere()
{
    const auto stop = nodeDecodedAs<wire::StopDeliveries>(
        wire::encode(engine::StopDeliveries{1, 3, {{5, 6}, {7, 8}}}));
    QCOMPARE(stop.queue, message::QueueId{3});
    QVERIFY((stop.leases == std::vector<message::LeaseRef>{{5, 6}, {7, 8}}));
    const auto welcome = nodeDecodedAs<wire::Welcome>(
        wire::encode(wire::Welcome{.epoch = 5, .node = "n", .version = "1.0", .heartbeatMs = 20}));
    QCOMPARE(welcome.major, wire::kMajor);
    QCOMPARE(welcome.epoch, std::uint64_t{5});
    QCOMPARE(welcome.heartbeatMs, 20U);
    QCOMPARE(welcome.maxFrameBytes, wire::kMaxDataFrameBytes);

    const auto confirm = nodeDecodedAs<wire::Confirm>(wire::encode(someConfirm()));
    QVERIFY((confirm.sequences == std::vector<std::uint64_t>{100, 0, 101}));
    QCOMPARE(confirm.problems.size(), std::size_t{2});
    QVERIFY(confirm.problems[0].error.code == ErrorCode::QueueFull);
    QCOMPARE(confirm.problems[0].error.context, std::string("queue \"orders\" is full"));
    QVERIFY(confirm.problems[1].isDuplicate);
    QCOMPARE(confirm.problems[1].firstId, std::string("first"));

    const auto attached = nodeDecodedAs<wire::Attached>(wire::encode(engine::Attached{1, 7, message::QueueId{4}, {}}));
    QVERIFY(attached.ok);
    QCOMPARE(attached.queue, 4U);
    QVERIFY(message::queuePolicyFromJson(attached.policyJson).value() == message::QueuePolicy{});
    const auto refused = nodeDecodedAs<wire::Attached>(
        wire::encode(engine::Attached{1, 8, base::fail(ErrorCode::NotFound, "no queue"), {}}));
    QVERIFY(!refused.ok);
    QVERIFY(refused.error.code == ErrorCode::NotFound);

    const engine::Deliver sent = someDeliver();
    const auto deliver = nodeDecodedAs<wire::Deliver>(wire::encode(sent));
    QCOMPARE(deliver.queue, sent.queue);
    QCOMPARE(deliver.leaseUs, sent.lease.count());
    QCOMPARE(deliver.deliveries.size(), sent.items.size());
    for (std::size_t i = 0; i < sent.items.size(); ++i) {
        QVERIFY(deliver.deliveries[i].lease == sent.items[i].lease);
        QCOMPARE(deliver.deliveries[i].attempt, sent.items[i].attempt);
        QCOMPARE(deliver.deliveries[i].redelivered, sent.items[i].redelivered);
        QVERIFY(deliver.deliveries[i].envelope == sent.items[i].envelope);
        QVERIFY(deliver.deliveries[i].body == sent.items[i].body);
        QVERIFY(!deliver.deliveries[i].body.isNull());
    }
    const auto lost = nodeDecodedAs<wire::Lost>(wire::encode(wire::Lost{{1, 2, 3}, {ErrorCode::Unknown, "x"}}));
    QVERIFY((lost.requests == std::vector<std::uint64_t>{1, 2, 3}));
    QVERIFY(lost.error.code == ErrorCode::Unknown);
    const auto settled = nodeDecodedAs<wire::Settled>(wire::encode(engine::Settled{1, 9, {{1, 2}}}));
    QVERIFY((settled.lost == std::vector<message::LeaseRef>{{1, 2}}));
}

void TstDataCodec::atomicSubmitCarriesTargetsAndWait()
{
    const auto atomic = decodedAs<wire::Submit>(atomicSubmit());
    QVERIFY(atomic.atomic);
    QCOMPARE(atomic.waitMs, 1500U);
    QCOMPARE(atomic.target, std::string("audit"));
    QCOMPARE(atomic.messages.size(), std::size_t{2});
    QCOMPARE(atomic.messages[0].target, std::string("orders"));
    QVERIFY(atomic.messages[1].target.empty());
    QCOMPARE(atomic.messages[1].body.toString(), std::string("two"));

    const auto plain = decodedAs<wire::Submit>(submitOf(1, 1));
    QVERIFY(!plain.atomic);
    QCOMPARE(plain.waitMs, 0U);

    v1::ClientFrame read;
    QVERIFY(read.ParseFromString(atomicSubmit()));
    QVERIFY(read.submit().atomic());
    QCOMPARE(read.submit().wait_ms(), 1500U);
    QCOMPARE(read.submit().messages(0).target(), std::string("orders"));
    QVERIFY(read.submit().messages(1).target().empty());

    v1::ClientFrame longName;
    longName.mutable_submit()->add_messages()->set_target(std::string(129, 't'));
    longName.mutable_submit()->mutable_messages(0)->set_envelope(envelopeText("a"));
    QVERIFY(codeOf(longName.SerializeAsString()) == ErrorCode::Limit);
}

void TstDataCodec::submittedMessagesReferIntoTheFrame()
{
    const Slice frame = Slice::own(submitOf(2, 100));
    auto decoded = wire::decodeClientFrame(frame);
    QVERIFY(decoded.has_value());
    const auto& submit = std::get<wire::Submit>(*decoded);
    for (const engine::Submission& item : submit.messages) {
        QVERIFY(item.body.view().data() >= frame.view().data());
        QVERIFY(item.body.view().data() + item.body.size() <= frame.view().data() + frame.size());
    }
}

void TstDataCodec::generatedClassesReadWhatIsWritten()
{
    for (const std::string& bytes : everyClientFrame()) {
        v1::ClientFrame frame;
        QVERIFY(frame.ParseFromString(bytes));
        QVERIFY(frame.kind_case() != v1::ClientFrame::KIND_NOT_SET);
        QCOMPARE(frame.SerializeAsString(), bytes);
    }
    for (const std::string& bytes : everyNodeFrame()) {
        v1::NodeFrame frame;
        QVERIFY(frame.ParseFromString(bytes));
        QVERIFY(frame.kind_case() != v1::NodeFrame::KIND_NOT_SET);
        QCOMPARE(frame.SerializeAsString(), bytes);
    }
}

void TstDataCodec::whatGeneratedClassesWriteIsRead()
{
    v1::ClientFrame client;
    auto* settle = client.mutable_settle();
    settle->set_request(3);
    settle->add_sequences(10);
    settle->add_tokens(11);
    auto* failed = settle->add_failed();
    failed->set_sequence(12);
    failed->set_token(13);
    failed->set_ending(1);
    failed->set_error_class("Card");
    failed->set_delay_us(-1);
    const auto read = decodedAs<wire::Settle>(client.SerializeAsString());
    QVERIFY((read.acknowledged == std::vector<message::LeaseRef>{{10, 11}}));
    QVERIFY(read.failed.at(0).reason == message::Reason::Rejected);
    QCOMPARE(read.failed.at(0).delay.value().count(), std::int64_t{-1});

    v1::NodeFrame node;
    node.mutable_confirm()->set_request(4);
    node.mutable_confirm()->add_sequences(0);
    node.mutable_confirm()->add_problems()->mutable_error()->set_code("from-a-newer-node");
    const auto confirm = nodeDecodedAs<wire::Confirm>(node.SerializeAsString());
    QVERIFY((confirm.sequences == std::vector<std::uint64_t>{0}));
    QVERIFY(confirm.problems.at(0).error.code == ErrorCode::Internal);
}

void TstDataCodec::bothEncodingsOfRepeatedNumbersAreRead()
{
    // Extend {request 1, sequences 5 and 6 one by one, tokens 7 and 8 packed}
    const std::string content("\x08\x01\x10\x05\x10\x06\x1a\x02\x07\x08", 10);
    const auto extend = decodedAs<wire::Extend>(std::string("\x42\x0a", 2) + content);
    QVERIFY((extend.leases == std::vector<message::LeaseRef>{{5, 7}, {6, 8}}));
}

void TstDataCodec::unknownFieldsAreIgnored()
{
    // Heartbeat {number 7, field 15 = 1, field 14 = "ab"} and a field 100 beside the kind.
    const std::string frame("\x12\x08\x08\x07\x78\x01\x72\x02"
                            "ab"
                            "\xa0\x06\x01",
                            13);
    QCOMPARE(decodedAs<wire::Heartbeat>(frame).number, std::uint64_t{7});
    // A known number with another type counts as unknown too: Heartbeat {number as text}
    QCOMPARE(decodedAs<wire::Heartbeat>(std::string("\x12\x03\x0a\x01x", 5)).number, std::uint64_t{0});
}

void TstDataCodec::unknownKindIsUnsupported()
{
    QVERIFY(codeOf(std::string("\xa2\x01\x00", 3)) == ErrorCode::Unsupported);
    QVERIFY(codeOf(std::string("\x52\x00", 2)) == ErrorCode::Unsupported);
    QVERIFY(codeOf({}) == ErrorCode::Protocol);
    const auto node = wire::decodeNodeFrame(Slice::own(std::string("\x52\x00", 2)));
    QVERIFY(!node && node.error().code == ErrorCode::Unsupported);
}

void TstDataCodec::twoKindsAtOnceAreRefused()
{
    QVERIFY(codeOf(wire::encode(wire::Detach{1}) + wire::encode(wire::Detach{2})) == ErrorCode::Protocol);
}

void TstDataCodec::limits()
{
    QVERIFY(wire::decodeClientFrame(Slice::own(submitOf(1024, 10))).has_value());
    QVERIFY(codeOf(submitOf(1025, 10)) == ErrorCode::Limit);
    QVERIFY(codeOf(submitOf(2, 600'000)) == ErrorCode::Limit);
    QVERIFY(wire::decodeClientFrame(Slice::own(submitOf(1, 2'000'000))).has_value());
    QVERIFY(wire::decodeClientFrame(Slice::own(submitOf(1, message::kMaxBodyBytes))).has_value());
    QVERIFY(codeOf(submitOf(1, message::kMaxBodyBytes + 1)) == ErrorCode::Limit);
    QVERIFY(codeOf(std::string(wire::kMaxDataFrameBytes + 1, '\0')) == ErrorCode::Limit);
    QVERIFY(codeOf(wire::encode(wire::Attach{1, std::string(129, 'q'), "w"})) == ErrorCode::Limit);
    wire::Extend extend;
    extend.leases.resize(wire::kMaxLeasesPerFrame + 1, {1, 1});
    QVERIFY(codeOf(wire::encode(extend)) == ErrorCode::Limit);
    extend.leases.pop_back();
    QVERIFY(wire::decodeClientFrame(Slice::own(wire::encode(extend))).has_value());
}

void TstDataCodec::s5_invalidValuesAreRefused()
{
    v1::ClientFrame unequal;
    unequal.mutable_extend()->add_sequences(1);
    QVERIFY(codeOf(unequal.SerializeAsString()) == ErrorCode::Protocol);

    v1::ClientFrame ending;
    ending.mutable_settle()->add_failed()->set_ending(3);
    QVERIFY(codeOf(ending.SerializeAsString()) == ErrorCode::Protocol);

    v1::ClientFrame reason;
    reason.mutable_settle()->add_failed()->set_ending(1);
    reason.mutable_settle()->mutable_failed(0)->set_reason(4);
    QVERIFY(codeOf(reason.SerializeAsString()) == ErrorCode::Protocol);
    reason.mutable_settle()->mutable_failed(0)->set_reason(257);
    QVERIFY(codeOf(reason.SerializeAsString()) == ErrorCode::Protocol);

    QVERIFY(codeOf(std::string("\x22\x03\x12\x01\xff", 5)) == ErrorCode::Protocol); // queue is not UTF-8
    const std::vector<wire::OutgoingView> noEnvelope{{"", "body"}};
    QVERIFY(codeOf(wire::encodeSubmit(1, "q", noEnvelope)) == ErrorCode::Invalid);
    const std::vector<wire::OutgoingView> garbage{{"\x0a\x7f", "body"}};
    QVERIFY(codeOf(wire::encodeSubmit(1, "q", garbage)) == ErrorCode::Protocol);
}

void TstDataCodec::errorsCarryTheRequestNumber()
{
    std::uint64_t request = 0;
    QVERIFY(codeOf(submitOf(1025, 1), &request) == ErrorCode::Limit);
    QCOMPARE(request, std::uint64_t{7});
    request = 0;
    // A body whose length runs over the end: the number before it is still read.
    QVERIFY(codeOf(std::string("\x1a\x06\x08\x2a\x1a\x7f\x01\x01", 8), &request) == ErrorCode::Protocol);
    QCOMPARE(request, std::uint64_t{42});
}

void TstDataCodec::s5_truncationAtEveryByteYieldsValueOrError()
{
    std::size_t refused = 0;
    for (const std::string& bytes : everyClientFrame()) {
        for (std::size_t length = 0; length < bytes.size(); ++length) {
            std::uint64_t request = 0;
            refused += wire::decodeClientFrame(Slice::own(bytes.substr(0, length)), &request).has_value() ? 0U : 1U;
        }
    }
    std::size_t total = 0;
    for (const std::string& bytes : everyClientFrame())
        total += bytes.size();
    // A frame is one field: cut anywhere, its length does not fit.
    QCOMPARE(refused, total);
    for (const std::string& bytes : everyNodeFrame()) {
        for (std::size_t length = 0; length < bytes.size(); ++length)
            QVERIFY(!wire::decodeNodeFrame(Slice::own(bytes.substr(0, length))).has_value());
    }
}

void TstDataCodec::s5_randomMutationsYieldValueOrError()
{
    std::mt19937_64 random(20261124);
    std::size_t accepted = 0, refused = 0;
    const auto mutate = [&random](std::string bytes) {
        const int changes = 1 + static_cast<int>(random() % 4);
        for (int i = 0; i < changes && !bytes.empty(); ++i) {
            const std::size_t at = random() % bytes.size();
            switch (random() % 3) {
            case 0: bytes[at] = static_cast<char>(random()); break;
            case 1: bytes.erase(at, 1 + random() % 8); break;
            default: bytes.insert(at, 1 + random() % 8, static_cast<char>(random()));
            }
        }
        return bytes;
    };
    const auto client = everyClientFrame();
    const auto node = everyNodeFrame();
    for (int i = 0; i < 40'000; ++i) {
        std::uint64_t request = 0;
        const auto read = wire::decodeClientFrame(Slice::own(mutate(client[random() % client.size()])), &request);
        (read ? accepted : refused) += 1;
        (void)wire::decodeNodeFrame(Slice::own(mutate(node[random() % node.size()])));
    }
    QVERIFY(accepted > 1000);
    QVERIFY(refused > 1000);
}

void TstDataCodec::textThatIsNotUtf8IsMendedOnTheWayOut()
{
    wire::Settle settle;
    message::FailedDelivery failed;
    failed.failure = {"Bad\xff", "caf\xc3\xa9 \xed\xa0\x80 " + std::string(10'000, 'x')};
    settle.failed = {failed};
    const auto read = decodedAs<wire::Settle>(wire::encode(settle));
    QCOMPARE(read.failed.at(0).failure.errorClass, std::string("Bad?"));
    QVERIFY(read.failed.at(0).failure.errorText.starts_with("caf\xc3\xa9 ??? x"));
    QCOMPARE(read.failed.at(0).failure.errorText.size(), message::kMaxErrorTextBytes);
}

QTEST_GUILESS_MAIN(TstDataCodec)
#include "tst_data_codec.moc"
