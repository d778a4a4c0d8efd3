// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/message/envelope.h"
#include "transport/client/connection.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace millrace::client {

/// Encodes messages; the envelopes and small bodies of about one batch share a buffer.
[[nodiscard]] std::vector<OutgoingMessage> encodeMessages(std::vector<message::Message> messages);

/// How many messages from `first` on belong to one batch; at least 1.
[[nodiscard]] std::size_t batchLength(const std::vector<OutgoingMessage>& messages, std::size_t first);

/// Sends submissions of any size as batches, in order, several in flight, and merges their receipts. Lives on until
/// all of them ended, also when the producer is gone. Thread: any; needs no event loop.
class SubmissionQueue : public std::enable_shared_from_this<SubmissionQueue>
{
public:
    /// Called on any thread, without a lock held.
    using Done = std::function<void(Result<BatchReceipt>)>;

    explicit SubmissionQueue(std::shared_ptr<Connection> connection);
    /// An atomic submission is one batch, whatever its size; its wait is cut so that the answer comes within the deadline.
    void add(std::string target,
             std::vector<OutgoingMessage> messages,
             SubmitOptions options,
             std::chrono::milliseconds deadline,
             Done done);

private:
    struct Submission;
    struct Batch
    {
        std::shared_ptr<Submission> submission;
        std::size_t first = 0;
        std::size_t length = 0;
    };
    [[nodiscard]] std::optional<Batch> takeNext();
    void pump();
    void send(const Batch& batch);
    void finish(const Batch& batch, Result<BatchReceipt> result);

    const std::shared_ptr<Connection> m_connection;
    std::mutex m_mutex;
    std::deque<std::shared_ptr<Submission>> m_waiting; ///< with batches that were not sent
    std::size_t m_inFlight = 0;
    bool m_isPumping = false;
};

} // namespace millrace::client
