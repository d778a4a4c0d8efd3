// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"

#include <algorithm>

namespace millrace::engine {

/// How many the queue may hand out now. If none, a timer is set for the next token.
std::uint64_t Engine::Impl::allowance(Queue& queue)
{
    const message::RateLimit& rate = queue.policy().rate;
    if (!rate.isSet())
        return queue.freeSlots();
    if (queue.isThrottled)
        return 0;
    const std::uint64_t tokens = queue.bucket.tokens(rate, nowUs());
    if (tokens == 0) {
        queue.isThrottled = true;
        m_timers.atSteady(queue.bucket.nextUs(rate), Timers::Kind::QueueTokens, queue.row.id);
    }
    return std::min(tokens, queue.freeSlots());
}

void Engine::Impl::spend(Queue& queue, std::uint64_t count)
{
    if (queue.policy().rate.isSet())
        queue.bucket.take(queue.policy().rate, nowUs(), count);
}

/// The next token has come, or the policy has changed.
void Engine::Impl::unthrottle(Queue& queue)
{
    queue.isThrottled = false;
    activate(queue);
}

/// Whether the key of this line may start a message now; if not, the line is looked at when it may.
bool Engine::Impl::mayStart(Queue& queue, KeyLine& line)
{
    const message::RateLimit& rate = queue.policy().keyRate;
    if (!rate.isSet() || line.bucket.tokens(rate, nowUs()) > 0)
        return true;
    throttle(queue, line, line.bucket.nextUs(rate));
    return false;
}

/// A line that nothing waits in stays until its bucket is full: a new one would be full at once.
bool Engine::Impl::mayForget(Queue& queue, KeyLine& line)
{
    if (!line.isVoid() || line.isThrottled)
        return false;
    if (!queue.policy().keyRate.isSet() || line.bucket.isFull(nowUs()))
        return true;
    throttle(queue, line, line.bucket.fullAtUs());
    return false;
}

void Engine::Impl::throttle(Queue& queue, KeyLine& line, std::int64_t untilUs)
{
    auto& waiting = queue.throttledKeys;
    if (line.isThrottled) {
        if (untilUs >= line.throttledUntilUs)
            return;
        const auto [begin, end] = waiting.equal_range(line.throttledUntilUs);
        waiting.erase(std::find_if(begin, end, [&](const auto& each) { return each.second == &line; }));
    }
    line.isThrottled = true;
    line.throttledUntilUs = untilUs;
    const bool isFirst = waiting.empty() || untilUs < waiting.begin()->first;
    waiting.emplace(untilUs, &line);
    if (isFirst)
        m_timers.atSteady(untilUs, Timers::Kind::KeyTokens, queue.row.id);
}

void Engine::Impl::lookAtThrottled(Queue& queue, bool all)
{
    auto& waiting = queue.throttledKeys;
    while (!waiting.empty() && (all || waiting.begin()->first <= nowUs())) {
        KeyLine& line = *waiting.begin()->second;
        waiting.erase(waiting.begin());
        line.isThrottled = false;
        lookAt(queue, line);
    }
    if (!waiting.empty())
        m_timers.atSteady(waiting.begin()->first, Timers::Kind::KeyTokens, queue.row.id);
}

} // namespace millrace::engine
