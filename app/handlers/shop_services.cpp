// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/shop_services.h"

#include "app/handlers/http_answer.h"
#include "app/handlers/order.h"
#include "transport/client/async.h"

#include <QHostAddress>
#include <QHttpServer>
#include <QHttpServerResponse>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QTimer>

namespace millrace::handlers {

namespace {

using Status = QHttpServerResponse::StatusCode;

constexpr std::array kReasons{
    "insufficient funds", "card expired", "suspected fraud", "card limit exceeded"};
constexpr std::array kCarriers{"Postrider", "Northern Parcel", "Canalboat Express"};
constexpr std::int64_t kFreeShippingCents = 10'000;
constexpr std::int64_t kShippingCents = 490;

template<typename Array>
const char* pick(const Array& choices, const Order& order, const char* purpose)
{
    const auto index =
        static_cast<std::size_t>(luckOf(order.id, purpose) * static_cast<double>(choices.size()));
    return choices[index];
}

QHttpServerResponse shippingAnswer(const Order& order)
{
    const std::int64_t cents = order.totalCents() >= kFreeShippingCents ? 0 : kShippingCents;
    return QJsonObject{
        {QStringLiteral("carrier"), QString::fromUtf8(pick(kCarriers, order, "carrier"))},
        {QStringLiteral("cents"), static_cast<qint64>(cents)}};
}

QHttpServerResponse paymentAnswer(const Order& order, double refusalShare)
{
    if (luckOf(order.id, "refusal") < refusalShare) {
        const QString reason = QStringLiteral("card ending %1 declined: %2")
                                   .arg(QString::fromStdString(order.card),
                                        QString::fromUtf8(pick(kReasons, order, "reason")));
        return {QJsonObject{{QStringLiteral("reason"), reason}}, Status::PaymentRequired};
    }
    const auto number = static_cast<qint64>(luckOf(order.id, "authorisation") * 1e9);
    return QJsonObject{{QStringLiteral("authorisation"), QStringLiteral("P%1").arg(number)}};
}

QHttpServerResponse stockAnswer(const Order& order)
{
    return QJsonObject{{QStringLiteral("reserved"), static_cast<qint64>(order.lines.size())}};
}

QHttpServerResponse unavailableAnswer(Service service)
{
    const QString text =
        QStringLiteral("%1 is overloaded").arg(QString::fromLatin1(nameOf(service)));
    QHttpServerResponse response(QJsonObject{{QStringLiteral("reason"), text}},
                                 Status::ServiceUnavailable);
    if (service == Service::Shipping)
        response.addHeader(QByteArrayLiteral("Retry-After"), QByteArrayLiteral("1"));
    return response;
}

QHttpServerResponse
answer(Service service, const Result<Order>& order, const ShopConditions& conditions)
{
    if (!order)
        return {
            QJsonObject{{QStringLiteral("reason"), QString::fromStdString(order.error().context)}},
            Status::BadRequest};
    if (QRandomGenerator::global()->generateDouble() < conditions.unavailableShare)
        return unavailableAnswer(service);
    switch (service) {
    case Service::Shipping:
        return shippingAnswer(*order);
    case Service::Payment:
        return paymentAnswer(*order, conditions.refusalShare);
    case Service::Stock:
        break;
    }
    return stockAnswer(*order);
}

} // namespace

const char* nameOf(Service service)
{
    switch (service) {
    case Service::Shipping:
        return "shipping";
    case Service::Payment:
        return "payment";
    case Service::Stock:
        break;
    }
    return "stock";
}

class ShopServices::Server : public QObject
{
public:
    explicit Server(std::shared_ptr<const ShopConditions> conditions)
        : m_conditions(std::move(conditions))
    {}

    Result<void> listen()
    {
        for (const Service service : kServices) {
            auto* const server = new QHttpServer(this);
            server->route(QStringLiteral("/"),
                          QHttpServerRequest::Method::Post,
                          [this, service](const QHttpServerRequest& request) {
                              return answerLater(service, request.body().toStdString());
                          });
            const quint16 port = server->listen(QHostAddress::LocalHost, 0);
            if (port == 0) {
                return base::fail(
                    base::ErrorCode::Io,
                    std::string("the demo service for ") + nameOf(service)
                        + " cannot listen on 127.0.0.1: check the limits of this user");
            }
            m_ports[static_cast<std::size_t>(service)] = port;
        }
        return {};
    }

    [[nodiscard]] quint16 port(Service service) const
    {
        return m_ports[static_cast<std::size_t>(service)];
    }

private:
    QFuture<QHttpServerResponse> answerLater(Service service, std::string body)
    {
        HttpAnswer pending;
        auto future = pending.future();
        const double spread = 0.5 + QRandomGenerator::global()->generateDouble();
        const auto delay
            = std::chrono::milliseconds(static_cast<int>(m_conditions->latencyMs * spread));
        QTimer::singleShot(
            delay,
            Qt::PreciseTimer,
            this,
            [this, service, pending, text = std::move(body)]() mutable {
                pending.give(answer(service, orderFromJson(text), *m_conditions));
            });
        return future;
    }

    std::shared_ptr<const ShopConditions> m_conditions;
    std::array<std::atomic<quint16>, kServices.size()> m_ports{};
};

ShopServices::ShopServices(std::shared_ptr<const ShopConditions> conditions)
    : m_server(new Server(std::move(conditions)))
{
    m_thread.setObjectName(QStringLiteral("demo services"));
    m_server->moveToThread(&m_thread);
    QObject::connect(&m_thread, &QThread::finished, m_server, &QObject::deleteLater);
    m_thread.start();
}

ShopServices::~ShopServices()
{
    m_thread.quit();
    m_thread.wait();
}

QFuture<Result<void>> ShopServices::start()
{
    auto resolver = std::make_shared<client::Resolver<void>>();
    auto future = resolver->future();
    QMetaObject::invokeMethod(
        m_server,
        [server = m_server, resolver] { resolver->resolve(server->listen()); },
        Qt::QueuedConnection);
    return future;
}

QUrl ShopServices::url(Service service) const
{
    QUrl url;
    url.setScheme(QStringLiteral("http"));
    url.setHost(QStringLiteral("127.0.0.1"));
    url.setPort(m_server->port(service));
    url.setPath(QStringLiteral("/"));
    return url;
}

} // namespace millrace::handlers
