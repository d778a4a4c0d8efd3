// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/demo_recording.h"

#include "core/message/envelope.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::tests {

namespace {

using client::QueueStatus;
using telemetry::QueueSample;

constexpr std::int64_t kSnapshotPeriodUs = 200'000;
constexpr std::int64_t kPointPeriodUs = 1'000'000;
constexpr std::int64_t kPoints = 3600;

struct QueueShape
{
    std::string_view name;
    double inRate;     ///< messages per second
    double depth;      ///< in the middle of its wave
    double retryShare; ///< of what was delivered
    double deadShare;
    std::int64_t runningUs; ///< median
};

constexpr std::array<QueueShape, 6> kQueues{{
    {"checkout", 120, 400, 0.06, 0.004, 85'000},
    {"emails", 40, 15, 0.01, 0.0005, 30'000},
    {"images", 25, 180, 0.0, 0.02, 140'000},
    {"invoices", 8, 3, 0.02, 0.001, 12'000},
    {"quakes.alerts", 60, 50, 0.0, 0.008, 900},
    {"quakes.stats", 60, 20, 0.0, 0.0, 400},
}};

struct FailureShape
{
    std::string_view queue;
    std::string_view type;
    message::Reason reason;
    std::string_view errorClass;
    std::string_view errorText; ///< `%` stands for a number
    std::uint32_t attempts;
};

constexpr std::array<FailureShape, 5> kFailures{{
    {"checkout", "order.created", message::Reason::Rejected, "CardDeclined",
     "The card ending in % was refused: insufficient funds", 1},
    {"checkout", "order.created", message::Reason::AttemptsExhausted, "HttpTimeout",
     "GET http://127.0.0.1:%/stock did not answer within 2000 ms", 5},
    {"images", "image.added", message::Reason::Rejected, "DecodeError",
     "picture-%.jpg: the image data ends early", 1},
    {"quakes.alerts", "quake.seen", message::Reason::SchemaInvalid, "SchemaError",
     "/properties/mag: must be a number, is null (event %)", 1},
    {"emails", "email.requested", message::Reason::AttemptsExhausted, "<b>Smtp&amp;Error</b>",
     "<img src=\"file:///etc/passwd\"> <a href=\"http://x/\">%1 %n &File</a> 550 mailbox %"
     "\nsecond line\twith a tab, \x1b[31mcolour\x1b[0m and \xE2\x80\xAEright-to-left", 5},
}};

QueueSample sampleAt(const QueueShape& queue, double seconds, double phase)
{
    const double wave = 1.0 + 0.6 * std::sin(seconds / 37.0 + phase) + 0.2 * std::sin(seconds / 5.3 + 2 * phase);
    const double begun = 3600.0 + seconds; // totals of a node that has run for an hour before
    const double accepted = queue.inRate * begun;
    QueueSample sample;
    const auto count = [](double value) { return static_cast<std::uint64_t>(std::max(0.0, value)); };
    sample.ready = count(queue.depth * wave);
    sample.scheduled = count(queue.depth * 0.05);
    sample.retrying = count(queue.inRate * queue.retryShare * 4.0 * wave);
    sample.leased = count(std::min(64.0, queue.inRate * static_cast<double>(queue.runningUs) / 1e6 + 1));
    sample.lagUs = static_cast<std::int64_t>(queue.depth * wave / queue.inRate * 1e6);
    sample.workers = 1 + static_cast<std::uint32_t>(phase);
    sample.submitted = count(accepted);
    sample.delivered = count(accepted * (1.0 + queue.retryShare));
    sample.retried = count(accepted * queue.retryShare);
    sample.deadLettered = count(accepted * queue.deadShare);
    sample.acknowledged = count(accepted * (1.0 - queue.deadShare) - queue.depth * wave);
    sample.duplicates = count(begun / 600.0);
    const auto waiting = static_cast<std::int64_t>(static_cast<double>(sample.lagUs) * 0.6);
    sample.waiting = {waiting, waiting * 2, waiting * 3, count(queue.inRate * 10)};
    const auto running = static_cast<std::int64_t>(static_cast<double>(queue.runningUs) * (0.8 + 0.2 * wave));
    sample.running = {running, running * 3, running * 6, count(queue.inRate * 10)};
    return sample;
}

client::SnapshotPtr snapshotAt(const DemoRecordingShape& shape,
                               std::size_t index,
                               const std::vector<std::uint64_t>& dead)
{
    auto snapshot = std::make_shared<client::Snapshot>();
    const auto fromEnd = static_cast<std::int64_t>(shape.snapshots - 1 - index);
    snapshot->epoch = 7;
    snapshot->number = index + 1;
    snapshot->atUs = shape.endUs - fromEnd * kSnapshotPeriodUs;
    const double seconds = static_cast<double>(index) * static_cast<double>(kSnapshotPeriodUs) / 1e6;
    for (std::size_t i = 0; i < kQueues.size(); ++i) {
        QueueStatus status;
        status.name = kQueues[i].name;
        status.paused = kQueues[i].name == "invoices";
        status.sample = sampleAt(kQueues[i], seconds, static_cast<double>(i));
        status.sample.dead = dead[i];
        telemetry::accumulate(snapshot->total, status.sample);
        snapshot->queues.push_back(std::move(status));
    }
    snapshot->total.waiting = snapshot->queues.front().sample.waiting;
    snapshot->total.running = snapshot->queues.front().sample.running;
    snapshot->subscriptions = {{"quakes", "quakes.alerts", "quake.*"}, {"quakes", "quakes.stats", ""}};
    snapshot->node.name = "recorded";
    snapshot->node.version = "0.1.0";
    snapshot->node.pid = 4242;
    snapshot->node.databaseBytes = 48ULL * 1024 * 1024 + index * 16'384;
    snapshot->node.walBytes = 6ULL * 1024 * 1024;
    snapshot->node.residentBytes = 24ULL * 1024 * 1024;
    snapshot->node.commits = 90'000 + index * 40;
    snapshot->node.lastCommitUs = 1'400;
    snapshot->node.sessions = 3;
    return snapshot;
}

std::vector<telemetry::Point> pointsOf(std::optional<std::size_t> queue, std::int64_t endUs)
{
    std::vector<telemetry::Point> points;
    std::optional<QueueSample> before;
    for (std::int64_t i = 0; i < kPoints; ++i) {
        const std::int64_t atUs = endUs - (kPoints - 1 - i) * kPointPeriodUs;
        const double seconds = static_cast<double>(i) - static_cast<double>(kPoints - 1);
        QueueSample sample;
        if (queue) {
            sample = sampleAt(kQueues[*queue], seconds, static_cast<double>(*queue));
        } else {
            for (std::size_t q = 0; q < kQueues.size(); ++q)
                telemetry::accumulate(sample, sampleAt(kQueues[q], seconds, static_cast<double>(q)));
            const QueueSample first = sampleAt(kQueues[0], seconds, 0);
            sample.waiting = first.waiting;
            sample.running = first.running;
        }
        points.push_back(telemetry::toPoint(before, atUs - kPointPeriodUs, sample, atUs));
        before = sample;
    }
    return points;
}

std::string withNumber(std::string_view text, std::uint64_t number)
{
    std::string filled(text);
    // The last one only: the hostile text keeps its `%1` and `%n`.
    if (const auto at = filled.rfind('%'); at != std::string::npos)
        filled.replace(at, 1, std::to_string(number));
    return filled;
}

message::Envelope envelopeOf(const FailureShape& failure, const std::string& id, std::uint64_t number)
{
    message::Envelope envelope;
    envelope.id = id;
    envelope.source = "demo/" + std::string(failure.queue);
    envelope.type = failure.type;
    envelope.time = "2026-09-21T14:13:20.000Z";
    envelope.dataContentType = "application/json";
    envelope.correlationId = "order-" + std::to_string(1000 + number % 97);
    envelope.traceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    envelope.attributes = {{"region", "eu"}};
    return envelope;
}

message::DeadLetterDetail deadLetterAt(std::size_t index, std::int64_t diedAtUs, std::mt19937_64& random)
{
    // Squaring skews the choice: the first group is the largest.
    const double pick = static_cast<double>(random() >> 11) / 9007199254740992.0;
    const auto group = static_cast<std::size_t>(pick * pick * static_cast<double>(kFailures.size()));
    const FailureShape& failure = kFailures[index < kFailures.size() ? index : group];
    const std::uint64_t number = 1000 + random() % 9000;
    const std::string id = std::string(failure.type) + "-" + std::to_string(100'000 - index);

    message::DeadLetterDetail letter;
    letter.errorText = withNumber(failure.errorText, number);
    const message::Envelope envelope = envelopeOf(failure, id, number);
    letter.envelope = message::encode(envelope);
    letter.body = "{\"number\":" + std::to_string(number) + ",\"amount\":" + std::to_string(number % 500)
        + ".90,\"items\":[{\"sku\":\"A-" + std::to_string(number % 31) + "\",\"count\":2}],\"note\":\"<b>plain</b>\"}";
    message::DeadLetterRow& row = letter.row;
    row.ref.value = std::to_string(100'000 - index);
    row.queue = failure.queue;
    row.reason = failure.reason;
    row.id = id;
    row.type = envelope.type;
    row.source = envelope.source;
    row.correlationId = envelope.correlationId;
    row.errorClass = failure.errorClass;
    row.errorText = letter.errorText.substr(0, letter.errorText.find('\n'));
    row.worker = "demo-worker-" + std::to_string(number % 3);
    row.attempts = failure.attempts;
    row.replayCount = index % 50 == 0 ? 1 : 0;
    row.bodyBytes = letter.body.size();
    row.fingerprint = message::fingerprint(failure.reason, {row.errorClass, letter.errorText});
    row.diedAtUs = diedAtUs;
    row.submittedAtUs = diedAtUs - 1'500'000 * static_cast<std::int64_t>(failure.attempts);
    for (std::uint32_t n = 1; n <= failure.attempts; ++n) {
        const auto ended = diedAtUs - 1'400'000 * static_cast<std::int64_t>(failure.attempts - n);
        letter.attempts.push_back({n, base::wallFromMicros(ended - 200'000), base::wallFromMicros(ended),
                                   row.worker, {row.errorClass, letter.errorText}});
    }
    return letter;
}

/// What runs, waits and is held up in the first queue, and two schedules.
void addLive(client::Recording& recording, std::int64_t endUs)
{
    const std::string queue(kQueues[0].name);
    for (std::int64_t i = 0; i < 3; ++i) {
        message::RunningMessage running;
        running.ref.value = std::to_string(200'001 + i);
        running.worker = "demo-worker-" + std::to_string(i);
        running.attempt = static_cast<std::uint32_t>(1 + i);
        running.startedAtUs = endUs - (90 - i * 30) * 1'000'000;
        running.leasedUntilUs = endUs + (12 + i) * 1'000'000;
        if (i == 0) {
            running.progressAtUs = endUs - 1'000'000;
            running.progress = {40, "asks the bank"};
        }
        recording.running[queue].push_back(running);
    }
    for (std::int64_t i = 0; i < 4; ++i)
        recording.retrying[queue].push_back({{std::to_string(200'101 + i)}, static_cast<std::uint32_t>(1 + i),
                                             endUs + (5 + 20 * i) * 1'000'000, i == 0 ? "customer-17" : ""});
    recording.parkedKeys[queue] = {{"customer-4", 12, {"99990"}}, {"customer-9", 1, {"99991"}}};
    for (const char* name : {"nightly-report", "tick"}) {
        message::ScheduleStatus schedule;
        schedule.definition.name = name;
        schedule.definition.cron = schedule.definition.name == "tick" ? "*/5 * * * *" : "30 2 * * *";
        schedule.definition.target = queue;
        schedule.definition.envelope.type = "time.passed";
        schedule.definition.envelope.source = "/schedules";
        schedule.lastDueUs = endUs - 250'000'000;
        for (int run = 1; run <= 5; ++run)
            schedule.nextUs.push_back(endUs + run * 300'000'000LL);
        recording.schedules.push_back(schedule);
    }
}

} // namespace

client::Recording makeDemoRecording(DemoRecordingShape shape)
{
    client::Recording recording;
    std::mt19937_64 random(20'260'921);
    std::int64_t diedAtUs = shape.endUs - 100'000;
    std::vector<std::uint64_t> dead(kQueues.size(), 0);
    for (std::size_t i = 0; i < shape.deadLetters; ++i) {
        recording.deadLetters.push_back(deadLetterAt(i, diedAtUs, random));
        diedAtUs -= 250'000 + static_cast<std::int64_t>(random() % 9'000'000);
        const auto queue = std::ranges::find(kQueues, recording.deadLetters.back().row.queue, &QueueShape::name);
        ++dead[static_cast<std::size_t>(queue - kQueues.begin())];
    }
    for (std::size_t i = 0; i < shape.snapshots; ++i)
        recording.snapshots.push_back(snapshotAt(shape, i, dead));
    addLive(recording, shape.endUs);
    recording.points.emplace("", pointsOf(std::nullopt, shape.endUs));
    for (std::size_t i = 0; i < kQueues.size(); ++i)
        recording.points.emplace(std::string(kQueues[i].name), pointsOf(i, shape.endUs));
    return recording;
}

} // namespace millrace::tests
