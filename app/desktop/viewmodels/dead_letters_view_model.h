// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/models/dead_letter_detail_models.h"
#include "app/desktop/models/dead_letter_group_model.h"
#include "app/desktop/models/dead_letter_table_model.h"
#include "app/desktop/viewmodels/operations_view_model.h"
#include "transport/client/pipeline.h"

#include <QCoroTask>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QStringList>
#include <QTimer>

#include <cstdint>
#include <optional>
#include <utility>

namespace millrace::desktop {

/// The dead letters of a pipeline: a frozen list under a filter, groups of like failures, one letter in full, and what
/// can be done to them. Fetches what the models ask for; nothing here waits. Thread: gui.
class DeadLettersViewModel : public QObject
{
    Q_OBJECT

public:
    enum class Condition {
        Connecting,  ///< no connection yet
        Loading,     ///< the first list is on its way
        Empty,       ///< there is no dead letter at all
        FilteredOut, ///< there are some, and none that match
        Failed,      ///< the last call failed; problem() says why
        Rows,
    };
    /// What an act is for.
    enum class Scope { Checked, Group, All };

    explicit DeadLettersViewModel(client::Pipeline* pipeline, QObject* parent = nullptr);
    ~DeadLettersViewModel() override;

    [[nodiscard]] DeadLetterTableModel* table() { return &m_table; }
    [[nodiscard]] DeadLetterGroupModel* groups() { return &m_groups; }
    [[nodiscard]] DeadLetterEnvelopeModel* envelope() { return &m_envelope; }
    [[nodiscard]] DeadLetterAttemptModel* attempts() { return &m_attempts; }
    [[nodiscard]] OperationsViewModel* operations() { return &m_operations; }
    [[nodiscard]] Condition condition() const { return m_condition; }
    [[nodiscard]] QString problem() const { return m_problem; }
    [[nodiscard]] QStringList queueNames() const;

    // ---- filter; each change opens a new list

    void setQueueFilter(const QString& queue); ///< empty = all
    [[nodiscard]] QString queueFilter() const;
    void setReasonFilter(std::optional<message::Reason> reason);
    void setStateFilter(message::State state);
    [[nodiscard]] message::State stateFilter() const;
    /// Deaths of the last so many seconds; 0 = all.
    void setSpanSeconds(std::int64_t seconds);
    void setText(const QString& text);
    [[nodiscard]] QString text() const { return QString::fromStdString(m_filter.text); }
    void setGroup(std::uint64_t fingerprint); ///< 0 = all
    [[nodiscard]] std::uint64_t group() const { return m_filter.fingerprint; }
    void clearFilter();
    [[nodiscard]] bool isFiltered() const;
    void refresh();
    /// Rows in the list, and dead letters there were in all when it was opened.
    [[nodiscard]] std::uint64_t matching() const { return m_table.total(); }
    [[nodiscard]] std::uint64_t inAll() const { return m_inAll; }
    /// How many died since that the list does not have and the filter lets through.
    [[nodiscard]] std::uint64_t newSince() const { return m_newSince; }

    // ---- one letter

    void select(const message::MessageRef& ref);
    [[nodiscard]] const std::optional<message::DeadLetterDetail>& detail() const { return m_detail; }

    // ---- acts

    /// Empty if this pipeline can do it; else the sentence that says why not.
    [[nodiscard]] QString whyNot(message::Verb verb) const;
    /// How many an act on `scope` is for.
    [[nodiscard]] std::uint64_t count(Scope scope) const;
    void act(message::Verb verb, Scope scope, const QString& reason);
    void actOn(message::Verb verb, const message::MessageRef& ref);
    /// While nobody sees the page nothing is fetched.
    void setActive(bool active);

Q_SIGNALS:
    void conditionChanged();
    void listOpened();
    void detailChanged();
    void newChanged();
    void queuesChanged();

private:
    /// Epoch of a node, and how many it has seen die.
    using Deaths = std::pair<std::uint64_t, std::uint64_t>;
    [[nodiscard]] static Deaths deathsOf(const client::SnapshotPtr& snapshot);
    void onSnapshot(const client::SnapshotPtr& snapshot);
    void lookForNew();
    void onPagesWanted(quint64 generation, const QList<quint64>& pages);
    void scheduleOpen();
    void closeView();
    void setCondition(Condition condition, const QString& problem = {});
    [[nodiscard]] message::DeadLetterFilter filterNow() const;
    [[nodiscard]] message::Selection selection(Scope scope) const;
    [[nodiscard]] QCoro::Task<> open();
    [[nodiscard]] QCoro::Task<> loadGroups(std::uint64_t opening);
    [[nodiscard]] QCoro::Task<> countNew(std::uint64_t opening, Deaths deaths, std::int64_t atUs);
    [[nodiscard]] QCoro::Task<> loadPage(std::uint64_t generation, std::uint64_t page);
    [[nodiscard]] QCoro::Task<> loadDetail(message::MessageRef ref);

    QPointer<client::Pipeline> m_pipeline;
    DeadLetterTableModel m_table;
    DeadLetterGroupModel m_groups;
    DeadLetterEnvelopeModel m_envelope;
    DeadLetterAttemptModel m_attempts;
    OperationsViewModel m_operations;
    client::SnapshotPtr m_snapshot;
    QStringList m_queueNames;
    message::DeadLetterFilter m_filter;
    std::int64_t m_spanSeconds = 0;
    message::ViewId m_view = 0;
    std::uint64_t m_opening = 0; ///< number of the newest open(); an older one's answer is dropped
    std::uint64_t m_inAll = 0, m_newSince = 0;
    Deaths m_deaths;                   ///< up to which they were looked for
    std::int64_t m_countedUntilUs = 0; ///< those that died before are in the list or in m_newSince; 0 = not known yet
    bool m_isCounting = false;
    message::MessageRef m_selected;
    std::optional<message::DeadLetterDetail> m_detail;
    Condition m_condition = Condition::Connecting;
    QString m_problem;
    QTimer m_openTimer;
    bool m_active = false, m_stale = true;
};

} // namespace millrace::desktop
