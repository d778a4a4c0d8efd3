// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/async.h"
#include "transport/client/connection.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace millrace::tests {

/// A connection to nobody: it has a thread of its own, as a link has, keeps to the contract of Connection, and records
/// what the client classes do. It serves one queue from memory.
/// Thread: any.
class FakeConnection final : public client::Connection
{
    Q_OBJECT

public:
    FakeConnection();
    ~FakeConnection() override;

    // ---- what it does

    enum class Answers : std::uint8_t { AtOnce, Never };
    void setSubmitAnswers(Answers answers);
    /// Answers every submit that waits with this error.
    void failWaitingSubmits(const base::Error& error);
    /// Decides the answer to a submit; by default everything is accepted.
    using SubmitRule = std::function<base::Result<client::BatchReceipt>(std::size_t call, std::size_t messages)>;
    void setSubmitRule(SubmitRule rule);
    void setPolicy(message::QueuePolicy policy);
    void failAttach(std::optional<base::Error> error);
    /// Messages to be handed out as credit allows.
    void addMessages(std::size_t count);
    void breakConnection();
    void restoreConnection();
    /// The next extension is answered with these as lost.
    void loseOnExtend(std::vector<message::LeaseRef> leases);
    /// An operator ends these deliveries.
    void stopDeliveries(std::vector<message::LeaseRef> leases);
    /// What came with extensions.
    [[nodiscard]] std::vector<message::LeaseProgress> progress() const;

    // ---- what it saw

    struct SubmitCall
    {
        std::string target;
        std::vector<std::string> bodies;
        std::size_t bytes = 0;
        std::chrono::milliseconds deadline{};
        client::SubmitOptions options;
    };
    [[nodiscard]] std::vector<SubmitCall> submits() const;
    [[nodiscard]] std::vector<client::Settlement> settlements() const;
    [[nodiscard]] std::vector<std::vector<message::LeaseRef>> extensions() const;
    [[nodiscard]] std::size_t acknowledgedCount() const;
    [[nodiscard]] std::vector<message::FailedDelivery> failed() const;
    [[nodiscard]] std::size_t attachCount() const;
    [[nodiscard]] bool isAttached() const;
    /// The most deliveries that were out at once.
    [[nodiscard]] std::size_t mostOutstanding() const;

    [[nodiscard]] QFuture<client::Result<client::BatchReceipt>>
    submit(std::string target,
           std::vector<client::OutgoingMessage> batch,
           client::SubmitOptions options,
           std::chrono::milliseconds deadline) override;
    [[nodiscard]] QFuture<client::Result<client::Attachment>> attach(std::string queue,
                                                                     std::string worker,
                                                                     client::DeliverySink* sink,
                                                                     std::chrono::milliseconds deadline) override;
    void detach(client::AttachmentId attachment) override;
    void grantCredit(client::AttachmentId attachment, std::uint32_t more) override;
    [[nodiscard]] QFuture<client::Result<std::vector<message::LeaseRef>>>
    settle(client::Settlement settlement, std::chrono::milliseconds deadline) override;
    [[nodiscard]] QFuture<client::Result<std::vector<message::LeaseRef>>>
    extend(std::uint64_t epoch, std::vector<message::LeaseRef> leases, std::chrono::milliseconds deadline) override;
    [[nodiscard]] QFuture<client::Result<std::vector<message::LeaseRef>>>
    extendWithProgress(std::uint64_t epoch,
                       std::vector<message::LeaseRef> leases,
                       std::vector<message::LeaseProgress> progress,
                       std::chrono::milliseconds deadline) override;
    [[nodiscard]] bool isConnected() const override;

private:
    using Leases = std::vector<message::LeaseRef>;
    void post(std::function<void()> task);
    void run();
    void handOut();

    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::function<void()>> m_tasks;
    bool m_isStopping = false;

    Answers m_submitAnswers = Answers::AtOnce;
    SubmitRule m_submitRule;
    std::vector<client::Resolver<client::BatchReceipt>> m_waitingSubmits;
    std::vector<SubmitCall> m_submits;
    std::uint64_t m_sequence = 0;

    std::recursive_mutex m_sinkMutex; ///< held while the sink is called
    client::DeliverySink* m_sink = nullptr;
    client::AttachmentId m_attachment = 0;
    std::size_t m_attachCount = 0;
    std::optional<base::Error> m_attachError;
    message::QueuePolicy m_policy;
    bool m_isConnected = true;
    std::uint64_t m_epoch = 1;
    std::uint64_t m_credit = 0;
    std::deque<message::Sequence> m_ready;
    std::map<std::uint64_t, message::Sequence> m_leased; ///< by token
    std::vector<message::LeaseProgress> m_progress;
    std::uint64_t m_token = 0;
    std::size_t m_mostOutstanding = 0;
    Leases m_loseOnExtend;
    std::vector<client::Settlement> m_settlements;
    std::vector<Leases> m_extensions;
    std::thread m_thread;
};

} // namespace millrace::tests
