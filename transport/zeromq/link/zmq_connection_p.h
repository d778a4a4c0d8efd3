// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/connection.h"
#include "transport/zeromq/link/link_core_p.h"

#include <memory>
#include <mutex>

namespace millrace::zeromq {

/// The face of a link for producers and workers: turns calls into tasks of the link thread.
/// Thread: any; its signals come on the thread that created it.
class ZmqConnection final : public client::Connection
{
    Q_OBJECT

public:
    void open(std::shared_ptr<LinkThread> thread);
    /// For the deleter of the shared pointer: lets go of the link at once, whatever thread destroys the QObject when.
    void close();

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
    [[nodiscard]] QFuture<client::Result<std::vector<message::LeaseRef>>> post(LeaseTask task);

    std::shared_ptr<LinkThread> m_thread;
};

} // namespace millrace::zeromq
