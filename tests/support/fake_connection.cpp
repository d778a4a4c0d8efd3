// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_connection.h"

#include "core/message/envelope.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace millrace::tests {

namespace {

base::Slice demoEnvelope(message::Sequence sequence)
{
    message::Envelope envelope;
    envelope.id = "message-" + std::to_string(sequence);
    envelope.source = "fake";
    envelope.type = "test";
    return base::Slice::own(message::encode(envelope));
}

} // namespace

FakeConnection::FakeConnection()
    : m_thread([this] { run(); })
{
}

FakeConnection::~FakeConnection()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_isStopping = true;
        m_changed.notify_all();
    }
    m_thread.join();
}

void FakeConnection::run()
{
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [this] { return m_isStopping || !m_tasks.empty(); });
        if (m_tasks.empty())
            return;
        auto task = std::move(m_tasks.front());
        m_tasks.pop_front();
        lock.unlock();
        task();
        task = nullptr;
        lock.lock();
    }
}

void FakeConnection::post(std::function<void()> task)
{
    const std::scoped_lock lock(m_mutex);
    m_tasks.push_back(std::move(task));
    m_changed.notify_all();
}

void FakeConnection::setSubmitAnswers(Answers answers)
{
    const std::scoped_lock lock(m_mutex);
    m_submitAnswers = answers;
}

void FakeConnection::failWaitingSubmits(const base::Error& error)
{
    std::vector<client::Resolver<client::BatchReceipt>> waiting;
    {
        const std::scoped_lock lock(m_mutex);
        waiting.swap(m_waitingSubmits);
    }
    for (auto& resolver : waiting)
        resolver.resolve(tl::unexpected(error));
}

void FakeConnection::setSubmitRule(SubmitRule rule)
{
    const std::scoped_lock lock(m_mutex);
    m_submitRule = std::move(rule);
}

void FakeConnection::setPolicy(message::QueuePolicy policy)
{
    const std::scoped_lock lock(m_mutex);
    m_policy = policy;
}

void FakeConnection::failAttach(std::optional<base::Error> error)
{
    const std::scoped_lock lock(m_mutex);
    m_attachError = std::move(error);
}

void FakeConnection::addMessages(std::size_t count)
{
    {
        const std::scoped_lock lock(m_mutex);
        for (std::size_t i = 0; i < count; ++i)
            m_ready.push_back(++m_sequence);
    }
    post([this] { handOut(); });
}

void FakeConnection::breakConnection()
{
    post([this] {
        const std::scoped_lock calling(m_sinkMutex);
        {
            const std::scoped_lock lock(m_mutex);
            m_isConnected = false;
            ++m_epoch;
            m_credit = 0;
            for (const auto& [token, sequence] : m_leased)
                m_ready.push_back(sequence);
            m_leased.clear();
        }
        if (m_sink != nullptr)
            m_sink->onDisconnected({base::ErrorCode::Closed, "broken by the test"});
    });
}

void FakeConnection::restoreConnection()
{
    post([this] {
        const std::scoped_lock calling(m_sinkMutex);
        {
            const std::scoped_lock lock(m_mutex);
            m_isConnected = true;
        }
        if (m_sink != nullptr)
            m_sink->onConnected();
    });
}

void FakeConnection::loseOnExtend(std::vector<message::LeaseRef> leases)
{
    const std::scoped_lock lock(m_mutex);
    m_loseOnExtend = std::move(leases);
}

void FakeConnection::stopDeliveries(std::vector<message::LeaseRef> leases)
{
    post([this, leases = std::move(leases)] {
        const std::scoped_lock calling(m_sinkMutex);
        {
            const std::scoped_lock lock(m_mutex);
            for (const message::LeaseRef& lease : leases)
                m_leased.erase(lease.token);
        }
        if (m_sink != nullptr)
            m_sink->onStopped(leases);
    });
}

std::vector<message::LeaseProgress> FakeConnection::progress() const
{
    const std::scoped_lock lock(m_mutex);
    return m_progress;
}

QFuture<client::Result<std::vector<message::LeaseRef>>>
FakeConnection::extendWithProgress(std::uint64_t epoch,
                                   std::vector<message::LeaseRef> leases,
                                   std::vector<message::LeaseProgress> progress,
                                   std::chrono::milliseconds deadline)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_progress.insert(m_progress.end(), progress.begin(), progress.end());
    }
    return extend(epoch, std::move(leases), deadline);
}

std::vector<FakeConnection::SubmitCall> FakeConnection::submits() const
{
    const std::scoped_lock lock(m_mutex);
    return m_submits;
}

std::vector<client::Settlement> FakeConnection::settlements() const
{
    const std::scoped_lock lock(m_mutex);
    return m_settlements;
}

std::vector<std::vector<message::LeaseRef>> FakeConnection::extensions() const
{
    const std::scoped_lock lock(m_mutex);
    return m_extensions;
}

std::size_t FakeConnection::acknowledgedCount() const
{
    const std::scoped_lock lock(m_mutex);
    std::size_t count = 0;
    for (const client::Settlement& settlement : m_settlements)
        count += settlement.acknowledged.size();
    return count;
}

std::vector<message::FailedDelivery> FakeConnection::failed() const
{
    const std::scoped_lock lock(m_mutex);
    std::vector<message::FailedDelivery> all;
    for (const client::Settlement& settlement : m_settlements)
        all.insert(all.end(), settlement.failed.begin(), settlement.failed.end());
    return all;
}

std::size_t FakeConnection::attachCount() const
{
    const std::scoped_lock lock(m_mutex);
    return m_attachCount;
}

bool FakeConnection::isAttached() const
{
    const std::scoped_lock lock(m_mutex);
    return m_attachment != 0;
}

std::size_t FakeConnection::mostOutstanding() const
{
    const std::scoped_lock lock(m_mutex);
    return m_mostOutstanding;
}

QFuture<client::Result<client::BatchReceipt>>
FakeConnection::submit(std::string target,
                       std::vector<client::OutgoingMessage> batch,
                       client::SubmitOptions options,
                       std::chrono::milliseconds deadline)
{
    client::Resolver<client::BatchReceipt> resolver;
    auto future = resolver.future();
    const std::scoped_lock lock(m_mutex);
    SubmitCall call{std::move(target), {}, 0, deadline, std::move(options)};
    for (const client::OutgoingMessage& message : batch) {
        call.bodies.push_back(message.body.toString());
        call.bytes += message.envelope.size() + message.body.size();
    }
    m_submits.push_back(std::move(call));
    if (m_submitAnswers == Answers::Never) {
        m_waitingSubmits.push_back(std::move(resolver));
        return future;
    }
    client::BatchReceipt receipt;
    for (std::size_t i = 0; i < batch.size(); ++i)
        receipt.sequences.push_back(++m_sequence);
    base::Result<client::BatchReceipt> answer = std::move(receipt);
    if (m_submitRule)
        answer = m_submitRule(m_submits.size() - 1, batch.size());
    auto shared = std::make_shared<client::Resolver<client::BatchReceipt>>(std::move(resolver));
    m_tasks.push_back([shared, answer = std::move(answer)] { shared->resolve(answer); });
    m_changed.notify_all();
    return future;
}

QFuture<client::Result<client::Attachment>> FakeConnection::attach(std::string /*queue*/,
                                                                   std::string /*worker*/,
                                                                   client::DeliverySink* sink,
                                                                   std::chrono::milliseconds /*deadline*/)
{
    auto resolver = std::make_shared<client::Resolver<client::Attachment>>();
    auto future = resolver->future();
    post([this, resolver, sink] {
        const std::scoped_lock calling(m_sinkMutex);
        client::Attachment attachment;
        {
            const std::scoped_lock lock(m_mutex);
            ++m_attachCount;
            if (!m_attachError) {
                m_sink = sink;
                m_credit = 0;
                m_attachment = m_attachCount;
                attachment = {m_attachment, m_policy};
            }
        }
        if (attachment.id != 0)
            resolver->resolve(attachment);
        else
            resolver->resolve(tl::unexpected(*m_attachError));
    });
    return future;
}

void FakeConnection::detach(client::AttachmentId attachment)
{
    const std::scoped_lock calling(m_sinkMutex);
    const std::scoped_lock lock(m_mutex);
    if (attachment != m_attachment)
        return;
    m_attachment = 0;
    m_sink = nullptr;
    m_credit = 0;
}

void FakeConnection::grantCredit(client::AttachmentId attachment, std::uint32_t more)
{
    {
        const std::scoped_lock lock(m_mutex);
        if (attachment != m_attachment || !m_isConnected)
            return;
        m_credit += more;
    }
    post([this] { handOut(); });
}

void FakeConnection::handOut()
{
    const std::scoped_lock calling(m_sinkMutex);
    client::IncomingBatch batch;
    {
        const std::scoped_lock lock(m_mutex);
        if (m_sink == nullptr || !m_isConnected)
            return;
        batch.epoch = m_epoch;
        batch.lease = m_policy.lease;
        for (; m_credit > 0 && !m_ready.empty(); --m_credit) {
            const message::Sequence sequence = m_ready.front();
            m_ready.pop_front();
            m_leased.emplace(++m_token, sequence);
            batch.deliveries.push_back({{sequence, m_token}, 1, false, demoEnvelope(sequence),
                                        base::Slice::own(std::to_string(sequence))});
        }
        m_mostOutstanding = std::max(m_mostOutstanding, m_leased.size());
    }
    if (!batch.deliveries.empty())
        m_sink->onDeliveries(std::move(batch));
}

QFuture<client::Result<FakeConnection::Leases>> FakeConnection::settle(client::Settlement settlement,
                                                                       std::chrono::milliseconds /*deadline*/)
{
    auto resolver = std::make_shared<client::Resolver<Leases>>();
    auto future = resolver->future();
    const std::scoped_lock lock(m_mutex);
    client::Result<Leases> answer = Leases();
    if (!m_isConnected || settlement.epoch != m_epoch) {
        answer = base::fail(base::ErrorCode::Closed, "another session");
    } else {
        const auto end = [this, &answer](const message::LeaseRef& lease) {
            if (m_leased.erase(lease.token) == 0)
                answer->push_back(lease);
        };
        for (const message::LeaseRef& lease : settlement.acknowledged)
            end(lease);
        for (const message::FailedDelivery& failed : settlement.failed)
            end(failed.lease);
        m_settlements.push_back(std::move(settlement));
    }
    m_tasks.push_back([resolver, answer = std::move(answer)] { resolver->resolve(answer); });
    m_changed.notify_all();
    return future;
}

QFuture<client::Result<FakeConnection::Leases>>
FakeConnection::extend(std::uint64_t epoch, Leases leases, std::chrono::milliseconds /*deadline*/)
{
    auto resolver = std::make_shared<client::Resolver<Leases>>();
    auto future = resolver->future();
    const std::scoped_lock lock(m_mutex);
    client::Result<Leases> answer = Leases();
    if (!m_isConnected || epoch != m_epoch) {
        answer = base::fail(base::ErrorCode::Closed, "another session");
    } else {
        m_extensions.push_back(std::move(leases));
        answer = std::exchange(m_loseOnExtend, {});
        for (const message::LeaseRef& lease : *answer)
            m_leased.erase(lease.token);
    }
    m_tasks.push_back([resolver, answer = std::move(answer)] { resolver->resolve(answer); });
    m_changed.notify_all();
    return future;
}

bool FakeConnection::isConnected() const
{
    const std::scoped_lock lock(m_mutex);
    return m_isConnected;
}

} // namespace millrace::tests
