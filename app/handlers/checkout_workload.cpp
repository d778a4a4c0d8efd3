// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/checkout_workload.h"

#include "app/handlers/checkout_desk.h"
#include "app/handlers/order.h"
#include "transport/client/async.h"

#include <QCoroFuture>

#include <QDateTime>
#include <QPointer>
#include <QtConcurrentRun>

#include <algorithm>
#include <utility>

namespace millrace::handlers {

namespace {

constexpr std::uint64_t kNaturalCount = 200;
constexpr double kMaxLatencyMs = 2000;

QString latencyKey()
{
    return QStringLiteral("latency-ms");
}
QString unavailableKey()
{
    return QStringLiteral("unavailable-share");
}
QString refusalKey()
{
    return QStringLiteral("refusal-share");
}

std::string orderIdOf(const std::string& messageId)
{
    return "order-" + messageId;
}

Findings compareOrders(const QHash<QByteArray, QJsonObject>& rows,
                       const std::string& run,
                       std::uint64_t count)
{
    Findings findings;
    for (auto row = rows.begin(); row != rows.end(); ++row) {
        const std::string id = row.key().toStdString();
        const auto number = numberOfMessage(run, id);
        const Order order = makeOrder(orderIdOf(id));
        const bool isRight =
            row->value(QLatin1String("order")).toString().toStdString() == order.id
            && row->value(QLatin1String("total_cents")).toInteger(-1) == order.totalCents();
        if (number && *number < count && isRight)
            findings.done.insert(Copy{0, *number});
        else
            findings.surplus.append(QString::fromUtf8(row.key()));
    }
    return findings;
}

} // namespace

CheckoutWorkload::CheckoutWorkload(WorkloadContext context, QObject* parent)
    : WorkloadBase(std::move(context), QStringLiteral("checkout"), parent)
    , m_conditions(std::make_shared<ShopConditions>())
{}

QString CheckoutWorkload::id() const
{
    return QStringLiteral("checkout");
}

QString CheckoutWorkload::title() const
{
    //: Title of a demo workload: completes the orders of a shop
    return tr("Checkout");
}

QString CheckoutWorkload::description() const
{
    //: What the demo workload "Checkout" does, one sentence
    return tr("Asks shipping, payment and stock for each order at the same time over HTTP; a "
              "service that is unavailable "
              "or too slow is asked again later, a declined card is final.");
}

message::PipelineDefinition CheckoutWorkload::definition() const
{
    message::QueueDefinition queue;
    queue.name = "checkout";
    queue.policy.retry = {.initialDelay = std::chrono::milliseconds(200),
                          .multiplier = 2.0,
                          .maxDelay = std::chrono::milliseconds(5'000),
                          .maxAttempts = 5};
    return {{queue}, {}};
}

LoadProfile CheckoutWorkload::defaultProfile() const
{
    return {.count = kNaturalCount, .ratePerSecond = 20, .burst = 1};
}

QList<Knob> CheckoutWorkload::knobs() const
{
    const auto share = [](const QString& key, double value) {
        return Knob{key, 0, 1, value, 0.01, Knob::Unit::Percent};
    };
    return {Knob{latencyKey(),
                 0,
                 kMaxLatencyMs,
                 static_cast<double>(m_conditions->latencyMs),
                 10,
                 Knob::Unit::Milliseconds},
            share(unavailableKey(), m_conditions->unavailableShare),
            share(refusalKey(), m_conditions->refusalShare)};
}

void CheckoutWorkload::setKnob(const QString& key, double value)
{
    if (key == latencyKey())
        m_conditions->latencyMs = static_cast<int>(std::clamp(value, 0.0, kMaxLatencyMs));
    else if (key == unavailableKey())
        m_conditions->unavailableShare = std::clamp(value, 0.0, 1.0);
    else if (key == refusalKey())
        m_conditions->refusalShare = std::clamp(value, 0.0, 1.0);
}

QString CheckoutWorkload::knobLabel(const QString& key) const
{
    if (key == latencyKey()) {
        //: Slider: how long the demo services take to answer
        return tr("Latency of the services");
    }
    if (key == unavailableKey()) {
        //: Slider: how often a demo service answers 503 Service Unavailable
        return tr("Unavailable (503)");
    }
    //: Slider: share of the orders whose card is declined
    return key == refusalKey() ? tr("Cards declined") : QString();
}

QString CheckoutWorkload::resultsPath() const
{
    return directory() + QStringLiteral("/orders.jsonl");
}

QCoro::Task<Result<void>> CheckoutWorkload::prepare()
{
    const QPointer<CheckoutWorkload> self(this);
    auto opening = QtConcurrent::run(pool(), &ResultJournal::open, resultsPath());
    const Result<std::shared_ptr<ResultJournal>> journal = co_await opening;
    if (!self)
        co_return base::fail(base::ErrorCode::Cancelled, "the workload has ended");
    if (!journal)
        co_return tl::unexpected(journal.error());
    m_journal = *journal;
    m_services = std::make_shared<ShopServices>(m_conditions);
    auto starting = m_services->start();
    const Result<void> started = co_await starting;
    co_return started;
}

std::vector<std::unique_ptr<client::Worker>> CheckoutWorkload::makeWorkers()
{
    // The factory runs on the handler thread, where the desk and its network objects must live.
    auto factory = [services = m_services, journal = m_journal]() -> client::Worker::Handler {
        CheckoutDesk::Urls urls;
        for (const Service service : kServices)
            urls[static_cast<std::size_t>(service)] = services->url(service);
        auto desk = std::make_shared<CheckoutDesk>(urls, journal);
        return [desk, services](client::Delivery delivery) {
            return checkOut(desk, std::move(delivery));
        };
    };
    std::vector<std::unique_ptr<client::Worker>> workers;
    workers.push_back(
        std::make_unique<client::Worker>(context().connection,
                                         QStringLiteral("checkout"),
                                         std::move(factory),
                                         workerOptions(CheckoutDesk::kConcurrency, 1)));
    return workers;
}

QFuture<Result<std::uint64_t>> CheckoutWorkload::prepareInput(std::uint64_t count)
{
    return client::resolved<std::uint64_t>(count == 0 ? kNaturalCount : count);
}

message::Message CheckoutWorkload::makeMessage(std::uint64_t number) const
{
    const Order order = makeOrder(orderIdOf(messageId(number)));
    message::Message message;
    message.envelope.type = "order.placed";
    message.envelope.subject = order.country;
    message.envelope.time =
        QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toStdString();
    message.envelope.correlationId = order.id;
    message.body = toJson(order);
    return message;
}

QFuture<Result<Findings>> CheckoutWorkload::findResults(std::vector<Fate> fates)
{
    return QtConcurrent::run(
        pool(), [path = resultsPath(), run = run(), count = fates.size()]() -> Result<Findings> {
            const auto rows = readJournal(path, QByteArray::fromStdString(run));
            if (!rows)
                return tl::unexpected(rows.error());
            return compareOrders(*rows, run, count);
        });
}

std::vector<std::shared_ptr<void>> CheckoutWorkload::release()
{
    return {std::exchange(m_journal, nullptr), std::exchange(m_services, nullptr)};
}

} // namespace millrace::handlers
