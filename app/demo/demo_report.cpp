// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/demo/demo_report.h"

#include <nlohmann/json.hpp>

#include "app/terminal/console.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace millrace::demo {

using namespace terminal;

namespace {

using Json = nlohmann::json;

constexpr std::chrono::milliseconds kPeriod{1000};

double perSecond(std::uint64_t now, std::uint64_t before, double seconds)
{
    const double rate =
        now > before && seconds > 0 ? static_cast<double>(now - before) / seconds : 0.0;
    return std::round(rate * 10) / 10;
}

struct Sum
{
    std::uint64_t submitted = 0, acknowledged = 0, dead = 0, retries = 0, missing = 0, surplus = 0;

    void add(const DemoResult& result)
    {
        submitted += result.accounting.expected;
        acknowledged += result.accounting.done;
        dead += result.accounting.dead;
        retries += result.progress.retried;
        missing += result.accounting.missing;
        surplus += result.accounting.surplus;
    }
    [[nodiscard]] Json toJson() const
    {
        return {{"submitted", submitted},
                {"acknowledged", acknowledged},
                {"dead", dead},
                {"retries", retries},
                {"missing", missing},
                {"surplus", surplus}};
    }
    [[nodiscard]] std::string toText() const
    {
        return std::to_string(submitted) + " submitted = " + std::to_string(acknowledged)
               + " acknowledged + " + std::to_string(dead) + " dead letters, "
               + std::to_string(retries) + " retries, " + std::to_string(missing) + " missing, "
               + std::to_string(surplus) + " surplus";
    }
};

} // namespace

DemoReport::DemoReport(client::Pipeline* pipeline, const Workloads* workloads, bool json)
    : m_pipeline(pipeline)
    , m_workloads(workloads)
    , m_json(json)
{
    for (const auto& workload : *workloads) {
        for (const auto& queue : workload->definition().queues)
            m_queues.insert(queue.name);
    }
    m_timer.setInterval(kPeriod);
    connect(&m_timer, &QTimer::timeout, this, &DemoReport::printFigures);
}

void DemoReport::start()
{
    m_last = m_pipeline->snapshot();
    m_clock.start();
    m_timer.start();
}

telemetry::QueueSample DemoReport::sum(const client::Snapshot& snapshot) const
{
    telemetry::QueueSample sum;
    for (const client::QueueStatus& queue : snapshot.queues) {
        if (m_queues.contains(queue.name))
            telemetry::accumulate(sum, queue.sample);
    }
    return sum;
}

std::string DemoReport::pausedQueues(const client::Snapshot& snapshot) const
{
    std::string paused;
    for (const client::QueueStatus& queue : snapshot.queues) {
        if (!m_queues.contains(queue.name) || queue.sample.depth() == 0)
            continue;
        if (!queue.paused || queue.sample.leased > 0)
            return {};
        paused += (paused.empty() ? "queue \"" : ", queue \"") + queue.name + '"';
    }
    return paused;
}

QString DemoReport::trouble() const
{
    for (const auto& workload : *m_workloads) {
        const QString error = workload->progress().lastError;
        if (!error.isEmpty())
            return error;
    }
    return {};
}

void DemoReport::printFigures()
{
    const client::SnapshotPtr now = m_pipeline->snapshot();
    if (!now)
        return;
    const telemetry::QueueSample sample = sum(*now);
    const telemetry::QueueSample before = m_last ? sum(*m_last) : telemetry::QueueSample();
    const double elapsed = m_last ? static_cast<double>(now->atUs - m_last->atUs) / 1e6 : 0.0;
    m_last = now;
    const double in = perSecond(sample.submitted, before.submitted, elapsed);
    const double out = perSecond(sample.acknowledged, before.acknowledged, elapsed);
    const auto seconds = static_cast<double>(m_clock.elapsed()) / 1000;
    if (m_json) {
        printJson({{"seconds", std::round(seconds * 10) / 10},
                   {"depth", sample.depth()},
                   {"ready", sample.ready},
                   {"leased", sample.leased},
                   {"retrying", sample.retrying},
                   {"in_per_second", in},
                   {"out_per_second", out},
                   {"retries", sample.retried},
                   {"dead", sample.dead}});
        return;
    }
    std::array<char, 256> line{};
    std::snprintf(line.data(),
                  line.size(),
                  "%5.0f s  depth %6llu (ready %llu, leased %llu, retrying %llu)  in %.1f/s  out "
                  "%.1f/s  retries %llu  dead %llu",
                  seconds,
                  static_cast<unsigned long long>(sample.depth()),
                  static_cast<unsigned long long>(sample.ready),
                  static_cast<unsigned long long>(sample.leased),
                  static_cast<unsigned long long>(sample.retrying),
                  in,
                  out,
                  static_cast<unsigned long long>(sample.retried),
                  static_cast<unsigned long long>(sample.dead));
    const std::string why = trouble().toStdString();
    printLine(line.data() + (why.empty() ? why : "  waiting: " + printable(why)));
}

void DemoReport::printSum(const std::vector<DemoResult>& results) const
{
    Sum all;
    Json byWorkload = Json::object();
    for (const DemoResult& result : results) {
        Sum one;
        one.add(result);
        all.add(result);
        byWorkload[result.workload] = one.toJson();
        if (!m_json)
            printLine(result.workload + ": " + one.toText());
        for (const QString& example : result.accounting.examples)
            printError("not accounted for: " + printable(example.toStdString()));
    }
    const double seconds = std::round(static_cast<double>(m_clock.elapsed())) / 1000;
    if (m_json) {
        Json json = all.toJson();
        json["seconds"] = seconds;
        json["workloads"] = std::move(byWorkload);
        printJson(json);
        return;
    }
    std::array<char, 32> time{};
    std::snprintf(time.data(), time.size(), "%.1f s", seconds);
    printLine("all: " + all.toText() + ", in " + time.data());
}

} // namespace millrace::demo
