// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/submitter.h"

#include <QCoroFuture>

#include <QPointer>

#include <algorithm>

namespace millrace::handlers {

namespace {

constexpr std::uint64_t kBatchMessages = 256;
constexpr std::size_t kBatchBytes = 512 * 1024;
constexpr std::uint64_t kInFlightMessages = 2048;
constexpr std::chrono::milliseconds kPauseBeforeAgain{250};
/// A node that restarts is back within seconds; after this nobody waits for it any more.
constexpr qint64 kGiveUpMs = 60'000;

QFuture<Result<void>> after(std::chrono::milliseconds delay, QObject* context)
{
    auto resolver = std::make_shared<client::Resolver<void>>();
    auto future = resolver->future();
    QTimer::singleShot(delay, context, [resolver] { resolver->resolve({}); });
    return future;
}

} // namespace

Submitter::Submitter(std::shared_ptr<client::Connection> connection,
                     QString target,
                     QObject* parent)
    : QObject(parent)
    , m_producer(std::move(connection))
    , m_target(std::move(target))
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &Submitter::pump);
}

QFuture<Result<void>> Submitter::run(LoadProfile profile, Source source)
{
    if (isRunning()) {
        return client::resolved<void>(
            base::fail(base::ErrorCode::Busy,
                       "a submission runs already: stop it, or wait until it has ended"));
    }
    m_source = std::move(source);
    m_pacer.emplace(profile.ratePerSecond, profile.burst, profile.count);
    m_planned = profile.count;
    m_acceptedBefore = m_accepted;
    m_stopping = false;
    m_lastError.clear();
    m_firstError.reset();
    m_ended.emplace();
    auto ended = m_ended->future();
    m_clock.start();
    m_sinceSuccess.start();
    m_timer.start(0);
    Q_EMIT changed();
    return ended;
}

void Submitter::stop()
{
    if (!isRunning() || m_stopping)
        return;
    m_stopping = true;
    m_timer.stop();
    finishIfDone();
}

void Submitter::reset()
{
    // What is still in flight is no longer waited for: confirm() knows by the generation.
    ++m_generation;
    m_inFlight = 0;
    m_timer.stop();
    m_source = nullptr;
    m_fates.clear();
    m_planned = m_accepted = m_acceptedBefore = m_notAccepted = 0;
    m_lastError.clear();
    m_firstError.reset();
    m_ended.reset();
}

void Submitter::pump()
{
    if (!isRunning() || m_stopping)
        return;
    const auto elapsed = std::chrono::microseconds(m_clock.nsecsElapsed() / 1000);
    std::uint64_t due = m_pacer->due(elapsed);
    while (due > 0 && m_inFlight < kInFlightMessages) {
        Batch batch = makeBatch(std::min({due, kBatchMessages, kInFlightMessages - m_inFlight}));
        const auto size = static_cast<std::uint64_t>(batch.numbers.size());
        m_pacer->take(size);
        due -= size;
        m_inFlight += size;
        client::spawn(this, "submit a batch", confirm(std::move(batch)));
        // A batch may end at once and with it the submission.
        if (!isRunning())
            return;
    }
    if (m_pacer->left() == 0)
        finishIfDone();
    else if (due == 0) {
        const auto wait =
            std::chrono::ceil<std::chrono::milliseconds>(m_pacer->nextDue() - elapsed);
        m_timer.start(std::max(wait, std::chrono::milliseconds(1)));
    }
    // Otherwise too much is in flight: the next confirmation pumps.
}

Submitter::Batch Submitter::makeBatch(std::uint64_t most)
{
    Batch batch;
    std::size_t bytes = 0;
    while (batch.numbers.size() < most && bytes < kBatchBytes) {
        const std::uint64_t number = m_fates.size();
        m_fates.push_back(Fate::Pending);
        batch.numbers.push_back(number);
        batch.messages.push_back(m_source(number));
        bytes += batch.messages.back().body.size();
    }
    return batch;
}

QCoro::Task<Result<void>> Submitter::confirm(Batch batch)
{
    const QPointer<Submitter> self(this);
    const std::uint64_t generation = m_generation;
    const auto size = static_cast<std::uint64_t>(batch.numbers.size());
    while (!batch.numbers.empty()) {
        auto future = m_producer.submit(m_target, batch.messages);
        const Result<client::BatchReceipt> receipt = co_await future;
        if (!self || generation != m_generation)
            co_return Result<void>();
        if (receipt)
            batch = settle(std::move(batch), *receipt);
        else
            batch = noteTrouble(std::move(batch), receipt.error());
        Q_EMIT changed();
        if (batch.numbers.empty())
            break;
        auto pause = after(kPauseBeforeAgain, this);
        const Result<void> paused = co_await pause;
        if (!self || !paused || generation != m_generation)
            co_return Result<void>();
    }
    m_inFlight -= size;
    finishIfDone();
    if (isRunning() && !m_timer.isActive() && !m_stopping)
        m_timer.start(0);
    co_return Result<void>();
}

Submitter::Batch Submitter::settle(Batch batch, const client::BatchReceipt& receipt)
{
    std::vector<bool> isTrouble(batch.numbers.size(), false);
    Batch again;
    for (const client::SubmitProblem& problem : receipt.problems) {
        if (problem.isDuplicate || problem.index >= batch.numbers.size())
            continue;
        isTrouble[problem.index] = true;
        noteError(problem.error);
        if (base::isRetryable(problem.error.code) && !isGivingUp()) {
            again.numbers.push_back(batch.numbers[problem.index]);
            again.messages.push_back(std::move(batch.messages[problem.index]));
        } else {
            setFate(batch.numbers[problem.index], Fate::Refused);
        }
    }
    for (std::size_t i = 0; i < batch.numbers.size(); ++i) {
        if (!isTrouble[i]) {
            setFate(batch.numbers[i], Fate::Accepted);
            m_sinceSuccess.restart();
        }
    }
    if (receipt.problems.empty())
        m_lastError.clear();
    return again;
}

Submitter::Batch Submitter::noteTrouble(Batch batch, const base::Error& error)
{
    noteError(error);
    const bool maybeSent =
        error.code == base::ErrorCode::Unknown || error.code == base::ErrorCode::Timeout;
    batch.maybeSent = batch.maybeSent || maybeSent;
    if (base::isRetryable(error.code) && !isGivingUp())
        return batch;
    for (const std::uint64_t number : batch.numbers)
        setFate(number, batch.maybeSent ? Fate::Uncertain : Fate::Refused);
    return {};
}

bool Submitter::isGivingUp() const
{
    return m_stopping || m_sinceSuccess.elapsed() > kGiveUpMs;
}

void Submitter::noteError(const base::Error& error)
{
    m_lastError = QString::fromStdString(error.context);
    if (!m_firstError)
        m_firstError = error;
}

void Submitter::setFate(std::uint64_t number, Fate fate)
{
    m_fates[number] = fate;
    if (fate == Fate::Accepted)
        ++m_accepted;
    else
        ++m_notAccepted;
}

void Submitter::finishIfDone()
{
    if (!isRunning() || m_inFlight > 0 || (m_pacer->left() > 0 && !m_stopping))
        return;
    m_timer.stop();
    auto ended = std::move(*m_ended);
    m_ended.reset();
    m_source = nullptr;
    Q_EMIT changed();
    if (m_accepted == m_acceptedBefore && m_firstError)
        ended.resolve(tl::unexpected(*m_firstError));
    else
        ended.resolve({});
}

} // namespace millrace::handlers
