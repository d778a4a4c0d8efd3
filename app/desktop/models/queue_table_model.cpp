// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/models/queue_table_model.h"

#include "app/desktop/models/dead_letter_text.h"
#include "app/desktop/models/list_diff.h"
#include "app/desktop/models/text_format.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace millrace::desktop {

namespace {

constexpr double kNoFigure = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> keysOf(const std::vector<QueueRow>& rows)
{
    std::vector<std::string> keys;
    keys.reserve(rows.size());
    for (const QueueRow& row : rows)
        keys.push_back(row.name);
    return keys;
}

bool isStranded(const QueueRow& row)
{
    return row.sample.ready > 0 && row.sample.workers == 0 && !row.isPaused;
}

} // namespace

QueueTableModel::QueueTableModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void QueueTableModel::update(std::vector<QueueRow> rows)
{
    // Rows that are here stay in their order; only new ones are placed by the chosen column.
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        places.emplace(m_rows[i].name, i);
    std::vector<QueueRow> ordered, added;
    ordered.reserve(rows.size());
    for (QueueRow& row : rows)
        (places.contains(row.name) ? ordered : added).push_back(std::move(row));
    std::sort(ordered.begin(), ordered.end(), [&](const QueueRow& left, const QueueRow& right) {
        return places.at(left.name) < places.at(right.name);
    });
    for (QueueRow& row : added) {
        const auto place = std::find_if(ordered.begin(), ordered.end(),
                                        [&](const QueueRow& other) { return isBefore(row, other); });
        ordered.insert(place, std::move(row));
    }
    applyDiff(ordered);
}

void QueueTableModel::resort()
{
    std::vector<QueueRow> ordered = m_rows;
    std::stable_sort(ordered.begin(), ordered.end(),
                     [this](const QueueRow& left, const QueueRow& right) { return isBefore(left, right); });
    const auto before = keysOf(m_rows);
    const auto after = keysOf(ordered);
    if (before == after)
        return;
    // A layout change, not removal and insertion, so that views keep their current row.
    Q_EMIT layoutAboutToBeChanged({}, VerticalSortHint);
    std::unordered_map<std::string, int> places;
    for (int i = 0; i < static_cast<int>(after.size()); ++i)
        places.emplace(after[static_cast<std::size_t>(i)], i);
    const QModelIndexList old = persistentIndexList();
    QModelIndexList moved;
    moved.reserve(old.size());
    for (const QModelIndex& each : old)
        moved.append(index(places.at(before[static_cast<std::size_t>(each.row())]), each.column()));
    m_rows = std::move(ordered);
    changePersistentIndexList(old, moved);
    Q_EMIT layoutChanged({}, VerticalSortHint);
}

void QueueTableModel::applyDiff(std::vector<QueueRow>& rows)
{
    const ListDiff diff = diffLists(keysOf(m_rows), keysOf(rows));
    std::vector<std::uint32_t> changed(rows.size(), 0);
    for (const ListDiff::Kept& kept : diff.kept) {
        changed[static_cast<std::size_t>(kept.after)] = changedCells(m_rows[static_cast<std::size_t>(kept.before)],
                                                                     rows[static_cast<std::size_t>(kept.after)]);
    }
    for (const ListDiff::Range& range : diff.removals) {
        beginRemoveRows({}, range.first, range.first + range.count - 1);
        m_rows.erase(m_rows.begin() + range.first, m_rows.begin() + range.first + range.count);
        endRemoveRows();
    }
    for (const ListDiff::Range& range : diff.insertions) {
        beginInsertRows({}, range.first, range.first + range.count - 1);
        m_rows.insert(m_rows.begin() + range.first, rows.begin() + range.first,
                      rows.begin() + range.first + range.count);
        endInsertRows();
    }
    m_rows = std::move(rows);
    for (const CellRange& cells : mergeCells(changed)) {
        Q_EMIT dataChanged(index(cells.firstRow, cells.firstColumn), index(cells.lastRow, cells.lastColumn),
                           {Qt::DisplayRole, SparklineRole, PausedRole, ChangingRole, FigureRole, StrandedRole});
    }
}

std::uint32_t QueueTableModel::changedCells(const QueueRow& before, const QueueRow& after)
{
    std::uint32_t mask = 0;
    const auto set = [&](int column, bool differs) { mask |= (differs ? 1U : 0U) << column; };
    for (int column = Ready; column <= Workers; ++column) {
        const double old = figure(before, column);
        const double now = figure(after, column);
        set(column, !(old <= now && old >= now) && !(std::isnan(old) && std::isnan(now)));
    }
    set(State, before.isPaused != after.isPaused || before.isChanging != after.isChanging
                   || isStranded(before) != isStranded(after));
    set(Depth, before.depth != after.depth || before.sample.depth() != after.sample.depth());
    return mask;
}

int QueueTableModel::rowOf(const std::string& name) const
{
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [&](const QueueRow& row) { return row.name == name; });
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

const QueueRow* QueueTableModel::row(int index) const
{
    return index >= 0 && index < static_cast<int>(m_rows.size()) ? &m_rows[static_cast<std::size_t>(index)] : nullptr;
}

int QueueTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int QueueTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : kColumnCount;
}

double QueueTableModel::figure(const QueueRow& row, int column)
{
    switch (column) {
    case Depth: return static_cast<double>(row.sample.depth());
    case Ready: return static_cast<double>(row.sample.ready);
    case Scheduled: return static_cast<double>(row.sample.scheduled);
    case Leased: return static_cast<double>(row.sample.leased);
    case Retrying: return static_cast<double>(row.sample.retrying);
    case Dead: return static_cast<double>(row.sample.dead);
    case Lag: return static_cast<double>(row.sample.lagUs);
    case In: return row.inRate;
    case Out: return row.outRate;
    case Workers: return static_cast<double>(row.sample.workers);
    default: return kNoFigure;
    }
}

QString QueueTableModel::text(const QueueRow& row, int column) const
{
    switch (column) {
    case Name: return visibleLine(row.name);
    case State:
        if (row.isChanging)
            //: A queue whose pause or resume was asked for and is not confirmed yet.
            return tr("changing…");
        if (row.isPaused)
            //: State of a queue.
            return tr("paused");
        if (isStranded(row))
            //: State of a queue that holds messages while no worker is attached; short.
            return tr("no worker");
        //: State of a queue that is not paused.
        return tr("running");
    case Lag: return row.sample.lagUs == 0 ? QString(QChar(0x2013)) : formatDuration(row.sample.lagUs);
    case In: return formatRate(row.inRate);
    case Out: return formatRate(row.outRate);
    default: return formatCount(static_cast<std::uint64_t>(figure(row, column)));
    }
}

QVariant QueueTableModel::data(const QModelIndex& index, int role) const
{
    const QueueRow* row = index.isValid() ? this->row(index.row()) : nullptr;
    if (row == nullptr || index.column() >= kColumnCount)
        return {};
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole: return text(*row, column);
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(column >= Ready ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::AccessibleTextRole:
        //: Read aloud for a cell of the queue table: column title and its value.
        return tr("%1: %2").arg(headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(), text(*row, column));
    case NameRole: return QString::fromStdString(row->name);
    case SparklineRole: return QVariant::fromValue(row->depth);
    case PausedRole: return row->isPaused;
    case ChangingRole: return row->isChanging;
    case FigureRole: return figure(*row, column);
    case StrandedRole: return isStranded(*row);
    case kPlainToolTipRole:
        return column == State && isStranded(*row)
                   //: Tooltip of a queue.
                   ? tr("Nothing consumes this queue: messages wait and no worker is attached.")
                   : column == Name ? visibleText(row->name, 1000) : QString();
    default: return {};
    }
}

QVariant QueueTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= kColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(section >= Ready ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    //: Column titles of the queue table; short.
    case Name: return tr("Queue");
    case State: return tr("State");
    case Depth: return tr("Depth, last minute");
    case Ready: return tr("Ready");
    case Scheduled: return tr("Scheduled");
    case Leased: return tr("Leased");
    case Retrying: return tr("Retrying");
    case Dead: return tr("Dead");
    case Lag: return tr("Lag");
    //: Messages coming in per second.
    case In: return tr("In");
    //: Messages acknowledged per second.
    case Out: return tr("Out");
    case Workers: return tr("Workers");
    default: return {};
    }
}

bool QueueTableModel::isBefore(const QueueRow& left, const QueueRow& right) const
{
    const bool ascending = m_sortOrder == Qt::AscendingOrder;
    if (m_sortColumn == Name)
        return ascending ? left.name < right.name : right.name < left.name;
    if (m_sortColumn == State) {
        const auto rank = [](const QueueRow& row) { return isStranded(row) ? 0 : row.isPaused ? 1 : 2; };
        if (rank(left) != rank(right))
            return ascending ? rank(left) < rank(right) : rank(right) < rank(left);
        return left.name < right.name;
    }
    // No figure is below every figure, so that the order is total.
    const auto value = [this](const QueueRow& row) {
        const double figureOfRow = figure(row, m_sortColumn);
        return std::isnan(figureOfRow) ? -1.0 : figureOfRow;
    };
    const double leftValue = value(left);
    const double rightValue = value(right);
    if (leftValue < rightValue || leftValue > rightValue)
        return ascending ? leftValue < rightValue : rightValue < leftValue;
    return left.name < right.name;
}

void QueueTableModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= kColumnCount)
        return;
    m_sortColumn = column;
    m_sortOrder = order;
    resort();
}

} // namespace millrace::desktop
