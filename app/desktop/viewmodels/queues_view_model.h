// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/models/queue_table_model.h"
#include "transport/client/pipeline.h"

#include <QCoroTask>

#include <QList>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QStringList>
#include <QTimer>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace millrace::desktop {

/// One queue in words, for the pane beside the table. All of it is plain text.
struct QueueDetail
{
    QString name;
    bool isPaused = false;
    bool isChanging = false;
    QString warning;                         ///< what is wrong, in a sentence; empty = nothing
    QList<std::pair<QString, QString>> policy;
    QList<std::pair<QString, QString>> totals;
    QStringList feeds;                       ///< a sentence for each subscription
    std::uint64_t dead = 0;
    bool differsFromFile = false;            ///< somebody changed the policy by hand
};

/// The queues of a pipeline: rows with rates and history, and pause and resume. Thread: gui.
class QueuesViewModel : public QObject
{
    Q_OBJECT

public:
    enum class Condition {
        Connecting, ///< no snapshot yet
        Lost,       ///< none, and the connection is gone
        Empty,      ///< the pipeline has no queue
        Rows,
    };
    explicit QueuesViewModel(client::Pipeline* pipeline, QObject* parent = nullptr);

    [[nodiscard]] QueueTableModel* table() { return &m_table; }
    [[nodiscard]] Condition condition() const { return m_condition; }
    void select(const QString& queue);
    /// The whole name, byte for byte.
    [[nodiscard]] const std::string& selectedName() const { return m_selected; }
    [[nodiscard]] QString selected() const { return QString::fromStdString(m_selected); }
    /// Nullopt while nothing is selected.
    [[nodiscard]] const std::optional<QueueDetail>& detail() const { return m_detail; }

    /// Empty if this pipeline can pause queues; else the sentence that says why not.
    [[nodiscard]] QString whyNotPause() const;
    /// Asks for it; the row says so until a snapshot shows it. A second call while one is under way does nothing.
    void setPaused(const QString& queue, bool paused);
    void togglePaused(const QString& queue);
    void openDeadLetters(const QString& queue) { Q_EMIT showDeadLetters(queue); }

    /// What is different between two policies, in the words of the pane.
    struct PolicyChange
    {
        QString caption, before, after;
    };
    [[nodiscard]] static QList<PolicyChange> changesInWords(const message::QueuePolicy& before,
                                                            const message::QueuePolicy& after);
    /// Of the selected queue; nullopt while nothing is selected.
    [[nodiscard]] std::optional<message::QueuePolicy> policy() const;
    /// Empty if this pipeline can change policies; else the sentence that says why not.
    [[nodiscard]] QString whyNotUpdate() const;
    /// One change of a policy, or export, at a time; a second one is not begun.
    [[nodiscard]] bool isPolicyBusy() const { return m_isPolicyBusy; }
    void updatePolicy(const QString& queue, const message::QueuePolicy& policy);
    /// Back to what the pipeline file says.
    void resetPolicy(const QString& queue);
    /// Writes the pipeline as it is now as a pipeline file. An existing file is replaced at once, or not at all.
    void exportTo(const QString& path);

    /// While nobody sees the table it is not updated; what it needs later is still gathered.
    void setActive(bool active);

Q_SIGNALS:
    void conditionChanged();
    void detailChanged();
    /// Something that was asked for failed, or was done; plain text for people.
    void failed(const QString& text);
    void succeeded(const QString& text);
    /// isPolicyBusy() is another.
    void policyBusyChanged();
    /// Another queue is selected, or none.
    void selectedChanged();
    void showDeadLetters(const QString& queue);

private:
    struct Track
    {
        Sparkline depth;
        telemetry::QueueSample base;
        std::int64_t baseUs = 0;
        double inRate, outRate;
        Track();
    };
    struct Change
    {
        bool wanted = false;
        bool confirmed = false;     ///< the call succeeded
        int snapshotsSince = 0;     ///< since it did
    };
    void onSnapshot(const client::SnapshotPtr& snapshot);
    void gather(const client::Snapshot& snapshot);
    void settleChanges(const client::Snapshot& snapshot);
    void apply();
    void updateDetail();
    void updateCondition();
    [[nodiscard]] QCoro::Task<> changePaused(std::string queue, bool paused);
    [[nodiscard]] QCoro::Task<> loadHistory(std::vector<std::string> queues, std::int64_t untilUs);
    [[nodiscard]] QCoro::Task<> changePolicy(QFuture<base::Result<void>> pending, QString done, QString queue);
    [[nodiscard]] QCoro::Task<> writeTo(QString path);
    void setPolicyBusy(bool isBusy);
    [[nodiscard]] std::string nameOf(const QString& shown) const;
    [[nodiscard]] const client::QueueStatus* status(const std::string& queue) const;
    [[nodiscard]] QString warningFor(const client::QueueStatus& queue) const;
    static QString backoffInWords(const message::RetryPolicy& retry);
    static QString ruleInWords(const message::RetryRule& rule);
    static QString rateInWords(const message::RateLimit& rate);
    static QList<std::pair<QString, QString>> policyInWords(const message::QueuePolicy& policy);
    static QList<std::pair<QString, QString>> totalsInWords(const telemetry::QueueSample& sample);
    [[nodiscard]] QStringList feedsOf(const std::string& queue) const;

    QPointer<client::Pipeline> m_pipeline;
    QueueTableModel m_table;
    client::SnapshotPtr m_snapshot;
    std::map<std::string, Track> m_tracks;
    std::map<std::string, Change> m_changes;
    std::string m_selected;
    std::optional<QueueDetail> m_detail;
    Condition m_condition = Condition::Connecting;
    bool m_active = false, m_dirty = false, m_isPolicyBusy = false;
    QTimer m_applyTimer, m_sortTimer;
};

} // namespace millrace::desktop
