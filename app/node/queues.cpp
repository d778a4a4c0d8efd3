// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <nlohmann/json.hpp>

#include "app/config/nearest_key.h"
#include "app/node/commands.h"
#include "app/node/session.h"
#include "app/terminal/console.h"
#include "app/terminal/table.h"
#include "transport/client/snapshots.h"

#include <QCoroFuture>

#include <algorithm>

/// Policies of queues, and partition keys.
namespace millrace::node {

namespace {

using Json = nlohmann::ordered_json;
using base::Result;

constexpr std::uint32_t kKeysShown = 100;

/// The keys of a pipeline file with their values: `retry.max-attempts` for what is `retry.max_attempts` in JSON.
void flatten(const Json& object, const std::string& prefix, std::vector<std::pair<std::string, Json>>& into)
{
    for (const auto& [name, value] : object.items()) {
        std::string key = prefix + name;
        std::ranges::replace(key, '_', '-');
        if (value.is_object())
            flatten(value, key + '.', into);
        else
            into.emplace_back(std::move(key), value);
    }
}

std::vector<std::pair<std::string, Json>> settingsOf(const message::QueuePolicy& policy)
{
    std::vector<std::pair<std::string, Json>> settings;
    flatten(Json::parse(message::toJson(policy)), {}, settings);
    return settings;
}

std::string shown(const Json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump();
}

Json* memberOf(Json& policy, std::string key)
{
    std::ranges::replace(key, '-', '_');
    Json* at = &policy;
    for (std::size_t begin = 0; begin <= key.size();) {
        const std::size_t end = std::min(key.find('.', begin), key.size());
        const auto found = at->find(key.substr(begin, end - begin));
        if (!at->is_object() || found == at->end())
            return nullptr;
        at = &*found;
        begin = end + 1;
    }
    return at;
}

/// A text need not be quoted, since no policy has one that could be taken for something else.
Json valueOf(const std::string& text)
{
    Json value = Json::parse(text, nullptr, false);
    return value.is_discarded() ? Json(text) : value;
}

/// Errors: Invalid.
Result<message::QueuePolicy> withSettings(const message::QueuePolicy& policy, const std::vector<std::string>& settings)
{
    Json json = Json::parse(message::toJson(policy));
    std::vector<std::pair<std::string, Json>> known = settingsOf(policy);
    for (const std::string& setting : settings) {
        const std::size_t equals = std::min(setting.find('='), setting.size());
        const std::string key = setting.substr(0, equals);
        Json* member = memberOf(json, key);
        if (member == nullptr) {
            std::vector<std::string_view> names;
            for (const auto& each : known)
                names.push_back(each.first);
            return base::fail(base::ErrorCode::Invalid,
                              "a queue has no setting `" + key + "`: did you mean `"
                                  + std::string(config::nearestKey(key, names)) + "`?");
        }
        *member = valueOf(setting.substr(std::min(equals + 1, setting.size())));
    }
    return message::queuePolicyFromJson(json.dump());
}

Result<client::QueueStatus> find(const client::Snapshot& snapshot, const std::string& name)
{
    const auto found = std::ranges::find(snapshot.queues, name, &client::QueueStatus::name);
    if (found != snapshot.queues.end())
        return *found;
    return base::fail(base::ErrorCode::NotFound,
                      "no queue is named \"" + name + "\": `millrace-node queues list` lists the names");
}

/// Errors: NotFound, Timeout.
QCoro::Task<Result<client::QueueStatus>> statusOf(client::Pipeline* pipeline, std::string queue)
{
    auto waiting = client::snapshotAfter(pipeline, 0);
    const Result<client::SnapshotPtr> snapshot = co_await waiting;
    if (!snapshot)
        co_return tl::unexpected(snapshot.error());
    co_return find(**snapshot, queue);
}

void printQueue(const client::QueueStatus& queue, const std::vector<message::ParkedKey>& keys)
{
    printLine(printable(queue.name) + (queue.paused ? ": paused" : queue.halted.empty() ? ": running" : ": halted"));
    if (!queue.halted.empty())
        printLine(printable(queue.halted));
    if (queue.differsFromFile)
        printLine("The policy differs from the pipeline file: `queues reset` takes the file's, `pipeline export` writes this one.");
    Table policy({{"setting"}, {"value"}});
    for (const auto& [key, value] : settingsOf(queue.policy))
        policy.add({key, shown(value)});
    policy.print();
    if (keys.empty())
        return;
    Table parked({{"parked key"}, {"messages", Table::Align::Right}, {"behind dead letter"}});
    for (const message::ParkedKey& key : keys)
        parked.add({key.key, std::to_string(key.parked), key.behind.value});
    parked.print();
}

nlohmann::json toJson(const client::QueueStatus& queue, const std::vector<message::ParkedKey>& keys)
{
    nlohmann::json parked = nlohmann::json::array();
    for (const message::ParkedKey& key : keys)
        parked.push_back({{"key", key.key}, {"parked", key.parked}, {"behind", key.behind.value}});
    return {{"name", queue.name},
            {"paused", queue.paused},
            {"halted", queue.halted},
            {"differs_from_file", queue.differsFromFile},
            {"policy", nlohmann::json::parse(message::toJson(queue.policy))},
            {"parked_keys", std::move(parked)}};
}

/// What a change made different, one line each.
void printChanges(const std::string& queue, const message::QueuePolicy& before, const message::QueuePolicy& after, bool json)
{
    const auto from = settingsOf(before);
    nlohmann::json changes = nlohmann::json::object();
    for (const auto& [key, value] : settingsOf(after)) {
        const auto old = std::ranges::find(from, key, [](const auto& each) { return each.first; });
        if (old != from.end() && old->second == value)
            continue;
        const std::string was = old == from.end() ? std::string("nothing") : shown(old->second);
        if (json)
            changes[key] = {{"from", was}, {"to", shown(value)}};
        else
            printLine(printable(queue + ": " + key + " was " + was + " and is " + shown(value)));
    }
    if (json)
        printJson({{"queue", queue}, {"changed", std::move(changes)}});
    else if (before == after)
        printLine(printable(queue) + ": nothing has changed");
}

} // namespace

QCoro::Task<int> showQueue(Target target, std::string queue)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    client::Pipeline* const pipeline = &(*session)->pipeline();
    auto looking = statusOf(pipeline, queue);
    const Result<client::QueueStatus> status = co_await looking;
    if (!status)
        co_return fail(status.error());
    auto reading = pipeline->parkedKeys(queue, kKeysShown);
    const Result<std::vector<message::ParkedKey>> keys = co_await reading;
    if (!keys)
        co_return fail(keys.error());
    if (target.json)
        printJson(toJson(*status, *keys));
    else
        printQueue(*status, *keys);
    co_return kDone;
}

QCoro::Task<int> setPolicy(Target target, QueueChange change)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    client::Pipeline* const pipeline = &(*session)->pipeline();
    auto looking = statusOf(pipeline, change.queue);
    const Result<client::QueueStatus> status = co_await looking;
    if (!status)
        co_return fail(status.error());
    const Result<message::QueuePolicy> policy = withSettings(status->policy, change.settings);
    if (!policy) {
        printError(printable(policy.error().context));
        co_return kUsage;
    }
    auto changing = pipeline->updateQueue({change.queue, *policy});
    const Result<void> changed = co_await changing;
    if (!changed)
        co_return fail(changed.error());
    printChanges(change.queue, status->policy, *policy, target.json);
    co_return kDone;
}

QCoro::Task<int> resetPolicy(Target target, std::string queue)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    auto changing = (*session)->pipeline().resetQueue(queue);
    const Result<void> changed = co_await changing;
    if (!changed)
        co_return fail(changed.error());
    if (target.json)
        printJson({{"queue", queue}, {"differs_from_file", false}});
    else
        printLine(printable(queue) + " has the policy of the pipeline file again");
    co_return kDone;
}

QCoro::Task<int> resumeKey(Target target, QueueChange change)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    auto changing = (*session)->pipeline().resumeKey(change.queue, change.key);
    const Result<void> changed = co_await changing;
    if (!changed)
        co_return fail(changed.error());
    if (target.json)
        printJson({{"queue", change.queue}, {"key", change.key}, {"parked", false}});
    else
        printLine(printable("messages of key " + change.key + " in " + change.queue + " go on"));
    co_return kDone;
}

} // namespace millrace::node
