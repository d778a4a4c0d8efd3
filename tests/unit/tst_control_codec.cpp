// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/wire/control_codec.h"
#include "transport/wire/data_codec.h"

#include <QtTest/QtTest>

#include <cmath>
#include <limits>
#include <random>

using namespace millrace;
using base::ErrorCode;
namespace v1 = millrace::wire::v1;

namespace {

message::DeadLetterRow someRow()
{
    message::DeadLetterRow row;
    row.ref.value = "42";
    row.queue = "orders";
    row.state = message::State::Replayed;
    row.reason = message::Reason::CrashedInFlight;
    row.id = "id";
    row.type = "type";
    row.source = "/source";
    row.correlationId = "c";
    row.errorClass = "E";
    row.errorText = "<img src=x> \xe2\x80\xae";
    row.worker = "w";
    row.attempts = 5;
    row.replayCount = 2;
    row.bodyBytes = 1ULL << 40U;
    row.fingerprint = UINT64_MAX;
    row.submittedAtUs = -5;
    row.diedAtUs = 1'700'000'000'000'000;
    return row;
}

template<typename Value, typename Proto>
Value through(const Value& value)
{
    Proto proto;
    wire::write(value, &proto);
    Proto parsed;
    if (!parsed.ParseFromString(proto.SerializeAsString()))
        qFatal("not parsed");
    auto read = wire::read(parsed);
    if constexpr (std::is_same_v<decltype(read), Value>)
        return read;
    else
        return std::move(read).value();
}

} // namespace

class TstControlCodec : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void valuesComeBackAsTheyWere();
    void filters();
    void selections();
    void seriesKeepNaN();
    void seriesWithUnequalColumnsAreRefused();
    void samples();
    void errorsByName();
    void unknownEnumerationsAreRefused();
    void s5_framesAreLimitedAndGarbageIsAnError();
    void hostileTextIsMendedOnTheWayOut();
};

void TstControlCodec::valuesComeBackAsTheyWere()
{
    QVERIFY((through<message::DeadLetterRow, v1::Row>(someRow()) == someRow()));

    message::DeadLetterDetail detail;
    detail.row = someRow();
    detail.errorText = "line 1\nline 2";
    detail.envelope = std::string("\0\xff", 2);
    detail.body = std::string("\xfe\0", 2);
    message::Attempt attempt;
    attempt.number = 1;
    attempt.startedAt = base::wallFromMicros(10);
    attempt.endedAt = base::wallFromMicros(20);
    attempt.worker = "w";
    attempt.failure = {"C", "t"};
    detail.attempts = {attempt, attempt};
    detail.attempts[1].number = 2;
    detail.replayOf.value = "1";
    detail.replayedAs.value = "2";
    detail.closedAtUs = 30;
    detail.closedBy = "me";
    detail.damage = "checksum";
    QVERIFY((through<message::DeadLetterDetail, v1::Detail>(detail) == detail));

    const message::DeadLetterGroup group{7, message::Reason::Expired, "C", "t #", {"a", "b"}, 9, 1, 2};
    QVERIFY((through<message::DeadLetterGroup, v1::Group>(group) == group));
    const message::OperationStatus status{
        3, message::Verb::Restore, message::OperationState::Cancelled, "me", "why", 10, 7, 3, 100, 200};
    QVERIFY((through<message::OperationStatus, v1::OperationStatus>(status) == status));
}

void TstControlCodec::filters()
{
    message::DeadLetterFilter filter;
    QVERIFY((through<message::DeadLetterFilter, v1::Filter>(filter) == filter));
    filter.queues = {"a", "b"};
    filter.reasons = {message::Reason::Rejected, message::Reason::Expired};
    filter.states = {message::State::Discarded, message::State::Replayed};
    filter.fingerprint = 5;
    filter.diedFromUs = 6;
    filter.diedUntilUs = 7;
    filter.text = "card declined";
    QVERIFY((through<message::DeadLetterFilter, v1::Filter>(filter) == filter));
    // No states means any in a filter, dead on the wire.
    filter.states.clear();
    const auto any = through<message::DeadLetterFilter, v1::Filter>(filter);
    QCOMPARE(any.states.size(), std::size_t{4});
    QVERIFY(wire::read(v1::Filter()).value().states == std::vector{message::State::Dead});
}

void TstControlCodec::selections()
{
    const auto back = [](const message::Selection& selection) {
        v1::StartOperation proto;
        wire::write(selection, &proto);
        return wire::readSelection(proto).value();
    };
    const message::Selection refs{std::vector<message::MessageRef>{{"1"}, {"22"}}};
    const message::Selection view{message::Selection::View{4}};
    const message::Selection filter{message::DeadLetterFilter{}};
    const message::Selection closed{message::Selection::ClosedBy{9}};
    for (const auto& selection : {refs, view, filter, closed})
        QVERIFY(back(selection) == selection);
    const auto missing = wire::readSelection(v1::StartOperation());
    QVERIFY(!missing && missing.error().code == ErrorCode::Protocol);
}

void TstControlCodec::seriesKeepNaN()
{
    std::vector<telemetry::Point> points(3);
    points[0].atUs = 1'700'000'000'000'000;
    points[1].inRate = std::numeric_limits<float>::quiet_NaN();
    points[2].runningP99 = 12.5F;
    points[2].dead = 3;
    const auto back = through<std::vector<telemetry::Point>, v1::Series>(points);
    QCOMPARE(back.size(), std::size_t{3});
    QCOMPARE(back[0].atUs, points[0].atUs);
    QVERIFY(std::isnan(back[1].inRate));
    QCOMPARE(back[2].runningP99, 12.5F);
    QCOMPARE(back[2].dead, 3.0F);
}

void TstControlCodec::seriesWithUnequalColumnsAreRefused()
{
    v1::Series series;
    wire::write(std::vector<telemetry::Point>(2), &series);
    series.mutable_waiting_p95()->RemoveLast();
    const auto read = wire::read(series);
    QVERIFY(!read && read.error().code == ErrorCode::Protocol);
    QVERIFY(read.error().context.find("waiting_p95") != std::string::npos);
}

void TstControlCodec::samples()
{
    telemetry::QueueSample sample;
    std::uint64_t next = 1;
    for (std::uint64_t* field : {&sample.ready, &sample.scheduled, &sample.retrying, &sample.leased, &sample.parked,
                                 &sample.dead, &sample.submitted, &sample.delivered, &sample.acknowledged,
                                 &sample.retried, &sample.deadLettered, &sample.replayed, &sample.refused,
                                 &sample.duplicates, &sample.leasesLost})
        *field = next++;
    sample.lagUs = 99;
    sample.workers = 4;
    sample.waiting = {1, 2, 3, 4};
    sample.running = {5, 6, 7, 8};
    QVERIFY((through<telemetry::QueueSample, v1::Sample>(sample) == sample));
}

void TstControlCodec::errorsByName()
{
    for (int i = 0; i <= static_cast<int>(ErrorCode::Internal); ++i) {
        const auto code = static_cast<ErrorCode>(i);
        QVERIFY(wire::errorCodeFromString(base::toString(code)) == code);
    }
    QVERIFY(wire::errorCodeFromString("what-is-this") == ErrorCode::Internal);
    const auto error = through<base::Error, v1::Error>({ErrorCode::QueueFull, "text"});
    QVERIFY(error.code == ErrorCode::QueueFull);
    QCOMPARE(error.context, std::string("text"));
}

void TstControlCodec::unknownEnumerationsAreRefused()
{
    v1::Row row;
    row.set_state(12);
    QVERIFY(wire::read(row).error().code == ErrorCode::Protocol);
    row.set_state(8);
    row.set_reason(256);
    QVERIFY(wire::read(row).error().code == ErrorCode::Protocol);
    v1::OperationStatus status;
    status.set_verb(4);
    QVERIFY(wire::read(status).error().code == ErrorCode::Protocol);
    v1::Filter filter;
    filter.add_reasons(static_cast<std::uint32_t>(message::kLastReason) + 1);
    QVERIFY(wire::read(filter).error().code == ErrorCode::Protocol);
}

void TstControlCodec::s5_framesAreLimitedAndGarbageIsAnError()
{
    QVERIFY(wire::parseRequest(std::string(wire::kMaxControlFrameBytes + 1, '\0')).error().code == ErrorCode::Limit);
    QVERIFY(wire::parseRequest("\xff\xff\xff").error().code == ErrorCode::Protocol);
    std::mt19937_64 random(7);
    v1::Response response;
    wire::write(someRow(), response.mutable_rows()->add_rows());
    const std::string bytes = response.SerializeAsString();
    std::size_t refused = 0;
    for (int i = 0; i < 5000; ++i) {
        std::string changed = bytes;
        changed[random() % changed.size()] = static_cast<char>(random());
        const auto parsed = wire::parseResponse(changed);
        if (!parsed || !wire::read(parsed->rows().rows_size() > 0 ? parsed->rows().rows(0) : v1::Row()))
            ++refused;
    }
    QVERIFY(refused > 100);
}

void TstControlCodec::hostileTextIsMendedOnTheWayOut()
{
    message::DeadLetterRow row = someRow();
    row.errorText = "\xff\xfe";
    row.worker = "\xc3";
    const auto back = through<message::DeadLetterRow, v1::Row>(row);
    QCOMPARE(back.errorText, std::string("??"));
    QCOMPARE(back.worker, std::string("?"));
}

QTEST_GUILESS_MAIN(TstControlCodec)
#include "tst_control_codec.moc"
