// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/models/text_format.h"

#include "core/message/life.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <array>
#include <cmath>

namespace millrace::desktop {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(millrace::desktop::Text)
};

bool isInvisible(QChar character)
{
    const char16_t unit = character.unicode();
    if (unit == u'\n' || unit == u'\t')
        return false;
    if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0))
        return true;
    if (unit == 0x00ad || unit == 0x034f || unit == 0x061c || unit == 0x115f || unit == 0x1160
        || unit == 0x180e || unit == 0x3164 || unit == 0xfeff || unit == 0xffa0)
        return true;
    return (unit >= 0x200b && unit <= 0x200f) || (unit >= 0x2028 && unit <= 0x202e)
        || (unit >= 0x2060 && unit <= 0x206f) || (unit >= 0xfff9 && unit <= 0xfffb);
}

QString escaped(QChar character)
{
    const QString digits = QString::number(uint(character.unicode()), 16).toUpper();
    return QLatin1String("\\u") + digits.rightJustified(4, QLatin1Char('0'));
}

QString scaled(double value, const QString& unit)
{
    const int decimals = value < 10 ? 1 : 0;
    return QLocale().toString(value, 'f', decimals) + QChar(0x202f) + unit;
}

QString twoUnits(std::int64_t major, const QString& majorUnit, std::int64_t minor, const QString& minorUnit)
{
    const QChar gap(0x202f);
    QString text = QLocale().toString(qlonglong(major)) + gap + majorUnit;
    if (minor > 0)
        text += QLatin1Char(' ') + QLocale().toString(qlonglong(minor)) + gap + minorUnit;
    return text;
}

/// The name of a time span of at least a second, without direction.
QString spanText(std::int64_t us)
{
    const std::int64_t seconds = us / 1'000'000;
    if (seconds < 60)
        return twoUnits(seconds, QStringLiteral("s"), 0, {});
    if (seconds < 3600)
        return twoUnits(seconds / 60, QStringLiteral("min"), 0, {});
    return twoUnits(seconds / 3600, QStringLiteral("h"), (seconds % 3600) / 60, QStringLiteral("min"));
}

} // namespace

QString visibleText(QStringView text)
{
    QString result;
    result.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar character = text[i];
        if (character.isHighSurrogate() && i + 1 < text.size() && text[i + 1].isLowSurrogate()) {
            const char32_t point = QChar::surrogateToUcs4(character, text[i + 1]);
            const bool isTag = point >= 0xe0000 && point <= 0xe0fff;
            if (isTag)
                result += escaped(character) + escaped(text[i + 1]);
            else
                result.append(character).append(text[i + 1]);
            ++i;
        } else if (character.isSurrogate() || isInvisible(character)) {
            result += escaped(character);
        } else {
            result += character;
        }
    }
    return result;
}

QString visibleText(std::string_view utf8, std::size_t limit)
{
    const bool cut = utf8.size() > limit;
    const auto kept = cut ? message::truncateUtf8(utf8, limit) : utf8;
    QString text = visibleText(QString::fromUtf8(kept.data(), qsizetype(kept.size())));
    if (cut)
        text += QChar(0x2026);
    return text;
}

QString visibleLine(QStringView text, qsizetype limit)
{
    QString line = text.size() > limit ? text.left(limit).toString() + QChar(0x2026) : text.toString();
    line.replace(QLatin1String("\r\n"), QLatin1String("\n"));
    line.replace(QLatin1Char('\n'), QChar(0x23ce));
    line.replace(QLatin1Char('\t'), QLatin1Char(' '));
    return visibleText(line);
}

QString visibleLine(std::string_view utf8, std::size_t limit)
{
    const auto kept = message::truncateUtf8(utf8, limit);
    QString text = QString::fromUtf8(kept.data(), qsizetype(kept.size()));
    if (kept.size() < utf8.size())
        text += QChar(0x2026);
    return visibleLine(text, text.size());
}

QString elideMiddle(const QString& id, int limit)
{
    if (id.size() <= limit || limit < 3)
        return id;
    const int head = limit / 2;
    const int tail = limit - 1 - head;
    return id.left(head) + QChar(0x2026) + id.right(tail);
}

QString notAvailable()
{
    //: There is no figure; short, stands in place of a number.
    return Text::tr("n/a");
}

QString formatCount(std::uint64_t value)
{
    return QLocale().toString(qulonglong(value));
}

QString formatCount(std::optional<std::uint64_t> value)
{
    return value ? formatCount(*value) : notAvailable();
}

QString formatCompact(double value)
{
    if (!std::isfinite(value))
        return notAvailable();
    const double size = std::abs(value);
    const QLocale locale;
    if (size < 10 && size != std::floor(size))
        return locale.toString(value, 'f', 1);
    if (size < 10'000)
        return locale.toString(std::round(value), 'f', 0);
    constexpr std::array<char, 3> kSuffixes{'k', 'M', 'G'};
    double rest = value / 1000;
    std::size_t suffix = 0;
    while (std::abs(rest) >= 1000 && suffix + 1 < kSuffixes.size()) {
        rest /= 1000;
        ++suffix;
    }
    return locale.toString(rest, 'f', std::abs(rest) < 100 ? 1 : 0) + QLatin1Char(kSuffixes[suffix]);
}

QString formatRate(double perSecond)
{
    if (!std::isfinite(perSecond))
        return notAvailable();
    const int decimals = perSecond > 0 && perSecond < 10 ? 1 : 0;
    //: A rate: %1 is a number, the unit is "per second".
    return Text::tr("%1/s").arg(QLocale().toString(perSecond, 'f', decimals));
}

QString formatDuration(std::int64_t us)
{
    if (us < 0)
        us = 0;
    if (us < 1000)
        return twoUnits(us, us == 0 ? QStringLiteral("s") : QStringLiteral("µs"), 0, {});
    if (us < 1'000'000)
        return scaled(double(us) / 1000, QStringLiteral("ms"));
    if (us < 60'000'000)
        return QLocale().toString(double(us) / 1'000'000, 'f', 1) + QChar(0x202f) + QLatin1Char('s');
    const std::int64_t seconds = us / 1'000'000;
    if (seconds < 3600)
        return twoUnits(seconds / 60, QStringLiteral("min"), seconds % 60, QStringLiteral("s"));
    if (seconds < 86'400)
        return twoUnits(seconds / 3600, QStringLiteral("h"), (seconds % 3600) / 60, QStringLiteral("min"));
    return twoUnits(seconds / 86'400, QStringLiteral("d"), (seconds % 86'400) / 3600, QStringLiteral("h"));
}

QString formatDuration(std::optional<std::int64_t> us)
{
    return us ? formatDuration(*us) : notAvailable();
}

QString formatMilliseconds(double ms)
{
    return std::isfinite(ms) ? formatDuration(std::int64_t(ms * 1000)) : notAvailable();
}

QString formatRelativeTime(std::int64_t atUs, std::int64_t nowUs)
{
    if (atUs == 0)
        return notAvailable();
    const std::int64_t age = nowUs - atUs;
    constexpr std::int64_t kSecond = 1'000'000;
    if (age > -kSecond && age < kSecond)
        return Text::tr("now");
    constexpr std::int64_t kDay = 86'400 * kSecond;
    if (age >= kDay || age <= -kDay)
        return QLocale().toString(QDateTime::fromMSecsSinceEpoch(atUs / 1000), QLocale::ShortFormat);
    //: %1 is a time span such as "12 s".
    return age > 0 ? Text::tr("%1 ago").arg(spanText(age)) : Text::tr("in %1").arg(spanText(-age));
}

QString formatAbsoluteTime(std::int64_t atUs)
{
    if (atUs == 0)
        return notAvailable();
    const auto time = QDateTime::fromMSecsSinceEpoch(atUs / 1000);
    return time.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz ")) + time.timeZoneAbbreviation();
}

QString formatBytes(std::uint64_t bytes)
{
    return QLocale().formattedDataSize(qint64(bytes), 1, QLocale::DataSizeSIFormat);
}

QString describeErrorCode(base::ErrorCode code)
{
    using base::ErrorCode;
    switch (code) {
    case ErrorCode::NotFound: return Text::tr("It does not exist any more.");
    case ErrorCode::Conflict: return Text::tr("It is no longer in the state that this needs.");
    case ErrorCode::Corrupt: return Text::tr("The stored data fails its check.");
    case ErrorCode::Busy: return Text::tr("Somebody else holds it. Close that one, or try again later.");
    case ErrorCode::Timeout: return Text::tr("No answer came in time. Nothing was changed.");
    case ErrorCode::Cancelled: return Text::tr("It was cancelled before it took effect.");
    case ErrorCode::Closed: return Text::tr("The connection is closed. Nothing was changed.");
    case ErrorCode::Limit: return Text::tr("A limit refuses it.");
    case ErrorCode::QueueFull: return Text::tr("The queue is full.");
    case ErrorCode::StoreFull: return Text::tr("The disk is full. Free some space, then try again.");
    case ErrorCode::Io: return Text::tr("The operating system refused it. Check that the place exists and that you may write there, or choose another one.");
    case ErrorCode::Protocol: return Text::tr("The other side does not keep to the protocol.");
    case ErrorCode::Unsupported: return Text::tr("This pipeline cannot do that.");
    case ErrorCode::Invalid: return Text::tr("The input is not valid.");
    case ErrorCode::LeaseLost: return Text::tr("The lease is over. Nothing was changed.");
    case ErrorCode::Unknown: return Text::tr("Nobody can tell whether it took effect. Look before you try again.");
    case ErrorCode::Internal: break;
    }
    return Text::tr("An internal error; please report it.");
}

QString describeError(const base::Error& error)
{
    const QString sentence = describeErrorCode(error.code);
    if (error.context.empty())
        return sentence;
    //: %1 says what happened and what to do, %2 is technical, in English.
    return Text::tr("%1 Details: %2").arg(sentence, visibleText(error.context, 1000));
}

} // namespace millrace::desktop
