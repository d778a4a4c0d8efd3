// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/viewmodels/live_view_model.h"

#include "app/desktop/models/text_format.h"
#include "transport/client/async.h"

#include <QCoroFuture>

#include <algorithm>

namespace millrace::desktop {

namespace {

constexpr int kReadEveryMs = 1000;
constexpr std::uint32_t kShown = 200;

} // namespace

LiveViewModel::LiveViewModel(client::Pipeline* pipeline, QObject* parent)
    : QObject(parent)
    , m_pipeline(pipeline)
{
    //: Headings of a table: what workers hold now
    m_tables.push_back(new KeyedTableModel({tr("Message"), tr("Worker"), tr("Attempt"), tr("Running"), tr("Lease left"), tr("Progress")},
                                           {2, 3, 4}, this));
    //: Headings of a table: what failed and waits for its next attempt
    m_tables.push_back(new KeyedTableModel({tr("Message"), tr("Failed attempts"), tr("Next try"), tr("Key")}, {1, 2}, this));
    //: Headings of a table: partition keys that are held up by a dead letter
    m_tables.push_back(new KeyedTableModel({tr("Key"), tr("Parked messages"), tr("Behind dead letter")}, {1}, this));
    //: Headings of a table: messages that the pipeline submits by itself
    m_tables.push_back(new KeyedTableModel({tr("Schedule"), tr("Times (UTC)"), tr("Goes to"), tr("Next run"), tr("Last run"), tr("State")},
                                           {}, this));
    forgetQueue();
    m_timer.setInterval(kReadEveryMs);
    connect(&m_timer, &QTimer::timeout, this, &LiveViewModel::refresh);
}

void LiveViewModel::forgetQueue()
{
    const bool knowsSchedules = m_known.value(Schedules);
    const QString schedules = m_problems.value(Schedules);
    m_problems = {{}, {}, {}, schedules};
    m_known = {false, false, false, knowsSchedules};
    for (const List list : {Running, Retrying, Parked})
        table(list)->setRows({});
}

void LiveViewModel::setQueue(const std::string& queue)
{
    if (queue == m_queue)
        return;
    m_queue = queue;
    forgetQueue();
    Q_EMIT changed();
    refresh();
}

void LiveViewModel::setActive(bool active)
{
    m_isActive = active;
    if (active) {
        refresh();
        m_timer.start();
    } else {
        m_timer.stop();
    }
}

void LiveViewModel::refresh()
{
    if (!m_isActive || !m_pipeline)
        return;
    // What is asked for meanwhile is read once more, with the queue of then.
    if (m_isReading)
        m_isStale = true;
    else
        client::spawn(this, "read what runs", readAll());
}

template<typename T>
void LiveViewModel::take(List list, const base::Result<T>& answer, Rows rows)
{
    m_known[list] = true;
    m_problems[list] = answer ? QString() : describeError(answer.error());
    table(list)->setRows(std::move(rows));
}

QCoro::Task<> LiveViewModel::readAll()
{
    const QPointer<LiveViewModel> self(this);
    m_isReading = true;
    do {
        m_isStale = false;
        const std::string queue = m_queue;
        // All at once, so that the lists are of about the same moment.
        auto scheduling = m_pipeline->schedules();
        if (!queue.empty()) {
            auto running = m_pipeline->running(queue, kShown);
            auto retrying = m_pipeline->retrying(queue, kShown);
            auto parked = m_pipeline->parkedKeys(queue, kShown);
            const base::Result<std::vector<message::RunningMessage>> held = co_await running;
            const base::Result<std::vector<message::RetryingMessage>> waiting = co_await retrying;
            const base::Result<std::vector<message::ParkedKey>> keys = co_await parked;
            if (!self)
                co_return;
            if (queue == self->m_queue) {
                self->take(Running, held, held ? self->rowsOf(*held) : Rows());
                self->take(Retrying, waiting, waiting ? self->rowsOf(*waiting) : Rows());
                self->take(Parked, keys, keys ? rowsOf(*keys) : Rows());
            }
        }
        const base::Result<std::vector<message::ScheduleStatus>> schedules = co_await scheduling;
        if (!self)
            co_return;
        self->m_schedules = schedules ? *schedules : std::vector<message::ScheduleStatus>();
        self->take(Schedules, schedules, self->rowsOf(self->m_schedules));
        Q_EMIT self->changed();
        if (!self)
            co_return;
    } while (self->m_isStale && self->m_isActive && self->m_pipeline);
    self->m_isReading = false;
}

std::int64_t LiveViewModel::nowUs() const
{
    const client::SnapshotPtr snapshot = m_pipeline ? m_pipeline->snapshot() : nullptr;
    return snapshot ? snapshot->atUs : 0;
}

LiveViewModel::Rows LiveViewModel::rowsOf(const std::vector<message::RunningMessage>& running) const
{
    Rows rows;
    for (const message::RunningMessage& each : running) {
        QString progress = notAvailable();
        if (each.progressAtUs != 0) {
            progress = QLocale().toString(each.progress.percent) + QStringLiteral(" %");
            if (!each.progress.note.empty())
                progress += QStringLiteral(" · ") + visibleLine(each.progress.note);
        }
        const std::int64_t left = each.leasedUntilUs - nowUs();
        rows.push_back({each.ref.value,
                        {visibleLine(each.ref.value),
                         visibleLine(each.worker),
                         formatCount(each.attempt),
                         formatDuration(std::max<std::int64_t>(nowUs() - each.startedAtUs, 0)),
                         //: The lease of a message has run out
                         left > 0 ? formatDuration(left) : tr("over"),
                         progress},
                        //: %1 is a date with time.
                        tr("Since %1").arg(formatAbsoluteTime(each.startedAtUs))});
    }
    return rows;
}

LiveViewModel::Rows LiveViewModel::rowsOf(const std::vector<message::RetryingMessage>& retrying) const
{
    Rows rows;
    for (const message::RetryingMessage& each : retrying) {
        rows.push_back({each.ref.value,
                        {visibleLine(each.ref.value),
                         formatCount(each.attempts),
                         formatRelativeTime(each.dueAtUs, nowUs()),
                         visibleLine(each.partitionKey)},
                        formatAbsoluteTime(each.dueAtUs)});
    }
    return rows;
}

LiveViewModel::Rows LiveViewModel::rowsOf(const std::vector<message::ParkedKey>& keys)
{
    Rows rows;
    for (const message::ParkedKey& each : keys) {
        rows.push_back({each.key,
                        {visibleLine(each.key), formatCount(each.parked), visibleLine(each.behind.value)},
                        visibleText(each.key, 400)});
    }
    return rows;
}

LiveViewModel::Rows LiveViewModel::rowsOf(const std::vector<message::ScheduleStatus>& schedules) const
{
    Rows rows;
    for (const message::ScheduleStatus& each : schedules) {
        QStringList next;
        for (const std::int64_t us : each.nextUs)
            next.append(formatAbsoluteTime(us));
        QString state;
        if (!each.trouble.empty())
            //: State of a schedule; %1 says why.
            state = tr("cannot submit: %1").arg(visibleLine(each.trouble));
        else if (each.isPaused)
            //: State of a schedule
            state = tr("paused");
        else if (each.isByOperator)
            //: State of a schedule: somebody changed it by hand
            state = tr("differs from file");
        rows.push_back({each.definition.name,
                        {visibleLine(each.definition.name),
                         visibleLine(each.definition.cron),
                         visibleLine(each.definition.target),
                         each.nextUs.empty() ? notAvailable() : formatRelativeTime(each.nextUs.front(), nowUs()),
                         //: A schedule has not run yet
                         each.lastDueUs == 0 ? tr("never") : formatRelativeTime(each.lastDueUs, nowUs()),
                         state},
                        next.isEmpty() ? QString()
                                       //: Tooltip; the times of the next runs follow, one a line.
                                       : tr("Next runs:") + QLatin1Char('\n') + next.join(QLatin1Char('\n'))});
    }
    return rows;
}

QString LiveViewModel::whyNot(client::Capability capability) const
{
    if (!m_pipeline)
        return describeErrorCode(base::ErrorCode::Closed);
    return visibleText(m_pipeline->capabilities().why(capability));
}

bool LiveViewModel::isPaused(const std::string& schedule) const
{
    return std::ranges::any_of(m_schedules, [&](const message::ScheduleStatus& each) {
        return each.definition.name == schedule && each.isPaused;
    });
}

bool LiveViewModel::begin(client::Capability needed)
{
    if (m_isBusy || !m_pipeline || !whyNot(needed).isEmpty())
        return false;
    m_isBusy = true;
    Q_EMIT changed();
    return true;
}

void LiveViewModel::end()
{
    m_isBusy = false;
    Q_EMIT changed();
    refresh();
}

void LiveViewModel::act(message::LiveAct act, const std::vector<std::string>& refs, const QString& reason)
{
    if (refs.empty() || !begin(client::Capability::ActOnMessages))
        return;
    std::vector<message::MessageRef> messages;
    for (std::size_t i = 0; i < std::min(refs.size(), message::kMaxActedOn); ++i)
        messages.push_back({refs[i]});
    client::spawn(this, "act on messages",
                  carryOut(m_pipeline->actOnMessages(m_queue, act, std::move(messages), reason.toStdString()), act));
}

void LiveViewModel::resumeKey(const std::string& key)
{
    if (begin(client::Capability::ResumeKey))
        client::spawn(this, "resume key",
                      carryOut(m_pipeline->resumeKey(m_queue, key),
                               //: %1 is a partition key.
                               tr("What waited behind key %1 goes on.").arg(visibleLine(key))));
}

void LiveViewModel::pauseSchedule(const std::string& name, bool isPaused)
{
    if (begin(client::Capability::Schedule))
        client::spawn(this, "pause schedule",
                      carryOut(m_pipeline->pauseSchedule(name, isPaused),
                               //: %1 is the name of a schedule.
                               (isPaused ? tr("%1 is paused. What falls due meanwhile is not made up for.")
                                         //: %1 is the name of a schedule.
                                         : tr("%1 is resumed."))
                                   .arg(visibleLine(name))));
}

void LiveViewModel::runSchedule(const std::string& name)
{
    if (begin(client::Capability::Schedule))
        client::spawn(this, "run schedule",
                      carryOut(m_pipeline->runSchedule(name),
                               //: %1 is the name of a schedule.
                               tr("%1: a message was submitted.").arg(visibleLine(name))));
}

QCoro::Task<> LiveViewModel::carryOut(QFuture<base::Result<client::ActResult>> pending, message::LiveAct act)
{
    const QPointer<LiveViewModel> self(this);
    const base::Result<client::ActResult> result = co_await pending;
    if (!self)
        co_return;
    if (!result) {
        Q_EMIT self->failed(describeError(result.error()));
    } else {
        const QString count = formatCount(result->moved);
        QString text = act == message::LiveAct::Cancel
                           //: Outcome; %1 is a number of messages.
                           ? tr("%1 cancelled.").arg(count)
                       : act == message::LiveAct::RetryNow
                           //: Outcome; %1 is a number of messages.
                           ? tr("%1 tried now.").arg(count)
                           //: Outcome; %1 is a number of messages.
                           : tr("%1 given up; they are dead letters now.").arg(count);
        if (result->skipped > 0)
            //: Outcome; %1 is a number of messages.
            text += QLatin1Char(' ') + tr("%1 skipped: not there any more, or in another state.").arg(formatCount(result->skipped));
        Q_EMIT self->succeeded(text);
    }
    if (self)
        self->end();
}

QCoro::Task<> LiveViewModel::carryOut(QFuture<base::Result<void>> pending, QString done)
{
    const QPointer<LiveViewModel> self(this);
    const base::Result<void> result = co_await pending;
    if (!self)
        co_return;
    if (result)
        Q_EMIT self->succeeded(done);
    else
        Q_EMIT self->failed(describeError(result.error()));
    if (self)
        self->end();
}

} // namespace millrace::desktop
