// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/workload_base.h"

#include "core/base/hash.h"
#include "core/base/time.h"
#include "transport/client/async.h"
#include "transport/client/snapshots.h"

#include <QCoroFuture>

#include <QCoreApplication>
#include <QDir>
#include <QPointer>
#include <QtConcurrentRun>

#include <algorithm>
#include <charconv>

namespace millrace::handlers {

namespace {

constexpr std::chrono::milliseconds kProgressPeriod{100};
constexpr std::uint32_t kRowsPerPage = 1000;
constexpr std::size_t kRunLength = 8;
constexpr std::size_t kNumberDigits = 6;
constexpr qsizetype kMaxExamples = 10;
/// The clocks of node and program are the same, but the database rounds.
constexpr std::int64_t kClockSlackUs = 1'000'000;

tl::unexpected<base::Error> cancelled()
{
    return base::fail(base::ErrorCode::Cancelled, "the workload has ended");
}

void letGo(std::vector<std::shared_ptr<void>> used)
{
    used.clear();
}

} // namespace

std::string messageIdOf(const std::string& run, std::uint64_t number)
{
    std::string digits = std::to_string(number);
    if (digits.size() < kNumberDigits)
        digits.insert(0, kNumberDigits - digits.size(), '0');
    return run + '-' + digits;
}

std::optional<std::uint64_t> numberOfMessage(const std::string& run, std::string_view id)
{
    if (run.empty() || !id.starts_with(run) || id.size() <= run.size() + 1 || id[run.size()] != '-')
        return std::nullopt;
    const std::string_view digits = id.substr(run.size() + 1);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size())
        return std::nullopt;
    // Each number has one spelling: the result of `x-1` does not stand for the message `x-000001`.
    if (messageIdOf(run, number) != id)
        return std::nullopt;
    return number;
}

WorkloadBase::WorkloadBase(WorkloadContext context, QString target, QObject* parent)
    : Workload(parent)
    , m_context(std::move(context))
    , m_submitter(m_context.connection, std::move(target))
{
    m_progressTimer.setSingleShot(true);
    m_progressTimer.setInterval(kProgressPeriod);
    connect(&m_progressTimer, &QTimer::timeout, this, &Workload::progressChanged);
    connect(&m_submitter, &Submitter::changed, this, &WorkloadBase::scheduleProgress);
}

WorkloadBase::~WorkloadBase()
{
    m_stop.request_stop();
}

QString WorkloadBase::directory() const
{
    return m_context.directory + QLatin1Char('/') + id();
}

std::string WorkloadBase::messageId(std::uint64_t number) const
{
    return messageIdOf(m_run, number);
}

client::Worker::Options WorkloadBase::workerOptions(std::uint32_t concurrency, int threads) const
{
    client::Worker::Options options;
    options.name = QStringLiteral("%1 (%2 %3)")
                       .arg(id(),
                            QCoreApplication::applicationName(),
                            QString::number(QCoreApplication::applicationPid()));
    options.concurrency = concurrency;
    options.prefetch = concurrency;
    options.threads = threads;
    return options;
}

QCoro::Task<Result<void>> WorkloadBase::attach()
{
    const QPointer<WorkloadBase> self(this);
    if (m_attached || m_busy)
        co_return tell({base::ErrorCode::Busy, "the workload runs already", 0},
                       tr("This workload runs already."));
    m_busy = true;
    m_run = base::randomUuid().substr(0, kRunLength);
    m_attachedAtUs = base::toMicros(base::systemNow().wall);
    m_submitter.reset();
    m_earlier = {};

    auto defining = defineQueues();
    Result<void> done = co_await defining;
    if (!self)
        co_return cancelled();
    if (done) {
        auto preparing = prepare();
        done = co_await preparing;
        if (!self)
            co_return cancelled();
    }
    if (done) {
        auto starting = startWorkers();
        done = co_await starting;
        if (!self)
            co_return cancelled();
    }
    if (!done) {
        auto stopping = stopWorkers();
        const Result<void> stopped = co_await stopping;
        if (!self)
            co_return cancelled();
        m_busy = false;
        co_return tell(done.error());
    }
    m_busy = false;
    m_attached = true;
    scheduleProgress();
    co_return Result<void>();
}

QCoro::Task<Result<void>> WorkloadBase::defineQueues()
{
    const QPointer<WorkloadBase> self(this);
    auto waiting = client::snapshotAfter(m_context.pipeline, 0);
    const Result<client::SnapshotPtr> arrived = co_await waiting;
    if (!self)
        co_return cancelled();
    if (!arrived)
        co_return tl::unexpected(arrived.error());
    // A queue that exists keeps its policy: an operator may have changed it.
    const client::SnapshotPtr snapshot = *arrived;
    const message::PipelineDefinition wanted = definition();
    for (std::size_t i = 0; i < wanted.queues.size(); ++i) {
        const std::string& name = wanted.queues[i].name;
        if (std::ranges::any_of(snapshot->queues,
                                [&](const auto& queue) { return queue.name == name; }))
            continue;
        auto defining = m_context.pipeline->defineQueue(wanted.queues[i]);
        const Result<void> defined = co_await defining;
        if (!self)
            co_return cancelled();
        if (!defined)
            co_return defined;
    }
    for (std::size_t i = 0; i < wanted.subscriptions.size(); ++i) {
        if (std::ranges::find(snapshot->subscriptions, wanted.subscriptions[i])
            != snapshot->subscriptions.end())
            continue;
        auto defining = m_context.pipeline->defineSubscription(wanted.subscriptions[i]);
        const Result<void> defined = co_await defining;
        if (!self)
            co_return cancelled();
        if (!defined)
            co_return defined;
    }
    co_return Result<void>();
}

QCoro::Task<Result<void>> WorkloadBase::startWorkers()
{
    const QPointer<WorkloadBase> self(this);
    m_workers = makeWorkers();
    for (std::size_t i = 0; i < m_workers.size(); ++i) {
        client::Worker* const worker = m_workers[i].get();
        connect(worker, &client::Worker::settled, this, &WorkloadBase::scheduleProgress);
        connect(worker, &client::Worker::failed, this, &Workload::failed);
        auto starting = worker->start();
        const Result<void> started = co_await starting;
        if (!self)
            co_return cancelled();
        if (!started)
            co_return started;
    }
    co_return Result<void>();
}

QCoro::Task<Result<void>> WorkloadBase::stopWorkers()
{
    const QPointer<WorkloadBase> self(this);
    Result<void> outcome;
    for (std::size_t i = 0; i < m_workers.size(); ++i) {
        auto stopping = m_workers[i]->stop();
        const Result<void> stopped = co_await stopping;
        if (!self)
            co_return cancelled();
        if (!stopped)
            outcome = stopped;
    }
    for (const auto& worker : m_workers)
        addTotals(worker->totals());
    m_workers.clear();
    auto releasing = QtConcurrent::run(pool(), &letGo, release());
    co_await releasing; // void
    co_return outcome;
}

QCoro::Task<Result<void>> WorkloadBase::submit(LoadProfile profile)
{
    const QPointer<WorkloadBase> self(this);
    if (!m_attached)
        co_return tell({base::ErrorCode::Conflict, "the workload is not started", 0},
                       tr("This workload is not started yet. Start it, then submit."));
    if (m_preparing || m_submitter.isRunning())
        co_return tell({base::ErrorCode::Busy,
                        "a submission runs already: stop it, or wait until it has ended",
                        0},
                       tr("A submission runs already. Stop it, or wait until it has ended."));
    m_preparing = true;
    m_stopRequested = false;
    scheduleProgress();
    auto preparing = prepareInput(profile.count);
    const Result<std::uint64_t> count = co_await preparing;
    if (!self)
        co_return cancelled();
    m_preparing = false;
    if (!count)
        co_return tell(count.error(), inputProblem(count.error()));
    if (m_stopRequested || !m_attached)
        co_return Result<void>();
    profile.count = *count;
    auto running = m_submitter.run(profile, [this](std::uint64_t number) {
        message::Message message = makeMessage(number);
        message.envelope.id = messageId(number);
        message.envelope.idempotencyKey = message.envelope.id;
        message.envelope.source = "/millrace/demo/" + id().toStdString();
        message.envelope.dataContentType = "application/json";
        return message;
    });
    const Result<void> ended = co_await running;
    if (!self)
        co_return cancelled();
    scheduleProgress();
    // A new attach() ended it: that is no failure of the workload.
    if (!ended && ended.error().code == base::ErrorCode::Cancelled)
        co_return ended;
    if (!ended)
        co_return tell(ended.error());
    co_return Result<void>();
}

void WorkloadBase::stopSubmitting()
{
    m_stopRequested = true;
    m_submitter.stop();
}

QCoro::Task<Result<void>> WorkloadBase::detach()
{
    const QPointer<WorkloadBase> self(this);
    if (m_busy)
        co_return tell({base::ErrorCode::Busy, "the workload is being started or stopped", 0},
                       tr("This workload is just being started or stopped. Try again in a moment."));
    if (!m_attached)
        co_return Result<void>();
    m_busy = true;
    stopSubmitting();
    auto stopping = stopWorkers();
    const Result<void> outcome = co_await stopping;
    if (!self)
        co_return cancelled();
    m_busy = false;
    m_attached = false;
    scheduleProgress();
    co_return outcome;
}

QCoro::Task<Result<Accounting>> WorkloadBase::account()
{
    const QPointer<WorkloadBase> self(this);
    if (m_run.empty())
        co_return Accounting();
    auto finding = findResults(m_submitter.fates());
    const Result<Findings> found = co_await finding;
    if (!self)
        co_return cancelled();
    if (!found)
        co_return tell(found.error());
    auto searching = findDeadLetters();
    const Result<std::set<Copy>> dead = co_await searching;
    if (!self)
        co_return cancelled();
    if (!dead)
        co_return tell(dead.error());
    co_return compare(m_submitter.fates(), *found, *dead);
}

QCoro::Task<Result<std::set<Copy>>> WorkloadBase::findDeadLetters()
{
    const QPointer<WorkloadBase> self(this);
    const QPointer<client::Pipeline> pipeline(m_context.pipeline);
    message::DeadLetterFilter filter;
    for (const auto& queue : definition().queues)
        filter.queues.push_back(queue.name);
    // What a person archived or discarded is still accounted for; what was replayed is a message
    // again.
    filter.states = {message::State::Dead, message::State::Archived, message::State::Discarded};
    filter.diedFromUs = m_attachedAtUs - kClockSlackUs;
    auto opening = pipeline->openDeadLetters(filter);
    const Result<client::DeadLetterView> view = co_await opening;
    if (!view)
        co_return tl::unexpected(view.error());
    Result<std::set<Copy>> found = cancelled();
    if (self) {
        auto reading = readDeadLetters(*view);
        found = co_await reading;
    }
    // The node keeps a view until it is told, also if reading it failed or the workload has ended.
    if (pipeline)
        pipeline->closeDeadLetters(view->id);
    co_return found;
}

QCoro::Task<Result<std::set<Copy>>> WorkloadBase::readDeadLetters(client::DeadLetterView view)
{
    const QPointer<WorkloadBase> self(this);
    std::set<Copy> dead;
    for (std::uint64_t first = 0; first < view.total; first += kRowsPerPage) {
        auto reading = m_context.pipeline->deadLetterRows(view.id, first, kRowsPerPage);
        const Result<std::vector<message::DeadLetterRow>> rows = co_await reading;
        if (!self)
            co_return cancelled();
        if (!rows)
            co_return tl::unexpected(rows.error());
        for (const message::DeadLetterRow& row : *rows) {
            const auto number = numberOfMessage(m_run, row.id);
            const std::ptrdiff_t queue = queueIndex(row.queue);
            if (number && queue >= 0)
                dead.insert(Copy{static_cast<std::size_t>(queue), *number});
        }
    }
    co_return dead;
}

std::ptrdiff_t WorkloadBase::queueIndex(const std::string& name) const
{
    const auto queues = definition().queues;
    const auto found = std::ranges::find(queues, name, &message::QueueDefinition::name);
    return found == queues.end() ? -1 : found - queues.begin();
}

Accounting WorkloadBase::compare(const std::vector<Fate>& fates,
                                 const Findings& found,
                                 const std::set<Copy>& dead) const
{
    Accounting sum;
    QStringList examples = found.surplus;
    sum.surplus = static_cast<std::uint64_t>(found.surplus.size());
    const auto queues = definition().queues;
    for (std::size_t queue = 0; queue < queues.size(); ++queue) {
        for (std::uint64_t number = 0; number < fates.size(); ++number) {
            const Copy copy{queue, number};
            const bool isDone = found.done.contains(copy);
            const bool isDead = !isDone && dead.contains(copy);
            const Fate fate = fates[number];
            // Of an uncertain one both is right: that it is there, and that it is not.
            if (fate == Fate::Uncertain && !isDone && !isDead)
                continue;
            sum.done += isDone ? 1 : 0;
            sum.dead += isDead ? 1 : 0;
            const bool isOwed = fate == Fate::Accepted || fate == Fate::Uncertain;
            sum.expected += isOwed ? 1 : 0;
            const bool isMissing = isOwed && !isDone && !isDead;
            const bool isSurplus = fate == Fate::Refused && (isDone || isDead);
            sum.missing += isMissing ? 1 : 0;
            sum.surplus += isSurplus ? 1 : 0;
            if (isMissing || isSurplus)
                examples.append(
                    QString::fromStdString(queues[queue].name + '/' + messageId(number)));
        }
    }
    sum.examples = examples.mid(0, kMaxExamples);
    return sum;
}

void WorkloadBase::addTotals(const client::Worker::Totals& totals)
{
    m_earlier.received += totals.received;
    m_earlier.acknowledged += totals.acknowledged;
    m_earlier.retried += totals.retried;
    m_earlier.rejected += totals.rejected;
    m_earlier.released += totals.released;
    m_earlier.leasesLost += totals.leasesLost;
}

WorkloadProgress WorkloadBase::progress() const
{
    WorkloadProgress progress;
    progress.submitting = m_preparing || m_submitter.isRunning();
    progress.planned = m_submitter.planned();
    progress.submitted = m_submitter.accepted();
    progress.copies = progress.submitted * definition().queues.size();
    progress.refused = m_submitter.notAccepted();
    progress.lastError = m_submitter.lastError();
    const auto add = [&progress](const client::Worker::Totals& totals) {
        progress.acknowledged += totals.acknowledged;
        progress.retried += totals.retried;
        progress.rejected += totals.rejected;
    };
    add(m_earlier);
    for (const auto& worker : m_workers)
        add(worker->totals());
    return progress;
}

void WorkloadBase::scheduleProgress()
{
    if (!m_progressTimer.isActive())
        m_progressTimer.start();
}

tl::unexpected<base::Error> WorkloadBase::tell(const base::Error& error, const QString& words)
{
    m_problem = words;
    Q_EMIT failed(words.isEmpty() ? QString::fromStdString(error.context) : words);
    return tl::unexpected(error);
}

} // namespace millrace::handlers
