// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <QJsonObject>
#include <QString>

#include <cstdint>

namespace millrace::bench {

/// What the figures were measured on: processor, cores, kernel, system, and the file system of `directory`.
[[nodiscard]] QJsonObject describeMachine(const QString& directory);

/// Notes how much the processors worked for others since it was made: a figure that was measured beside a compiler is
/// none. Counts this process and those of its children that were awaited as ours.
class Bystanders
{
public:
    Bystanders();
    /// Cores that other processes kept busy, or that the host gave to other machines, on average.
    [[nodiscard]] double cores() const;

private:
    std::int64_t m_startNs;
    double m_busySeconds, m_ownSeconds;
};

} // namespace millrace::bench
