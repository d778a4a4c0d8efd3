// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/in_process.h"

#include <functional>
#include <thread>

namespace millrace::bench {

namespace {

base::Result<Passed> pass(const std::shared_ptr<client::Connection>& connection,
                          Shape shape,
                          std::uint64_t count,
                          bool isTimed,
                          const std::function<base::Result<Report>()>& submit)
{
    const CpuClock none(0);
    Consumer consumer(connection,
                      std::make_shared<Ledger>(count, shape),
                      {0, count, Consumer::Ends::Acknowledge, isTimed, false},
                      none);
    if (const auto attached = consumer.attach(); !attached)
        return tl::unexpected(attached.error());
    base::Result<Report> produced;
    base::Result<void> finished;
    {
        const std::jthread submitting([&produced, &submit] { produced = submit(); });
        finished = consumer.finish();
    }
    if (!produced)
        return tl::unexpected(produced.error());
    if (!finished)
        return tl::unexpected(finished.error());
    const auto consumed = consumer.stop();
    if (!consumed)
        return tl::unexpected(consumed.error());
    return Passed{*produced, *consumed};
}

} // namespace

base::Result<Passed> passFast(const std::shared_ptr<client::Connection>& connection, Shape shape, std::uint64_t count)
{
    const MessageMaker maker(shape);
    return pass(connection, shape, count, false, [&] {
        return produce(connection, maker, {0, count, 1}, CpuClock(0));
    });
}

base::Result<Passed> passPaced(const std::shared_ptr<client::Connection>& connection, Shape shape, Pace pace)
{
    const MessageMaker maker(shape);
    return pass(
        connection, shape, pace.warmUp + pace.count, true, [&] { return bench::pace(connection, maker, pace); });
}

} // namespace millrace::bench
