// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/run_set.h"

#include <QDateTime>
#include <QJsonArray>

#include <algorithm>
#include <cmath>

namespace millrace::bench {

namespace {

double medianOf(std::vector<double> values)
{
    if (values.empty())
        return std::nan("");
    std::ranges::sort(values);
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// Enough digits for what is compared, and none that are noise.
QJsonValue rounded(double value)
{
    if (!std::isfinite(value))
        return {};
    return std::abs(value) >= 1000 ? std::round(value) : std::round(value * 1000) / 1000;
}

} // namespace

void Sample::expect(bool holds, const QString& otherwise)
{
    if (!holds)
        wrong.append(otherwise);
}

double Sample::operator[](const char* name) const
{
    const auto found = std::ranges::find(figures, QLatin1String(name), &std::pair<QString, double>::first);
    return found == figures.end() ? std::nan("") : found->second;
}

void expectAll(Sample& sample, const Report& produced, const Report& consumed, std::uint64_t count)
{
    sample.expect(produced.messages == count && produced.problems == 0,
                  QStringLiteral("%1 of %2 messages were confirmed, %3 were not")
                      .arg(produced.messages)
                      .arg(count)
                      .arg(produced.problems));
    const Ledger::Tally& tally = consumed.tally;
    sample.expect(tally.distinct == count && tally.duplicates == 0 && tally.mismatches == 0 && tally.disorders == 0,
                  QStringLiteral("of %1 messages %2 came, %3 more than once, %4 with a wrong byte, %5 out of order")
                      .arg(count)
                      .arg(tally.distinct)
                      .arg(tally.duplicates)
                      .arg(tally.mismatches)
                      .arg(tally.disorders));
}

void addLatencies(Sample& sample, const Report& paced, const Report& consumed)
{
    const auto add = [&sample](const char* name, const std::vector<std::int64_t>& latencies) {
        for (const auto& [suffix, quantile] :
             {std::pair{"_p50_ms", 0.5}, std::pair{"_p99_ms", 0.99}, std::pair{"_max_ms", 1.0}})
            sample.figures.emplace_back(QLatin1String(name) + QLatin1String(suffix), quantileMs(latencies, quantile));
    };
    add("confirmed", paced.confirmedNs);
    add("delivered", consumed.deliveredNs);
    add("settled", consumed.settledNs);
    add("pacer_late", paced.lateNs);
}

RunSet::RunSet(const Settings& settings, const char* how)
    : m_head{{QStringLiteral("system"), QStringLiteral("millrace")},
             {QStringLiteral("command"), settings.command},
             {QStringLiteral("how"), QString::fromUtf8(how)},
             {QStringLiteral("durability"), toQString(message::toString(settings.durability))},
             {QStringLiteral("size"), static_cast<qint64>(settings.shape.size)},
             {QStringLiteral("count"), static_cast<qint64>(settings.count)},
             {QStringLiteral("runs"), settings.runs}}
    , m_settings(describeMachine(settings.directory))
{
    setting("version", QStringLiteral(MR_VERSION));
    setting("date", QDateTime::currentDateTimeUtc().toString(Qt::ISODate));
    setting("envelope_bytes", static_cast<qint64>(MessageMaker(settings.shape).envelopeBytes()));
}

void RunSet::add(const Sample& sample)
{
    for (const auto& [name, value] : sample.figures)
        m_figures[name].push_back(value);
    m_wrong += sample.wrong;
}

double RunSet::median(const QString& name) const
{
    const auto found = m_figures.find(name);
    return found == m_figures.end() ? std::nan("") : medianOf(found->second);
}

QJsonObject RunSet::line() const
{
    QJsonObject figures;
    for (const auto& [name, values] : m_figures) {
        QJsonArray list;
        for (const double value : values)
            list.append(rounded(value));
        const auto [least, most] = std::ranges::minmax_element(values);
        figures.insert(name,
                       QJsonObject{{QStringLiteral("min"), rounded(*least)},
                                   {QStringLiteral("median"), rounded(medianOf(values))},
                                   {QStringLiteral("max"), rounded(*most)},
                                   {QStringLiteral("values"), list}});
    }
    QJsonObject limits;
    bool isWithin = true;
    for (const auto& [name, most] : m_limits) {
        limits.insert(name, most);
        isWithin = isWithin && median(name) <= most; // not a number is not within
    }
    QJsonObject surroundings = m_settings;
    surroundings.insert(QStringLiteral("others_busy_cores"), rounded(m_bystanders.cores()));
    QJsonObject line = m_head;
    line.insert(QStringLiteral("settings"), surroundings);
    line.insert(QStringLiteral("figures"), figures);
    line.insert(QStringLiteral("complete"), m_wrong.isEmpty());
    if (!m_wrong.isEmpty())
        line.insert(QStringLiteral("wrong"), QJsonArray::fromStringList(m_wrong));
    if (!m_limits.empty()) {
        line.insert(QStringLiteral("limits"), limits);
        line.insert(QStringLiteral("within_limits"), isWithin);
    }
    return line;
}

QJsonObject RunSet::failure(const Settings& settings, const base::Error& error)
{
    return {{QStringLiteral("system"), QStringLiteral("millrace")},
            {QStringLiteral("command"), settings.command},
            {QStringLiteral("error"), toQString(error.context)},
            {QStringLiteral("complete"), false}};
}

QJsonObject repeat(const Settings& settings, RunSet set, const std::function<base::Result<Sample>()>& run)
{
    for (int i = 0; i < settings.runs; ++i) {
        const base::Result<Sample> sample = run();
        if (!sample)
            return RunSet::failure(settings, sample.error());
        set.add(*sample);
    }
    return set.line();
}

} // namespace millrace::bench
