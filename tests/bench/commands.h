// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tests/bench/run_set.h"

/// What `millrace-bench` can measure. Each run has a fresh store, unless `how` says otherwise.
namespace millrace::bench {

[[nodiscard]] base::Result<Sample> submitOnce(const Settings& settings);
[[nodiscard]] base::Result<Sample> passOnce(const Settings& settings);
[[nodiscard]] base::Result<Sample> paceOnce(const Settings& settings);
[[nodiscard]] base::Result<Sample> referenceOnce(const Settings& settings);

[[nodiscard]] QJsonObject runSubmit(const Settings& settings);
[[nodiscard]] QJsonObject runProcesses(const Settings& settings);
[[nodiscard]] QJsonObject runLatency(const Settings& settings);
[[nodiscard]] QJsonObject runEmbedded(const Settings& settings);
[[nodiscard]] QJsonObject runBacklog(const Settings& settings);
[[nodiscard]] QJsonObject runRedrive(const Settings& settings);
[[nodiscard]] QJsonObject runCold(const Settings& settings);
[[nodiscard]] QJsonObject runGrowth(const Settings& settings);
/// A fixed workload without Millrace, by which figures of different machines and days become comparable.
[[nodiscard]] QJsonObject runReference(const Settings& settings);

/// Speed in parts of the reference's, against what `file` holds; writes it instead when `isUpdate`. A figure that is
/// more than a quarter worse fails.
[[nodiscard]] QJsonObject runRegression(const Settings& settings, const QString& file, bool isUpdate);

} // namespace millrace::bench
