// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/sessions_p.h"

namespace millrace::zeromq {

namespace {

template<typename Map, typename Key>
Session* lookUp(Map& map, const Key& key)
{
    const auto found = map.find(key);
    if (found == map.end())
        return nullptr;
    if constexpr (std::is_same_v<typename Map::mapped_type, Session*>)
        return found->second;
    else
        return found->second.get();
}

} // namespace

Session* Sessions::find(std::string_view peer)
{
    return lookUp(m_byPeer, peer);
}

Session* Sessions::find(engine::ClientId client)
{
    return lookUp(m_byClient, client);
}

Session* Sessions::findToken(std::string_view token)
{
    return lookUp(m_byToken, token);
}

Session& Sessions::add(Session session)
{
    auto owned = std::make_unique<Session>(std::move(session));
    Session& added = *owned;
    m_byPeer[added.peer.view()] = &added;
    m_byToken[added.token] = &added;
    m_byClient[added.client] = std::move(owned);
    return added;
}

void Sessions::remove(engine::ClientId client)
{
    Session* session = find(client);
    if (session == nullptr)
        return;
    m_byPeer.erase(session->peer.view());
    m_byToken.erase(session->token);
    m_byClient.erase(client);
}

std::vector<engine::ClientId> Sessions::clients() const
{
    std::vector<engine::ClientId> clients;
    clients.reserve(m_byClient.size());
    for (const auto& [client, session] : m_byClient)
        clients.push_back(client);
    return clients;
}

} // namespace millrace::zeromq
