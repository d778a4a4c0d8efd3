// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/pipeline.h"
#include "transport/wire/control_codec.h"

#include <cstdint>
#include <string>
#include <unordered_map>

namespace millrace::zeromq {

/// Turns snapshots of the wire into those of the client, and sees when some were lost. Thread: one.
class SnapshotReader
{
public:
    struct Reading
    {
        client::SnapshotPtr snapshot; ///< null: older than one that was read before
        std::uint64_t missed = 0;     ///< frames between the last one and this
    };
    /// Errors: Protocol.
    [[nodiscard]] base::Result<Reading> read(const wire::v1::Snapshot& in);

private:
    [[nodiscard]] base::Result<message::QueuePolicy> policy(const std::string& json);
    std::unordered_map<std::string, message::QueuePolicy> m_policies; ///< by their text: they hardly change
    std::uint64_t m_epoch = 0;
    std::uint64_t m_number = 0;
};

} // namespace millrace::zeromq
