// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QFuture>
#include <QThread>
#include <QUrl>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace millrace::handlers {

using base::Result;

/// How the demo services behave. Thread: any; takes effect with the next request.
struct ShopConditions
{
    std::atomic<int> latencyMs{
        60}; ///< of each answer on average, spread from half to one and a half
    std::atomic<double> unavailableShare{0.10}; ///< of the requests that get a 503
    std::atomic<double> refusalShare{0.04};     ///< of the orders whose card is declined
};

enum class Service : std::uint8_t
{
    Shipping,
    Payment,
    Stock
};
inline constexpr std::array kServices{Service::Shipping, Service::Payment, Service::Stock};
[[nodiscard]] const char* nameOf(Service service);

/// The three services that a checkout asks, as real HTTP servers on loopback, each on a port that
/// the system chose, on a thread of their own.
///
/// `POST /` with an order: 200 with a JSON answer; 402 with `{"reason": …}` if the card is
/// declined, which depends on the order and on the refusal share alone; 503, from shipping with
/// Retry-After; 400 for what is no order. Thread: any. Destruction closes the servers; requests
/// that wait get no answer.
class ShopServices
{
public:
    explicit ShopServices(std::shared_ptr<const ShopConditions> conditions);
    ~ShopServices();
    ShopServices(const ShopServices&) = delete;
    ShopServices& operator=(const ShopServices&) = delete;

    /// Call once. Errors: Io (cannot listen on loopback).
    [[nodiscard]] QFuture<Result<void>> start();
    /// Valid once start() has succeeded.
    [[nodiscard]] QUrl url(Service service) const;

private:
    class Server;
    QThread m_thread;
    Server* m_server; ///< lives on m_thread, deleted there
};

} // namespace millrace::handlers
