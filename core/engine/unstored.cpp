// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/unstored_p.h"

#include "core/engine/impl_p.h"

#include <algorithm>
#include <string>
#include <utility>

namespace millrace::engine {

namespace {

// The same as in the store.
constexpr std::size_t kMaxAttempts = 100;
constexpr std::uint64_t kMaxHistoryBytes = 1024 * 1024;

} // namespace

std::uint64_t Unstored::costOf(const Kept& kept) noexcept
{
    constexpr std::uint64_t kOverheadBytes = 64; // of a node of the map and a buffer
    return kOverheadBytes + sizeof(Kept) + kept.envelope.size() + kept.body.size()
           + (kept.history ? kept.history->bytes : 0);
}

void Unstored::keep(const NewMessage& row)
{
    std::string both;
    both.reserve(row.envelope.size() + row.body.size());
    both.append(row.envelope.view()).append(row.body.view());
    const base::Slice buffer = base::Slice::own(std::move(both));
    Kept& kept = m_kept[row.sequence];
    kept.envelope = buffer.part(buffer.view().substr(0, row.envelope.size()));
    kept.body = buffer.part(buffer.view().substr(row.envelope.size()));
    kept.submittedAtUs = row.submittedAtUs;
    kept.queue = row.queue;
    m_bytes += costOf(kept);
}

bool Unstored::erase(Sequence sequence)
{
    const auto found = m_kept.find(sequence);
    if (found == m_kept.end())
        return false;
    m_bytes -= costOf(found->second);
    m_kept.erase(found);
    return true;
}

void Unstored::fail(FailedAttempt row)
{
    Kept& kept = m_kept.at(row.sequence);
    if (!kept.history)
        kept.history = std::make_unique<History>();
    History& history = *kept.history;
    if (history.attempts.size() >= kMaxAttempts || history.bytes >= kMaxHistoryBytes)
        return;
    const std::uint64_t bytes = message::encodeAttempt(row.attempt).size();
    history.bytes += bytes;
    m_bytes += bytes;
    history.attempts.push_back(std::move(row));
}

void Unstored::moveTo(Batch& batch, Sequence sequence)
{
    Kept& kept = m_kept.at(sequence);
    // It was read when the message was submitted.
    const message::EnvelopeView view = message::viewEnvelope(kept.envelope.view()).value_or(message::EnvelopeView());
    NewMessage& row = batch.messages.emplace_back();
    row.sequence = sequence;
    row.queue = kept.queue;
    row.priority = std::min(view.priority, message::kHighestPriority);
    row.deliverAtUs = view.deliverAtUs;
    row.expiresAtUs = view.expiresAtUs;
    row.submittedAtUs = kept.submittedAtUs;
    row.partitionKey = view.partitionKey;
    row.envelope = kept.envelope;
    row.body = kept.body;
    if (kept.history)
        std::move(kept.history->attempts.begin(), kept.history->attempts.end(), std::back_inserter(batch.failures));
    erase(sequence);
}

void Unstored::fetch(std::vector<Sequence>& wanted, std::vector<FetchedMessage>& found) const
{
    std::erase_if(wanted, [&](Sequence sequence) {
        const auto kept = m_kept.find(sequence);
        if (kept == m_kept.end())
            return false;
        found.push_back({sequence, kept->second.envelope, kept->second.body, {}});
        return true;
    });
}

// ---- what of a message's rows goes into the batch, and what nowhere

/// Its message is settled.
void Engine::Impl::removeRows(Sequence sequence, bool hasFailures)
{
    if (m_unstored.erase(sequence))
        return;
    batch().removed.push_back(sequence);
    if (hasFailures)
        batch().removedFailures.push_back(sequence);
}

void Engine::Impl::addFailure(FailedAttempt row)
{
    if (m_unstored.contains(row.sequence))
        m_unstored.fail(std::move(row));
    else
        batch().failures.push_back(std::move(row));
}

/// Rows of idempotency keys, by id.
void Engine::Impl::removeKeys(std::vector<std::uint64_t>& ids)
{
    std::erase_if(ids, [](std::uint64_t id) { return id >= kUnstoredKeys; });
    auto& removed = batch().expiredDeduplications;
    removed.insert(removed.end(), ids.begin(), ids.end());
}

} // namespace millrace::engine
