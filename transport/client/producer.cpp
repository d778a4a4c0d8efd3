// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/client/producer.h"

#include "transport/client/async.h"
#include "transport/client/owner_post_p.h"
#include "transport/client/pipeline.h"
#include "transport/client/submission_p.h"

#include <QPointer>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

namespace millrace::client {

namespace {

/// Carries figures from the threads on which batches end to the signals of the producer, several in one event.
class Announcer : public std::enable_shared_from_this<Announcer>
{
public:
    explicit Announcer(Producer* producer)
        : m_owner(producer)
    {
    }
    void detach() { m_owner.detach(); }

    void add(const Result<BatchReceipt>& result, std::size_t count)
    {
        const std::scoped_lock lock(m_mutex);
        if (!result) {
            m_failed += count;
            m_error = describe(result.error());
        } else {
            m_confirmed += result->accepted();
            for (const SubmitProblem& problem : result->problems) {
                if (problem.isDuplicate)
                    continue;
                ++m_failed;
                m_error = describe(problem.error);
            }
        }
        if (!std::exchange(m_isPosted, true))
            m_owner.post([self = shared_from_this()](Producer& producer) { self->announce(producer); });
    }

private:
    void announce(Producer& producer)
    {
        std::unique_lock lock(m_mutex);
        m_isPosted = false;
        const quint64 confirmed = std::exchange(m_confirmed, 0);
        const quint64 failed = std::exchange(m_failed, 0);
        const QString error = std::exchange(m_error, {});
        lock.unlock();
        const QPointer<Producer> alive(&producer);
        if (confirmed > 0)
            Q_EMIT producer.confirmed(confirmed);
        if (failed > 0 && alive)
            Q_EMIT producer.failed(failed, error);
    }

    OwnerPost<Producer> m_owner;
    std::mutex m_mutex;
    quint64 m_confirmed = 0;
    quint64 m_failed = 0;
    QString m_error;
    bool m_isPosted = false;
};

/// Single submits of one target that wait for the end of the event-loop turn.
struct Collected
{
    QString target;
    std::vector<message::Message> messages;
    std::vector<Resolver<std::uint64_t>> resolvers;
};

void distribute(std::vector<Resolver<std::uint64_t>>& resolvers, const Result<BatchReceipt>& result)
{
    if (result) {
        for (const SubmitProblem& problem : result->problems) {
            if (!problem.isDuplicate && problem.index < resolvers.size())
                resolvers[problem.index].resolve(tl::unexpected(problem.error));
        }
    }
    for (std::size_t i = 0; i < resolvers.size(); ++i) {
        if (!result)
            resolvers[i].resolve(tl::unexpected(result.error()));
        else
            resolvers[i].resolve(i < result->sequences.size() ? result->sequences[i] : 0);
    }
}

/// An atomic batch was refused if one message was: what stands in the receipt becomes the error of the whole.
Result<BatchReceipt> wholeOrError(Result<BatchReceipt> result, const std::vector<std::string>& targets)
{
    if (!result)
        return result;
    const SubmitProblem* refused = nullptr;
    for (const SubmitProblem& problem : result->problems) {
        // Conflict is what the others are told, for whose sake they were refused.
        const bool isFirst = refused == nullptr;
        const bool isNearer = !isFirst && refused->error.code == base::ErrorCode::Conflict
                              && problem.error.code != base::ErrorCode::Conflict;
        if (!problem.isDuplicate && (isFirst || isNearer))
            refused = &problem;
    }
    if (refused == nullptr)
        return result;
    const std::string target = refused->index < targets.size() ? targets[refused->index] : std::string();
    return base::fail(refused->error.code,
                      "nothing was accepted, because of message " + std::to_string(refused->index) + " for \"" + target
                          + "\": " + refused->error.context);
}

} // namespace

class Producer::Impl
{
public:
    Impl(Producer* producer, std::shared_ptr<Connection> connection)
        : m_producer(producer)
        , m_queue(std::make_shared<SubmissionQueue>(std::move(connection)))
        , m_announcer(std::make_shared<Announcer>(producer))
    {
    }
    ~Impl() { m_announcer->detach(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    QFuture<Result<BatchReceipt>> submit(const QString& target, std::vector<OutgoingMessage> messages)
    {
        // Shared, since std::function must be copyable.
        auto resolver = std::make_shared<Resolver<BatchReceipt>>();
        auto future = resolver->future();
        const std::size_t count = messages.size();
        m_queue->add(target.toStdString(), std::move(messages), options(), m_deadline,
                     [resolver, count, announcer = m_announcer](Result<BatchReceipt> result) {
                         announcer->add(result, count);
                         resolver->resolve(std::move(result));
                     });
        return future;
    }

    QFuture<Result<BatchReceipt>> submitAtomic(std::vector<AddressedMessage> addressed)
    {
        SubmitOptions atomic = options();
        atomic.atomic = true;
        std::vector<message::Message> messages;
        messages.reserve(addressed.size());
        for (AddressedMessage& one : addressed) {
            atomic.targets.push_back(one.target.toStdString());
            messages.push_back(std::move(one.message));
        }
        auto resolver = std::make_shared<Resolver<BatchReceipt>>();
        auto future = resolver->future();
        m_queue->add({}, encodeMessages(std::move(messages)), atomic, m_deadline,
                     [resolver, targets = atomic.targets, announcer = m_announcer](Result<BatchReceipt> result) {
                         auto whole = wholeOrError(std::move(result), targets);
                         announcer->add(whole, targets.size());
                         resolver->resolve(std::move(whole));
                     });
        return future;
    }

    QFuture<Result<std::uint64_t>> collect(const QString& target, message::Message message)
    {
        auto found = std::ranges::find(m_collected, target, &Collected::target);
        if (found == m_collected.end()) {
            if (m_collected.empty())
                QMetaObject::invokeMethod(m_producer, [this] { flush(); }, Qt::QueuedConnection);
            m_collected.push_back({target, {}, {}});
            found = std::prev(m_collected.end());
        }
        found->messages.push_back(std::move(message));
        return found->resolvers.emplace_back().future();
    }

    void setDeadline(std::chrono::milliseconds deadline) { m_deadline = deadline; }
    void setWait(std::chrono::milliseconds wait) { m_wait = wait; }

private:
    [[nodiscard]] SubmitOptions options() const
    {
        SubmitOptions options;
        options.wait = m_wait.value_or(m_deadline);
        return options;
    }

    void flush()
    {
        for (Collected& collected : std::exchange(m_collected, {})) {
            auto resolvers = std::make_shared<std::vector<Resolver<std::uint64_t>>>(
                std::move(collected.resolvers));
            const std::size_t count = collected.messages.size();
            m_queue->add(collected.target.toStdString(), encodeMessages(std::move(collected.messages)), options(),
                         m_deadline,
                         [resolvers, count, announcer = m_announcer](const Result<BatchReceipt>& result) {
                             announcer->add(result, count);
                             distribute(*resolvers, result);
                         });
        }
    }

    Producer* m_producer;
    std::shared_ptr<SubmissionQueue> m_queue;
    std::shared_ptr<Announcer> m_announcer;
    std::chrono::milliseconds m_deadline = kDefaultDeadline;
    std::optional<std::chrono::milliseconds> m_wait;
    std::vector<Collected> m_collected;
};

Producer::Producer(std::shared_ptr<Connection> connection, QObject* parent)
    : QObject(parent)
    , m_impl(std::make_unique<Impl>(this, std::move(connection)))
{
}

Producer::~Producer() = default;

void Producer::setDeadline(std::chrono::milliseconds deadline)
{
    m_impl->setDeadline(deadline);
}

void Producer::setWait(std::chrono::milliseconds wait)
{
    m_impl->setWait(wait);
}

QFuture<Result<BatchReceipt>> Producer::submit(QString target, std::vector<message::Message> messages)
{
    return m_impl->submit(target, encodeMessages(std::move(messages)));
}

QFuture<Result<BatchReceipt>> Producer::submitEncoded(QString target, std::vector<OutgoingMessage> messages)
{
    return m_impl->submit(target, std::move(messages));
}

QFuture<Result<std::uint64_t>> Producer::submit(QString target, message::Message message)
{
    return m_impl->collect(target, std::move(message));
}

QFuture<Result<BatchReceipt>> Producer::submitAtomic(std::vector<AddressedMessage> messages)
{
    return m_impl->submitAtomic(std::move(messages));
}

} // namespace millrace::client
