// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/viewmodels/queues_view_model.h"

#include "app/desktop/models/text_format.h"

#include <QLocale>

/// What the detail pane says about a queue.
namespace millrace::desktop {

namespace {

QString span(std::chrono::milliseconds time)
{
    return formatDuration(time.count() * 1000);
}

} // namespace

QString QueuesViewModel::warningFor(const client::QueueStatus& queue) const
{
    const telemetry::QueueSample& sample = queue.sample;
    if (queue.paused && sample.depth() > 0)
        //: %1 is a number of messages.
        return tr("Paused: %1 messages wait until somebody resumes it.").arg(formatCount(sample.depth()));
    if (queue.paused)
        return tr("Paused: messages are accepted and none is delivered.");
    if (!queue.halted.empty())
        return tr("Halted: it has as many dead letters as it may have. Replay, discard or archive some.");
    if (sample.workers == 0 && sample.ready > 0)
        //: %1 is a number of messages.
        return tr("Nothing consumes this queue: %1 messages are ready and no worker is attached. Start a worker, or "
                  "the workload that uses it.")
            .arg(formatCount(sample.ready));
    if (sample.depth() >= queue.policy.maxDepth)
        return queue.policy.whenFull == message::WhenFull::Defer
                   ? tr("Full: producers wait until some messages are settled.")
                   : tr("Full: new messages are refused until some are settled.");
    return {};
}

namespace {

QString delaysInWords(const std::vector<std::chrono::milliseconds>& delays)
{
    QStringList each;
    for (const auto delay : delays)
        each.append(span(delay));
    return each.join(QStringLiteral(", "));
}

} // namespace

QString QueuesViewModel::backoffInWords(const message::RetryPolicy& retry)
{
    switch (retry.backoff) {
    case message::Backoff::Fixed:
        //: %1 is a duration.
        return tr("always %1").arg(span(retry.initialDelay));
    case message::Backoff::List:
        //: %1 is a list of durations.
        return tr("one after the other: %1").arg(delaysInWords(retry.delays));
    case message::Backoff::Exponential: break;
    }
    //: %1 and %3 are durations, %2 is a factor such as 2.
    return tr("a random delay up to %1 after the first failure, times %2 each time, at most %3")
        .arg(span(retry.initialDelay), QLocale().toString(retry.multiplier), span(retry.maxDelay));
}

QString QueuesViewModel::ruleInWords(const message::RetryRule& rule)
{
    if (rule.reject)
        //: What happens to a message that failed with a certain error.
        return tr("a dead letter at once");
    QStringList parts;
    if (!rule.delays.empty())
        //: %1 is a list of durations.
        parts.append(tr("delays %1").arg(delaysInWords(rule.delays)));
    if (rule.maxAttempts > 0)
        //: %1 is a number of attempts.
        parts.append(tr("up to %1 attempts").arg(formatCount(rule.maxAttempts)));
    return parts.isEmpty() ? tr("as the others") : parts.join(QStringLiteral("; "));
}

QString QueuesViewModel::rateInWords(const message::RateLimit& rate)
{
    //: %1 is a rate such as 50/s, %2 a number of messages.
    return tr("%1, up to %2 at once after a pause")
        .arg(QLocale().toString(rate.perSecond, 'f', QLocale::FloatingPointShortest) + QStringLiteral("/s"),
             formatCount(rate.burst));
}

QList<std::pair<QString, QString>> QueuesViewModel::policyInWords(const message::QueuePolicy& policy)
{
    QList<std::pair<QString, QString>> lines;
    const auto& retry = policy.retry;
    if (retry.maxAttempts <= 1)
        //: Caption and sentence about a queue's policy.
        lines.append({tr("Attempts"), tr("one, then it is a dead letter")});
    else
        //: %1 is a number of attempts.
        lines.append({tr("Attempts"), tr("up to %1, then it is a dead letter").arg(formatCount(retry.maxAttempts))});
    lines.append({tr("Backoff"), backoffInWords(retry)});
    if (retry.deadline.count() > 0)
        //: %1 is a duration.
        lines.append({tr("Retry deadline"), tr("no attempt later than %1 after the first").arg(span(retry.deadline))});
    for (const message::RetryRule& rule : retry.rules)
        //: %1 is a class of errors such as CardDeclined.
        lines.append({tr("On %1").arg(QString::fromStdString(rule.errorClass)), ruleInWords(rule)});
    //: %1 is a duration.
    lines.append({tr("Lease"), tr("%1 to acknowledge or extend").arg(span(policy.lease))});
    //: %1 is a duration.
    lines.append({tr("Run time"), tr("a handler counts as hung after %1").arg(span(policy.maxRunTime))});
    if (policy.maxConcurrency > 0)
        //: %1 is a number of messages.
        lines.append({tr("Concurrency"), tr("at most %1 at once, over all workers").arg(formatCount(policy.maxConcurrency))});
    if (policy.rate.isSet())
        lines.append({tr("Rate limit"), rateInWords(policy.rate)});
    if (policy.keyRate.isSet())
        lines.append({tr("Rate limit of a key"), rateInWords(policy.keyRate)});
    lines.append({tr("Order of a key"),
                  policy.onKeyFailure == message::OnKeyFailure::Park
                      ? tr("one after the other; behind a dead letter the others wait")
                      : tr("one after the other; a dead letter does not hold up the others")});
    //: %1 is a number of messages, %2 a size such as 1 GB.
    lines.append({tr("Depth limit"),
                  (policy.whenFull == message::WhenFull::Defer
                       ? tr("%1 messages or %2; beyond it producers wait for room")
                       //: %1 is a number of messages, %2 a size such as 1 GB.
                       : tr("%1 messages or %2; beyond it submits are refused"))
                      .arg(formatCount(policy.maxDepth), formatBytes(policy.maxDepthBytes))});
    //: %1 is a number of dead letters.
    lines.append({tr("Dead letters"), tr("at %1 the queue delivers nothing more").arg(formatCount(policy.maxDeadLetters))});
    if (policy.deadLetterMaxAge.count() > 0)
        //: %1 is a duration.
        lines.append({tr("Retention"), tr("dead letters are archived after %1").arg(span(policy.deadLetterMaxAge))});
    //: %1 is a size such as 1 MB.
    lines.append({tr("Body limit"), tr("%1 for each message").arg(formatBytes(policy.maxBodyBytes))});
    //: %1 is a number.
    lines.append({tr("Crashes"), tr("a message that killed the node %1 times alone is a dead letter").arg(formatCount(policy.maxCrashes))});
    lines.append({tr("Unique keys"), tr("a second message with the key is a duplicate until the first is settled")});
    //: %1 is a duration.
    lines.append({tr("Deduplication"),
                  policy.deduplicationWindow.count() == 0
                      ? tr("off")
                      : tr("an idempotency key is remembered for %1").arg(span(policy.deduplicationWindow))});
    const auto durability = [&] {
        switch (policy.durability) {
        //: What it means that a message is confirmed.
        case message::Durability::Full: return tr("full: confirmed means on disk, it survives a power cut");
        case message::Durability::Normal:
            return tr("normal: survives a killed process; a power cut may take the last moments");
        default: return tr("memory: gone when the process ends");
        }
    };
    lines.append({tr("Durability"), durability()});
    return lines;
}

QList<std::pair<QString, QString>> QueuesViewModel::totalsInWords(const telemetry::QueueSample& sample)
{
    QList<std::pair<QString, QString>> lines;
    //: Captions of totals since the node started.
    lines.append({tr("Submitted"), formatCount(sample.submitted)});
    lines.append({tr("Delivered"), formatCount(sample.delivered)});
    lines.append({tr("Acknowledged"), formatCount(sample.acknowledged)});
    lines.append({tr("Retried"), formatCount(sample.retried)});
    lines.append({tr("Dead-lettered"), formatCount(sample.deadLettered)});
    lines.append({tr("Replayed"), formatCount(sample.replayed)});
    if (sample.refused > 0)
        lines.append({tr("Refused"), formatCount(sample.refused)});
    if (sample.duplicates > 0)
        lines.append({tr("Duplicates"), formatCount(sample.duplicates)});
    if (sample.leasesLost > 0)
        lines.append({tr("Leases lost"), formatCount(sample.leasesLost)});
    if (sample.parked > 0)
        //: Messages that wait behind a dead letter of their key.
        lines.append({tr("Parked now"), formatCount(sample.parked)});
    const auto quantiles = [](const telemetry::Quantiles& q) {
        if (q.count == 0)
            return notAvailable();
        //: Half of the durations are below %1, 99 of 100 below %2.
        return tr("%1, 99 % within %2").arg(formatDuration(q.p50Us), formatDuration(q.p99Us));
    };
    //: Caption: how long messages wait until they are delivered, the usual case and the slowest.
    lines.append({tr("Waiting"), quantiles(sample.waiting)});
    //: Caption: how long handlers run, the usual case and the slowest.
    lines.append({tr("Running"), quantiles(sample.running)});
    return lines;
}

QStringList QueuesViewModel::feedsOf(const std::string& queue) const
{
    QStringList feeds;
    for (const message::SubscriptionDefinition& each : m_snapshot->subscriptions) {
        if (each.queue != queue)
            continue;
        const QString topic = visibleLine(each.topic);
        feeds.append(each.typePattern.empty()
                         //: A subscription; %1 is a topic.
                         ? tr("every message of topic %1").arg(topic)
                         //: A subscription; %1 is a topic, %2 a pattern such as order.*
                         : tr("messages of topic %1 of type %2").arg(topic, visibleLine(each.typePattern)));
    }
    return feeds;
}

} // namespace millrace::desktop
