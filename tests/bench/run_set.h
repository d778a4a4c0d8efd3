// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tests/bench/machine.h"
#include "tests/bench/report.h"
#include "tests/bench/settings.h"

#include <QJsonObject>
#include <QStringList>

#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace millrace::bench {

/// What one run gave.
struct Sample
{
    std::vector<std::pair<QString, double>> figures;
    QStringList wrong; ///< messages that are not accounted for; empty = all is well

    void add(const char* name, double value) { figures.emplace_back(QLatin1String(name), value); }
    void expect(bool holds, const QString& otherwise);
    [[nodiscard]] double operator[](const char* name) const;
};

/// Notes whether `count` messages were confirmed to the producer, and whether each came to the worker, once and right.
void expectAll(Sample& sample, const Report& produced, const Report& consumed, std::uint64_t count);

/// Adds the quantiles of what a paced producer and its worker noted.
void addLatencies(Sample& sample, const Report& paced, const Report& consumed);

/// The runs of one command, and the line that is printed of them.
class RunSet
{
public:
    /// @param how  what is measured, for people
    RunSet(const Settings& settings, const char* how);
    void setting(const char* name, const QJsonValue& value) { m_settings.insert(QLatin1String(name), value); }
    void add(const Sample& sample);
    /// The median of a figure must not be above `most`.
    void limit(const char* name, double most) { m_limits[QLatin1String(name)] = most; }
    [[nodiscard]] double median(const QString& name) const;
    /// Cores that others kept busy meanwhile.
    [[nodiscard]] double bystanders() const { return m_bystanders.cores(); }
    [[nodiscard]] QJsonObject line() const;
    [[nodiscard]] static QJsonObject failure(const Settings& settings, const base::Error& error);

private:
    Bystanders m_bystanders;
    QJsonObject m_head;
    QJsonObject m_settings;
    std::map<QString, std::vector<double>> m_figures;
    std::map<QString, double> m_limits;
    QStringList m_wrong;
};

/// Runs `run` as often as the settings say.
[[nodiscard]] QJsonObject
repeat(const Settings& settings, RunSet set, const std::function<base::Result<Sample>()>& run);

} // namespace millrace::bench
