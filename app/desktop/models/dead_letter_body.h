// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::desktop {

/// A message body, made readable.
struct BodyText
{
    enum class Kind { Empty, Json, Text, Hex };
    Kind kind = Kind::Empty;
    QString text;      ///< may hold markup of any kind: for a plain text sink
    bool cut = false;  ///< there is more than is shown
};

/// JSON with one member a line, or nothing if `json` is not one valid JSON value.
///
/// Works on tokens: numbers and strings keep the bytes that the producer wrote, so an integer beyond 2^53 or `1.10`
/// stays what it was. At most 200 levels deep. Thread: any.
[[nodiscard]] std::optional<std::string> prettyJson(std::string_view json);

/// Offset, sixteen bytes in hexadecimal and their ASCII signs a line. Thread: any.
[[nodiscard]] QString hexDump(std::string_view bytes);

/// Chooses by the bytes themselves; a content type that lies changes nothing. JSON beyond 1 MiB, text beyond 1 MiB and
/// hex beyond 64 KiB are cut.
/// @param wholeBytes  size of the body at the node, of which `body` may be the beginning
[[nodiscard]] BodyText readableBody(std::string_view body, std::uint64_t wholeBytes);

} // namespace millrace::desktop
