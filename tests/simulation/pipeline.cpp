// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/pipeline.h"

namespace millrace::simulation {

using std::chrono::milliseconds;

namespace {

template<typename T = std::uint32_t>
T between(Chance& chance, std::int64_t from, std::int64_t to)
{
    return static_cast<T>(chance.between(from, to));
}

} // namespace

Features::Features(Chance& chance)
    : keys(chance.hits(600))
    , parking(chance.hits(500))
    , unique(chance.hits(400))
    , atomic(chance.hits(400))
    , topic(chance.hits(600))
    , filters(chance.hits(500))
    , schedules(chance.hits(300))
    , rates(chance.hits(250))
    , keyRates(chance.hits(250))
    , concurrency(chance.hits(300))
    , bytes(chance.hits(250))
    , deferring(chance.hits(350))
    , acts(chance.hits(500))
    , policies(chance.hits(400))
    , retention(chance.hits(250))
    , deadLimit(chance.hits(200))
    , unstored(chance.hits(200))
    , mostlyUrgent(chance.hits(250))
    , largeMemory(chance.hits(500))
    , fewMayWait(chance.hits(300))
    , scarceKeys(chance.hits(100))
{
    // When keys run out, and how large what left unseen was, nobody can foretell: whoever waits for room must not
    // depend on it.
    if (scarceKeys)
        atomic = deferring = unstored = false;
    if (bytes)
        unstored = false;
    if (bytes && (atomic || deferring))
        acts = false;
}

message::QueuePolicy choosePolicy(Chance& chance, const Features& features)
{
    message::QueuePolicy policy;
    policy.lease = milliseconds(chance.between(500, 5'000));
    policy.maxRunTime = policy.lease * chance.between(1, 3);
    policy.retry.initialDelay = milliseconds(chance.between(50, 1'000));
    policy.retry.maxDelay = milliseconds(chance.between(1'000, 4'000));
    policy.retry.maxAttempts = between(chance, 1, 5);
    policy.maxCrashes = between(chance, 1, 3);
    policy.retry.backoff = static_cast<message::Backoff>(chance.hits(600) ? 0 : chance.below(3));
    if (policy.retry.backoff == message::Backoff::List)
        policy.retry.delays = {milliseconds(200), milliseconds(chance.between(0, 2'000))};
    if (chance.hits(250))
        policy.retry.deadline = milliseconds(chance.between(1'000, 10'000));
    if (chance.hits(250))
        policy.retry.rules.push_back({"Class1", true, {}, 0});
    if (chance.hits(250))
        policy.retry.rules.push_back({"Class2", false, {milliseconds(300)}, 2});
    if (features.bytes && (features.atomic || features.deferring)) {
        policy.maxCrashes = 1'000; // as above: nor may a message die before it was fetched
        policy.retry.maxAttempts = 100;
        policy.retry.rules.clear();
    }
    policy.maxDepth = chance.hits(300) ? 15 : 10'000;
    if (features.bytes && chance.hits(700))
        policy.maxDepthBytes = between<std::uint64_t>(chance, 1'000, 6'000);
    if (features.deferring && chance.hits(700)) {
        policy.whenFull = message::WhenFull::Defer;
        policy.maxDepth = between<std::uint64_t>(chance, 3, 20);
    }
    policy.maxBodyBytes = chance.hits(300) ? 250 : 1024 * 1024;
    policy.deduplicationWindow = milliseconds(chance.hits(200) ? 0 : chance.between(1'000, 30'000));
    policy.durability = chance.hits(200) ? message::Durability::Normal : message::Durability::Full;
    if (features.unstored) {
        // What is drawn for a message that is not stored nobody can see.
        if (policy.retry.backoff == message::Backoff::Exponential)
            policy.retry.backoff = message::Backoff::Fixed;
        if (chance.hits(700))
            policy.durability = message::Durability::Memory;
    }
    if (features.parking && chance.hits(700))
        policy.onKeyFailure = message::OnKeyFailure::Park;
    if (features.concurrency && chance.hits(700))
        policy.maxConcurrency = between(chance, 1, 6);
    if (features.rates && chance.hits(700))
        policy.rate = {static_cast<double>(chance.between(6, 40)), between(chance, 1, 5)};
    if (features.keyRates && chance.hits(700))
        policy.keyRate = {static_cast<double>(chance.between(4, 30)), between(chance, 1, 3)};
    if (features.retention && chance.hits(700))
        policy.deadLetterMaxAge = milliseconds(chance.between(500, 8'000));
    if (features.deadLimit && chance.hits(700))
        policy.maxDeadLetters = between<std::uint64_t>(chance, 2, 8);
    return policy;
}

message::SubscriptionDefinition
chooseSubscription(Chance& chance, const Features& features, const std::string& queue)
{
    message::SubscriptionDefinition definition{"topic", queue, ""};
    definition.typePattern = chance.hits(300) ? "order.p*" : chance.hits(300) ? "*.created" : "";
    if (features.filters && chance.hits(400))
        definition.sourcePattern = chance.hits(500) ? "/simulation/*" : "*/p1";
    if (features.filters && chance.hits(400))
        definition.attributes["region"] = chance.hits(700) ? "north" : "south";
    if (features.filters && chance.hits(300))
        definition.attributes["subject"] = "even";
    return definition;
}

message::ScheduleDefinition
chooseSchedule(Chance& chance, const std::string& name, const std::vector<std::string>& targets)
{
    message::ScheduleDefinition definition;
    definition.name = name;
    definition.cron = chance.hits(600) ? "* * * * *" : chance.hits(500) ? "*/2 * * * *" : "@hourly";
    definition.target = targets[chance.below(targets.size())];
    definition.missed = chance.hits(500) ? message::Missed::One : message::Missed::Skip;
    definition.envelope.id = name;
    definition.envelope.source = "/simulation/schedule";
    definition.envelope.type = "order.planned";
    if (chance.hits(300))
        definition.envelope.partitionKey = "key-0";
    definition.body = "body-" + std::to_string(chance.below(100));
    return definition;
}

Pipeline::Pipeline(Chance& chance)
    : features(chance)
{
    for (std::uint64_t i = 0, count = 1 + chance.below(3); i < count; ++i) {
        queues.push_back({"queue-" + std::to_string(i), choosePolicy(chance, features)});
        targets.push_back(queues.back().name);
    }
    if (features.topic) {
        targets.emplace_back("topic");
        for (const auto& queue : queues)
            subscriptions.push_back(chooseSubscription(chance, features, queue.name));
    }
    if (features.schedules) {
        for (std::uint64_t i = 0, count = 1 + chance.below(3); i < count; ++i)
            schedules.push_back(chooseSchedule(chance, "schedule-" + std::to_string(i), targets));
    }
}

} // namespace millrace::simulation
