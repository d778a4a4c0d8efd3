// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"
#include "core/engine/text_p.h"

#include <algorithm>

namespace millrace::engine {

namespace {

std::string shown(std::string_view name)
{
    return "\"" + std::string(message::truncateUtf8(name, 128)) + "\"";
}

} // namespace

Queue* Engine::Impl::findQueue(std::string_view name) const
{
    const auto found = m_queuesByName.find(name);
    return found == m_queuesByName.end() ? nullptr : found->second;
}

Queue& Engine::Impl::addQueue(QueueRow row)
{
    m_lastQueue = std::max(m_lastQueue, row.id);
    Queue& queue = *m_queues.emplace_back(std::make_unique<Queue>());
    queue.row = std::move(row);
    m_queuesByName.emplace(queue.name(), &queue);
    m_queuesById.emplace(queue.row.id, &queue);
    return queue;
}

base::Result<void> Engine::Impl::checkNewQueue(const message::QueueDefinition& definition) const
{
    if (auto valid = message::validateName(definition.name); !valid)
        return valid;
    if (m_topics.contains(definition.name)) {
        return base::fail(base::ErrorCode::Conflict,
                          shown(definition.name)
                              + " is a topic: a queue and a topic cannot share a name");
    }
    return message::validate(definition.policy);
}

void Engine::Impl::handle(DefineQueue& command)
{
    if (Queue* queue = findQueue(command.definition.name)) {
        if (command.isFromFile) {
            if (auto valid = message::validate(command.definition.policy); !valid) {
                reply(command.client, command.request, tl::unexpected(std::move(valid).error()));
                return;
            }
            declare(*queue, command.definition.policy, std::move(command.actor));
        }
        reply(command.client, command.request, message::OperationStatus{});
        return;
    }
    if (auto valid = checkNewQueue(command.definition); !valid) {
        reply(command.client, command.request, tl::unexpected(std::move(valid).error()));
        return;
    }
    QueueRow row{m_lastQueue + 1, std::move(command.definition), false, wallUs(), {}, !command.isFromFile};
    if (command.isFromFile)
        row.filePolicy = row.definition.policy;
    const Queue& queue = addQueue(std::move(row));
    batch().queues.push_back(queue.row);
    audit(std::move(command.actor),
          "create-queue",
          queue.name(),
          0,
          message::toJson(queue.policy()),
          {});
    reply(command.client, command.request, message::OperationStatus{});
}

base::Result<Queue*>
Engine::Impl::checkNewSubscription(const message::SubscriptionDefinition& definition) const
{
    if (auto valid = message::validateName(definition.topic); !valid)
        return tl::unexpected(std::move(valid).error());
    if (findQueue(definition.topic) != nullptr) {
        return base::fail(base::ErrorCode::Conflict,
                          shown(definition.topic)
                              + " is a queue: a queue and a topic cannot share a name");
    }
    if (auto valid = message::validateFilter(definition); !valid)
        return tl::unexpected(std::move(valid).error());
    Queue* queue = findQueue(definition.queue);
    if (queue == nullptr) {
        return base::fail(base::ErrorCode::NotFound,
                          "no queue is named " + shown(definition.queue)
                              + ": create it before topic " + shown(definition.topic)
                              + " can copy messages into it");
    }
    return queue;
}

void Engine::Impl::handle(DefineSubscription& command)
{
    auto queue = checkNewSubscription(command.definition);
    if (!queue) {
        reply(command.client, command.request, tl::unexpected(std::move(queue).error()));
        return;
    }
    std::vector<Subscription>& subscriptions = m_topics[command.definition.topic];
    const auto known = std::find_if(subscriptions.begin(), subscriptions.end(), [&](const auto& each) {
        return each.queue == *queue;
    });
    const bool exists = known != subscriptions.end();
    if (!exists || known->row.definition != command.definition) {
        SubscriptionRow row{exists ? known->row.id : ++m_lastSubscription,
                            std::move(command.definition),
                            (*queue)->row.id};
        const std::string attributes = message::attributesToJson(row.definition.attributes);
        audit(std::move(command.actor),
              exists ? "change-subscription" : "create-subscription",
              row.definition.topic,
              0,
              "{\"queue\":" + quoteJson(row.definition.queue)
                  + ",\"type_pattern\":" + quoteJson(row.definition.typePattern)
                  + ",\"source_pattern\":" + quoteJson(row.definition.sourcePattern)
                  + ",\"attributes\":" + (attributes.empty() ? "{}" : attributes) + "}",
              {});
        batch().subscriptions.push_back(row);
        if (exists)
            known->row = std::move(row);
        else
            subscriptions.push_back({std::move(row), *queue});
    }
    reply(command.client, command.request, message::OperationStatus{});
}

void Engine::Impl::handle(SetPaused& command)
{
    Queue* queue = findQueue(command.queue);
    if (queue == nullptr) {
        reply(command.client,
              command.request,
              base::fail(base::ErrorCode::NotFound,
                         "no queue is named " + shown(command.queue)
                             + ": `millrace-node status` lists the names"));
        return;
    }
    if (queue->row.paused != command.paused) {
        queue->row.paused = command.paused;
        batch().queues.push_back(queue->row);
        audit(std::move(command.actor),
              command.paused ? "pause" : "resume",
              queue->name(),
              queue->figures.depth(),
              "{}",
              {});
        activate(*queue);
    }
    reply(command.client, command.request, message::OperationStatus{});
}

std::vector<message::SubscriptionDefinition> Engine::Impl::subscriptions() const
{
    std::vector<message::SubscriptionDefinition> all;
    for (const auto& [topic, subscriptions] : m_topics) {
        for (const Subscription& subscription : subscriptions)
            all.push_back(subscription.row.definition);
    }
    return all;
}

void Engine::Impl::audit(std::string actor,
                         std::string verb,
                         std::string target,
                         std::uint64_t count,
                         std::string parameters,
                         std::string members)
{
    batch().sync = true;
    batch().audits.push_back({wallUs(),
                              std::move(actor),
                              std::move(verb),
                              std::move(target),
                              count,
                              std::move(parameters),
                              "done",
                              std::move(members)});
}

} // namespace millrace::engine
