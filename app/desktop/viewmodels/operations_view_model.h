// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/message/dead_letter.h"
#include "transport/client/pipeline.h"

#include <QCoroTask>

#include <QObject>
#include <QPointer>
#include <QString>

namespace millrace::desktop {

/// What a person does to dead letters, one act at a time: starts it, follows it, cancels it, undoes a discard.
/// Thread: gui.
class OperationsViewModel : public QObject
{
    Q_OBJECT

public:
    enum class Phase {
        Idle,
        Starting,   ///< asked for, not accepted yet
        Running,
        Cancelling,
        Done,       ///< ended, by itself or cancelled; sentence() says with what
        Failed,     ///< nothing was changed
        Unknown,    ///< nobody can tell whether it began
    };
    explicit OperationsViewModel(client::Pipeline* pipeline, QObject* parent = nullptr);

    [[nodiscard]] Phase phase() const { return m_phase; }
    [[nodiscard]] message::Verb verb() const { return m_status.verb; }
    [[nodiscard]] const message::OperationStatus& status() const { return m_status; }
    /// While true, start() and undo() do nothing, so that an impatient hand acts once.
    [[nodiscard]] bool isBusy() const;
    /// The last discard can be taken back.
    [[nodiscard]] bool canUndo() const { return !isBusy() && m_undoable != 0; }
    /// One sentence on where it stands; plain text.
    [[nodiscard]] QString sentence() const;

    /// @param expected  how many it is for, until the node says so
    void start(message::Verb verb, message::Selection selection, std::uint64_t expected, const QString& reason);
    void cancel();
    void undo();
    /// The outcome was read.
    void dismiss();

Q_SIGNALS:
    void changed();
    /// It ended at the node, with what is in status().
    void ended();

private:
    void follow(const message::OperationStatus& status);
    void onSnapshot(const client::SnapshotPtr& snapshot);
    void setPhase(Phase phase);
    [[nodiscard]] QString runningSentence() const;
    [[nodiscard]] QString outcomeSentence() const;
    [[nodiscard]] QCoro::Task<> run(message::Verb verb, message::Selection selection, std::string reason);
    [[nodiscard]] QCoro::Task<> askToCancel(message::OperationId id);

    QPointer<client::Pipeline> m_pipeline;
    Phase m_phase = Phase::Idle;
    message::OperationStatus m_status;
    message::OperationId m_undoable = 0;
    base::Error m_error;
    QString m_cancelProblem;
};

} // namespace millrace::desktop
