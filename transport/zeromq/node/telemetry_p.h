// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/runner.h"
#include "transport/wire/control_codec.h"
#include "transport/zeromq/node/node_state_p.h"
#include "transport/zeromq/node/series_store_p.h"
#include "transport/zeromq/socket/socket.h"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace millrace::zeromq {

/// The telemetry socket: a snapshot at each period, whatever the load, and the series of the charts.
/// Thread: the broker's.
class Telemetry
{
public:
    explicit Telemetry(NodeState& state);

    /// Errors: Io.
    [[nodiscard]] base::Result<void> open(zmq::context_t& context, const std::vector<std::string>& endpoints);
    void unbind(const std::vector<std::string>& endpoints) { m_socket->unbind(endpoints); }

    [[nodiscard]] base::SteadyTime nextTick() const noexcept { return m_nextTick; }
    /// Publishes if it is time. `runner` is null while the store cannot be opened: then the last figures are sent
    /// again, with the trouble.
    void tick(base::Now now, engine::Runner* runner, std::size_t sessions);

    /// As for SeriesStore::range.
    [[nodiscard]] std::optional<std::vector<telemetry::Point>> series(std::string_view queue,
                                                                      std::int64_t fromUs,
                                                                      std::int64_t untilUs) const
    {
        return m_series.range(queue, fromUs, untilUs);
    }
    /// The figures of now, for whoever asks: what was changed before the request is in them. Not published, and numbered
    /// as the last that was. `runner` as for tick().
    [[nodiscard]] const wire::v1::Snapshot& current(base::Now now, engine::Runner* runner, std::size_t sessions);

private:
    struct CachedPolicy
    {
        message::QueuePolicy policy;
        std::string json;
    };
    void refresh(base::Now now, engine::Runner* runner, std::size_t sessions);
    void sample(base::Now now, engine::Runner& runner);
    void fillNode(engine::Runner* runner, std::size_t sessions);
    [[nodiscard]] const std::string& policyJson(const engine::QueueRow& row);

    NodeState& m_state;
    std::optional<Socket> m_socket;
    SeriesStore m_series;
    wire::v1::Snapshot m_snapshot;
    std::unordered_map<engine::QueueId, CachedPolicy> m_policies;
    base::SteadyTime m_nextTick{};
    base::SteadyTime m_nextSeries{};
    std::uint32_t m_seriesCount = 0;
};

} // namespace millrace::zeromq
