// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QString>
#include <QStringView>

#include <cstdint>
#include <optional>
#include <string_view>

/// Text as the window shows it: hostile bytes made visible, figures made readable. Pure functions of strings and
/// numbers; the widgets that use them are in views/safe_text.h. Thread: gui (they read the locale).
namespace millrace::desktop {

/// The same text with everything that changes how a line reads made visible: control characters, bidirectional
/// controls, zero-width characters and unpaired surrogates become `\uXXXX`; tabs and line breaks stay.
[[nodiscard]] QString visibleText(QStringView text);
/// From UTF-8 bytes; bytes that are not UTF-8 become U+FFFD. Cut after `limit` bytes, with `…`.
[[nodiscard]] QString visibleText(std::string_view utf8, std::size_t limit = 64 * 1024);
/// One line: as visibleText, line breaks and tabs become `⏎` and spaces. Cut after `limit` bytes.
[[nodiscard]] QString visibleLine(std::string_view utf8, std::size_t limit = 400);
[[nodiscard]] QString visibleLine(QStringView text, qsizetype limit = 400);

/// An id with its middle left out, `limit` characters in all: `7f3a21…9c0e`.
[[nodiscard]] QString elideMiddle(const QString& id, int limit = 14);

/// `n/a`, translated: there is no figure, which is not 0.
[[nodiscard]] QString notAvailable();
/// With the locale's thousands separators.
[[nodiscard]] QString formatCount(std::uint64_t value);
[[nodiscard]] QString formatCount(std::optional<std::uint64_t> value);
/// Figure for a small place: 4,213 stays, 41,300 becomes 41.3k. NaN becomes n/a.
[[nodiscard]] QString formatCompact(double value);
/// `1,204/s`, `0.4/s`; NaN becomes n/a.
[[nodiscard]] QString formatRate(double perSecond);
/// `640 µs`, `1.8 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
[[nodiscard]] QString formatDuration(std::int64_t us);
[[nodiscard]] QString formatDuration(std::optional<std::int64_t> us);
/// From milliseconds, NaN becomes n/a.
[[nodiscard]] QString formatMilliseconds(double ms);
/// `now`, `12 s ago`, `3 min ago`, `in 5 s`; a difference over a day gives the date. 0 becomes n/a.
[[nodiscard]] QString formatRelativeTime(std::int64_t atUs, std::int64_t nowUs);
/// Local date and time with milliseconds and zone offset, for tooltips. 0 becomes n/a.
[[nodiscard]] QString formatAbsoluteTime(std::int64_t atUs);
/// `48.2 MB` (powers of ten, as file managers show).
[[nodiscard]] QString formatBytes(std::uint64_t bytes);
/// What a person reads about an error: a translated sentence from the code, and the context made visible.
[[nodiscard]] QString describeError(const base::Error& error);
/// The translated sentence alone.
[[nodiscard]] QString describeErrorCode(base::ErrorCode code);

} // namespace millrace::desktop
