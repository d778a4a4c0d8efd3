// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/earthquakes_workload.h"

#include "app/handlers/quake_handlers.h"
#include "transport/client/async.h"

#include <QCoroFuture>

#include <QPointer>
#include <QtConcurrentRun>

#include <utility>

namespace millrace::handlers {

namespace {

constexpr std::uint32_t kConcurrency = 128;
/// In the order of definition(): the index of a queue in a Copy.
enum QueueIndex : std::size_t
{
    kAlertsQueue = 0,
    kStatsQueue = 1
};

bool isRightRow(const QJsonObject& row, const QuakeEvent& event)
{
    return row.value(QLatin1String("quake")).toString().toStdString() == event.id
           && row.value(QLatin1String("magnitude")).toDouble(-100) == event.magnitude;
}

bool isRightAlert(const QJsonObject& row, const QuakeEvent& event)
{
    return isRightRow(row, event)
           && row.value(QLatin1String("alert")).toBool() == (event.magnitude >= kAlertMagnitude);
}

struct RowsQuery
{
    QString path;
    std::string run;
    std::uint64_t count = 0;
    std::size_t queue = 0;
    bool (*isRight)(const QJsonObject&, const QuakeEvent&) = nullptr;
};

Result<void> addRows(Findings& findings, const RowsQuery& query, const QuakeEvents& events)
{
    const auto rows = readJournal(query.path, QByteArray::fromStdString(query.run));
    if (!rows)
        return tl::unexpected(rows.error());
    for (auto row = rows->begin(); row != rows->end(); ++row) {
        const auto number = numberOfMessage(query.run, row.key().toStdString());
        if (number && *number < query.count && query.isRight(*row, events[*number % events.size()]))
            findings.done.insert(Copy{query.queue, *number});
        else
            findings.surplus.append(QString::fromUtf8(row.key()));
    }
    return {};
}

struct Journals
{
    std::shared_ptr<ResultJournal> alerts;
    std::shared_ptr<ResultJournal> stats;
};

Result<Journals> openJournals(const QString& alertsPath, const QString& statsPath)
{
    auto alerts = ResultJournal::open(alertsPath);
    if (!alerts)
        return tl::unexpected(alerts.error());
    auto stats = ResultJournal::open(statsPath);
    if (!stats)
        return tl::unexpected(stats.error());
    return Journals{std::move(*alerts), std::move(*stats)};
}

} // namespace

EarthquakesWorkload::EarthquakesWorkload(WorkloadContext context, QObject* parent)
    : WorkloadBase(std::move(context), QStringLiteral("quakes"), parent)
    , m_input(std::make_shared<Input>())
{}

QString EarthquakesWorkload::id() const
{
    return QStringLiteral("earthquakes");
}

QString EarthquakesWorkload::title() const
{
    //: Title of a demo workload: a week of earthquake events
    return tr("Earthquakes");
}

QString EarthquakesWorkload::description() const
{
    //: What the demo workload "Earthquakes" does, one sentence. USGS is the U.S. Geological Survey
    return tr("Publishes a week of earthquakes from the USGS to a topic with two subscriptions; "
              "events that do not fit the "
              "schema become dead letters, the others raise alerts and fill a sliding window.");
}

message::PipelineDefinition EarthquakesWorkload::definition() const
{
    message::QueueDefinition alerts;
    alerts.name = "quakes.alerts";
    message::QueueDefinition stats;
    stats.name = "quakes.stats";
    return {{alerts, stats},
            {{"quakes", "quakes.alerts", "quake.*"}, {"quakes", "quakes.stats", "quake.*"}}};
}

LoadProfile EarthquakesWorkload::defaultProfile() const
{
    return {.count = 0, .ratePerSecond = 100, .burst = 1};
}

QList<Knob> EarthquakesWorkload::knobs() const
{
    return {};
}

void EarthquakesWorkload::setKnob(const QString& /*key*/, double /*value*/) {}

QString EarthquakesWorkload::knobLabel(const QString& /*key*/) const
{
    return {};
}

QString EarthquakesWorkload::alertsPath() const
{
    return directory() + QStringLiteral("/alerts.jsonl");
}

QString EarthquakesWorkload::statsPath() const
{
    return directory() + QStringLiteral("/stats.jsonl");
}

QCoro::Task<Result<void>> EarthquakesWorkload::prepare()
{
    const QPointer<EarthquakesWorkload> self(this);
    auto loading = QtConcurrent::run(pool(), &EarthquakesWorkload::load, m_input);
    const Result<void> loaded = co_await loading;
    if (!self)
        co_return base::fail(base::ErrorCode::Cancelled, "the workload has ended");
    if (!loaded)
        co_return loaded;
    auto opening = QtConcurrent::run(pool(), &openJournals, alertsPath(), statsPath());
    const Result<Journals> opened = co_await opening;
    if (!self)
        co_return base::fail(base::ErrorCode::Cancelled, "the workload has ended");
    if (!opened)
        co_return tl::unexpected(opened.error());
    m_alerts = opened->alerts;
    m_stats = opened->stats;
    co_return Result<void>();
}

Result<void> EarthquakesWorkload::load(std::shared_ptr<Input> input)
{
    if (input->events && input->validator)
        return {};
    auto events = loadQuakeEvents();
    if (!events)
        return tl::unexpected(events.error());
    auto validator = QuakeValidator::load();
    if (!validator)
        return tl::unexpected(validator.error());
    input->events = std::move(*events);
    input->validator = std::move(*validator);
    return {};
}

std::vector<std::unique_ptr<client::Worker>> EarthquakesWorkload::makeWorkers()
{
    // One handler thread, so that the validator and the window have one user each.
    auto judging = [validator = m_input->validator,
                    journal = m_alerts]() -> client::Worker::Handler {
        return [validator, journal](client::Delivery delivery) {
            return judgeQuake(validator, journal, std::move(delivery));
        };
    };
    auto counting = [journal = m_stats]() -> client::Worker::Handler {
        return [window = std::make_shared<QuakeWindow>(), journal](client::Delivery delivery) {
            return countQuake(window, journal, std::move(delivery));
        };
    };
    std::vector<std::unique_ptr<client::Worker>> workers;
    workers.push_back(std::make_unique<client::Worker>(context().connection,
                                                       QStringLiteral("quakes.alerts"),
                                                       std::move(judging),
                                                       workerOptions(kConcurrency, 1)));
    workers.push_back(std::make_unique<client::Worker>(context().connection,
                                                       QStringLiteral("quakes.stats"),
                                                       std::move(counting),
                                                       workerOptions(kConcurrency, 1)));
    return workers;
}

QFuture<Result<std::uint64_t>> EarthquakesWorkload::prepareInput(std::uint64_t count)
{
    return client::resolved<std::uint64_t>(count == 0 ? m_input->events->size() : count);
}

message::Message EarthquakesWorkload::makeMessage(std::uint64_t number) const
{
    const QuakeEvents& events = *m_input->events;
    const QuakeEvent& event = events[number % events.size()];
    message::Message message;
    message.envelope.type = "quake.reported";
    message.envelope.subject = event.id;
    message.envelope.time = event.time;
    message.envelope.dataSchema = "quake.schema.json";
    message.envelope.correlationId = event.id;
    message.body = event.body;
    return message;
}

QFuture<Result<Findings>> EarthquakesWorkload::findResults(std::vector<Fate> fates)
{
    const std::uint64_t count = fates.size();
    std::vector<RowsQuery> queries{{alertsPath(), run(), count, kAlertsQueue, &isRightAlert},
                                   {statsPath(), run(), count, kStatsQueue, &isRightRow}};
    return QtConcurrent::run(
        pool(), [queries = std::move(queries), events = m_input->events]() -> Result<Findings> {
            Findings findings;
            if (!events)
                return findings;
            for (const RowsQuery& query : queries) {
                if (auto added = addRows(findings, query, *events); !added)
                    return tl::unexpected(added.error());
            }
            return findings;
        });
}

std::vector<std::shared_ptr<void>> EarthquakesWorkload::release()
{
    return {std::exchange(m_alerts, nullptr), std::exchange(m_stats, nullptr)};
}

} // namespace millrace::handlers
