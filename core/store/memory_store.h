// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/store_port.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace millrace::store {

/// A store that keeps everything in this process: for tests, and as the contract's second reading.
/// Content survives as long as the Content object, so that a test can "restart" on it.
class MemoryStore final : public engine::StorePort
{
public:
    struct Content;
    [[nodiscard]] static std::shared_ptr<Content> newContent();
    explicit MemoryStore(std::shared_ptr<Content> content);
    ~MemoryStore() override;

    [[nodiscard]] base::Result<void> load(engine::LoadSink& sink) override;
    [[nodiscard]] base::Result<void> commit(const engine::Batch& batch) override;
    [[nodiscard]] base::Result<engine::Fetched> fetch(std::span<const engine::Sequence> messages,
                                                      std::span<const engine::Sequence> deadLetters) override;
    [[nodiscard]] base::Result<std::vector<engine::Sequence>> findAged(const engine::AgedQuery& query) override;
    [[nodiscard]] std::uint64_t bytesAvailable() override;
    /// The next commit fails with this error and changes nothing; this object then refuses everything.
    void failNextCommit(base::Error error);
    void setBytesAvailable(std::uint64_t bytes);

private:
    std::shared_ptr<Content> m_content;
    std::optional<base::Error> m_failNext;
    bool m_failed = false;
    bool m_hasCommitted = false;
    bool m_stoppedCleanly; ///< the last store that committed anything
    std::uint64_t m_bytesAvailable = UINT64_MAX;
};

} // namespace millrace::store
