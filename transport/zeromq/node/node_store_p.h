// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/store_port.h"
#include "core/store/sqlite_store.h"

#include <memory>

namespace millrace::zeromq {

/// The SQLite store with the failpoints around its commit. Thread: broker.
class NodeStore final : public engine::StorePort
{
public:
    /// Errors: those of SqliteStore::open.
    [[nodiscard]] static base::Result<std::unique_ptr<engine::StorePort>> open(const store::StoreOptions& options);

    [[nodiscard]] base::Result<void> load(engine::LoadSink& sink) override;
    [[nodiscard]] base::Result<void> commit(const engine::Batch& batch) override;
    [[nodiscard]] base::Result<engine::Fetched> fetch(std::span<const engine::Sequence> messages,
                                                      std::span<const engine::Sequence> deadLetters) override;
    [[nodiscard]] base::Result<std::vector<engine::Sequence>> findAged(const engine::AgedQuery& query) override;
    [[nodiscard]] std::uint64_t bytesAvailable() override;
    [[nodiscard]] store::SqliteStore::Sizes sizes() const { return m_inner->sizes(); }

private:
    explicit NodeStore(std::unique_ptr<store::SqliteStore> inner);
    std::unique_ptr<store::SqliteStore> m_inner;
};

} // namespace millrace::zeromq
