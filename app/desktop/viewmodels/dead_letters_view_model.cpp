// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/viewmodels/dead_letters_view_model.h"

#include "app/desktop/models/text_format.h"
#include "core/base/time.h"
#include "transport/client/async.h"

#include <QCoroFuture>

#include <algorithm>
#include <chrono>

namespace millrace::desktop {

namespace {

using namespace std::chrono_literals;

/// Changes of the filter within this time open one list.
constexpr auto kSettle = 120ms;
/// A letter that died this long before a snapshot was in the list when the snapshot was made.
constexpr std::int64_t kVisibleAfterUs = 10'000'000;

std::int64_t nowUs()
{
    return base::toMicros(base::systemNow().wall);
}

} // namespace

DeadLettersViewModel::DeadLettersViewModel(client::Pipeline* pipeline, QObject* parent)
    : QObject(parent)
    , m_pipeline(pipeline)
    , m_operations(pipeline)
{
    m_openTimer.setSingleShot(true);
    m_openTimer.setInterval(kSettle);
    connect(&m_openTimer, &QTimer::timeout, this, [this] { client::spawn(this, "open dead letters", open()); });
    connect(&m_table, &DeadLetterTableModel::pagesWanted, this, &DeadLettersViewModel::onPagesWanted);
    connect(pipeline, &client::Pipeline::snapshotReady, this, &DeadLettersViewModel::onSnapshot);
    connect(&m_operations, &OperationsViewModel::ended, this, [this] {
        m_table.clearChecked();
        refresh();
    });
    if (const auto snapshot = pipeline->snapshot())
        onSnapshot(snapshot);
}

DeadLettersViewModel::~DeadLettersViewModel()
{
    closeView();
}

QStringList DeadLettersViewModel::queueNames() const
{
    return m_queueNames;
}

void DeadLettersViewModel::setQueueFilter(const QString& queue)
{
    m_filter.queues.clear();
    if (!queue.isEmpty())
        m_filter.queues.push_back(queue.toStdString());
    scheduleOpen();
}

QString DeadLettersViewModel::queueFilter() const
{
    return m_filter.queues.empty() ? QString() : QString::fromStdString(m_filter.queues.front());
}

void DeadLettersViewModel::setReasonFilter(std::optional<message::Reason> reason)
{
    m_filter.reasons.clear();
    if (reason)
        m_filter.reasons.push_back(*reason);
    scheduleOpen();
}

void DeadLettersViewModel::setStateFilter(message::State state)
{
    m_filter.states = {state};
    scheduleOpen();
}

message::State DeadLettersViewModel::stateFilter() const
{
    return m_filter.states.empty() ? message::State::Dead : m_filter.states.front();
}

void DeadLettersViewModel::setSpanSeconds(std::int64_t seconds)
{
    m_spanSeconds = seconds;
    scheduleOpen();
}

void DeadLettersViewModel::setText(const QString& text)
{
    const std::string wanted = text.trimmed().toStdString();
    if (wanted == m_filter.text)
        return;
    m_filter.text = wanted;
    scheduleOpen();
}

void DeadLettersViewModel::setGroup(std::uint64_t fingerprint)
{
    if (fingerprint == m_filter.fingerprint)
        return;
    m_filter.fingerprint = fingerprint;
    scheduleOpen();
}

void DeadLettersViewModel::clearFilter()
{
    m_filter = {};
    m_spanSeconds = 0;
    scheduleOpen();
}

bool DeadLettersViewModel::isFiltered() const
{
    return m_filter != message::DeadLetterFilter{} || m_spanSeconds != 0;
}

void DeadLettersViewModel::refresh()
{
    scheduleOpen();
}

void DeadLettersViewModel::scheduleOpen()
{
    m_stale = true;
    if (m_active)
        m_openTimer.start();
}

void DeadLettersViewModel::setActive(bool active)
{
    m_active = active;
    if (active && (m_stale || m_newSince > 0 || deathsOf(m_snapshot) != m_deaths))
        client::spawn(this, "open dead letters", open());
}

message::DeadLetterFilter DeadLettersViewModel::filterNow() const
{
    message::DeadLetterFilter filter = m_filter;
    if (m_spanSeconds > 0)
        filter.diedFromUs = nowUs() - m_spanSeconds * 1'000'000;
    return filter;
}

void DeadLettersViewModel::closeView()
{
    if (m_view != 0 && m_pipeline)
        m_pipeline->closeDeadLetters(m_view);
    m_view = 0;
}

void DeadLettersViewModel::setCondition(Condition condition, const QString& problem)
{
    m_condition = condition;
    m_problem = problem;
    Q_EMIT conditionChanged();
}

QCoro::Task<> DeadLettersViewModel::open()
{
    const QPointer<DeadLettersViewModel> self(this);
    if (!m_pipeline)
        co_return;
    m_stale = false;
    const std::uint64_t opening = ++m_opening;
    // Before the list is made: what dies meanwhile is looked for again, rather than missed.
    m_deaths = deathsOf(m_snapshot);
    m_isCounting = false;
    if (m_condition != Condition::Rows)
        setCondition(m_snapshot ? Condition::Loading : Condition::Connecting);
    auto pending = m_pipeline->openDeadLetters(filterNow());
    const auto view = co_await pending;
    if (!self)
        co_return;
    if (opening != self->m_opening) {
        if (view && self->m_pipeline)
            self->m_pipeline->closeDeadLetters(view->id);
        co_return;
    }
    if (!view) {
        self->m_stale = true;
        self->setCondition(Condition::Failed, describeError(view.error()));
        co_return;
    }
    self->closeView();
    self->m_view = view->id;
    if (self->m_snapshot)
        self->m_inAll = self->m_snapshot->total.dead;
    self->m_newSince = 0;
    self->m_countedUntilUs = 0;
    self->m_table.reset(view->total, nowUs());
    if (view->total > 0)
        self->setCondition(Condition::Rows);
    else
        self->setCondition(self->isFiltered() ? Condition::FilteredOut : Condition::Empty);
    Q_EMIT self->listOpened();
    Q_EMIT self->newChanged();
    client::spawn(self.data(), "load groups", self->loadGroups(opening));
}

QCoro::Task<> DeadLettersViewModel::loadGroups(std::uint64_t opening)
{
    const QPointer<DeadLettersViewModel> self(this);
    if (!m_pipeline)
        co_return;
    message::DeadLetterFilter filter = filterNow();
    filter.fingerprint = 0; // all groups stay to be chosen from
    auto pending = m_pipeline->deadLetterGroups(std::move(filter));
    auto groups = co_await pending;
    if (!self || opening != self->m_opening || !groups)
        co_return;
    self->m_groups.update(std::move(*groups), nowUs());
}

void DeadLettersViewModel::onPagesWanted(quint64 generation, const QList<quint64>& pages)
{
    for (const quint64 page : pages)
        client::spawn(this, "load dead letters", loadPage(generation, page));
}

QCoro::Task<> DeadLettersViewModel::loadPage(std::uint64_t generation, std::uint64_t page)
{
    const QPointer<DeadLettersViewModel> self(this);
    if (!m_pipeline)
        co_return;
    constexpr std::uint32_t count = DeadLetterTableModel::kPageRows;
    auto pending = m_pipeline->deadLetterRows(m_view, page * count, count);
    auto rows = co_await pending;
    if (!self)
        co_return;
    if (rows)
        self->m_table.setPage(generation, page, std::move(*rows));
    else
        self->m_table.pageFailed(generation, page);
}

void DeadLettersViewModel::select(const message::MessageRef& ref)
{
    if (ref == m_selected && m_detail)
        return;
    m_selected = ref;
    if (ref.value.empty()) {
        m_detail.reset();
        m_envelope.clear();
        m_attempts.clear();
        Q_EMIT detailChanged();
        return;
    }
    client::spawn(this, "load dead letter", loadDetail(ref));
}

QCoro::Task<> DeadLettersViewModel::loadDetail(message::MessageRef ref)
{
    const QPointer<DeadLettersViewModel> self(this);
    if (!m_pipeline)
        co_return;
    auto pending = m_pipeline->deadLetter(ref);
    auto detail = co_await pending;
    if (!self || ref != self->m_selected)
        co_return;
    if (!detail) {
        self->m_detail.reset();
        self->m_envelope.clear();
        self->m_attempts.clear();
    } else {
        self->m_envelope.setDetail(*detail);
        self->m_attempts.setAttempts(detail->attempts, nowUs());
        self->m_detail = std::move(*detail);
    }
    Q_EMIT self->detailChanged();
}

void DeadLettersViewModel::onSnapshot(const client::SnapshotPtr& snapshot)
{
    const bool first = !m_snapshot;
    m_snapshot = snapshot;
    QStringList names;
    for (const client::QueueStatus& queue : snapshot->queues)
        names.append(QString::fromStdString(queue.name));
    if (names != m_queueNames) {
        m_queueNames = std::move(names);
        Q_EMIT queuesChanged();
    }
    if (first && m_active && m_stale)
        m_openTimer.start();
    lookForNew();
}

DeadLettersViewModel::Deaths DeadLettersViewModel::deathsOf(const client::SnapshotPtr& snapshot)
{
    // Totals begin anew with the node's epoch.
    return snapshot ? Deaths(snapshot->epoch, snapshot->total.deadLettered) : Deaths();
}

// A snapshot only says that something died: it may be older than the list, and knows nothing of the filter.
void DeadLettersViewModel::lookForNew()
{
    const Deaths deaths = deathsOf(m_snapshot);
    // Nothing that dies is replayed or discarded yet.
    if (m_view == 0 || !m_active || m_isCounting || deaths == m_deaths || stateFilter() != message::State::Dead)
        return;
    if (m_table.total() == 0) {
        // An empty list has nothing to hold still for.
        if (!m_openTimer.isActive())
            scheduleOpen();
        return;
    }
    m_isCounting = true;
    client::spawn(this, "count new dead letters", countNew(m_opening, deaths, m_snapshot->atUs));
}

QCoro::Task<> DeadLettersViewModel::countNew(std::uint64_t opening, Deaths deaths, std::int64_t atUs)
{
    const QPointer<DeadLettersViewModel> self(this);
    if (!m_pipeline)
        co_return;
    if (m_countedUntilUs == 0) {
        auto newest = m_pipeline->deadLetterRows(m_view, 0, 1);
        const auto rows = co_await newest;
        if (!self || opening != self->m_opening)
            co_return;
        if (!rows || rows->empty() || !self->m_pipeline) {
            self->m_isCounting = false;
            co_return;
        }
        self->m_countedUntilUs = rows->front().diedAtUs + 1;
    }
    message::DeadLetterFilter filter = self->filterNow();
    filter.fingerprint = 0;
    filter.diedFromUs = std::max(filter.diedFromUs, self->m_countedUntilUs);
    auto pending = self->m_pipeline->deadLetterGroups(std::move(filter));
    const auto groups = co_await pending;
    if (!self || opening != self->m_opening)
        co_return;
    self->m_isCounting = false;
    if (!groups)
        co_return;
    self->m_deaths = deaths;
    std::uint64_t died = 0;
    // A filter that nothing passes must not have all of them read again each time.
    self->m_countedUntilUs = std::max(self->m_countedUntilUs, atUs - kVisibleAfterUs);
    for (const message::DeadLetterGroup& group : *groups) {
        self->m_countedUntilUs = std::max(self->m_countedUntilUs, group.lastDiedAtUs + 1);
        if (self->m_filter.fingerprint == 0 || self->m_filter.fingerprint == group.fingerprint)
            died += group.count;
    }
    if (died == 0)
        co_return;
    self->m_newSince += died;
    Q_EMIT self->newChanged();
}

QString DeadLettersViewModel::whyNot(message::Verb verb) const
{
    if (!m_pipeline)
        return tr("There is no pipeline.");
    const auto capability = verb == message::Verb::Replay    ? client::Capability::Replay
                            : verb == message::Verb::Discard ? client::Capability::Discard
                            : verb == message::Verb::Archive ? client::Capability::Archive
                                                             : client::Capability::Restore;
    return visibleText(QString::fromStdString(m_pipeline->capabilities().why(capability)));
}

std::uint64_t DeadLettersViewModel::count(Scope scope) const
{
    switch (scope) {
    case Scope::Checked: return m_table.isAllChecked() ? m_table.total() : m_table.checked().size();
    case Scope::Group: {
        const auto* group = m_groups.groupOf(m_filter.fingerprint);
        return group == nullptr ? 0 : group->count;
    }
    case Scope::All: return m_table.total();
    }
    return 0;
}

message::Selection DeadLettersViewModel::selection(Scope scope) const
{
    message::Selection selection;
    if (scope == Scope::Checked && !m_table.isAllChecked())
        selection.members = std::vector<message::MessageRef>(m_table.checked().begin(), m_table.checked().end());
    else
        selection.members = message::Selection::View{m_view};
    return selection;
}

void DeadLettersViewModel::act(message::Verb verb, Scope scope, const QString& reason)
{
    const std::uint64_t expected = count(scope);
    if (expected > 0)
        m_operations.start(verb, selection(scope), expected, reason);
}

void DeadLettersViewModel::actOn(message::Verb verb, const message::MessageRef& ref)
{
    message::Selection one;
    one.members = std::vector<message::MessageRef>{ref};
    m_operations.start(verb, std::move(one), 1, {});
}

} // namespace millrace::desktop
