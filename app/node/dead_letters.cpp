// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <nlohmann/json.hpp>

#include "app/node/commands.h"
#include "app/node/session.h"
#include "app/terminal/console.h"
#include "app/terminal/table.h"
#include "transport/client/async.h"
#include "transport/client/snapshots.h"

#include <QCoroFuture>

#include <QTimer>

#include <algorithm>
#include <array>
#include <cstdio>

namespace millrace::node {

namespace {

using Json = nlohmann::json;
using base::Result;

constexpr std::uint32_t kRowsPerPage = 1000;
constexpr std::chrono::milliseconds kPollPeriod{150};

message::DeadLetterFilter filterOf(const DeadLetterQuery& query)
{
    message::DeadLetterFilter filter;
    filter.queues = query.queues;
    for (const std::string& text : query.reasons) {
        if (const auto reason = message::reasonFromString(text))
            filter.reasons.push_back(*reason);
    }
    filter.text = query.text;
    if (const auto state = message::stateFromString(query.state))
        filter.states = {*state};
    return filter;
}

Json toJson(const message::DeadLetterRow& row)
{
    return {{"ref", row.ref.value},
            {"queue", row.queue},
            {"state", message::toString(row.state)},
            {"reason", message::toString(row.reason)},
            {"id", row.id},
            {"type", row.type},
            {"source", row.source},
            {"correlation_id", row.correlationId},
            {"error_class", row.errorClass},
            {"error_text", row.errorText},
            {"worker", row.worker},
            {"attempts", row.attempts},
            {"replays", row.replayCount},
            {"body_bytes", row.bodyBytes},
            {"submitted_at", timeText(row.submittedAtUs)},
            {"died_at", timeText(row.diedAtUs)}};
}

Json toJson(const message::DeadLetterDetail& detail)
{
    Json json = toJson(detail.row);
    json["error_text"] = detail.errorText;
    json["body"] = detail.body;
    json["replay_of"] = detail.replayOf.value;
    json["replayed_as"] = detail.replayedAs.value;
    json["closed_at"] = timeText(detail.closedAtUs);
    json["closed_by"] = detail.closedBy;
    json["damage"] = detail.damage;
    Json attempts = Json::array();
    for (const message::Attempt& attempt : detail.attempts) {
        attempts.push_back({{"number", attempt.number},
                            {"started_at", timeText(base::toMicros(attempt.startedAt))},
                            {"ended_at", timeText(base::toMicros(attempt.endedAt))},
                            {"worker", attempt.worker},
                            {"error_class", attempt.failure.errorClass},
                            {"error_text", attempt.failure.errorText}});
    }
    json["attempts_made"] = std::move(attempts);
    return json;
}

std::vector<std::string> cellsOf(const message::DeadLetterRow& row)
{
    return {row.ref.value,
            timeText(row.diedAtUs),
            row.queue,
            std::string(message::toString(row.reason)),
            row.id,
            std::to_string(row.attempts),
            row.errorClass + ": " + row.errorText};
}

void printField(const char* name, const std::string& value)
{
    if (value.empty())
        return;
    std::array<char, 32> label{};
    std::snprintf(label.data(), label.size(), "%-15s", name);
    printLine(label.data() + printable(value));
}

/// Lines of a body stay lines; everything else that a terminal would obey is escaped.
void printBody(const std::string& body)
{
    for (std::size_t at = 0; at <= body.size();) {
        const std::size_t end = std::min(body.find('\n', at), body.size());
        printLine(printable(body.substr(at, end - at)));
        at = end + 1;
    }
}

void printDetail(const message::DeadLetterDetail& detail)
{
    const message::DeadLetterRow& row = detail.row;
    printField("ref", row.ref.value);
    printField("queue", row.queue);
    printField("state", std::string(message::toString(row.state)));
    printField("reason", std::string(message::toString(row.reason)));
    printField("id", row.id);
    printField("type", row.type);
    printField("source", row.source);
    printField("correlation id", row.correlationId);
    printField("submitted", timeText(row.submittedAtUs));
    printField("died", timeText(row.diedAtUs));
    printField("error", row.errorClass + ": " + detail.errorText);
    printField("replay of", detail.replayOf.value);
    printField("replayed as", detail.replayedAs.value);
    printField("closed", timeText(detail.closedAtUs));
    printField("closed by", detail.closedBy);
    printField("damage", detail.damage);
    for (const message::Attempt& attempt : detail.attempts) {
        printField(("attempt " + std::to_string(attempt.number)).c_str(),
                   timeText(base::toMicros(attempt.startedAt)) + "  " + attempt.worker + "  "
                       + attempt.failure.errorClass + ": " + attempt.failure.errorText);
    }
    printLine("");
    printBody(detail.body);
}

message::Selection selectionOf(const DeadLetterQuery& query)
{
    message::Selection selection;
    if (query.all) {
        selection.members = filterOf(query);
        return selection;
    }
    std::vector<message::MessageRef> refs;
    for (const std::string& ref : query.refs)
        refs.push_back({ref});
    selection.members = std::move(refs);
    return selection;
}

QFuture<Result<void>> after(std::chrono::milliseconds delay, QObject* context)
{
    auto resolver = std::make_shared<client::Resolver<void>>();
    auto future = resolver->future();
    QTimer::singleShot(delay, context, [resolver] { resolver->resolve({}); });
    return future;
}

/// Waits until the operation has ended, however long it takes.
QCoro::Task<Result<message::OperationStatus>> awaitEnd(client::Pipeline* pipeline,
                                                       message::OperationStatus status)
{
    while (status.state == message::OperationState::Running) {
        auto pause = after(kPollPeriod, pipeline);
        const Result<void> paused = co_await pause;
        if (!paused)
            co_return tl::unexpected(paused.error());
        auto asking = pipeline->operation(status.id);
        const Result<message::OperationStatus> next = co_await asking;
        if (next)
            status = *next;
        else if (!base::isRetryable(next.error().code))
            co_return tl::unexpected(next.error());
    }
    co_return status;
}

void printOperation(const message::OperationStatus& status, bool json)
{
    if (json) {
        printJson({{"operation", status.id},
                   {"verb", message::toString(status.verb)},
                   {"state", message::toString(status.state)},
                   {"total", status.total},
                   {"moved", status.moved},
                   {"skipped", status.skipped}});
        return;
    }
    std::string line = std::string(message::toString(status.verb)) + ": " + std::to_string(status.moved) + " of "
                       + std::to_string(status.total) + " dead letters, " + std::to_string(status.skipped)
                       + " skipped";
    if (status.skipped > 0)
        line += ": not there, or not in a state for it (`show` tells what became of one)";
    printLine(line);
}

/// A name that no queue has would select nothing, which looks as if nothing was wrong.
QCoro::Task<Result<void>> checkQueues(client::Pipeline* pipeline, std::vector<std::string> names)
{
    if (names.empty())
        co_return {};
    auto waiting = client::snapshotAfter(pipeline, 0);
    const Result<client::SnapshotPtr> snapshot = co_await waiting;
    if (!snapshot)
        co_return tl::unexpected(snapshot.error());
    for (const std::string& name : names) {
        if (std::ranges::find((*snapshot)->queues, name, &client::QueueStatus::name) == (*snapshot)->queues.end())
            co_return base::fail(base::ErrorCode::NotFound, "no queue is named \"" + name + '"');
    }
    co_return {};
}

} // namespace

QCoro::Task<int> listDeadLetters(Target target, DeadLetterQuery query)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    client::Pipeline* const pipeline = &(*session)->pipeline();
    auto checking = checkQueues(pipeline, query.queues);
    const Result<void> checked = co_await checking;
    if (!checked)
        co_return fail(checked.error());
    auto opening = pipeline->openDeadLetters(filterOf(query));
    const Result<client::DeadLetterView> view = co_await opening;
    if (!view)
        co_return fail(view.error());
    const std::uint64_t wanted = std::min<std::uint64_t>(view->total, query.limit);
    Table table({{"ref"}, {"died at"}, {"queue"}, {"reason"}, {"id"}, {"attempts", Table::Align::Right}, {"error"}});
    for (std::uint64_t first = 0; first < wanted; first += kRowsPerPage) {
        const auto count =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(kRowsPerPage, wanted - first));
        auto reading = pipeline->deadLetterRows(view->id, first, count);
        const Result<std::vector<message::DeadLetterRow>> rows = co_await reading;
        if (!rows)
            co_return fail(rows.error());
        for (const message::DeadLetterRow& row : *rows) {
            if (target.json)
                printJson(toJson(row));
            else
                table.add(cellsOf(row));
        }
        if (!target.json)
            table.print();
    }
    pipeline->closeDeadLetters(view->id);
    if (!target.json)
        printLine(std::to_string(wanted) + " of " + std::to_string(view->total) + " dead letters");
    co_return kDone;
}

QCoro::Task<int> showDeadLetter(Target target, std::string ref)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    auto reading = (*session)->pipeline().deadLetter({ref});
    const Result<message::DeadLetterDetail> detail = co_await reading;
    if (!detail)
        co_return fail(detail.error());
    if (target.json)
        printJson(toJson(*detail));
    else
        printDetail(*detail);
    co_return kDone;
}

QCoro::Task<int> changeDeadLetters(Target target, message::Verb verb, DeadLetterQuery query)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    client::Pipeline* const pipeline = &(*session)->pipeline();
    auto checking = checkQueues(pipeline, query.queues);
    const Result<void> checked = co_await checking;
    if (!checked)
        co_return fail(checked.error());
    auto starting = pipeline->startOperation(verb, selectionOf(query), query.note);
    const Result<message::OperationStatus> started = co_await starting;
    if (!started)
        co_return fail(started.error());
    auto ending = awaitEnd(pipeline, *started);
    const Result<message::OperationStatus> ended = co_await ending;
    if (!ended)
        co_return fail(ended.error());
    printOperation(*ended, target.json);
    co_return ended->skipped == 0 ? kDone : kNotAll;
}

} // namespace millrace::node
