// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/handlers/quake_events.h"
#include "app/handlers/result_journal.h"
#include "core/message/delivery.h"
#include "transport/client/worker.h"

#include <QCoroTask>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace millrace::handlers {

/// The latest events by their own time, whatever the order in which they come. An event that comes
/// twice counts once. Thread: one at a time, whichever.
class QuakeWindow
{
public:
    static constexpr std::size_t kEvents = 200;

    void add(const QuakeFacts& facts);
    [[nodiscard]] std::size_t count() const { return m_events.size(); }
    [[nodiscard]] double largestMagnitude() const;

private:
    std::map<std::pair<std::int64_t, std::string>, double> m_events; ///< magnitude by time and id
};

/// Validates, and leaves a row that says whether the event is worth an alert.
[[nodiscard]] QCoro::Task<message::Outcome>
judgeQuake(std::shared_ptr<const QuakeValidator> validator,
           std::shared_ptr<ResultJournal> journal,
           client::Delivery delivery);

/// Adds to the window, and leaves a row with what the window then holds.
[[nodiscard]] QCoro::Task<message::Outcome> countQuake(std::shared_ptr<QuakeWindow> window,
                                                       std::shared_ptr<ResultJournal> journal,
                                                       client::Delivery delivery);

} // namespace millrace::handlers
