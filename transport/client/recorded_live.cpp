// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/client/recorded_live_p.h"

#include "core/message/cron.h"

#include <algorithm>
#include <utility>

namespace millrace::client {

namespace {

template<typename Each>
std::vector<Each> firstOf(const RecordedLive::ByQueue<Each>& all, const std::string& queue, std::uint32_t limit)
{
    const auto found = all.find(queue);
    if (found == all.end())
        return {};
    std::vector<Each> some = found->second;
    some.resize(std::min<std::size_t>({some.size(), limit, message::kMaxRunningShown}));
    return some;
}

/// @returns how many were there
template<typename Each>
std::uint64_t eraseNamed(std::vector<Each>& all, const std::vector<message::MessageRef>& messages)
{
    return std::erase_if(all, [&](const Each& each) { return std::ranges::find(messages, each.ref) != messages.end(); });
}

} // namespace

RecordedLive::RecordedLive(ByQueue<message::RunningMessage> running,
                           ByQueue<message::RetryingMessage> retrying,
                           ByQueue<message::ParkedKey> parkedKeys,
                           std::vector<message::ScheduleStatus> schedules)
    : m_running(std::move(running))
    , m_retrying(std::move(retrying))
    , m_parkedKeys(std::move(parkedKeys))
    , m_schedules(std::move(schedules))
{
}

std::vector<message::RunningMessage> RecordedLive::running(const std::string& queue, std::uint32_t limit) const
{
    return firstOf(m_running, queue, limit);
}

std::vector<message::RetryingMessage> RecordedLive::retrying(const std::string& queue, std::uint32_t limit) const
{
    return firstOf(m_retrying, queue, limit);
}

std::vector<message::ParkedKey> RecordedLive::parkedKeys(const std::string& queue, std::uint32_t limit) const
{
    return firstOf(m_parkedKeys, queue, limit);
}

Result<ActResult>
RecordedLive::act(const std::string& queue, message::LiveAct act, const std::vector<message::MessageRef>& messages)
{
    std::uint64_t moved = eraseNamed(m_retrying[queue], messages);
    if (act != message::LiveAct::RetryNow)
        moved += eraseNamed(m_running[queue], messages);
    if (moved == 0)
        return base::fail(base::ErrorCode::NotFound, "queue \"" + queue + "\" holds no such message");
    return ActResult{moved, messages.size() - moved};
}

Result<void> RecordedLive::resumeKey(const std::string& queue, const std::string& key)
{
    if (std::erase_if(m_parkedKeys[queue], [&](const message::ParkedKey& each) { return each.key == key; }) > 0)
        return {};
    return base::fail(base::ErrorCode::NotFound, "nothing holds up key \"" + key + "\" of queue \"" + queue + "\"");
}

Result<void> RecordedLive::pauseSchedule(const std::string& name, bool isPaused, std::int64_t nowUs)
{
    const auto schedule = findSchedule(name);
    if (!schedule)
        return tl::unexpected(schedule.error());
    (*schedule)->isPaused = isPaused;
    (*schedule)->nextUs.clear();
    const auto cron = message::Cron::parse((*schedule)->definition.cron);
    std::optional<std::int64_t> next = nowUs;
    while (!isPaused && cron && next && (*schedule)->nextUs.size() < message::kScheduleRunsShown) {
        next = cron->nextAfter(*next);
        if (next)
            (*schedule)->nextUs.push_back(*next);
    }
    return {};
}

Result<void> RecordedLive::runSchedule(const std::string& name, std::int64_t nowUs)
{
    const auto schedule = findSchedule(name);
    if (!schedule)
        return tl::unexpected(schedule.error());
    (*schedule)->lastDueUs = nowUs;
    return {};
}

Result<message::ScheduleStatus> RecordedLive::schedule(const std::string& name)
{
    const auto schedule = findSchedule(name);
    if (!schedule)
        return tl::unexpected(schedule.error());
    return **schedule;
}

Result<message::ScheduleStatus*> RecordedLive::findSchedule(const std::string& name)
{
    for (message::ScheduleStatus& schedule : m_schedules) {
        if (schedule.definition.name == name)
            return &schedule;
    }
    return base::fail(base::ErrorCode::NotFound, "no schedule is named \"" + name + "\"");
}

} // namespace millrace::client
