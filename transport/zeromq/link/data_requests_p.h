// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/wire/data_codec.h"
#include "transport/zeromq/link/attachments_p.h"
#include "transport/zeromq/link/link_tasks_p.h"
#include "transport/zeromq/socket/socket.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace millrace::zeromq {

/// The data socket's side of the link: requests and their answers, the outbox, deliveries. Thread: the link's.
class DataRequests
{
public:
    DataRequests(Attachments& attachments, std::atomic<std::uint64_t>& numbers)
        : m_attachments(attachments)
        , m_numbers(numbers)
    {
    }

    void begin(SubmitTask task);
    void begin(AttachTask task);
    void begin(DetachTask task);
    void begin(CreditTask task);
    void begin(LeaseTask task);

    void onSessionBegan(std::uint64_t epoch);
    /// What was sent ends in Unknown or Closed; submits that were not sent wait for the next session.
    void onSessionEnded(const base::Error& why);
    void onFrame(wire::Confirm frame);
    void onFrame(wire::Attached frame);
    void onFrame(wire::Deliver frame);
    void onFrame(const wire::StopDeliveries& frame);
    void onFrame(wire::Settled frame);
    void onFrame(const wire::Refused& frame);
    void onFrame(const wire::Lost& frame);

    /// Sends what waits until the socket takes no more.
    [[nodiscard]] IoStatus flush(Socket& socket);
    [[nodiscard]] bool hasOutgoing() const { return m_isConnected && !m_outbox.empty(); }
    void expire(TimePoint now);
    /// The link ends: whoever still waits gets Cancelled.
    void drop();
    [[nodiscard]] std::optional<TimePoint> nextDeadline() const { return m_deadlines.next(); }

private:
    using SubmitResolver = client::Resolver<client::BatchReceipt>;
    using LeaseResolver = client::Resolver<std::vector<message::LeaseRef>>;
    struct Pending
    {
        bool isSent = false;
        std::variant<SubmitResolver, AttachTask, LeaseResolver> kind;
        bool isChange = true;
    };
    struct Outgoing
    {
        std::uint64_t request = 0; ///< 0 = no answer is awaited
        base::Slice frame;
    };
    void enqueue(std::uint64_t request, std::string frame);
    void finish(std::uint64_t request, const base::Error& error);
    static void fail(Pending& pending, const base::Error& error);
    /// What a request that was sent has come to when nothing more is heard.
    static base::Error outcomeOf(const Pending& pending, const base::Error& why);
    template<typename Resolver>
    [[nodiscard]] std::optional<Resolver> take(std::uint64_t request);

    Attachments& m_attachments;
    std::atomic<std::uint64_t>& m_numbers; ///< of requests
    bool m_isConnected = false;
    std::uint64_t m_epoch = 0;
    std::unordered_map<std::uint64_t, Pending> m_pending;
    std::deque<Outgoing> m_outbox;
    std::size_t m_outboxBytes = 0;
    Deadlines m_deadlines;
};

} // namespace millrace::zeromq
