// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/command.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/faults.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace millrace::simulation {

/// How often things go wrong, per thousand; 0 = never.
struct NetworkFaults
{
    std::uint32_t lost = 0, late = 0, twice = 0, reordered = 0;
};

/// Frames of one direction. In order for each session, except where a fault says otherwise.
template<typename Content>
class Network
{
public:
    struct Frame
    {
        engine::ClientId session = 0;
        std::uint64_t serial = 0;
        Content content;
    };

    Network(Chance& chance, FaultCounts& counts)
        : m_chance(&chance)
        , m_counts(&counts)
    {
    }
    NetworkFaults faults;

    void send(std::int64_t nowUs, engine::ClientId session, Content content)
    {
        if (m_chance->hits(faults.lost)) {
            ++(*m_counts)[Fault::FrameLost];
            return;
        }
        const std::uint64_t serial = ++m_serial;
        const bool isTwice = m_chance->hits(faults.twice);
        if (isTwice) {
            ++(*m_counts)[Fault::FrameTwice];
            m_frames.emplace(nowUs + m_chance->between(50, 400'000), Frame{session, serial, content});
        }
        std::int64_t at = nowUs + m_chance->between(50, 3'000);
        if (m_chance->hits(faults.late)) {
            ++(*m_counts)[Fault::FrameLate];
            at += m_chance->between(300'000, 8'000'000);
        } else if (m_chance->hits(faults.reordered)) {
            at += m_chance->between(1'000, 100'000); // those that follow may overtake it
        } else {
            std::int64_t& last = m_last[session];
            at = last = std::max(at, last);
        }
        m_frames.emplace(at, Frame{session, serial, std::move(content)});
    }
    /// The next frame that has arrived at `nowUs`.
    std::optional<Frame> take(std::int64_t nowUs)
    {
        if (m_frames.empty() || m_frames.begin()->first > nowUs)
            return std::nullopt;
        auto node = m_frames.extract(m_frames.begin());
        Frame frame = std::move(node.mapped());
        std::uint64_t& highest = m_highest[frame.session];
        if (frame.serial < highest)
            ++(*m_counts)[Fault::FrameReordered];
        highest = std::max(highest, frame.serial);
        return frame;
    }
    [[nodiscard]] std::optional<std::int64_t> next() const
    {
        return m_frames.empty() ? std::nullopt : std::optional(m_frames.begin()->first);
    }
    void clear() { m_frames.clear(); }

private:
    Chance* m_chance;
    FaultCounts* m_counts;
    std::multimap<std::int64_t, Frame> m_frames;
    std::map<engine::ClientId, std::int64_t> m_last;
    std::map<engine::ClientId, std::uint64_t> m_highest;
    std::uint64_t m_serial = 0;
};

} // namespace millrace::simulation
