// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/models/dead_letter_detail_models.h"

#include "app/desktop/models/dead_letter_text.h"
#include "app/desktop/models/text_format.h"
#include "core/message/envelope.h"

#include <algorithm>

namespace millrace::desktop {

DeadLetterEnvelopeModel::DeadLetterEnvelopeModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void DeadLetterEnvelopeModel::add(const QString& name, const QString& value)
{
    if (!value.isEmpty())
        m_lines.push_back({name, value});
}

void DeadLetterEnvelopeModel::add(const QString& name, std::string_view value)
{
    add(name, QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size())));
}

void DeadLetterEnvelopeModel::setDetail(const message::DeadLetterDetail& detail)
{
    beginResetModel();
    m_lines.clear();
    addLetter(detail);
    addEnvelope(detail);
    endResetModel();
}

void DeadLetterEnvelopeModel::clear()
{
    beginResetModel();
    m_lines.clear();
    endResetModel();
}

void DeadLetterEnvelopeModel::addLetter(const message::DeadLetterDetail& detail)
{
    const message::DeadLetterRow& row = detail.row;
    //: Names of the facts about a dead letter; short.
    add(tr("queue"), row.queue);
    add(tr("state"), letterStateName(row.state));
    add(tr("reason"), reasonName(row.reason));
    add(tr("died"), formatAbsoluteTime(row.diedAtUs));
    add(tr("submitted"), formatAbsoluteTime(row.submittedAtUs));
    add(tr("attempts"), formatCount(row.attempts));
    if (row.replayCount > 0)
        //: How often this message was replayed before.
        add(tr("replayed before"), formatCount(row.replayCount));
    //: The dead letter whose replay this message was.
    add(tr("replay of"), detail.replayOf.value);
    //: The new message that a replay made from this dead letter.
    add(tr("replayed as"), detail.replayedAs.value);
    if (detail.closedAtUs != 0) {
        //: When the dead letter was replayed or discarded.
        add(tr("closed"), formatAbsoluteTime(detail.closedAtUs));
        //: Who replayed or discarded the dead letter.
        add(tr("closed by"), detail.closedBy);
    }
    add(tr("body size"), formatBytes(row.bodyBytes));
    add(tr("last worker"), row.worker);
}

void DeadLetterEnvelopeModel::addEnvelope(const message::DeadLetterDetail& detail)
{
    const auto envelope = message::decodeEnvelope(detail.envelope);
    if (!envelope) {
        // The indexed columns are still there when the envelope's bytes are not.
        add(QStringLiteral("id"), detail.row.id);
        add(QStringLiteral("type"), detail.row.type);
        add(QStringLiteral("source"), detail.row.source);
        //: Shown in place of the attributes of a damaged message.
        add(tr("envelope"), tr("cannot be read: %1").arg(describeError(envelope.error())));
        return;
    }
    // CloudEvents attribute names are identifiers and stay as they are in every language.
    add(QStringLiteral("id"), envelope->id);
    add(QStringLiteral("source"), envelope->source);
    add(QStringLiteral("type"), envelope->type);
    add(QStringLiteral("subject"), envelope->subject);
    add(QStringLiteral("time"), envelope->time);
    add(QStringLiteral("datacontenttype"), envelope->dataContentType);
    add(QStringLiteral("dataschema"), envelope->dataSchema);
    add(QStringLiteral("correlationid"), envelope->correlationId);
    add(QStringLiteral("causationid"), envelope->causationId);
    add(QStringLiteral("traceparent"), envelope->traceParent);
    add(QStringLiteral("partitionkey"), envelope->partitionKey);
    add(QStringLiteral("priority"), QString::number(envelope->priority));
    add(QStringLiteral("idempotencykey"), envelope->idempotencyKey);
    if (envelope->deliverAtUs != 0)
        add(QStringLiteral("deliverat"), formatAbsoluteTime(envelope->deliverAtUs));
    if (envelope->expiresAtUs != 0)
        add(QStringLiteral("expiresat"), formatAbsoluteTime(envelope->expiresAtUs));
    for (const auto& [name, value] : envelope->attributes)
        add(visibleLine(name), value);
}

int DeadLetterEnvelopeModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int DeadLetterEnvelopeModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : 2;
}

QVariant DeadLetterEnvelopeModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const Line& line = m_lines[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole: return index.column() == Name ? line.name : visibleLine(line.whole);
    case kPlainToolTipRole: return index.column() == Value ? visibleText(line.whole.left(2000)) : QString();
    case kWholeValueRole: return line.whole;
    default: return {};
    }
}

QVariant DeadLetterEnvelopeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    //: Column titles of a table of attributes.
    return section == Name ? tr("Attribute") : tr("Value");
}

DeadLetterAttemptModel::DeadLetterAttemptModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

void DeadLetterAttemptModel::setAttempts(std::vector<message::Attempt> attempts, std::int64_t nowUs)
{
    beginResetModel();
    m_attempts = std::move(attempts);
    std::reverse(m_attempts.begin(), m_attempts.end());
    m_nowUs = nowUs;
    endResetModel();
}

int DeadLetterAttemptModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_attempts.size());
}

int DeadLetterAttemptModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : kColumnCount;
}

QString DeadLetterAttemptModel::text(const message::Attempt& attempt, int column) const
{
    switch (column) {
    case Number: return formatCount(attempt.number);
    case Started: return formatClock(base::toMicros(attempt.startedAt), m_nowUs);
    case Duration: return formatDuration((attempt.endedAt - attempt.startedAt).count());
    case Worker: return visibleLine(attempt.worker, 120);
    case ErrorClass: return visibleLine(attempt.failure.errorClass, 200);
    case ErrorText: return visibleLine(attempt.failure.errorText, 400);
    default: return {};
    }
}

QVariant DeadLetterAttemptModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount() || index.column() >= kColumnCount)
        return {};
    const message::Attempt& attempt = m_attempts[static_cast<std::size_t>(index.row())];
    const bool isFigure = index.column() == Number || index.column() == Duration;
    switch (role) {
    case Qt::DisplayRole: return text(attempt, index.column());
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(isFigure ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case kWholeTextRole:
        // A node keeps no more; another backend may, and a text view lays out a line of a megabyte for a minute.
        return visibleText(attempt.failure.errorText, message::kMaxErrorTextBytes);
    case kPlainToolTipRole:
        if (index.column() == Started)
            return formatAbsoluteTime(base::toMicros(attempt.startedAt));
        return index.column() >= Worker ? QString(visibleText(attempt.worker, 300) + QLatin1Char('\n')
                                                  + visibleText(attempt.failure.errorClass, 300) + QLatin1Char('\n')
                                                  + visibleText(attempt.failure.errorText, 2000))
                                        : QString();
    default: return {};
    }
}

QVariant DeadLetterAttemptModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(
            Qt::Alignment(section == Number || section == Duration ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    //: Column titles of the table of attempts; short. Number of the attempt.
    case Number: return tr("#");
    case Started: return tr("Time");
    case Duration: return tr("Took");
    case Worker: return tr("Worker");
    //: Short stable name of an error.
    case ErrorClass: return tr("Error");
    case ErrorText: return tr("Text");
    default: return {};
    }
}

} // namespace millrace::desktop
