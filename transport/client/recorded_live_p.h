// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/pipeline.h"

#include <map>
#include <string>
#include <vector>

namespace millrace::client {

/// What runs, waits for its next attempt or is parked in a recording, and its schedules, with what people do to them.
/// Thread: the owner's.
class RecordedLive
{
public:
    template<typename Each>
    using ByQueue = std::map<std::string, std::vector<Each>>;

    RecordedLive(ByQueue<message::RunningMessage> running,
                 ByQueue<message::RetryingMessage> retrying,
                 ByQueue<message::ParkedKey> parkedKeys,
                 std::vector<message::ScheduleStatus> schedules);

    [[nodiscard]] std::vector<message::RunningMessage> running(const std::string& queue, std::uint32_t limit) const;
    [[nodiscard]] std::vector<message::RetryingMessage> retrying(const std::string& queue, std::uint32_t limit) const;
    [[nodiscard]] std::vector<message::ParkedKey> parkedKeys(const std::string& queue, std::uint32_t limit) const;
    [[nodiscard]] const std::vector<message::ScheduleStatus>& schedules() const { return m_schedules; }

    /// Errors: NotFound.
    [[nodiscard]] Result<message::ScheduleStatus> schedule(const std::string& name);

    /// What is tried now is neither waiting nor running afterwards: a recording has no workers. Errors: NotFound.
    [[nodiscard]] Result<ActResult>
    act(const std::string& queue, message::LiveAct act, const std::vector<message::MessageRef>& messages);
    /// Errors: NotFound.
    [[nodiscard]] Result<void> resumeKey(const std::string& queue, const std::string& key);
    [[nodiscard]] Result<void> pauseSchedule(const std::string& name, bool isPaused, std::int64_t nowUs);
    [[nodiscard]] Result<void> runSchedule(const std::string& name, std::int64_t nowUs);

private:
    [[nodiscard]] Result<message::ScheduleStatus*> findSchedule(const std::string& name);

    ByQueue<message::RunningMessage> m_running;
    ByQueue<message::RetryingMessage> m_retrying;
    ByQueue<message::ParkedKey> m_parkedKeys;
    std::vector<message::ScheduleStatus> m_schedules; ///< by name
};

} // namespace millrace::client
