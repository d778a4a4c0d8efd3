// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/bed.h"
#include "tests/bench/commands.h"
#include "tests/bench/roles.h"
#include "transport/zeromq/link/link.h"

#include <zmq.hpp>

#include <functional>

namespace millrace::bench {

namespace {

/// A store that lives over several starts of its node, with this process as the client.
class ColdStart
{
public:
    ColdStart(const Settings& settings, std::uint64_t numbers)
        : m_settings(settings)
        , m_maker(settings.shape)
        , m_ledger(std::make_shared<Ledger>(numbers, settings.shape))
    {}

    [[nodiscard]] base::Result<void> fill()
    {
        if (const auto prepared = m_bed.prepare(m_settings); !prepared || m_settings.waiting == 0)
            return prepared;
        const auto endpoint = m_bed.node.start(m_settings.nodeProgram, m_bed.directory());
        if (!endpoint)
            return tl::unexpected(endpoint.error());
        const auto produced = submitAll(*endpoint);
        if (!produced)
            return tl::unexpected(produced.error());
        m_confirmed += produced->messages;
        return end();
    }

    /// Starts the node, and has the first message delivered: one that waited, or else a new one.
    [[nodiscard]] base::Result<Sample> startOnce()
    {
        const std::int64_t startNs = monotonicNs();
        const auto endpoint = m_bed.node.start(m_settings.nodeProgram, m_bed.directory());
        if (!endpoint)
            return tl::unexpected(endpoint.error());
        const std::int64_t readyNs = monotonicNs();
        const auto report = passFirst(*endpoint);
        if (!report)
            return tl::unexpected(report.error());
        Sample sample;
        const auto sinceMs = [startNs](std::int64_t ns) { return static_cast<double>(ns - startNs) * 1e-6; };
        sample.add("ready_ms", sinceMs(readyNs));
        sample.add("first_delivered_ms", sinceMs(report->firstDeliveryNs));
        sample.add("first_message_ms", sinceMs(report->last.ns));
        sample.add("resident_mib", m_bed.node.memoryMib("VmRSS"));
        if (const auto ended = end(); !ended)
            return tl::unexpected(ended.error());
        return sample;
    }

    /// Takes what is left, so that every message is accounted for.
    [[nodiscard]] base::Result<void> drain(Sample& sample)
    {
        const auto endpoint = m_bed.node.start(m_settings.nodeProgram, m_bed.directory());
        if (!endpoint)
            return tl::unexpected(endpoint.error());
        const auto report =
            take(*endpoint, m_confirmed - m_settled, false, [](const auto&) { return base::Result<void>(); });
        if (!report)
            return tl::unexpected(report.error());
        Report produced;
        produced.messages = m_confirmed;
        expectAll(sample, produced, *report, m_settings.waiting == 0 ? 1 : m_settings.waiting);
        return m_bed.node.stop();
    }

private:
    static base::Result<zeromq::Link> open(const QString& endpoint)
    {
        return zeromq::openLink(std::make_shared<zmq::context_t>(1), {endpoint.toStdString(), "bench", {}, {}});
    }

    base::Result<Report> submitAll(const QString& endpoint)
    {
        const auto link = open(endpoint);
        if (!link)
            return tl::unexpected(link.error());
        return produce(link->connection, m_maker, {0, m_settings.waiting, 1}, m_noCpu);
    }

    base::Result<Report> passFirst(const QString& endpoint)
    {
        return take(endpoint, 1, true, [this](const zeromq::Link& link) -> base::Result<void> {
            if (m_settings.waiting > 0)
                return {};
            const auto produced = produce(link.connection, m_maker, {0, 1, 1}, m_noCpu);
            if (!produced)
                return tl::unexpected(produced.error());
            m_confirmed += produced->messages;
            return {};
        });
    }

    /// Opens a link, attaches a worker, does `then`, and closes the link when as many as are wanted are settled.
    base::Result<Report> take(const QString& endpoint,
                              std::uint64_t wanted,
                              bool oneByOne,
                              const std::function<base::Result<void>(const zeromq::Link&)>& then)
    {
        const auto link = open(endpoint);
        if (!link)
            return tl::unexpected(link.error());
        Consumer consumer(
            link->connection, m_ledger, {0, wanted, Consumer::Ends::Acknowledge, false, oneByOne}, m_noCpu);
        if (const auto attached = consumer.attach(); !attached)
            return tl::unexpected(attached.error());
        if (const auto done = then(*link); !done)
            return tl::unexpected(done.error());
        if (const auto finished = consumer.finish(); !finished)
            return tl::unexpected(finished.error());
        const auto report = consumer.stop();
        if (report)
            m_settled += report->settled;
        return report;
    }

    base::Result<void> end()
    {
        if (!m_settings.isKilled)
            return m_bed.node.stop();
        m_bed.node.kill();
        return {};
    }

    const Settings& m_settings;
    Bed m_bed;
    MessageMaker m_maker;
    std::shared_ptr<Ledger> m_ledger;
    CpuClock m_noCpu{0};
    std::uint64_t m_confirmed = 0, m_settled = 0;
};

base::Result<Sample> startEmpty(const Settings& settings)
{
    ColdStart store(settings, 1);
    if (const auto filled = store.fill(); !filled)
        return tl::unexpected(filled.error());
    auto sample = store.startOnce();
    if (!sample)
        return sample;
    if (const auto drained = store.drain(*sample); !drained)
        return tl::unexpected(drained.error());
    return sample;
}

} // namespace

QJsonObject runCold(const Settings& settings)
{
    RunSet set(settings,
               "from before the process `millrace-node serve` is started to its line that it is ready; then this "
               "process, which is warm, "
               "opens a link and attaches a worker that holds one message at a time, and, with an empty store, submits "
               "one message; until the "
               "handler has the first message (first_delivered) and until its acknowledgement is confirmed "
               "(first_message). With --waiting "
               "the store holds that many messages, the node before was stopped (or killed, with --killed), and one "
               "store serves all runs; its files "
               "are in the system's file cache. Every message is taken in the end and compared by value.");
    set.setting("waiting", static_cast<qint64>(settings.waiting));
    set.setting("killed", settings.isKilled);
    if (settings.waiting == 0)
        return repeat(settings, set, [&settings] { return startEmpty(settings); });
    ColdStart store(settings, settings.waiting);
    if (const auto filled = store.fill(); !filled)
        return RunSet::failure(settings, filled.error());
    int left = settings.runs;
    return repeat(settings, set, [&store, &left]() -> base::Result<Sample> {
        auto sample = store.startOnce();
        if (!sample || --left > 0)
            return sample;
        if (const auto drained = store.drain(*sample); !drained)
            return tl::unexpected(drained.error());
        return sample;
    });
}

} // namespace millrace::bench
