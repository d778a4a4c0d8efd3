// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/roles.h"
#include "tests/bench/wait.h"

#include <QTimer>

namespace millrace::bench {

namespace {

using message::OperationStatus;

/// Short against what is measured, and seldom enough not to occupy the node.
constexpr std::chrono::milliseconds kPollPeriod{2};

message::DeadLetterFilter inState(message::State state)
{
    message::DeadLetterFilter filter;
    filter.queues = {queueName(0)};
    filter.states = {state};
    return filter;
}

base::Result<std::uint64_t> countOf(client::Pipeline& pipeline, message::State state)
{
    const auto view = await(pipeline.openDeadLetters(inState(state)));
    if (!view)
        return tl::unexpected(view.error());
    pipeline.closeDeadLetters(view->id);
    return view->total;
}

base::Result<void> expect(client::Pipeline& pipeline, message::State state, std::uint64_t count)
{
    const auto found = countOf(pipeline, state);
    if (!found)
        return tl::unexpected(found.error());
    if (*found == count)
        return {};
    return base::fail(base::ErrorCode::Conflict,
                      std::to_string(*found) + " dead letters are in state " + std::string(message::toString(state))
                          + " where " + std::to_string(count) + " must be");
}

base::Result<OperationStatus> awaitEnd(client::Pipeline& pipeline, OperationStatus status)
{
    while (status.state == message::OperationState::Running) {
        QEventLoop pause;
        QTimer::singleShot(kPollPeriod, Qt::PreciseTimer, &pause, &QEventLoop::quit);
        pause.exec();
        const auto next = await(pipeline.operation(status.id));
        if (!next)
            return tl::unexpected(next.error());
        status = *next;
    }
    return status;
}

} // namespace

base::Result<Report> replayAll(client::Pipeline& pipeline, std::uint64_t count, const CpuClock& node)
{
    if (const auto before = expect(pipeline, message::State::Dead, count); !before)
        return tl::unexpected(before.error());
    Report report;
    report.first = Moment::now(node);
    const auto started =
        await(pipeline.startOperation(message::Verb::Replay, {inState(message::State::Dead)}, "bench"));
    if (!started)
        return tl::unexpected(started.error());
    const auto ended = awaitEnd(pipeline, *started);
    if (!ended)
        return tl::unexpected(ended.error());
    report.last = Moment::now(node);
    report.messages = ended->moved;
    report.problems = ended->skipped;
    for (const auto& [state, expected] :
         {std::pair{message::State::Dead, std::uint64_t{0}}, std::pair{message::State::Replayed, count}}) {
        if (const auto after = expect(pipeline, state, expected); !after)
            return tl::unexpected(after.error());
    }
    return report;
}

} // namespace millrace::bench
