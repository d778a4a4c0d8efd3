// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/store_port.h"
#include "core/store/connection_p.h"

#include <span>
#include <vector>

namespace millrace::store {

/// Reads the bytes of messages that left memory. Thread: the one of its connection.
class Fetcher
{
public:
    [[nodiscard]] static base::Result<Fetcher> open(Connection& connection);
    [[nodiscard]] base::Result<engine::Fetched> fetch(std::span<const engine::Sequence> messages,
                                                      std::span<const engine::Sequence> deadLetters);
    [[nodiscard]] base::Result<std::vector<engine::Sequence>> findAged(const engine::AgedQuery& query);

private:
    [[nodiscard]] base::Result<void> fetchMessages(std::span<const engine::Sequence> sequences,
                                                   std::vector<engine::FetchedMessage>& out);
    [[nodiscard]] base::Result<void>
    fetchRun(std::span<const engine::Sequence> run, std::vector<engine::FetchedDeadLetter>& out);

    Statement m_message;
    Statement m_deadLetters;
    Statement m_aged;
};

/// What is wrong with stored bytes; empty if they are there and match `checksum`.
[[nodiscard]] std::string damageOf(const Statement& row, int checksum, int envelope, int body);

} // namespace millrace::store
