// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/config/pipeline_file.h"

#include <toml++/toml.h>

#include "app/config/nearest_key.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <set>

namespace millrace::config {

namespace {

using base::ErrorCode;
using base::Result;
using Keys = std::span<const std::string_view>;

/// The parser recurses once for each part of a dotted key, and a key ends with its line.
constexpr std::size_t kMaxLineBytes = 4096;
constexpr std::array<std::string_view, 3> kTopKeys{"queue", "subscription", "schedule"};
constexpr std::array<std::string_view, 17> kQueueKeys{"name",
                                                     "retry",
                                                     "lease-ms",
                                                     "max-run-time-ms",
                                                     "max-depth",
                                                     "max-depth-bytes",
                                                     "when-full",
                                                     "max-body-bytes",
                                                     "deduplication-window-ms",
                                                     "durability",
                                                     "max-crashes",
                                                     "max-dead-letters",
                                                     "dead-letter-max-age-ms",
                                                     "on-key-failure",
                                                     "max-concurrency",
                                                     "rate",
                                                     "key-rate"};
constexpr std::array<std::string_view, 2> kRateKeys{"per-second", "burst"};
constexpr std::array<std::string_view, 8> kRetryKeys{"initial-delay-ms",
                                                     "multiplier",
                                                     "max-delay-ms",
                                                     "max-attempts",
                                                     "backoff",
                                                     "delays-ms",
                                                     "deadline-ms",
                                                     "rule"};
constexpr std::array<std::string_view, 4> kRuleKeys{"class", "reject", "delays-ms", "max-attempts"};
constexpr std::array<std::string_view, 11> kScheduleKeys{"name",
                                                         "cron",
                                                         "target",
                                                         "missed",
                                                         "type",
                                                         "source",
                                                         "subject",
                                                         "content-type",
                                                         "partition-key",
                                                         "priority",
                                                         "body"};
constexpr std::array<std::string_view, 5> kSubscriptionKeys{"topic", "queue", "type", "source", "attributes"};

/// Reads tables and keeps the first error, so that callers read on without a test after each key.
class Reader
{
public:
    explicit Reader(std::string name)
        : m_name(std::move(name))
    {}

    void refuse(const toml::source_region& at, const std::string& what)
    {
        if (m_error)
            return;
        m_error = base::Error{ErrorCode::Invalid,
                              m_name + ':' + std::to_string(at.begin.line) + ':'
                                  + std::to_string(at.begin.column) + ": " + what};
    }

    void checkKeys(const toml::table& table, Keys known, const std::string& where)
    {
        for (const auto& [key, value] : table) {
            if (std::ranges::find(known, key.str()) == known.end()) {
                refuse(key.source(),
                       "unknown key `" + std::string(key.str()) + "` in " + where
                           + ": did you mean `" + std::string(nearestKey(key.str(), known)) + "`?");
            }
        }
    }

    [[nodiscard]] std::string
    text(const toml::table& table, std::string_view key, bool isRequired, const std::string& where)
    {
        const toml::node* const node = table.get(key);
        if (node == nullptr) {
            if (isRequired)
                refuse(table.source(), where + " has no `" + std::string(key) + "`: add one");
            return {};
        }
        const auto value = node->value_exact<std::string>();
        if (!value)
            refuse(node->source(), '`' + std::string(key) + "` must be a text in quotes");
        return value.value_or(std::string());
    }

    [[nodiscard]] std::optional<std::int64_t> whole(const toml::table& table, std::string_view key)
    {
        const toml::node* const node = table.get(key);
        if (node == nullptr)
            return std::nullopt;
        const auto value = node->value_exact<std::int64_t>();
        if (!value || *value < 0)
            refuse(node->source(),
                   '`' + std::string(key) + "` must be a whole number and not negative");
        return value;
    }

    void take(const toml::table& table, std::string_view key, std::chrono::milliseconds& into)
    {
        if (const auto value = whole(table, key))
            into = std::chrono::milliseconds(*value);
    }

    void take(const toml::table& table, std::string_view key, std::uint64_t& into)
    {
        if (const auto value = whole(table, key); value && *value >= 0)
            into = static_cast<std::uint64_t>(*value);
    }

    void take(const toml::table& table, std::string_view key, std::uint32_t& into)
    {
        const auto value = whole(table, key);
        if (value && *value > std::numeric_limits<std::uint32_t>::max())
            refuse(table.get(key)->source(), '`' + std::string(key) + "` is too large");
        else if (value && *value >= 0)
            into = static_cast<std::uint32_t>(*value);
    }

    void take(const toml::table& table, std::string_view key, double& into)
    {
        const toml::node* const node = table.get(key);
        if (node == nullptr)
            return;
        if (const auto value = node->is_number() ? node->value<double>() : std::nullopt)
            into = *value;
        else
            refuse(node->source(), '`' + std::string(key) + "` must be a number");
    }

    void take(const toml::table& table, std::string_view key, bool& into)
    {
        const toml::node* const node = table.get(key);
        if (node == nullptr)
            return;
        if (const auto value = node->value_exact<bool>())
            into = *value;
        else
            refuse(node->source(), '`' + std::string(key) + "` must be true or false");
    }

    void take(const toml::table& table, std::string_view key, std::vector<std::chrono::milliseconds>& into)
    {
        const toml::node* const node = table.get(key);
        if (node == nullptr)
            return;
        const toml::array* const array = node->as_array();
        if (array == nullptr) {
            refuse(node->source(), '`' + std::string(key) + "` must be a list of whole numbers");
            return;
        }
        into.clear();
        for (const toml::node& element : *array) {
            const auto value = element.value_exact<std::int64_t>();
            if (!value || *value < 0)
                refuse(element.source(),
                       "each of `" + std::string(key) + "` must be a whole number and not negative");
            into.emplace_back(value.value_or(0));
        }
    }

    /// A value with names; `names` lists them for the error.
    template<typename Value>
    void take(const toml::table& table,
              std::string_view key,
              Value& into,
              std::optional<Value> (*fromString)(std::string_view) noexcept,
              const char* names)
    {
        if (!table.contains(key))
            return;
        const std::string value = text(table, key, false, {});
        if (const auto read = fromString(value))
            into = *read;
        else
            refuse(table.get(key)->source(), '`' + std::string(key) + "` must be " + names);
    }

    /// The tables of an array `[[key]]`; none if it is absent.
    [[nodiscard]] std::vector<const toml::table*> tables(const toml::table& root,
                                                         std::string_view key)
    {
        std::vector<const toml::table*> found;
        const toml::node* const node = root.get(key);
        if (node == nullptr)
            return found;
        const toml::array* const array = node->as_array();
        if (array == nullptr) {
            refuse(node->source(),
                   '`' + std::string(key) + "` must be written as [[" + std::string(key)
                       + "]], once for each");
            return found;
        }
        for (const toml::node& element : *array) {
            if (const toml::table* const table = element.as_table())
                found.push_back(table);
            else
                refuse(element.source(),
                       "each `" + std::string(key) + "` must be a table [[" + std::string(key)
                           + "]]");
        }
        return found;
    }

    [[nodiscard]] const std::optional<base::Error>& error() const { return m_error; }

private:
    std::string m_name;
    std::optional<base::Error> m_error;
};

void readRetry(Reader& reader, const toml::table& table, message::RetryPolicy& retry)
{
    reader.checkKeys(table, kRetryKeys, "[queue.retry]");
    reader.take(table, "initial-delay-ms", retry.initialDelay);
    reader.take(table, "multiplier", retry.multiplier);
    reader.take(table, "max-delay-ms", retry.maxDelay);
    reader.take(table, "max-attempts", retry.maxAttempts);
    reader.take(table,
                "backoff",
                retry.backoff,
                message::backoffFromString,
                "\"exponential\", \"fixed\" or \"list\"");
    reader.take(table, "delays-ms", retry.delays);
    reader.take(table, "deadline-ms", retry.deadline);
    for (const toml::table* const each : reader.tables(table, "rule")) {
        message::RetryRule& rule = retry.rules.emplace_back();
        reader.checkKeys(*each, kRuleKeys, "[[queue.retry.rule]]");
        rule.errorClass = reader.text(*each, "class", true, "this [[queue.retry.rule]]");
        reader.take(*each, "reject", rule.reject);
        reader.take(*each, "delays-ms", rule.delays);
        reader.take(*each, "max-attempts", rule.maxAttempts);
    }
}

void readRate(Reader& reader, const toml::table& queue, std::string_view key, message::RateLimit& rate)
{
    const toml::node* const node = queue.get(key);
    if (node == nullptr)
        return;
    const std::string place = "[queue." + std::string(key) + "]";
    if (const toml::table* const table = node->as_table()) {
        reader.checkKeys(*table, kRateKeys, place);
        reader.take(*table, "per-second", rate.perSecond);
        reader.take(*table, "burst", rate.burst);
    } else {
        reader.refuse(node->source(), '`' + std::string(key) + "` must be a table " + place);
    }
}

message::QueueDefinition readQueue(Reader& reader, const toml::table& table)
{
    message::QueueDefinition queue;
    message::QueuePolicy& policy = queue.policy;
    reader.checkKeys(table, kQueueKeys, "[[queue]]");
    queue.name = reader.text(table, "name", true, "this [[queue]]");
    reader.take(table, "lease-ms", policy.lease);
    reader.take(table, "max-run-time-ms", policy.maxRunTime);
    reader.take(table, "max-depth", policy.maxDepth);
    reader.take(table, "max-depth-bytes", policy.maxDepthBytes);
    reader.take(table, "when-full", policy.whenFull, message::whenFullFromString, "\"refuse\" or \"defer\"");
    reader.take(table, "max-body-bytes", policy.maxBodyBytes);
    reader.take(table, "deduplication-window-ms", policy.deduplicationWindow);
    reader.take(table, "max-crashes", policy.maxCrashes);
    reader.take(table, "max-dead-letters", policy.maxDeadLetters);
    reader.take(table, "dead-letter-max-age-ms", policy.deadLetterMaxAge);
    reader.take(table,
                "durability",
                policy.durability,
                message::durabilityFromString,
                "\"full\", \"normal\" or \"memory\"");
    reader.take(table,
                "on-key-failure",
                policy.onKeyFailure,
                message::onKeyFailureFromString,
                "\"continue\" or \"park\"");
    reader.take(table, "max-concurrency", policy.maxConcurrency);
    readRate(reader, table, "rate", policy.rate);
    readRate(reader, table, "key-rate", policy.keyRate);
    if (const toml::node* const retry = table.get("retry")) {
        if (const toml::table* const retryTable = retry->as_table())
            readRetry(reader, *retryTable, policy.retry);
        else
            reader.refuse(retry->source(), "`retry` must be a table [queue.retry]");
    }
    if (const auto valid = message::validateName(queue.name); !valid && !reader.error())
        reader.refuse(table.get("name")->source(), valid.error().context);
    if (const auto valid = message::validate(policy); !valid)
        reader.refuse(table.source(), "queue \"" + queue.name + "\": " + valid.error().context);
    return queue;
}

message::SubscriptionDefinition readSubscription(Reader& reader, const toml::table& table)
{
    reader.checkKeys(table, kSubscriptionKeys, "[[subscription]]");
    message::SubscriptionDefinition subscription;
    subscription.topic = reader.text(table, "topic", true, "this [[subscription]]");
    subscription.queue = reader.text(table, "queue", true, "this [[subscription]]");
    subscription.typePattern = reader.text(table, "type", false, "this [[subscription]]");
    subscription.sourcePattern = reader.text(table, "source", false, "this [[subscription]]");
    if (const toml::node* const node = table.get("attributes")) {
        const toml::table* const attributes = node->as_table();
        if (attributes == nullptr)
            reader.refuse(node->source(), "`attributes` must be a table { name = \"value\" }");
        else
            for (const auto& [key, value] : *attributes)
                subscription.attributes[std::string(key.str())]
                    = reader.text(*attributes, key.str(), true, "`attributes`");
    }
    return subscription;
}

message::ScheduleDefinition readSchedule(Reader& reader, const toml::table& table)
{
    constexpr const char* kWhere = "this [[schedule]]";
    reader.checkKeys(table, kScheduleKeys, "[[schedule]]");
    message::ScheduleDefinition schedule;
    schedule.name = reader.text(table, "name", true, kWhere);
    schedule.cron = reader.text(table, "cron", true, kWhere);
    schedule.target = reader.text(table, "target", true, kWhere);
    reader.take(table, "missed", schedule.missed, message::missedFromString, "\"skip\" or \"one\"");
    message::Envelope& envelope = schedule.envelope;
    envelope.type = reader.text(table, "type", true, kWhere);
    envelope.source = reader.text(table, "source", false, kWhere);
    if (envelope.source.empty())
        envelope.source = "/schedules/" + schedule.name;
    envelope.subject = reader.text(table, "subject", false, kWhere);
    envelope.dataContentType = reader.text(table, "content-type", false, kWhere);
    envelope.partitionKey = reader.text(table, "partition-key", false, kWhere);
    std::uint32_t priority = message::kDefaultPriority;
    reader.take(table, "priority", priority);
    if (priority > message::kHighestPriority)
        reader.refuse(table.get("priority")->source(), "`priority` must be 0 to 9");
    envelope.priority = static_cast<std::uint8_t>(priority);
    schedule.body = reader.text(table, "body", false, kWhere);
    return schedule;
}

void readQueues(Reader& reader, const toml::table& root, message::PipelineDefinition& definition)
{
    std::set<std::string> names;
    for (const toml::table* const table : reader.tables(root, "queue")) {
        definition.queues.push_back(readQueue(reader, *table));
        const std::string& name = definition.queues.back().name;
        if (!names.insert(name).second && !reader.error())
            reader.refuse(table->source(), "queue \"" + name + "\" is declared twice: remove one");
    }
}

void readSubscriptions(Reader& reader,
                       const toml::table& root,
                       message::PipelineDefinition& definition)
{
    for (const toml::table* const table : reader.tables(root, "subscription")) {
        definition.subscriptions.push_back(readSubscription(reader, *table));
        if (reader.error())
            continue;
        // The whole so far, so that the error has the place of what broke it.
        if (const auto valid = message::validate(definition); !valid)
            reader.refuse(table->source(), valid.error().context);
    }
}

void readSchedules(Reader& reader, const toml::table& root, message::PipelineDefinition& definition)
{
    for (const toml::table* const table : reader.tables(root, "schedule")) {
        definition.schedules.push_back(readSchedule(reader, *table));
        if (reader.error())
            continue;
        if (const auto valid = message::validate(definition); !valid)
            reader.refuse(table->source(), valid.error().context);
    }
}

/// The number of the first line that is too long.
std::optional<std::size_t> tooLongLine(std::string_view text)
{
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (end > kMaxLineBytes)
            return number;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::nullopt;
}

tl::unexpected<base::Error> cannotRead(const std::filesystem::path& path, int number)
{
    const ErrorCode code = number == ENOENT ? ErrorCode::NotFound : ErrorCode::Io;
    return base::fail(code,
                      "cannot read the pipeline file " + path.string() + ": "
                          + std::strerror(number),
                      number);
}

} // namespace

Result<message::PipelineDefinition> parsePipeline(std::string_view text, const std::string& name)
{
    if (text.size() > kMaxPipelineFileBytes) {
        return base::fail(ErrorCode::Limit,
                          name + ": a pipeline file has at most "
                              + std::to_string(kMaxPipelineFileBytes) + " bytes");
    }
    if (const auto line = tooLongLine(text)) {
        return base::fail(ErrorCode::Limit,
                          name + ':' + std::to_string(*line) + ":1: a line of a pipeline file has at most "
                              + std::to_string(kMaxLineBytes) + " bytes");
    }
    Reader reader(name);
    message::PipelineDefinition definition;
    try {
        const toml::table root = toml::parse(text, name);
        reader.checkKeys(root, kTopKeys, "the file");
        readQueues(reader, root, definition);
        readSubscriptions(reader, root, definition);
        readSchedules(reader, root, definition);
    } catch (const toml::parse_error& error) {
        reader.refuse(error.source(), std::string(error.description()));
    }
    if (reader.error())
        return tl::unexpected(*reader.error());
    return definition;
}

Result<message::PipelineDefinition> readPipelineFile(const std::filesystem::path& path)
{
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return cannotRead(path, errno);
    if (std::filesystem::is_directory(path))
        return cannotRead(path, EISDIR);
    // One byte more than allowed tells a file that is too large, also if it is no regular one.
    std::string text(kMaxPipelineFileBytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad())
        return cannotRead(path, errno);
    text.resize(static_cast<std::size_t>(file.gcount()));
    return parsePipeline(text, path.string());
}

} // namespace millrace::config
