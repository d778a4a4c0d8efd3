// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/checkout_desk.h"

#include "app/handlers/order.h"
#include "transport/client/async.h"

#include <QCoroFuture>

#include <QJsonDocument>
#include <QNetworkProxy>
#include <QNetworkReply>
#include <QNetworkRequest>

#include <algorithm>

namespace millrace::handlers {

namespace {

constexpr std::size_t kManagers = 4;
constexpr int kPaymentRequired = 402;
constexpr int kServiceUnavailable = 503;
/// What a service may ask for at most; more would look like a stuck queue.
constexpr std::chrono::seconds kLongestRetryAfter{30};

ServiceAnswer readAnswer(QNetworkReply& reply, Service service)
{
    ServiceAnswer answer;
    answer.service = service;
    answer.status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    answer.timedOut = reply.error() == QNetworkReply::OperationCanceledError;
    if (answer.timedOut)
        answer.status = 0;
    answer.errorText = reply.errorString();
    answer.json = QJsonDocument::fromJson(reply.readAll()).object();
    bool isNumber = false;
    const int seconds = reply.rawHeader("Retry-After").toInt(&isNumber);
    if (isNumber && seconds >= 0)
        answer.retryAfter = std::min(std::chrono::seconds(seconds), kLongestRetryAfter);
    return answer;
}

/// Nothing if the service did its part.
std::optional<message::Outcome> failureOf(const ServiceAnswer& answer)
{
    if (answer.isOk())
        return std::nullopt;
    const std::string name = nameOf(answer.service);
    const std::string reason = answer.json.value(QLatin1String("reason")).toString().toStdString();
    std::optional<base::Micros> delay;
    if (answer.retryAfter)
        delay = *answer.retryAfter;
    if (answer.status == kPaymentRequired)
        return message::Outcome::reject({"CardDeclined", reason});
    if (answer.timedOut) {
        const auto limit = std::to_string(CheckoutDesk::kTimeout.count());
        return message::Outcome::retry(
            {"ServiceTimeout", name + ": no answer within " + limit + " ms"});
    }
    if (answer.status == kServiceUnavailable)
        return message::Outcome::retry(
            {"ServiceUnavailable", name + ": 503 Service Unavailable, " + reason}, delay);
    if (answer.status == 0)
        return message::Outcome::retry(
            {"ServiceUnavailable", name + ": " + answer.errorText.toStdString()});
    const std::string status = std::to_string(answer.status);
    if (answer.status >= 500)
        return message::Outcome::retry({"ServiceError", name + ": HTTP " + status + ", " + reason},
                                       delay);
    return message::Outcome::reject({"OrderRefused", name + ": HTTP " + status + ", " + reason});
}

/// A refusal counts more than trouble that passes; of several delays the longest holds.
std::optional<message::Outcome> worstOf(const std::vector<ServiceAnswer>& answers)
{
    std::optional<message::Outcome> worst;
    for (const ServiceAnswer& answer : answers) {
        auto failure = failureOf(answer);
        if (!failure)
            continue;
        if (!worst
            || (worst->kind != message::Outcome::Kind::Reject
                && failure->kind == message::Outcome::Kind::Reject))
            worst = std::move(failure);
        else if (failure->delay && (!worst->delay || *failure->delay > *worst->delay))
            worst->delay = failure->delay;
    }
    return worst;
}

QJsonObject rowOf(const Order& order, const std::vector<ServiceAnswer>& answers)
{
    QJsonObject row{{QStringLiteral("order"), QString::fromStdString(order.id)},
                    {QStringLiteral("total_cents"), static_cast<qint64>(order.totalCents())}};
    for (const ServiceAnswer& answer : answers)
        row.insert(QString::fromLatin1(nameOf(answer.service)), answer.json);
    return row;
}

/// The three answers, asked for at the same time.
QCoro::Task<Result<std::vector<ServiceAnswer>>> askAll(std::shared_ptr<CheckoutDesk> desk,
                                                       QByteArray order)
{
    const std::size_t manager = desk->enter();
    std::vector<QFuture<Result<ServiceAnswer>>> asked;
    for (const Service service : kServices)
        asked.push_back(desk->ask(manager, service, order));
    std::vector<ServiceAnswer> answers;
    Result<void> ended;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        auto future = asked[i];
        const Result<ServiceAnswer> answer = co_await future;
        if (answer)
            answers.push_back(*answer);
        else
            ended = tl::unexpected(answer.error());
    }
    desk->leave(manager);
    if (!ended)
        co_return tl::unexpected(ended.error());
    co_return answers;
}

} // namespace

CheckoutDesk::CheckoutDesk(Urls services, std::shared_ptr<ResultJournal> journal)
    : m_services(std::move(services))
    , m_journal(std::move(journal))
    , m_inProgress(kManagers, 0)
{
    for (std::size_t i = 0; i < kManagers; ++i) {
        m_managers.push_back(std::make_unique<QNetworkAccessManager>());
        m_managers.back()->setProxy(QNetworkProxy::NoProxy);
    }
}

std::size_t CheckoutDesk::enter()
{
    const auto idlest = std::ranges::min_element(m_inProgress);
    ++*idlest;
    return static_cast<std::size_t>(idlest - m_inProgress.begin());
}

QFuture<Result<ServiceAnswer>>
CheckoutDesk::ask(std::size_t manager, Service service, const QByteArray& order)
{
    QNetworkRequest request(m_services[static_cast<std::size_t>(service)]);
    request.setHeader(QNetworkRequest::ContentTypeHeader, QByteArrayLiteral("application/json"));
    request.setTransferTimeout(static_cast<int>(kTimeout.count()));
    QNetworkReply* const reply = m_managers[manager]->post(request, order);
    auto resolver = std::make_shared<client::Resolver<ServiceAnswer>>();
    auto future = resolver->future();
    QObject::connect(reply, &QNetworkReply::finished, reply, [reply, service, resolver] {
        resolver->resolve(readAnswer(*reply, service));
        reply->deleteLater();
    });
    return future;
}

QCoro::Task<message::Outcome> checkOut(std::shared_ptr<CheckoutDesk> desk,
                                       client::Delivery delivery)
{
    const QByteArray id = QByteArray::fromStdString(delivery.envelope().id);
    // A lease that was lost after the row was written brings the same order again.
    if (desk->journal().contains(id))
        co_return message::Outcome::acknowledge();
    const Result<Order> order = orderFromJson(delivery.body());
    if (!order)
        co_return message::Outcome::reject({"MalformedOrder", order.error().context});

    auto asking = askAll(desk, QByteArray::fromStdString(std::string(delivery.body())));
    const Result<std::vector<ServiceAnswer>> answers = co_await asking;
    if (!answers)
        co_return message::Outcome::retry({"ServiceUnavailable", answers.error().context});
    std::optional<message::Outcome> failure = worstOf(*answers);
    if (failure)
        co_return std::move(*failure);

    auto writing = desk->journal().append(id, rowOf(*order, *answers));
    const Result<void> written = co_await writing;
    if (!written)
        co_return message::Outcome::retry({"CannotWriteResult", written.error().context});
    co_return message::Outcome::acknowledge();
}

} // namespace millrace::handlers
