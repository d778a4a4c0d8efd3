// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/zeromq/link/link_tasks_p.h"
#include "transport/zeromq/socket/socket.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace millrace::zeromq {

/// The control socket's side of the link: requests of monitors and their answers. Thread: the link's.
class ControlRequests
{
public:
    void begin(ControlTask task);
    void onSessionBegan(std::string token);
    /// What was sent ends in Unknown or Closed; the others wait for the next session.
    void onSessionEnded(const base::Error& why);
    void onResponse(wire::v1::Response response);

    [[nodiscard]] IoStatus flush(Socket& socket);
    [[nodiscard]] bool hasOutgoing() const { return m_isConnected && !m_outbox.empty(); }
    void expire(TimePoint now);
    /// The link ends: what waits is dropped uncalled.
    void drop() { std::exchange(m_pending, {}).clear(); }
    [[nodiscard]] std::optional<TimePoint> nextDeadline() const { return m_deadlines.next(); }

private:
    struct Pending
    {
        ControlTask task;
        bool isSent = false;
    };
    static base::Error outcomeOf(const Pending& pending, const base::Error& why);

    bool m_isConnected = false;
    std::string m_token;
    std::unordered_map<std::uint64_t, Pending> m_pending;
    std::deque<std::uint64_t> m_outbox;
    Deadlines m_deadlines;
};

} // namespace millrace::zeromq
