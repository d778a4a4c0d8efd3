// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/commands.h"

#include <QDateTime>
#include <QFile>
#include <QJsonDocument>

namespace millrace::bench {

namespace {

constexpr double kWorst = 0.75; ///< of the stored ratio
constexpr std::uint64_t kPaced = 2000;
/// Cores that others may use meanwhile: Millrace and the reference do not suffer alike from more.
constexpr double kMostBystanders = 0.2;

/// Each is greater when Millrace is faster.
constexpr const char* kRatios[] = {"submit", "end_to_end", "delivered_p50"};

/// All that is compared, in turn, so that what else the machine does meets the reference too.
base::Result<Sample> ratiosOnce(const Settings& settings)
{
    const auto before = referenceOnce(settings);
    if (!before)
        return before;
    const auto submitted = submitOnce(settings);
    if (!submitted)
        return submitted;
    const auto passed = passOnce(settings);
    if (!passed)
        return passed;
    Settings paced = settings;
    paced.count = kPaced;
    const auto timed = paceOnce(paced);
    if (!timed)
        return timed;
    const auto after = referenceOnce(settings);
    if (!after)
        return after;
    const double rows = ((*before)["rows_per_s"] + (*after)["rows_per_s"]) / 2;
    const double commit = ((*before)["commit_p50_ms"] + (*after)["commit_p50_ms"]) / 2;
    Sample sample;
    sample.add("submit", (*submitted)["submit_per_s"] / rows);
    sample.add("end_to_end", (*passed)["end_to_end_per_s"] / rows);
    sample.add("delivered_p50", commit / (*timed)["delivered_p50_ms"]);
    for (const Sample* part : {&*submitted, &*passed, &*timed})
        sample.wrong += part->wrong;
    return sample;
}

base::Result<QJsonObject> readRatios(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return base::fail(base::ErrorCode::NotFound,
                          "cannot read " + path.toStdString() + ": `millrace-bench regression --update` makes it");
    const QJsonObject stored =
        QJsonDocument::fromJson(file.readAll()).object().value(QLatin1String("ratios")).toObject();
    for (const char* name : kRatios) {
        if (stored.value(QLatin1String(name)).toDouble() <= 0)
            return base::fail(base::ErrorCode::Invalid, path.toStdString() + " has no ratio \"" + name + '"');
    }
    return stored;
}

bool writeRatios(const QString& path, const QJsonObject& line, const RunSet& set)
{
    QJsonObject ratios;
    for (const char* name : kRatios)
        ratios.insert(QLatin1String(name), std::round(set.median(QLatin1String(name)) * 1000) / 1000);
    const QJsonObject machine = line.value(QLatin1String("settings")).toObject();
    QJsonObject text{{QStringLiteral("ratios"), ratios}, {QStringLiteral("runs"), line.value(QLatin1String("runs"))}};
    for (const QLatin1String name :
         {QLatin1String("date"), QLatin1String("processor"), QLatin1String("cores"), QLatin1String("system")})
        text.insert(name, machine.value(name));
    const QByteArray bytes = QJsonDocument(text).toJson();
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

} // namespace

QJsonObject runRegression(const Settings& settings, const QString& file, bool isUpdate)
{
    QJsonObject stored;
    if (!isUpdate) {
        const auto read = readRatios(file);
        if (!read)
            return RunSet::failure(settings, read.error());
        stored = *read;
    }
    RunSet set(
        settings,
        "small runs of submit, processes and latency, between two of the reference: confirmed submits and messages end "
        "to end "
        "over the reference's rows a second; the reference's time for a commit of one row over the time from due to "
        "delivered. A median below three quarters of what is stored fails.");
    for (int i = 0; i < settings.runs; ++i) {
        const auto sample = ratiosOnce(settings);
        if (!sample)
            return RunSet::failure(settings, sample.error());
        set.add(*sample);
    }
    QJsonObject line = set.line();
    if (set.bystanders() > kMostBystanders) {
        return RunSet::failure(settings,
                               {base::ErrorCode::Busy,
                                "other processes kept " + std::to_string(set.bystanders())
                                    + " cores busy meanwhile: nothing can be said about the speed"});
    }
    if (isUpdate) {
        if (!writeRatios(file, line, set))
            return RunSet::failure(settings, {base::ErrorCode::Io, "cannot write " + file.toStdString()});
        return line;
    }
    bool isWithin = true;
    for (const char* name : kRatios)
        isWithin = isWithin && set.median(QLatin1String(name)) >= kWorst * stored.value(QLatin1String(name)).toDouble();
    line.insert(QStringLiteral("stored"), stored);
    line.insert(QStringLiteral("within_limits"), isWithin);
    return line;
}

} // namespace millrace::bench
