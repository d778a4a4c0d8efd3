// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/models/dead_letter_group_model.h"

#include "app/desktop/models/dead_letter_text.h"
#include "app/desktop/models/list_diff.h"
#include "app/desktop/models/text_format.h"

#include <QStringList>

#include <algorithm>
#include <string>

namespace millrace::desktop {

namespace {

std::vector<std::string> keysOf(const std::vector<message::DeadLetterGroup>& groups)
{
    std::vector<std::string> keys{"all"};
    for (const message::DeadLetterGroup& group : groups)
        keys.push_back(std::to_string(group.fingerprint));
    return keys;
}

} // namespace

DeadLetterGroupModel::DeadLetterGroupModel(QObject* parent)
    : QAbstractListModel(parent)
{
}

void DeadLetterGroupModel::update(std::vector<message::DeadLetterGroup> groups, std::int64_t nowUs)
{
    m_nowUs = nowUs;
    std::stable_sort(groups.begin(), groups.end(), [](const auto& left, const auto& right) {
        return left.count != right.count ? left.count > right.count : left.lastDiedAtUs > right.lastDiedAtUs;
    });
    const ListDiff diff = diffLists(keysOf(m_groups), keysOf(groups));
    for (const ListDiff::Range& range : diff.removals) {
        beginRemoveRows({}, range.first, range.first + range.count - 1);
        const auto first = m_groups.begin() + range.first - 1;
        m_groups.erase(first, first + range.count);
        endRemoveRows();
    }
    for (const ListDiff::Range& range : diff.insertions) {
        beginInsertRows({}, range.first, range.first + range.count - 1);
        const auto from = groups.begin() + range.first - 1;
        m_groups.insert(m_groups.begin() + range.first - 1, from, from + range.count);
        endInsertRows();
    }
    m_groups = std::move(groups);
    Q_EMIT dataChanged(index(0), index(rowCount() - 1));
}

void DeadLetterGroupModel::setNow(std::int64_t nowUs)
{
    m_nowUs = nowUs;
    Q_EMIT dataChanged(index(0), index(rowCount() - 1), {SpanRole});
}

const message::DeadLetterGroup* DeadLetterGroupModel::group(int row) const
{
    return row >= 1 && row <= static_cast<int>(m_groups.size()) ? &m_groups[static_cast<std::size_t>(row) - 1]
                                                                : nullptr;
}

const message::DeadLetterGroup* DeadLetterGroupModel::groupOf(std::uint64_t fingerprint) const
{
    return fingerprint == 0 ? nullptr : group(rowOf(fingerprint));
}

int DeadLetterGroupModel::rowOf(std::uint64_t fingerprint) const
{
    const auto found = std::find_if(m_groups.begin(), m_groups.end(),
                                    [&](const auto& group) { return group.fingerprint == fingerprint; });
    return found == m_groups.end() ? 0 : static_cast<int>(found - m_groups.begin()) + 1;
}

std::uint64_t DeadLetterGroupModel::totalCount() const
{
    std::uint64_t total = 0;
    for (const message::DeadLetterGroup& group : m_groups)
        total += group.count;
    return total;
}

int DeadLetterGroupModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_groups.size()) + 1;
}

QString DeadLetterGroupModel::title(const message::DeadLetterGroup& group) const
{
    return group.errorClass.empty() ? reasonName(group.reason) : visibleLine(group.errorClass, 120);
}

QString DeadLetterGroupModel::span(const message::DeadLetterGroup& group) const
{
    const QString last = formatRelativeTime(group.lastDiedAtUs, m_nowUs);
    if (group.count <= 1)
        return last;
    //: When a failure was first and last seen: %1 is a time of day, %2 for example "3 min ago".
    return tr("first %1, last %2").arg(formatClock(group.firstDiedAtUs, m_nowUs), last);
}

QString DeadLetterGroupModel::toolTip(const message::DeadLetterGroup& group) const
{
    QStringList queues;
    for (const std::string& queue : group.queues)
        queues += visibleLine(queue);
    //: Tooltip of a group of like failures: text, reason, queues, first and last time.
    return tr("%1\nReason: %2\nQueues: %3\nFirst: %4\nLast: %5")
        .arg(visibleText(group.text, 1000), reasonName(group.reason), queues.join(QStringLiteral(", ")),
             formatAbsoluteTime(group.firstDiedAtUs), formatAbsoluteTime(group.lastDiedAtUs));
}

QVariant DeadLetterGroupModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const message::DeadLetterGroup* each = group(index.row());
    if (each == nullptr) {
        switch (role) {
        case FingerprintRole: return quint64(0);
        case CountRole: return quint64(totalCount());
        case Qt::DisplayRole:
        case TitleRole:
            //: First row of the groups of failures: every dead letter.
            return tr("All groups");
        case Qt::AccessibleTextRole:
            return tr("All groups, %1").arg(formatCount(totalCount()));
        default: return {};
        }
    }
    switch (role) {
    case FingerprintRole: return quint64(each->fingerprint);
    case CountRole: return quint64(each->count);
    case Qt::DisplayRole:
    case TitleRole: return title(*each);
    case TextRole: {
        const QString text = visibleLine(each->text, 200);
        const QString prefix = QString(title(*each) + QStringLiteral(": "));
        return text.startsWith(prefix) ? text.mid(prefix.size()) : text;
    }
    case SpanRole: return span(*each);
    case Qt::AccessibleTextRole:
        //: Read aloud for a group of failures: error class and count.
        return tr("%1, %2").arg(title(*each), formatCount(each->count));
    case kPlainToolTipRole: return toolTip(*each);
    default: return {};
    }
}

} // namespace millrace::desktop
