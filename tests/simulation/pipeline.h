// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/message/policy.h"
#include "tests/simulation/chance.h"

#include <string>
#include <vector>

namespace millrace::simulation {

/// What a seed uses of what the engine can do. Each has some of it and not the rest, so that nothing hides anything.
struct Features
{
    explicit Features(Chance& chance);
    bool keys, parking, unique, atomic, topic, filters, schedules;
    bool rates, keyRates, concurrency, bytes, deferring;
    bool acts, policies, retention, deadLimit;
    bool unstored; ///< queues at durability memory
    bool mostlyUrgent; ///< most messages have the highest priority, a few a low one
    bool largeMemory;  ///< for the bytes of all that waits
    bool fewMayWait;   ///< submits that are deferred
    bool scarceKeys;   ///< little room for idempotency keys
};

/// What the file of a seed declares.
struct Pipeline
{
    explicit Pipeline(Chance& chance);
    Features features;
    std::vector<message::QueueDefinition> queues;
    std::vector<message::SubscriptionDefinition> subscriptions;
    std::vector<message::ScheduleDefinition> schedules;
    std::vector<std::string> targets; ///< queues and topics
};

[[nodiscard]] message::QueuePolicy choosePolicy(Chance& chance, const Features& features);
[[nodiscard]] message::SubscriptionDefinition
chooseSubscription(Chance& chance, const Features& features, const std::string& queue);
[[nodiscard]] message::ScheduleDefinition
chooseSchedule(Chance& chance, const std::string& name, const std::vector<std::string>& targets);

} // namespace millrace::simulation
