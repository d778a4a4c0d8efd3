// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/models/dead_letter_text.h"

#include <QDateTime>
#include <QLocale>

#include <algorithm>

namespace millrace::desktop {

namespace {

bool changesLayout(char16_t c)
{
    return c == 0x061C || (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E)
           || (c >= 0x2060 && c <= 0x206F) || c == 0x200B || c == 0xFEFF || c == 0x2028 || c == 0x2029
           || (c >= 0x80 && c < 0xA0) || (c >= 0xFFF9 && c <= 0xFFFB);
}

QString visible(const QString& text, bool keepLines)
{
    QString out;
    out.reserve(text.size());
    for (const QChar each : text) {
        const char16_t c = each.unicode();
        if (keepLines && (c == u'\n' || c == u'\t'))
            out += each;
        else if (c < 0x20)
            out += QChar(static_cast<char16_t>(0x2400 + c));
        else if (c == 0x7F)
            out += QChar(0x2421);
        else if (changesLayout(c))
            out += QStringLiteral("[U+%1]").arg(static_cast<uint>(c), 4, 16, QLatin1Char('0')).toUpper();
        else
            out += each;
    }
    return out;
}

QDateTime localTime(std::int64_t us)
{
    return QDateTime::fromMSecsSinceEpoch(us / 1000);
}

} // namespace

QString DeadLetterText::line(std::string_view bytes, int limit)
{
    // A character has at most four bytes: the rest of a very long text need not be decoded.
    const std::size_t enough = static_cast<std::size_t>(limit) * 4 + 4;
    const std::string_view head = message::truncateUtf8(bytes, enough);
    QString text = visible(QString::fromUtf8(head.data(), static_cast<qsizetype>(head.size())), false);
    if (text.size() > limit || head.size() < bytes.size()) {
        text.truncate(limit - 1);
        if (!text.isEmpty() && text.back().isHighSurrogate())
            text.chop(1);
        text += QChar(0x2026);
    }
    return text;
}

QString DeadLetterText::block(std::string_view bytes)
{
    return visible(QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size())), true);
}

QString DeadLetterText::shortened(std::string_view id, int limit)
{
    const QString whole = line(id, 4096);
    if (whole.size() <= limit)
        return whole;
    const int tail = std::max(4, limit / 3);
    return QString(whole.left(limit - tail - 1) + QChar(0x2026) + whole.right(tail));
}

QString DeadLetterText::toolTip(const QString& plain)
{
    if (plain.isEmpty())
        return {};
    QString escaped = plain.left(4000).toHtmlEscaped();
    escaped.replace(QLatin1Char('\n'), QLatin1String("<br>"));
    return QString(QLatin1String("<qt>") + escaped + QLatin1String("</qt>"));
}

QString DeadLetterText::clock(std::int64_t atUs, std::int64_t nowUs)
{
    if (atUs == 0)
        return QString(QChar(0x2013));
    const QDateTime at = localTime(atUs);
    if (at.date() == localTime(nowUs).date())
        return at.toString(QStringLiteral("HH:mm:ss"));
    return at.toString(QStringLiteral("d MMM HH:mm"));
}

QString DeadLetterText::fullTime(std::int64_t atUs)
{
    if (atUs == 0)
        return QString(QChar(0x2013));
    return localTime(atUs).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz t"));
}

QString DeadLetterText::age(std::int64_t atUs, std::int64_t nowUs)
{
    const std::int64_t seconds = (nowUs - atUs) / 1'000'000;
    if (seconds < 5)
        //: age of an event, a few seconds
        return tr("just now");
    //: age of an event; %1 is a duration such as "3 min"
    return tr("%1 ago").arg(duration(seconds < 60 ? seconds * 1'000'000 : seconds / 60 * 60'000'000));
}

QString DeadLetterText::duration(std::int64_t us)
{
    const QLocale locale;
    if (us < 1'000)
        //: microseconds
        return tr("%1 µs").arg(us);
    if (us < 1'000'000)
        //: milliseconds
        return tr("%1 ms").arg(us / 1'000);
    if (us < 10'000'000)
        //: seconds, with one decimal
        return tr("%1 s").arg(locale.toString(static_cast<double>(us / 100'000) / 10.0, 'f', us % 1'000'000 < 100'000 ? 0 : 1));
    const std::int64_t seconds = us / 1'000'000;
    if (seconds < 60)
        //: seconds
        return tr("%1 s").arg(seconds);
    const std::int64_t minutes = seconds / 60;
    if (minutes < 60)
        //: minutes and seconds, or minutes alone
        return seconds % 60 == 0 ? tr("%1 min").arg(minutes) : tr("%1 min %2 s").arg(minutes).arg(seconds % 60);
    const std::int64_t hours = minutes / 60;
    if (hours < 48)
        //: hours and minutes, or hours alone
        return minutes % 60 == 0 ? tr("%1 h").arg(hours) : tr("%1 h %2 min").arg(hours).arg(minutes % 60);
    //: days
    return tr("%1 d").arg(hours / 24);
}

QString DeadLetterText::bytes(std::uint64_t count)
{
    return QLocale().formattedDataSize(static_cast<qint64>(count), 1, QLocale::DataSizeIecFormat);
}

QString DeadLetterText::number(std::uint64_t count)
{
    return QLocale().toString(static_cast<qulonglong>(count));
}

QString DeadLetterText::reason(message::Reason reason)
{
    switch (reason) {
    case message::Reason::AttemptsExhausted:
        //: why a message became a dead letter
        return tr("attempts exhausted");
    case message::Reason::Rejected:
        //: why a message became a dead letter: the worker refused it
        return tr("rejected");
    case message::Reason::Expired:
        //: why a message became a dead letter
        return tr("expired");
    case message::Reason::SchemaInvalid:
        //: why a message became a dead letter: its body does not fit the schema
        return tr("does not fit its schema");
    case message::Reason::CrashedInFlight:
        //: why a message became a dead letter: the process died while it was handled
        return tr("crashed in flight");
    }
    return {};
}

QString DeadLetterText::state(message::State state)
{
    switch (state) {
    case message::State::Dead:
        //: state of a dead letter
        return tr("dead");
    case message::State::Archived:
        //: state of a dead letter
        return tr("archived");
    case message::State::Replayed:
        //: state of a dead letter that was put back to work
        return tr("replayed");
    case message::State::Discarded:
        //: state of a dead letter
        return tr("discarded");
    default:
        break;
    }
    const std::string_view name = message::toString(state);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

} // namespace millrace::desktop
