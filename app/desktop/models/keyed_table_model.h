// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QList>
#include <QString>
#include <QStringList>

#include <string>
#include <vector>

namespace millrace::desktop {

/// A short list of rows that are known by a key: a selection stays on its row while others come and go. Texts are shown as
/// they are given, so that who gives them makes them visible. Thread: gui.
class KeyedTableModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    struct Row
    {
        std::string key; ///< unique
        QStringList cells;
        QString toolTip;
        friend bool operator==(const Row&, const Row&) = default;
    };
    /// @param figures  columns whose texts stand right
    explicit KeyedTableModel(QStringList headings, QList<int> figures, QObject* parent = nullptr);

    void setRows(std::vector<Row> rows);
    /// Empty if there is no such row.
    [[nodiscard]] std::string key(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QStringList m_headings;
    QList<int> m_figures;
    std::vector<Row> m_rows;
};

} // namespace millrace::desktop
