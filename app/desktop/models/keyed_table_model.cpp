// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/models/keyed_table_model.h"

#include "app/desktop/models/dead_letter_text.h"
#include "app/desktop/models/list_diff.h"

#include <utility>

namespace millrace::desktop {

namespace {

std::vector<std::string> keysOf(const std::vector<KeyedTableModel::Row>& rows)
{
    std::vector<std::string> keys;
    keys.reserve(rows.size());
    for (const KeyedTableModel::Row& row : rows)
        keys.push_back(row.key);
    return keys;
}

} // namespace

KeyedTableModel::KeyedTableModel(QStringList headings, QList<int> figures, QObject* parent)
    : QAbstractTableModel(parent)
    , m_headings(std::move(headings))
    , m_figures(std::move(figures))
{
}

void KeyedTableModel::setRows(std::vector<Row> rows)
{
    const ListDiff diff = diffLists(keysOf(m_rows), keysOf(rows));
    for (const ListDiff::Range& range : diff.removals) {
        beginRemoveRows({}, range.first, range.first + range.count - 1);
        m_rows.erase(m_rows.begin() + range.first, m_rows.begin() + range.first + range.count);
        endRemoveRows();
    }
    for (const ListDiff::Range& range : diff.insertions) {
        beginInsertRows({}, range.first, range.first + range.count - 1);
        m_rows.insert(m_rows.begin() + range.first, rows.begin() + range.first, rows.begin() + range.first + range.count);
        endInsertRows();
    }
    for (const ListDiff::Kept& kept : diff.kept) {
        Row& before = m_rows[static_cast<std::size_t>(kept.after)];
        Row& after = rows[static_cast<std::size_t>(kept.after)];
        if (before == after)
            continue;
        before = std::move(after);
        Q_EMIT dataChanged(index(kept.after, 0), index(kept.after, columnCount() - 1));
    }
}

std::string KeyedTableModel::key(int row) const
{
    return row >= 0 && row < rowCount() ? m_rows[static_cast<std::size_t>(row)].key : std::string();
}

int KeyedTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int KeyedTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_headings.size());
}

QVariant KeyedTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole: return row.cells.value(index.column());
    case kPlainToolTipRole: return row.toolTip;
    case Qt::TextAlignmentRole:
        return QVariant::fromValue((m_figures.contains(index.column()) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    default: return {};
    }
}

QVariant KeyedTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::DisplayRole)
        return m_headings.value(section);
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue((m_figures.contains(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

} // namespace millrace::desktop
