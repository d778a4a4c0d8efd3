// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/dead_letter.h"

namespace millrace::message {

std::string_view toString(Verb verb) noexcept
{
    switch (verb) {
    case Verb::Replay: return "replay";
    case Verb::Discard: return "discard";
    case Verb::Restore: return "restore";
    case Verb::Archive: return "archive";
    }
    return "unknown";
}

std::string_view toString(LiveAct act) noexcept
{
    switch (act) {
    case LiveAct::Cancel: return "cancel-messages";
    case LiveAct::RetryNow: return "retry-now";
    case LiveAct::GiveUp: return "give-up";
    }
    return "unknown";
}

std::string_view toString(OperationState state) noexcept
{
    switch (state) {
    case OperationState::Running: return "running";
    case OperationState::Done: return "done";
    case OperationState::Cancelled: return "cancelled";
    }
    return "unknown";
}

} // namespace millrace::message
