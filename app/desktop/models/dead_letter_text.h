// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/message/dead_letter.h"

#include <QString>

#include <cstdint>

namespace millrace::desktop {

/// What the models of this folder keep for tooltips: plain text. Not Qt::ToolTipRole, because views hand that to a
/// tooltip that guesses what is markup; views/plain_delegate shows this one.
inline constexpr int kPlainToolTipRole = Qt::UserRole + 900;

/// Why a message became a dead letter, translated.
[[nodiscard]] QString reasonName(message::Reason reason);
/// What is left of a dead letter, translated: dead, replayed, discarded, archived.
[[nodiscard]] QString letterStateName(message::State state);
/// `14:02:11` on the day of `nowUs`, else with the date; local time. 0 becomes n/a.
[[nodiscard]] QString formatClock(std::int64_t atUs, std::int64_t nowUs);

} // namespace millrace::desktop
