// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/engine.h"
#include "tests/simulation/model.h"

#include <deque>
#include <optional>

namespace millrace::simulation {

/// Holds the states in which the store may be, and says when it is in none of them.
/// Every function throws Violation.
class Judge
{
public:
    explicit Judge(const Model::Limits& limits) { m_seen.limits = limits; }

    /// A step whose commit went through, or that needed none.
    void committed(const Step& step);
    /// A step whose commit failed. @param hasLeft  something of it left the node nevertheless
    void failed(const Step& step, bool hasLeft);
    /// What a start finds.
    void reloaded(const Disk& disk, base::Now now, bool powerWasCut, const LastRun& lastRun);
    /// The same of a store that cannot be in more than one state.
    void restarted(base::Now now, const LastRun& lastRun, const Found& found);
    /// D5, of the engine that has just taken a step or has just been loaded: every message is in the state in which it
    /// has to be. @param withLeases  also what each worker holds, one by one
    void count(engine::Engine& engine, base::Now now, bool withLeases) const;
    [[nodiscard]] const Model& model() const { return m_model; }
    [[nodiscard]] const Model::Seen& seen() const { return m_seen; }

private:
    void countQueues(engine::Engine& engine, base::Now now) const;
    void countDead(engine::Engine& engine) const;
    void compareLeases(engine::Engine& engine, base::Now now) const;

    Model m_model;
    Model::Seen m_seen;
    std::deque<Model> m_unsafe; ///< states before m_model, from the last safe one on
    std::optional<Model> m_pending; ///< what it is if the failed commit reached the disk
    Model::Seen m_pendingSeen;
    bool m_hasLeft = false;
};

} // namespace millrace::simulation
