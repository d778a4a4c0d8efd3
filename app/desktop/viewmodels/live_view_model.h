// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/models/keyed_table_model.h"
#include "transport/client/pipeline.h"

#include <QCoroTask>

#include <QObject>
#include <QPointer>
#include <QString>
#include <QStringList>
#include <QTimer>

#include <string>
#include <vector>

namespace millrace::desktop {

/// What workers hold of one queue, what waits for its next attempt, the keys that are held up, and the schedules of the
/// pipeline; and what a person does to them. Asked for about once a second while it is seen. Thread: gui.
class LiveViewModel : public QObject
{
    Q_OBJECT

public:
    enum List { Running, Retrying, Parked, Schedules };
    static constexpr int kLists = Schedules + 1;
    explicit LiveViewModel(client::Pipeline* pipeline, QObject* parent = nullptr);

    /// Empty = none.
    void setQueue(const std::string& queue);
    [[nodiscard]] const std::string& queue() const { return m_queue; }
    void setActive(bool active);
    void refresh();

    [[nodiscard]] KeyedTableModel* table(List list) { return m_tables.at(static_cast<std::size_t>(list)); }
    /// Why the list cannot be shown; plain text. Empty = it can, and it may have no rows.
    [[nodiscard]] QString problem(List list) const { return m_problems.value(list); }
    /// An answer has come since the queue was chosen.
    [[nodiscard]] bool isKnown(List list) const { return m_known.value(list); }

    /// Empty if the pipeline can; else the sentence that says why not.
    [[nodiscard]] QString whyNot(client::Capability capability) const;
    /// One act at a time: while it runs, others are not begun.
    [[nodiscard]] bool isBusy() const { return m_isBusy; }
    void act(message::LiveAct act, const std::vector<std::string>& refs, const QString& reason);
    void resumeKey(const std::string& key);
    void pauseSchedule(const std::string& name, bool isPaused);
    void runSchedule(const std::string& name);
    [[nodiscard]] bool isPaused(const std::string& schedule) const;

Q_SIGNALS:
    /// A list, its problem or isBusy() is another.
    void changed();
    /// Plain text for people.
    void succeeded(const QString& text);
    void failed(const QString& text);

private:
    using Rows = std::vector<KeyedTableModel::Row>;
    template<typename T>
    void take(List list, const base::Result<T>& answer, Rows rows);
    void forgetQueue();
    [[nodiscard]] QCoro::Task<> readAll();
    [[nodiscard]] QCoro::Task<> carryOut(QFuture<base::Result<client::ActResult>> pending, message::LiveAct act);
    /// For what is done or not.
    [[nodiscard]] QCoro::Task<> carryOut(QFuture<base::Result<void>> pending, QString done);
    [[nodiscard]] bool begin(client::Capability needed);
    void end();
    [[nodiscard]] std::int64_t nowUs() const;
    [[nodiscard]] Rows rowsOf(const std::vector<message::RunningMessage>& running) const;
    [[nodiscard]] Rows rowsOf(const std::vector<message::RetryingMessage>& retrying) const;
    [[nodiscard]] static Rows rowsOf(const std::vector<message::ParkedKey>& keys);
    [[nodiscard]] Rows rowsOf(const std::vector<message::ScheduleStatus>& schedules) const;

    QPointer<client::Pipeline> m_pipeline;
    std::string m_queue;
    std::vector<KeyedTableModel*> m_tables;
    QStringList m_problems;
    QList<bool> m_known;
    std::vector<message::ScheduleStatus> m_schedules;
    bool m_isActive = false, m_isReading = false, m_isStale = false, m_isBusy = false;
    QTimer m_timer;
};

} // namespace millrace::desktop
