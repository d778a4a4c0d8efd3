// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/batch.h"
#include "core/engine/store_port.h"

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace millrace::engine {

/// The live messages at durability `memory`: what the store would hold of them. They reach it only as dead letters.
class Unstored
{
public:
    /// Copies the bytes, so that no received frame is kept alive for a piece of it.
    void keep(const NewMessage& row);
    [[nodiscard]] bool contains(Sequence sequence) const { return !m_kept.empty() && m_kept.contains(sequence); }
    [[nodiscard]] bool empty() const noexcept { return m_kept.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return m_kept.size(); }
    /// What all of them take in memory, about.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return m_bytes; }
    /// @returns false if it is not here
    bool erase(Sequence sequence);
    /// Appends to the history of one that is here, which is bounded like that of a stored one.
    void fail(FailedAttempt row);
    /// Moves one that is here, with its history, to where a dead letter of the same batch finds it.
    void moveTo(Batch& batch, Sequence sequence);
    /// Moves those of `wanted` that are here out of it, and appends their bytes to `found`.
    void fetch(std::vector<Sequence>& wanted, std::vector<FetchedMessage>& found) const;

private:
    struct History
    {
        std::vector<FailedAttempt> attempts;
        std::uint64_t bytes = 0; ///< as the store would write them
    };
    struct Kept
    {
        base::Slice envelope;
        base::Slice body;
        std::int64_t submittedAtUs = 0;
        QueueId queue = 0;
        std::unique_ptr<History> history; ///< null until it fails
    };
    [[nodiscard]] static std::uint64_t costOf(const Kept& kept) noexcept;
    std::unordered_map<Sequence, Kept> m_kept;
    std::uint64_t m_bytes = 0;
};

} // namespace millrace::engine
