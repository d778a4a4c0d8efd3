// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <nlohmann/json.hpp>

#include "app/node/commands.h"
#include "app/node/session.h"
#include "app/terminal/console.h"
#include "app/terminal/table.h"

#include <QCoroFuture>

#include <algorithm>

/// What runs and what waits for its next attempt.
namespace millrace::node {

namespace {

using base::Result;

std::int64_t nowUs()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

std::string wordOf(message::LiveAct act)
{
    switch (act) {
    case message::LiveAct::Cancel: return "cancelled";
    case message::LiveAct::RetryNow: return "tried now";
    case message::LiveAct::GiveUp: return "given up";
    }
    return {};
}

nlohmann::json toJson(const message::RunningMessage& each)
{
    return {{"ref", each.ref.value},
            {"worker", each.worker},
            {"attempt", each.attempt},
            {"started_at", timeText(each.startedAtUs)},
            {"leased_until", timeText(each.leasedUntilUs)},
            {"progress_at", timeText(each.progressAtUs)},
            {"percent", each.progress.percent},
            {"note", each.progress.note}};
}

std::string progressOf(const message::RunningMessage& each)
{
    if (each.progressAtUs == 0)
        return {};
    return std::to_string(each.progress.percent) + " %" + (each.progress.note.empty() ? "" : " " + each.progress.note);
}

} // namespace

QCoro::Task<int> listRunning(Target target, MessageQuery query)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    auto reading = (*session)->pipeline().running(query.queue, query.limit);
    const Result<std::vector<message::RunningMessage>> running = co_await reading;
    if (!running)
        co_return fail(running.error());
    constexpr auto kRight = Table::Align::Right;
    Table table({{"ref"}, {"worker"}, {"attempt", kRight}, {"running", kRight}, {"lease left", kRight}, {"progress"}});
    for (const message::RunningMessage& each : *running) {
        if (target.json)
            printJson(toJson(each));
        else
            table.add({each.ref.value,
                       each.worker,
                       std::to_string(each.attempt),
                       spanText(nowUs() - each.startedAtUs),
                       spanText(each.leasedUntilUs - nowUs()),
                       progressOf(each)});
    }
    if (!target.json)
        table.print();
    co_return kDone;
}

QCoro::Task<int> listRetrying(Target target, MessageQuery query)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    auto reading = (*session)->pipeline().retrying(query.queue, query.limit);
    const Result<std::vector<message::RetryingMessage>> waiting = co_await reading;
    if (!waiting)
        co_return fail(waiting.error());
    constexpr auto kRight = Table::Align::Right;
    Table table({{"ref"}, {"failed attempts", kRight}, {"next in", kRight}, {"partition key"}});
    for (const message::RetryingMessage& each : *waiting) {
        if (target.json)
            printJson({{"ref", each.ref.value},
                       {"attempts", each.attempts},
                       {"due_at", timeText(each.dueAtUs)},
                       {"partition_key", each.partitionKey}});
        else
            table.add({each.ref.value,
                       std::to_string(each.attempts),
                       spanText(each.dueAtUs - nowUs()),
                       each.partitionKey});
    }
    if (!target.json)
        table.print();
    co_return kDone;
}

QCoro::Task<int> actOnMessages(Target target, message::LiveAct act, MessageQuery query)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    client::ActResult all;
    for (std::size_t first = 0; first < query.refs.size(); first += message::kMaxActedOn) {
        std::vector<message::MessageRef> some;
        for (std::size_t i = first; i < std::min(query.refs.size(), first + message::kMaxActedOn); ++i)
            some.push_back({query.refs[i]});
        const std::size_t count = some.size();
        auto acting = (*session)->pipeline().actOnMessages(query.queue, act, std::move(some), query.note);
        const Result<client::ActResult> acted = co_await acting;
        // None of these: those before them are done all the same.
        const bool isNone = !acted && all.moved > 0
                            && (acted.error().code == base::ErrorCode::NotFound
                                || acted.error().code == base::ErrorCode::Conflict);
        if (!acted && !isNone)
            co_return fail(acted.error());
        all.moved += acted ? acted->moved : 0;
        all.skipped += acted ? acted->skipped : count;
    }
    if (target.json)
        printJson({{"queue", query.queue},
                   {"act", message::toString(act)},
                   {"moved", all.moved},
                   {"skipped", all.skipped}});
    else
        printLine(std::to_string(all.moved) + " messages " + wordOf(act) + ", " + std::to_string(all.skipped)
                  + (all.skipped == 0 ? " skipped" : " skipped: not there any more, or not in a state for it"));
    co_return all.skipped == 0 ? kDone : kNotAll;
}

} // namespace millrace::node
