// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

#include <vector>

/// Queue policies that change while the pipeline runs.
namespace millrace::engine {

/// The pipeline file's word on a queue that exists. An operator's policy stays until both say the same.
void Engine::Impl::declare(Queue& queue, const message::QueuePolicy& wanted, std::string actor)
{
    const bool isSame = queue.policy() == wanted;
    const bool staysOperators = queue.row.isSetByOperator && !isSame;
    if (isSame && queue.row.filePolicy == wanted && !queue.row.isSetByOperator)
        return;
    if (staysOperators && queue.row.filePolicy == wanted)
        return;
    queue.row.filePolicy = wanted;
    queue.row.isSetByOperator = staysOperators;
    const bool changes = !isSame && !staysOperators;
    if (changes)
        changePolicy(queue, wanted);
    batch().queues.push_back(queue.row);
    batch().sync = true;
    if (changes)
        audit(std::move(actor), "change-queue", queue.name(), 0, message::toJson(wanted), {});
}

void Engine::Impl::handle(UpdateQueue& command)
{
    Queue* queue = findQueue(command.queue);
    if (queue == nullptr) {
        reply(command.client,
              command.request,
              base::fail(base::ErrorCode::NotFound,
                         "no queue is named \"" + std::string(message::truncateUtf8(command.queue, 128))
                             + "\": `millrace-node status` lists the names"));
        return;
    }
    if (command.resetsToFile && !queue->row.filePolicy) {
        reply(command.client,
              command.request,
              base::fail(base::ErrorCode::Conflict,
                         "the pipeline file does not declare queue \"" + queue->name()
                             + "\": there is no policy to go back to"));
        return;
    }
    message::QueuePolicy wanted = command.resetsToFile ? *queue->row.filePolicy : std::move(command.policy);
    if (auto valid = message::validate(wanted); !valid) {
        reply(command.client, command.request, tl::unexpected(std::move(valid).error()));
        return;
    }
    const bool isOperators = !command.resetsToFile && queue->row.filePolicy != wanted;
    if (queue->policy() != wanted || queue->row.isSetByOperator != isOperators) {
        queue->row.isSetByOperator = isOperators;
        const std::string json = message::toJson(wanted);
        changePolicy(*queue, std::move(wanted));
        batch().queues.push_back(queue->row);
        audit(std::move(command.actor),
              command.resetsToFile ? "reset-queue" : "change-queue",
              queue->name(),
              queue->figures.depth(),
              json,
              {});
    }
    reply(command.client, command.request, message::OperationStatus{});
}

/// What waits, runs or is remembered under the old policy keeps what it was promised: leases their deadlines, retries
/// their times, idempotency keys their windows. Everything from now on follows the new one.
void Engine::Impl::changePolicy(Queue& queue, message::QueuePolicy policy)
{
    if (policy.lease < queue.policy().lease)
        timeEachLease(queue);
    queue.row.definition.policy = std::move(policy);
    unthrottle(queue);
    lookAtThrottled(queue, true);
    queue.retentionUs = 0;
    timeRetention(queue);
    activate(queue);
}

} // namespace millrace::engine
