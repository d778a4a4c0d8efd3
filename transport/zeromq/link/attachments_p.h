// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/connection.h"
#include "transport/wire/data_codec.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace millrace::zeromq {

/// The workers of one link, by queue. Deliveries of a queue are dealt out by the credit that each worker granted.
///
/// Thread: any. Sinks are called on the link thread with the mutex held, so that remove() can promise that its sink is
/// not called again; a sink may call back.
class Attachments
{
public:
    [[nodiscard]] client::AttachmentId add(message::QueueId queue,
                                           const std::string& name,
                                           const message::QueuePolicy& policy,
                                           client::DeliverySink* sink);
    /// After it returns the sink is not called again; its place on the queue is kept until remove().
    void silence(client::AttachmentId id);
    /// Link thread. @returns the queue, if nobody of this link is on it any more and the node should be told; else 0
    [[nodiscard]] message::QueueId remove(client::AttachmentId id);
    /// The policy, if a worker of this session is on the queue of this name, and the queue.
    [[nodiscard]] std::optional<std::pair<message::QueueId, message::QueuePolicy>> find(const std::string& name) const;
    /// @returns the queue to grant it on; 0 = the attachment is gone
    [[nodiscard]] message::QueueId addCredit(client::AttachmentId id, std::uint32_t more);
    /// @returns the deliveries that nobody wants any more
    [[nodiscard]] std::vector<message::LeaseRef> deliver(std::uint64_t epoch, wire::Deliver frame);
    void stop(const wire::StopDeliveries& frame);
    void onSessionBegan();
    void onSessionEnded(const base::Error& why);

private:
    struct Entry
    {
        message::QueueId queue = 0;
        std::string name;
        std::uint64_t session = 0;
        message::QueuePolicy policy;
        client::DeliverySink* sink = nullptr;
        std::uint64_t credit = 0;
    };
    template<typename Function>
    void forEachSink(Function function);

    mutable std::recursive_mutex m_mutex;
    std::map<client::AttachmentId, Entry> m_entries;
    client::AttachmentId m_last = 0;
    std::uint64_t m_session = 0;
};

} // namespace millrace::zeromq
