// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::handlers {

using base::Result;

inline constexpr double kAlertMagnitude = 4.5;

/// One feature of the week's feed.
struct QuakeEvent
{
    std::string id;
    std::string time; ///< RFC 3339
    std::string body; ///< the feature as JSON
    double magnitude = 0;
};
using QuakeEvents = std::vector<QuakeEvent>;

/// The week that the program carries, in the order of the feed. Parses a megabyte: not for the gui
/// thread. Errors: Corrupt.
[[nodiscard]] Result<std::shared_ptr<const QuakeEvents>> loadQuakeEvents();

/// What the handlers read of an event.
struct QuakeFacts
{
    std::string id;
    std::string place;
    double magnitude = 0;
    std::int64_t timeMs = 0; ///< UTC
};
/// Errors: Invalid, saying what is missing.
[[nodiscard]] Result<QuakeFacts> quakeFacts(std::string_view json);

/// Checks events against the JSON schema that the program carries. Thread: one at a time,
/// whichever.
class QuakeValidator
{
public:
    /// Errors: Corrupt (the schema cannot be read).
    [[nodiscard]] static Result<std::unique_ptr<QuakeValidator>> load();
    ~QuakeValidator();
    QuakeValidator(const QuakeValidator&) = delete;
    QuakeValidator& operator=(const QuakeValidator&) = delete;

    /// Errors: Invalid, with the path of the offending value and the validator's own words.
    [[nodiscard]] Result<void> check(std::string_view json) const;

private:
    struct Schema;
    explicit QuakeValidator(std::unique_ptr<Schema> schema);
    std::unique_ptr<Schema> m_schema;
};

} // namespace millrace::handlers
