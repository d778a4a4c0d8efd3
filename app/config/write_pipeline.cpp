// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/config/pipeline_file.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace millrace::config {

namespace {

/// Bytes of a text on one line of the file; the parser refuses long ones.
constexpr std::size_t kChunkBytes = 400;

void appendEscaped(std::string& out, unsigned char byte)
{
    switch (byte) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
    }
    if (byte >= 0x20 && byte != 0x7F) {
        out += static_cast<char>(byte);
        return;
    }
    std::array<char, 8> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(byte));
    out += escaped.data();
}

bool beginsCharacter(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

/// A text in quotes; a long one over several lines, which are joined again when it is read.
std::string inQuotes(std::string_view text)
{
    const bool isLong = text.size() > kChunkBytes;
    std::string out = isLong ? "\"\"\"\\\n" : "\"";
    std::size_t onLine = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (isLong && onLine >= kChunkBytes && beginsCharacter(text[i])) {
            out += "\\\n";
            onLine = 0;
        }
        // A space at the beginning of a line would be dropped with the line break.
        if (isLong && onLine == 0 && text[i] == ' ')
            out += "\\u0020";
        else
            appendEscaped(out, static_cast<unsigned char>(text[i]));
        ++onLine;
    }
    return out + (isLong ? "\"\"\"" : "\"");
}

std::string number(double value)
{
    std::array<char, 32> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() ? std::string(text.data(), end) : std::string("0");
}

std::string list(const std::vector<std::chrono::milliseconds>& delays)
{
    std::string out = "[";
    for (const std::chrono::milliseconds& delay : delays)
        out += (out.size() > 1 ? ", " : "") + std::to_string(delay.count());
    return out + ']';
}

class Writer
{
public:
    void head(std::string_view name)
    {
        if (!m_out.empty())
            m_out += '\n';
        table(name);
    }
    void table(std::string_view name) { m_out += std::string(name) + '\n'; }
    void raw(std::string_view key, const std::string& value) { m_out += std::string(key) + " = " + value + '\n'; }
    void text(std::string_view key, std::string_view value) { raw(key, inQuotes(value)); }
    /// Nothing if it is empty.
    void optionalText(std::string_view key, std::string_view value)
    {
        if (!value.empty())
            text(key, value);
    }
    void whole(std::string_view key, std::uint64_t value) { raw(key, std::to_string(value)); }
    void time(std::string_view key, std::chrono::milliseconds value) { raw(key, std::to_string(value.count())); }
    void rate(std::string_view key, const message::RateLimit& limit)
    {
        if (limit != message::RateLimit())
            raw(key, "{ per-second = " + number(limit.perSecond) + ", burst = " + std::to_string(limit.burst) + " }");
    }
    [[nodiscard]] std::string take() { return std::move(m_out); }

private:
    std::string m_out;
};

void write(Writer& writer, const message::RetryPolicy& retry)
{
    writer.table("[queue.retry]");
    writer.text("backoff", message::toString(retry.backoff));
    writer.time("initial-delay-ms", retry.initialDelay);
    writer.raw("multiplier", number(retry.multiplier));
    writer.time("max-delay-ms", retry.maxDelay);
    writer.whole("max-attempts", retry.maxAttempts);
    if (!retry.delays.empty())
        writer.raw("delays-ms", list(retry.delays));
    writer.time("deadline-ms", retry.deadline);
    for (const message::RetryRule& rule : retry.rules) {
        writer.table("[[queue.retry.rule]]");
        writer.text("class", rule.errorClass);
        if (rule.reject)
            writer.raw("reject", "true");
        if (!rule.delays.empty())
            writer.raw("delays-ms", list(rule.delays));
        if (rule.maxAttempts > 0)
            writer.whole("max-attempts", rule.maxAttempts);
    }
}

void write(Writer& writer, const message::QueueDefinition& queue)
{
    const message::QueuePolicy& policy = queue.policy;
    writer.head("[[queue]]");
    writer.text("name", queue.name);
    writer.text("durability", message::toString(policy.durability));
    writer.time("lease-ms", policy.lease);
    writer.time("max-run-time-ms", policy.maxRunTime);
    writer.whole("max-concurrency", policy.maxConcurrency);
    writer.rate("rate", policy.rate);
    writer.rate("key-rate", policy.keyRate);
    writer.whole("max-depth", policy.maxDepth);
    writer.whole("max-depth-bytes", policy.maxDepthBytes);
    writer.text("when-full", message::toString(policy.whenFull));
    writer.whole("max-body-bytes", policy.maxBodyBytes);
    writer.time("deduplication-window-ms", policy.deduplicationWindow);
    writer.whole("max-crashes", policy.maxCrashes);
    writer.whole("max-dead-letters", policy.maxDeadLetters);
    writer.time("dead-letter-max-age-ms", policy.deadLetterMaxAge);
    writer.text("on-key-failure", message::toString(policy.onKeyFailure));
    write(writer, policy.retry);
}

void write(Writer& writer, const message::SubscriptionDefinition& subscription)
{
    writer.head("[[subscription]]");
    writer.text("topic", subscription.topic);
    writer.text("queue", subscription.queue);
    writer.optionalText("type", subscription.typePattern);
    writer.optionalText("source", subscription.sourcePattern);
    if (subscription.attributes.empty())
        return;
    writer.table("[subscription.attributes]");
    for (const auto& [name, value] : subscription.attributes)
        writer.text(inQuotes(name), value);
}

void write(Writer& writer, const message::ScheduleDefinition& schedule)
{
    const message::Envelope& envelope = schedule.envelope;
    writer.head("[[schedule]]");
    writer.text("name", schedule.name);
    writer.text("cron", schedule.cron);
    writer.text("target", schedule.target);
    writer.text("missed", message::toString(schedule.missed));
    writer.text("type", envelope.type);
    writer.text("source", envelope.source);
    writer.optionalText("subject", envelope.subject);
    writer.optionalText("content-type", envelope.dataContentType);
    writer.optionalText("partition-key", envelope.partitionKey);
    writer.whole("priority", envelope.priority);
    writer.optionalText("body", schedule.body);
}

/// What of a definition is not written: the node's own.
message::PipelineDefinition asRead(message::PipelineDefinition definition)
{
    for (message::ScheduleDefinition& schedule : definition.schedules) {
        schedule.envelope.id.clear();
        schedule.envelope.time.clear();
        schedule.envelope.idempotencyKey.clear();
    }
    return definition;
}

} // namespace

base::Result<std::string> writePipeline(const message::PipelineDefinition& definition)
{
    Writer writer;
    for (const message::QueueDefinition& queue : definition.queues)
        write(writer, queue);
    for (const message::SubscriptionDefinition& subscription : definition.subscriptions)
        write(writer, subscription);
    for (const message::ScheduleDefinition& schedule : definition.schedules)
        write(writer, schedule);
    std::string text = writer.take();
    const auto read = parsePipeline(text, "the exported pipeline");
    if (!read)
        return tl::unexpected(read.error());
    if (*read != asRead(definition)) {
        return base::fail(base::ErrorCode::Invalid,
                          "the pipeline holds something that a pipeline file cannot: it would not load as it is");
    }
    return text;
}

std::string whyNotInFile(const message::ScheduleDefinition& schedule)
{
    message::PipelineDefinition alone;
    message::QueueDefinition target;
    target.name = schedule.target; // a topic is as good as a queue here
    alone.queues.push_back(std::move(target));
    alone.schedules.push_back(schedule);
    if (const auto written = writePipeline(alone); !written)
        return "schedule \"" + schedule.name + "\": " + written.error().context;
    return {};
}

} // namespace millrace::config
