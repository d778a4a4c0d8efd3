// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tests/bench/load.h"

#include <QJsonObject>
#include <QString>

namespace millrace::bench {

/// Producer, node and worker in this process, over inproc. @returns the line to print; a member `error` if it failed.
[[nodiscard]] QJsonObject runEmbedded(const Settings& settings);
/// Producer, node and worker as three processes over ipc; this process only starts them and adds up.
[[nodiscard]] QJsonObject runProcesses(const Settings& settings);
/// One of those processes: `node`, `producer` or `worker`. @returns the exit code
[[nodiscard]] int runRole(const QString& role, const QString& endpointOrDirectory, const Settings& settings);

} // namespace millrace::bench
