// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/quake_handlers.h"

#include <QCoroFuture>

#include <QJsonObject>

#include <algorithm>
#include <limits>
#include <ranges>

namespace millrace::handlers {

namespace {

message::Outcome outcomeOf(const Result<void>& written)
{
    if (written)
        return message::Outcome::acknowledge();
    return message::Outcome::retry({"CannotWriteResult", written.error().context});
}

} // namespace

void QuakeWindow::add(const QuakeFacts& facts)
{
    m_events.emplace(std::pair(facts.timeMs, facts.id), facts.magnitude);
    if (m_events.size() > kEvents)
        m_events.erase(m_events.begin());
}

double QuakeWindow::largestMagnitude() const
{
    double largest = -std::numeric_limits<double>::infinity();
    for (const double magnitude : m_events | std::views::values)
        largest = std::max(largest, magnitude);
    return largest;
}

QCoro::Task<message::Outcome> judgeQuake(std::shared_ptr<const QuakeValidator> validator,
                                         std::shared_ptr<ResultJournal> journal,
                                         client::Delivery delivery)
{
    const Result<void> valid = validator->check(delivery.body());
    if (!valid)
        co_return message::Outcome::reject({"SchemaViolation", valid.error().context},
                                           message::Reason::SchemaInvalid);
    const Result<QuakeFacts> facts = quakeFacts(delivery.body());
    if (!facts)
        co_return message::Outcome::reject({"MalformedEvent", facts.error().context});
    const QJsonObject row{{QStringLiteral("quake"), QString::fromStdString(facts->id)},
                          {QStringLiteral("magnitude"), facts->magnitude},
                          {QStringLiteral("place"), QString::fromStdString(facts->place)},
                          {QStringLiteral("alert"), facts->magnitude >= kAlertMagnitude}};
    auto writing = journal->append(QByteArray::fromStdString(delivery.envelope().id), row);
    const Result<void> written = co_await writing;
    co_return outcomeOf(written);
}

QCoro::Task<message::Outcome> countQuake(std::shared_ptr<QuakeWindow> window,
                                         std::shared_ptr<ResultJournal> journal,
                                         client::Delivery delivery)
{
    const Result<QuakeFacts> facts = quakeFacts(delivery.body());
    if (!facts)
        co_return message::Outcome::reject({"MalformedEvent", facts.error().context});
    window->add(*facts);
    const QJsonObject row{{QStringLiteral("quake"), QString::fromStdString(facts->id)},
                          {QStringLiteral("magnitude"), facts->magnitude},
                          {QStringLiteral("window_count"), static_cast<qint64>(window->count())},
                          {QStringLiteral("window_largest"), window->largestMagnitude()}};
    auto writing = journal->append(QByteArray::fromStdString(delivery.envelope().id), row);
    const Result<void> written = co_await writing;
    co_return outcomeOf(written);
}

} // namespace millrace::handlers
