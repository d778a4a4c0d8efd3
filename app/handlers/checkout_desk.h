// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/handlers/result_journal.h"
#include "app/handlers/shop_services.h"
#include "core/message/delivery.h"
#include "transport/client/worker.h"

#include <QCoroTask>

#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QUrl>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

namespace millrace::handlers {

/// What one service said.
struct ServiceAnswer
{
    Service service = Service::Shipping;
    int status = 0; ///< of HTTP; 0 = there was no answer
    bool timedOut = false;
    QJsonObject json;
    QString errorText; ///< of the network, if there was no answer
    std::optional<std::chrono::seconds> retryAfter;
    [[nodiscard]] bool isOk() const { return status == 200; }
};

/// Sends the requests of the checkout handlers of one thread. Thread: the handler thread that made
/// it.
class CheckoutDesk
{
public:
    static constexpr std::chrono::milliseconds kTimeout{1500};
    /// Orders at once without one waiting for another's connections: QNetworkAccessManager opens
    /// six to a host.
    static constexpr std::uint32_t kConcurrency = 24;

    using Urls = std::array<QUrl, kServices.size()>; ///< in the order of kServices

    CheckoutDesk(Urls services, std::shared_ptr<ResultJournal> journal);

    /// Sends an order to a service. Always finishes, at the latest after kTimeout; Cancelled if the
    /// desk goes first.
    [[nodiscard]] QFuture<Result<ServiceAnswer>>
    ask(std::size_t manager, Service service, const QByteArray& order);
    /// The access manager with the fewest orders in progress. Pair it with leave().
    [[nodiscard]] std::size_t enter();
    void leave(std::size_t manager) { --m_inProgress[manager]; }
    [[nodiscard]] ResultJournal& journal() { return *m_journal; }

private:
    Urls m_services;
    std::shared_ptr<ResultJournal> m_journal;
    std::vector<std::unique_ptr<QNetworkAccessManager>> m_managers;
    std::vector<int> m_inProgress;
};

/// The handler: asks shipping, payment and stock at the same time, and leaves a row for the
/// completed order.
[[nodiscard]] QCoro::Task<message::Outcome> checkOut(std::shared_ptr<CheckoutDesk> desk,
                                                     client::Delivery delivery);

} // namespace millrace::handlers
