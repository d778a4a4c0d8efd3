// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/models/sparkline.h"
#include "core/message/policy.h"
#include "core/telemetry/sample.h"

#include <QAbstractTableModel>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace millrace::desktop {

/// One queue as the table shows it.
struct QueueRow
{
    std::string name;
    bool isPaused = false;
    bool isChanging = false; ///< a pause or resume is under way
    telemetry::QueueSample sample;
    double inRate = 0, outRate = 0; ///< per second; NaN = no figure
    Sparkline depth;
    friend bool operator==(const QueueRow&, const QueueRow&) = default;
};

/// All queues, one row each, in the order of the chosen column.
///
/// An update announces only what changed: rows that came, went or moved, and rectangles of cells whose text is new.
/// The order follows the figures only when sort() or resort() is called, so that rows do not jump under the pointer.
/// Thread: gui.
class QueueTableModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, State, Depth, Ready, Scheduled, Leased, Retrying, Dead, Lag, In, Out, Workers };
    static constexpr int kColumnCount = Workers + 1;
    enum Role {
        NameRole = Qt::UserRole + 1, ///< QString of the whole name
        SparklineRole,               ///< Sparkline, in column Depth
        PausedRole,                  ///< bool
        ChangingRole,                ///< bool
        FigureRole,                  ///< double; NaN = no figure
        StrandedRole,                ///< bool: messages are ready and nothing consumes them
    };

    explicit QueueTableModel(QObject* parent = nullptr);

    /// Takes over the newest rows, in any order; new queues take their place by the order last sorted.
    void update(std::vector<QueueRow> rows);
    /// Orders again by the chosen column with the figures of now.
    void resort();
    [[nodiscard]] int rowOf(const std::string& name) const; ///< -1 = none
    [[nodiscard]] const QueueRow* row(int index) const;     ///< null = none
    [[nodiscard]] bool isEmpty() const { return m_rows.empty(); }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

private:
    [[nodiscard]] QString text(const QueueRow& row, int column) const;
    [[nodiscard]] static double figure(const QueueRow& row, int column);
    [[nodiscard]] static std::uint32_t changedCells(const QueueRow& before, const QueueRow& after);
    [[nodiscard]] bool isBefore(const QueueRow& left, const QueueRow& right) const;
    void applyDiff(std::vector<QueueRow>& rows);

    std::vector<QueueRow> m_rows;
    int m_sortColumn = Name;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
};

} // namespace millrace::desktop
