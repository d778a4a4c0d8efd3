// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "core/message/policy.h"
#include "tests/bench/load.h"

#include <QString>

namespace millrace::bench {

/// What is measured. Each command has its own defaults and does not look at what it has no use for.
struct Settings
{
    QString command;
    std::uint64_t count = 500'000; ///< messages of a run
    Shape shape;
    message::Durability durability = message::Durability::Full;
    int runs = 5;
    double perSecond = 1000;    ///< `latency`, `embedded`: messages a second
    std::uint64_t paced = 5000; ///< `embedded`: messages at that rate
    /// Messages at that rate that are passed before, and not timed.
    [[nodiscard]] std::uint64_t warmUp() const { return static_cast<std::uint64_t>(perSecond / 2); }
    std::uint64_t waiting = 0;  ///< `growth`, `cold`: messages in the store meanwhile
    std::uint64_t queues = 1;   ///< `growth`: queues that they wait in
    bool isKilled = false;      ///< `cold`: the earlier node died instead of being stopped
    QString nodeProgram;        ///< `millrace-node`
    QString directory;          ///< below which stores are made, and removed again
};

} // namespace millrace::bench
