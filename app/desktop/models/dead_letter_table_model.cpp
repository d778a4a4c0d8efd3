// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/models/dead_letter_table_model.h"

#include "app/desktop/models/dead_letter_text.h"
#include "app/desktop/models/text_format.h"

#include <algorithm>
#include <limits>

namespace millrace::desktop {

DeadLetterTableModel::DeadLetterTableModel(QObject* parent)
    : QAbstractTableModel(parent)
{
    m_askTimer.setSingleShot(true);
    m_askTimer.setInterval(0);
    connect(&m_askTimer, &QTimer::timeout, this, &DeadLetterTableModel::askForWanted);
}

void DeadLetterTableModel::reset(std::uint64_t total, std::int64_t nowUs)
{
    beginResetModel();
    m_total = total;
    m_nowUs = nowUs;
    ++m_generation;
    m_pages.clear();
    m_uses.clear();
    m_wanted.clear();
    m_asked.clear();
    m_failed.clear();
    m_stale.clear();
    m_firstVisible = m_lastVisible = 0;
    m_allChecked = false;
    endResetModel();
    if (m_total > 0)
        want(0);
    Q_EMIT checkedChanged();
}

void DeadLetterTableModel::reload(std::int64_t nowUs)
{
    ++m_generation;
    m_nowUs = nowUs;
    m_asked.clear();
    m_failed.clear();
    m_stale.clear();
    std::vector<std::uint64_t> hidden;
    for (const auto& [number, page] : m_pages) {
        if (number >= m_firstVisible && number <= m_lastVisible)
            m_stale.insert(number);
        else
            hidden.push_back(number);
    }
    for (const std::uint64_t number : hidden) {
        m_uses.erase(m_pages.at(number).use);
        m_pages.erase(number);
    }
    m_wanted.clear();
    for (const std::uint64_t number : m_stale)
        want(number);
}

void DeadLetterTableModel::setPage(std::uint64_t generation, std::uint64_t page,
                                   std::vector<message::DeadLetterRow> rows)
{
    if (generation != m_generation)
        return;
    m_asked.erase(page);
    const std::uint64_t first = page * kPageRows;
    if (first >= m_total || (m_pages.contains(page) && !m_stale.contains(page)))
        return;
    m_failed.erase(page);
    if (m_stale.erase(page) > 0) {
        m_uses.erase(m_pages.at(page).use);
        m_pages.erase(page);
    }
    // A short answer leaves rows without data; they stay placeholders and are not asked for again.
    rows.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kPageRows, m_total - first)));
    m_uses.push_front(page);
    m_pages.emplace(page, Page{std::move(rows), m_uses.begin()});
    evict();
    const int last = static_cast<int>(std::min<std::uint64_t>(first + kPageRows, m_total)) - 1;
    Q_EMIT dataChanged(index(static_cast<int>(first), 0), index(last, kColumnCount - 1));
}

void DeadLetterTableModel::pageFailed(std::uint64_t generation, std::uint64_t page)
{
    if (generation != m_generation)
        return;
    m_asked.erase(page);
    m_failed.insert(page);
    Q_EMIT rowsFailed();
}

void DeadLetterTableModel::retryFailed()
{
    m_failed.clear();
    setViewport(static_cast<int>(m_firstVisible * kPageRows), static_cast<int>(m_lastVisible * kPageRows));
}

void DeadLetterTableModel::evict()
{
    while (m_pages.size() > kMaxPages) {
        // What is on the screen stays, even if it was loaded first.
        auto oldest = std::prev(m_uses.end());
        while (oldest != m_uses.begin() && *oldest >= m_firstVisible && *oldest <= m_lastVisible)
            --oldest;
        m_pages.erase(*oldest);
        m_uses.erase(oldest);
    }
}

void DeadLetterTableModel::setViewport(int firstRow, int lastRow)
{
    if (m_total == 0)
        return;
    const auto clamp = [this](int row) {
        return std::min<std::uint64_t>(static_cast<std::uint64_t>(std::max(row, 0)), m_total - 1) / kPageRows;
    };
    m_firstVisible = clamp(firstRow);
    m_lastVisible = std::max(clamp(lastRow), m_firstVisible);
    m_wanted.clear();
    for (std::uint64_t page = m_firstVisible; page <= m_lastVisible && m_wanted.size() < kMaxWanted; ++page)
        want(page);
}

void DeadLetterTableModel::want(std::uint64_t page) const
{
    if ((m_pages.contains(page) && !m_stale.contains(page)) || m_asked.contains(page) || m_failed.contains(page)
        || std::find(m_wanted.begin(), m_wanted.end(), page) != m_wanted.end())
        return;
    if (m_wanted.size() >= kMaxWanted)
        m_wanted.erase(m_wanted.begin());
    m_wanted.push_back(page);
    if (!m_askTimer.isActive())
        m_askTimer.start();
}

void DeadLetterTableModel::askForWanted()
{
    QList<quint64> pages;
    for (const std::uint64_t page : m_wanted) {
        if (m_asked.insert(page).second)
            pages.append(page);
    }
    m_wanted.clear();
    if (!pages.isEmpty())
        Q_EMIT pagesWanted(m_generation, pages);
}

const message::DeadLetterRow* DeadLetterTableModel::row(int index) const
{
    if (index < 0 || static_cast<std::uint64_t>(index) >= m_total)
        return nullptr;
    const auto found = m_pages.find(static_cast<std::uint64_t>(index) / kPageRows);
    if (found == m_pages.end())
        return nullptr;
    const auto& row = found->second.rows[static_cast<std::size_t>(index) % kPageRows];
    return row.ref.value.empty() ? nullptr : &row;
}

int DeadLetterTableModel::rowOf(const message::MessageRef& ref) const
{
    for (const auto& [number, page] : m_pages) {
        const auto found = std::find_if(page.rows.begin(), page.rows.end(),
                                        [&](const message::DeadLetterRow& row) { return row.ref == ref; });
        if (found != page.rows.end() && !ref.value.empty())
            return static_cast<int>(number) * kPageRows + static_cast<int>(found - page.rows.begin());
    }
    return -1;
}

void DeadLetterTableModel::announceColumn(int column)
{
    // Only loaded rows can have been painted with a value.
    for (const auto& [number, page] : m_pages) {
        const int first = static_cast<int>(number) * kPageRows;
        Q_EMIT dataChanged(index(first, column), index(first + static_cast<int>(page.rows.size()) - 1, column));
    }
}

void DeadLetterTableModel::setChecked(const message::MessageRef& ref, bool checked)
{
    if (ref.value.empty())
        return;
    if (m_allChecked && !checked) {
        // From "all of them" to "the loaded ones but this" would drop rows that nobody has seen: start over.
        m_allChecked = false;
        m_checked.clear();
        announceColumn(Check);
        Q_EMIT checkedChanged();
        return;
    }
    if (checked ? !m_checked.insert(ref).second : m_checked.erase(ref) == 0)
        return;
    if (const int row = rowOf(ref); row >= 0)
        Q_EMIT dataChanged(index(row, 0), index(row, kColumnCount - 1), {Qt::CheckStateRole, CheckedRole});
    Q_EMIT checkedChanged();
}

void DeadLetterTableModel::clearChecked()
{
    if (m_checked.empty() && !m_allChecked)
        return;
    m_checked.clear();
    m_allChecked = false;
    announceColumn(Check);
    Q_EMIT checkedChanged();
}

void DeadLetterTableModel::setAllChecked(bool all)
{
    m_checked.clear();
    m_allChecked = all && m_total > 0;
    announceColumn(Check);
    Q_EMIT checkedChanged();
}

void DeadLetterTableModel::check(const std::vector<message::MessageRef>& refs)
{
    m_checked.insert(refs.begin(), refs.end());
    announceColumn(Check);
    Q_EMIT checkedChanged();
}

int DeadLetterTableModel::rowCount(const QModelIndex& parent) const
{
    // Views count rows in int; a longer list shows its beginning.
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<int>::max() / 64);
    return parent.isValid() ? 0 : static_cast<int>(std::min(m_total, kMost));
}

int DeadLetterTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : kColumnCount;
}

Qt::ItemFlags DeadLetterTableModel::flags(const QModelIndex& index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (index.isValid() && index.column() == Check)
        flags |= Qt::ItemIsUserCheckable;
    return flags;
}

bool DeadLetterTableModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    const message::DeadLetterRow* row = index.isValid() ? this->row(index.row()) : nullptr;
    if (row == nullptr || role != Qt::CheckStateRole || index.column() != Check)
        return false;
    setChecked(row->ref, value.toInt() == Qt::Checked);
    return true;
}

QString DeadLetterTableModel::text(const message::DeadLetterRow& row, int column) const
{
    switch (column) {
    case Time: return formatClock(row.diedAtUs, m_nowUs);
    case Queue: return visibleLine(row.queue, 200);
    case Type: return visibleLine(row.type, 200);
    case Error:
        if (row.errorClass.empty() && row.errorText.empty())
            return reasonName(row.reason);
        if (row.errorText.empty())
            return visibleLine(row.errorClass, 200);
        return row.errorClass.empty()
                   ? visibleLine(row.errorText, 200)
                   : QString(visibleLine(row.errorClass, 80) + QStringLiteral("  ") + visibleLine(row.errorText, 200));
    case Attempts: return formatCount(row.attempts);
    case Status: return letterStateName(row.state);
    default: return {};
    }
}

QString DeadLetterTableModel::toolTip(const message::DeadLetterRow& row, int column) const
{
    switch (column) {
    case Time: return formatAbsoluteTime(row.diedAtUs);
    case Queue: return visibleText(row.queue, 1000);
    case Type: return visibleText(row.type, 1000);
    case Error:
        return QString(visibleText(row.errorClass, 300) + QLatin1Char('\n') + visibleText(row.errorText, 1000)
                       + QLatin1Char('\n') + reasonName(row.reason));
    case Attempts:
        //: Tooltip; %1 is a number of attempts, %2 how often the message was replayed before.
        return tr("Attempts: %1. Replayed before: %2.").arg(formatCount(row.attempts), formatCount(row.replayCount));
    default: return {};
    }
}

QVariant DeadLetterTableModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount() || index.column() >= kColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(index.column() == Attempts ? Qt::AlignRight : Qt::AlignLeft)
                                   | Qt::AlignVCenter);
    const auto pageNumber = static_cast<std::uint64_t>(index.row()) / kPageRows;
    const auto page = m_pages.find(pageNumber);
    if (page == m_pages.end()) {
        if (role == Qt::DisplayRole && index.column() != Check) {
            want(pageNumber);
            return QString(QChar(0x2026));
        }
        return role == LoadedRole || role == CheckedRole ? QVariant(false) : QVariant();
    }
    m_uses.splice(m_uses.begin(), m_uses, page->second.use);
    const message::DeadLetterRow* row = this->row(index.row());
    if (row == nullptr)
        return role == Qt::DisplayRole && index.column() != Check ? QVariant(QString(QChar(0x2013))) : QVariant();
    switch (role) {
    case Qt::DisplayRole: return text(*row, index.column());
    case Qt::CheckStateRole:
        if (index.column() != Check)
            return {};
        return m_allChecked || isChecked(row->ref) ? Qt::Checked : Qt::Unchecked;
    case Qt::AccessibleTextRole:
        return index.column() == Check ? tr("selected for an action") : text(*row, index.column());
    case kPlainToolTipRole: return toolTip(*row, index.column());
    case RefRole: return QString::fromStdString(row->ref.value);
    case StateRole: return static_cast<int>(row->state);
    case LoadedRole: return true;
    case CheckedRole: return m_allChecked || isChecked(row->ref);
    default: return {};
    }
}

QVariant DeadLetterTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= kColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(section == Attempts ? Qt::AlignRight : Qt::AlignLeft)
                                   | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    //: Column titles of the dead letter table; short. When it became a dead letter.
    case Time: return tr("Time");
    case Queue: return tr("Queue");
    //: The type of a message, for example order.created.
    case Type: return tr("Type");
    case Error: return tr("Error");
    //: Number of attempts; very short.
    case Attempts: return tr("Tries");
    case Status: return tr("State");
    default: return {};
    }
}

} // namespace millrace::desktop
