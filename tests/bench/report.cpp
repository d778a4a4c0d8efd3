// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/report.h"

#include <unistd.h>

#include <QJsonArray>

#include <algorithm>
#include <cmath>
#include <ctime>

namespace millrace::bench {

namespace {

/// Hands each member to `visit` by the name that it has in JSON, so that writing and reading cannot differ.
template<typename AnyReport, typename Visit>
void visitMembers(AnyReport& report, const Visit& visit)
{
    visit(QLatin1String("first_ns"), report.first.ns);
    visit(QLatin1String("first_node_cpu_ns"), report.first.nodeCpuNs);
    visit(QLatin1String("first_own_cpu_ns"), report.first.ownCpuNs);
    visit(QLatin1String("last_ns"), report.last.ns);
    visit(QLatin1String("last_node_cpu_ns"), report.last.nodeCpuNs);
    visit(QLatin1String("last_own_cpu_ns"), report.last.ownCpuNs);
    visit(QLatin1String("first_delivery_ns"), report.firstDeliveryNs);
    visit(QLatin1String("messages"), report.messages);
    visit(QLatin1String("settled"), report.settled);
    visit(QLatin1String("problems"), report.problems);
    visit(QLatin1String("distinct"), report.tally.distinct);
    visit(QLatin1String("duplicates"), report.tally.duplicates);
    visit(QLatin1String("mismatches"), report.tally.mismatches);
    visit(QLatin1String("disorders"), report.tally.disorders);
    visit(QLatin1String("delivered_ns"), report.deliveredNs);
    visit(QLatin1String("settled_ns"), report.settledNs);
    visit(QLatin1String("confirmed_ns"), report.confirmedNs);
    visit(QLatin1String("late_ns"), report.lateNs);
}

struct Writer
{
    QJsonObject& object;
    void operator()(QLatin1String name, const auto& value) const { object.insert(name, static_cast<qint64>(value)); }
    void operator()(QLatin1String name, const std::vector<std::int64_t>& values) const
    {
        QJsonArray list;
        for (const std::int64_t value : values)
            list.append(static_cast<qint64>(value));
        object.insert(name, list);
    }
};

struct Reader
{
    const QJsonObject& object;
    template<typename Integer>
    void operator()(QLatin1String name, Integer& value) const
    {
        value = static_cast<Integer>(object.value(name).toInteger());
    }
    void operator()(QLatin1String name, std::vector<std::int64_t>& values) const
    {
        const QJsonArray list = object.value(name).toArray();
        for (const QJsonValue& value : list)
            values.push_back(value.toInteger());
    }
};

} // namespace

QJsonObject Report::toJson() const
{
    QJsonObject object;
    visitMembers(*this, Writer{object});
    return object;
}

Report Report::fromJson(const QJsonObject& object)
{
    Report report;
    visitMembers(report, Reader{object});
    return report;
}

double Report::perSecond() const noexcept
{
    return static_cast<double>(messages) * 1e9 / static_cast<double>(last.ns - first.ns);
}

double Report::cpuUs() const noexcept
{
    return static_cast<double>(last.nodeCpuNs - first.nodeCpuNs) * 1e-3 / static_cast<double>(messages);
}

double Report::ownCpuUs() const noexcept
{
    return static_cast<double>(last.ownCpuNs - first.ownCpuNs) * 1e-3 / static_cast<double>(messages);
}

Moment Moment::now(const CpuClock& node)
{
    static const CpuClock own(::getpid());
    return {monotonicNs(), node.now(), own.now()};
}

CpuClock::CpuClock(pid_t pid)
    : m_isUsable(pid > 0 && ::clock_getcpuclockid(pid, &m_clock) == 0)
{}

std::int64_t CpuClock::now() const noexcept
{
    timespec time{};
    if (!m_isUsable || ::clock_gettime(m_clock, &time) != 0)
        return 0;
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

double quantileMs(std::vector<std::int64_t> values, double quantile)
{
    if (values.empty())
        return std::nan("");
    const auto at = static_cast<std::ptrdiff_t>(quantile * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return static_cast<double>(values[static_cast<std::size_t>(at)]) * 1e-6;
}

QString toQString(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace millrace::bench
