// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/message/dead_letter.h"

#include <QCoreApplication>
#include <QString>

#include <cstdint>
#include <string_view>

namespace millrace::desktop {

/// How message data is written for people, as plain text. Pure functions; thread: gui (locale and translations).
///
/// Bytes of a message are hostile: what would change the layout or direction of the text around it (control
/// characters, bidirectional overrides) is written as a visible sign; bytes that are no UTF-8 become U+FFFD.
class DeadLetterText
{
    Q_DECLARE_TR_FUNCTIONS(millrace::desktop::DeadLetterText)

public:
    static constexpr int kLineLimit = 200;

    /// One line of at most `limit` characters; line ends are visible signs.
    [[nodiscard]] static QString line(std::string_view bytes, int limit = kLineLimit);
    /// Line feeds and tabs stay, the rest as in line(); not cut.
    [[nodiscard]] static QString block(std::string_view bytes);
    /// Whole if short, else both ends: `7f3a0c…91d2`.
    [[nodiscard]] static QString shortened(std::string_view id, int limit = 18);
    /// For ToolTipRole: markup that shows exactly `plain`, since a tooltip guesses what is markup.
    [[nodiscard]] static QString toolTip(const QString& plain);

    /// `14:02:11.420` today, else with the date; of UTC microseconds, in local time. 0 = `–`.
    [[nodiscard]] static QString clock(std::int64_t atUs, std::int64_t nowUs);
    [[nodiscard]] static QString fullTime(std::int64_t atUs);
    /// `just now`, `12 s ago`, `3 min ago`, …
    [[nodiscard]] static QString age(std::int64_t atUs, std::int64_t nowUs);
    /// `830 µs`, `12 ms`, `1.8 s`, `4 min 10 s`, `3 h 5 min`
    [[nodiscard]] static QString duration(std::int64_t us);
    [[nodiscard]] static QString bytes(std::uint64_t count);
    [[nodiscard]] static QString number(std::uint64_t count);

    [[nodiscard]] static QString reason(message::Reason reason);
    [[nodiscard]] static QString state(message::State state);
};

} // namespace millrace::desktop
