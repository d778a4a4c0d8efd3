// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/slice.h"
#include "core/base/time.h"
#include "core/engine/command.h"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace millrace::zeromq {

/// One client on the data socket, from its hello to its end.
struct Session
{
    engine::ClientId client = 0;
    base::Slice peer;  ///< routing id
    std::string token; ///< 16 bytes, the same on the control socket
    std::string name;  ///< for people
    base::SteadyTime lastHeard{};
    std::unordered_set<engine::RequestId> open; ///< requests not answered yet
    std::deque<base::Slice> outbox; ///< frames that the peer's high-water mark kept back
    std::size_t outboxBytes = 0;
};

/// The sessions by routing id and by client. Thread: the broker's.
class Sessions
{
public:
    [[nodiscard]] Session* find(std::string_view peer);
    [[nodiscard]] Session* find(engine::ClientId client);
    [[nodiscard]] Session* findToken(std::string_view token);
    Session& add(Session session);
    /// Invalidates pointers to it.
    void remove(engine::ClientId client);
    [[nodiscard]] std::size_t size() const noexcept { return m_byClient.size(); }
    [[nodiscard]] std::vector<engine::ClientId> clients() const;

private:
    std::unordered_map<engine::ClientId, std::unique_ptr<Session>> m_byClient;
    std::unordered_map<std::string_view, Session*> m_byPeer;  ///< keys lie in the sessions
    std::unordered_map<std::string_view, Session*> m_byToken; ///< keys lie in the sessions
};

} // namespace millrace::zeromq
