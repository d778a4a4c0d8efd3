// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/viewmodels/operations_view_model.h"

#include "app/desktop/models/text_format.h"
#include "transport/client/async.h"

#include <QCoroFuture>

namespace millrace::desktop {

OperationsViewModel::OperationsViewModel(client::Pipeline* pipeline, QObject* parent)
    : QObject(parent)
    , m_pipeline(pipeline)
{
    connect(pipeline, &client::Pipeline::operationChanged, this, &OperationsViewModel::follow);
    connect(pipeline, &client::Pipeline::snapshotReady, this, &OperationsViewModel::onSnapshot);
}

bool OperationsViewModel::isBusy() const
{
    return m_phase == Phase::Starting || m_phase == Phase::Running || m_phase == Phase::Cancelling;
}

void OperationsViewModel::setPhase(Phase phase)
{
    m_phase = phase;
    Q_EMIT changed();
}

void OperationsViewModel::start(message::Verb verb, message::Selection selection, std::uint64_t expected,
                                const QString& reason)
{
    if (isBusy() || !m_pipeline)
        return;
    m_status = {};
    m_status.verb = verb;
    m_status.total = expected;
    m_cancelProblem.clear();
    setPhase(Phase::Starting);
    client::spawn(this, "start operation", run(verb, std::move(selection), reason.toStdString()));
}

QCoro::Task<> OperationsViewModel::run(message::Verb verb, message::Selection selection, std::string reason)
{
    const QPointer<OperationsViewModel> self(this);
    auto pending = m_pipeline->startOperation(verb, std::move(selection), std::move(reason));
    const auto result = co_await pending;
    if (!self)
        co_return;
    if (!result) {
        self->m_error = result.error();
        const bool isUnknown = self->m_error.code == base::ErrorCode::Unknown;
        self->setPhase(isUnknown ? Phase::Unknown : Phase::Failed);
        co_return;
    }
    self->m_undoable = 0;
    self->m_phase = Phase::Running;
    self->m_status = *result;
    self->follow(*result);
    if (self && self->m_phase == Phase::Running)
        Q_EMIT self->changed();
}

void OperationsViewModel::follow(const message::OperationStatus& status)
{
    if (!isBusy() || m_phase == Phase::Starting || status.id != m_status.id)
        return;
    // Snapshots and answers overtake each other; progress never goes back.
    if (status.state == message::OperationState::Running
        && status.moved + status.skipped < m_status.moved + m_status.skipped)
        return;
    m_status = status;
    if (status.state == message::OperationState::Running) {
        Q_EMIT changed();
        return;
    }
    if (status.verb == message::Verb::Discard && status.moved > 0)
        m_undoable = status.id;
    setPhase(Phase::Done);
    Q_EMIT ended();
}

void OperationsViewModel::onSnapshot(const client::SnapshotPtr& snapshot)
{
    if (!isBusy() || m_status.id == 0)
        return;
    for (const message::OperationStatus& status : snapshot->operations) {
        if (status.id == m_status.id)
            follow(status);
    }
}

void OperationsViewModel::cancel()
{
    if (m_phase != Phase::Running || !m_pipeline)
        return;
    setPhase(Phase::Cancelling);
    client::spawn(this, "cancel operation", askToCancel(m_status.id));
}

QCoro::Task<> OperationsViewModel::askToCancel(message::OperationId id)
{
    const QPointer<OperationsViewModel> self(this);
    auto pending = m_pipeline->cancelOperation(id);
    const auto result = co_await pending;
    if (!self)
        co_return;
    if (result) {
        self->follow(*result);
        co_return;
    }
    if (self->m_phase != Phase::Cancelling)
        co_return;
    self->m_cancelProblem = describeError(result.error());
    self->setPhase(Phase::Running);
}

void OperationsViewModel::undo()
{
    if (!canUndo())
        return;
    const message::OperationId closed = m_undoable;
    const std::uint64_t moved = m_status.moved;
    start(message::Verb::Restore, message::Selection{message::Selection::ClosedBy{closed}}, moved, tr("undo"));
}

void OperationsViewModel::dismiss()
{
    if (isBusy())
        return;
    m_undoable = 0;
    setPhase(Phase::Idle);
}

QString OperationsViewModel::runningSentence() const
{
    const QString done = formatCount(m_status.moved + m_status.skipped);
    const QString total = formatCount(m_status.total);
    QString text;
    switch (m_status.verb) {
    //: Progress of an act on dead letters; %1 of %2 are done.
    case message::Verb::Replay: text = tr("Replaying: %1 of %2").arg(done, total); break;
    case message::Verb::Discard: text = tr("Discarding: %1 of %2").arg(done, total); break;
    case message::Verb::Restore: text = tr("Restoring: %1 of %2").arg(done, total); break;
    case message::Verb::Archive: text = tr("Archiving: %1 of %2").arg(done, total); break;
    }
    if (!m_cancelProblem.isEmpty())
        //: Appended to the progress; %1 is the reason.
        text += QLatin1Char(' ') + tr("It could not be cancelled. %1").arg(m_cancelProblem);
    return text;
}

QString OperationsViewModel::outcomeSentence() const
{
    const QString moved = formatCount(m_status.moved);
    QString text;
    switch (m_status.verb) {
    //: What came of an act on dead letters; %1 is a number.
    case message::Verb::Replay: text = tr("%1 replayed").arg(moved); break;
    case message::Verb::Discard: text = tr("%1 discarded").arg(moved); break;
    case message::Verb::Restore: text = tr("%1 restored").arg(moved); break;
    case message::Verb::Archive: text = tr("%1 archived").arg(moved); break;
    }
    if (m_status.skipped > 0)
        text += m_status.verb == message::Verb::Restore
                    //: Appended to the outcome; %1 is a number.
                    ? tr(", %1 skipped: no longer discarded").arg(formatCount(m_status.skipped))
                    //: Appended to the outcome; %1 is a number.
                    : tr(", %1 skipped: no longer dead, or the queue is gone or full").arg(formatCount(m_status.skipped));
    if (m_status.state == message::OperationState::Cancelled) {
        const std::uint64_t handled = m_status.moved + m_status.skipped;
        const std::uint64_t left = m_status.total > handled ? m_status.total - handled : 0;
        //: Appended to the outcome of a cancelled act; %1 is a number.
        text += tr("; cancelled, %1 left as they were").arg(formatCount(left));
    }
    return text;
}

QString OperationsViewModel::sentence() const
{
    switch (m_phase) {
    case Phase::Idle: return {};
    case Phase::Starting:
    case Phase::Running: return runningSentence();
    case Phase::Cancelling: return tr("Cancelling…");
    case Phase::Done: return outcomeSentence();
    case Phase::Failed:
        //: %1 says why.
        return tr("Nothing was changed. %1").arg(describeError(m_error));
    case Phase::Unknown:
        //: %1 says more.
        return tr("Nobody can tell whether this began: the node did not answer. Refresh to see which letters are still "
                  "dead, then act on those; no letter is ever replayed twice. %1")
            .arg(visibleText(m_error.context, 500));
    }
    return {};
}

} // namespace millrace::desktop
