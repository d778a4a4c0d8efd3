// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/node_store_p.h"

#include "core/base/failpoint.h"
#include "transport/zeromq/node/failpoint_p.h"

#include <cerrno>
#include <utility>

namespace millrace::zeromq {

namespace {

/// A commit is worth breaking where somebody waits for an answer or holds a delivery.
bool isTelling(const engine::Batch& batch)
{
    return !batch.messages.empty() || !batch.handouts.empty() || !batch.removed.empty()
           || !batch.deadLetters.empty() || !batch.deadLetterChanges.empty();
}

} // namespace

NodeStore::NodeStore(std::unique_ptr<store::SqliteStore> inner)
    : m_inner(std::move(inner))
{
}

base::Result<std::unique_ptr<engine::StorePort>> NodeStore::open(const store::StoreOptions& options)
{
    if (failpointReached(Failpoint::OpenFails))
        return base::fail(base::ErrorCode::Io, "the store cannot be opened (failpoint)", EIO);
    auto inner = store::SqliteStore::open(options);
    if (!inner)
        return tl::unexpected(std::move(inner.error()));
    return std::unique_ptr<engine::StorePort>(new NodeStore(std::move(*inner)));
}

base::Result<void> NodeStore::load(engine::LoadSink& sink)
{
    return m_inner->load(sink);
}

base::Result<void> NodeStore::commit(const engine::Batch& batch)
{
    if (!isTelling(batch))
        return m_inner->commit(batch);
    MR_FAILPOINT("before-commit");
    const bool thenOpen = failpointReached(Failpoint::CommitFailsThenOpen);
    if (thenOpen)
        armFailpoint(Failpoint::OpenFails);
    if (thenOpen || failpointReached(Failpoint::CommitFails))
        return base::fail(base::ErrorCode::Io, "the commit failed (failpoint)", EIO);
    auto done = m_inner->commit(batch);
    if (done)
        MR_FAILPOINT("after-commit");
    return done;
}

base::Result<std::vector<engine::Sequence>> NodeStore::findAged(const engine::AgedQuery& query)
{
    return m_inner->findAged(query);
}

base::Result<engine::Fetched> NodeStore::fetch(std::span<const engine::Sequence> messages,
                                               std::span<const engine::Sequence> deadLetters)
{
    return m_inner->fetch(messages, deadLetters);
}

std::uint64_t NodeStore::bytesAvailable()
{
    return m_inner->bytesAvailable();
}

} // namespace millrace::zeromq
