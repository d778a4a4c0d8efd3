// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/client/submission_p.h"

#include <algorithm>
#include <utility>

namespace millrace::client {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxBatchMessages = 1024;
constexpr std::size_t kMaxBatchBytes = 1024 * 1024;
/// Field tags and lengths of one message on the wire, counted generously.
constexpr std::size_t kFramingBytes = 24;
/// Enough to keep the node's commits full without filling its memory.
constexpr std::size_t kMaxBatchesInFlight = 16;
/// Larger bodies keep their own buffer instead of being copied.
constexpr std::size_t kMaxPackedBodyBytes = 8 * 1024;

/// Encodes messages from `first` on into one shared buffer, about as much as a batch holds.
/// @returns the first that was left
std::size_t encodeSome(std::vector<message::Message>& messages,
                       std::size_t first,
                       std::vector<OutgoingMessage>& encoded)
{
    struct Ends
    {
        std::size_t envelope;
        std::size_t body;
    };
    auto buffer = std::make_shared<std::string>();
    std::vector<Ends> ends;
    for (auto i = first; i < messages.size() && ends.size() < kMaxBatchMessages
         && buffer->size() < kMaxBatchBytes;
         ++i) {
        buffer->append(message::encode(messages[i].envelope));
        const std::size_t envelopeEnd = buffer->size();
        if (messages[i].body.size() <= kMaxPackedBodyBytes)
            buffer->append(messages[i].body);
        ends.push_back({envelopeEnd, buffer->size()});
    }

    const std::string_view bytes = *buffer;
    std::size_t begin = 0;
    for (const Ends& end : ends) {
        std::string& body = messages[first++].body;
        OutgoingMessage out;
        out.envelope = base::Slice(buffer, bytes.substr(begin, end.envelope - begin));
        out.body = body.size() <= kMaxPackedBodyBytes
            ? base::Slice(buffer, bytes.substr(end.envelope, end.body - end.envelope))
            : base::Slice::own(std::move(body));
        encoded.push_back(std::move(out));
        begin = end.body;
    }
    return first;
}

/// How long a node may withhold its answer so that it is here within the deadline: the last tenth is for the way.
std::chrono::milliseconds longestWait(std::chrono::milliseconds deadline)
{
    return std::max(deadline - deadline / 10, std::chrono::milliseconds(1));
}

} // namespace

std::vector<OutgoingMessage> encodeMessages(std::vector<message::Message> messages)
{
    std::vector<OutgoingMessage> encoded;
    encoded.reserve(messages.size());
    for (std::size_t first = 0; first < messages.size();)
        first = encodeSome(messages, first, encoded);
    return encoded;
}

std::size_t batchLength(const std::vector<OutgoingMessage>& messages, std::size_t first)
{
    std::size_t bytes = 0;
    std::size_t length = 0;
    while (first + length < messages.size() && length < kMaxBatchMessages) {
        const OutgoingMessage& next = messages[first + length];
        bytes += next.envelope.size() + next.body.size() + kFramingBytes;
        if (bytes > kMaxBatchBytes && length > 0)
            break;
        ++length;
    }
    return length;
}

struct SubmissionQueue::Submission
{
    std::string target;
    std::vector<OutgoingMessage> messages;
    SubmitOptions options;
    Clock::time_point deadline;
    Done done;
    std::size_t nextToSend = 0;
    std::size_t ended = 0;    ///< messages whose batch has ended
    std::size_t answered = 0; ///< messages whose batch has a receipt
    BatchReceipt receipt;
    std::optional<base::Error> failure; ///< of a batch as a whole; Unknown wins

    void merge(std::size_t first, std::size_t length, Result<BatchReceipt> result)
    {
        ended += length;
        if (!result) {
            if (!failure || result.error().code == base::ErrorCode::Unknown)
                failure = result.error();
            for (std::size_t i = 0; i < length; ++i) {
                receipt.problems.push_back(
                    {static_cast<std::uint32_t>(first + i), false, {}, result.error()});
            }
            return;
        }
        answered += length;
        const std::size_t count = std::min(length, result->sequences.size());
        std::copy_n(result->sequences.begin(), count,
                    receipt.sequences.begin() + static_cast<std::ptrdiff_t>(first));
        for (SubmitProblem& problem : result->problems) {
            problem.index += static_cast<std::uint32_t>(first);
            receipt.problems.push_back(std::move(problem));
        }
    }

    Result<BatchReceipt> takeResult()
    {
        if (answered == 0 && failure)
            return tl::unexpected(std::move(*failure));
        std::ranges::sort(receipt.problems, {}, &SubmitProblem::index);
        return std::move(receipt);
    }
};

SubmissionQueue::SubmissionQueue(std::shared_ptr<Connection> connection)
    : m_connection(std::move(connection))
{
}

void SubmissionQueue::add(std::string target,
                          std::vector<OutgoingMessage> messages,
                          SubmitOptions options,
                          std::chrono::milliseconds deadline,
                          Done done)
{
    if (messages.empty()) {
        done(BatchReceipt());
        return;
    }
    auto submission = std::make_shared<Submission>();
    submission->target = std::move(target);
    submission->messages = std::move(messages);
    submission->options = std::move(options);
    submission->deadline = Clock::now() + deadline;
    submission->done = std::move(done);
    submission->receipt.sequences.resize(submission->messages.size(), 0);
    {
        const std::scoped_lock lock(m_mutex);
        m_waiting.push_back(std::move(submission));
    }
    pump();
}

std::optional<SubmissionQueue::Batch> SubmissionQueue::takeNext()
{
    if (m_waiting.empty() || m_inFlight >= kMaxBatchesInFlight)
        return std::nullopt;
    Batch batch;
    batch.submission = m_waiting.front();
    batch.first = batch.submission->nextToSend;
    batch.length = batch.submission->options.atomic ? batch.submission->messages.size()
                                                    : batchLength(batch.submission->messages, batch.first);
    batch.submission->nextToSend += batch.length;
    if (batch.submission->nextToSend == batch.submission->messages.size())
        m_waiting.pop_front();
    ++m_inFlight;
    return batch;
}

void SubmissionQueue::pump()
{
    // One thread at a time sends, so that batches leave in order; a batch that ends while this runs (even inside
    // send()) is picked up by the loop.
    std::unique_lock lock(m_mutex);
    if (m_isPumping)
        return;
    m_isPumping = true;
    while (const auto batch = takeNext()) {
        lock.unlock();
        send(*batch);
        lock.lock();
    }
    m_isPumping = false;
}

void SubmissionQueue::send(const Batch& batch)
{
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        batch.submission->deadline - Clock::now());
    if (left <= std::chrono::milliseconds::zero()) {
        finish(batch, base::fail(base::ErrorCode::Closed,
                                 "the deadline passed before the messages for \""
                                     + batch.submission->target + "\" could be sent: submit them again"));
        return;
    }
    const auto begin = batch.submission->messages.begin() + static_cast<std::ptrdiff_t>(batch.first);
    std::vector<OutgoingMessage> messages(std::make_move_iterator(begin),
                                          std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(batch.length)));
    SubmitOptions options = batch.submission->options;
    options.wait = std::clamp(options.wait, std::chrono::milliseconds(1), longestWait(left));
    auto future = m_connection->submit(batch.submission->target, std::move(messages), std::move(options), left);
    future.then(QtFuture::Launch::Sync,
                [self = shared_from_this(), batch](const QFuture<Result<BatchReceipt>>& ended) {
                    self->finish(batch, ended.result());
                    self->pump();
                });
}

void SubmissionQueue::finish(const Batch& batch, Result<BatchReceipt> result)
{
    Done done;
    Result<BatchReceipt> whole;
    {
        const std::scoped_lock lock(m_mutex);
        --m_inFlight;
        Submission& submission = *batch.submission;
        submission.merge(batch.first, batch.length, std::move(result));
        if (submission.ended < submission.messages.size())
            return;
        done = std::move(submission.done);
        whole = submission.takeResult();
    }
    done(std::move(whole));
}

} // namespace millrace::client
