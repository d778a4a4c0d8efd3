// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"
#include "transport/wire/data_codec.h"
#include "transport/zeromq/node/node.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace millrace::zeromq {

/// Text of a peer for logs and the audit: one line, no control characters, well-formed, at most `limit` bytes.
[[nodiscard]] std::string oneLine(std::string_view text, std::size_t limit);

/// Who asks, for the audit log.
[[nodiscard]] std::string actorOf(std::string_view text);

/// Log lines, and at most ten a second about refused frames, so that a flood of them costs no disk.
/// Thread: the broker's.
class Log
{
public:
    using Sink = std::function<void(char level, const std::string& line)>;
    explicit Log(Sink sink);
    void info(const std::string& line) const { write('I', line); }
    void warn(const std::string& line) const { write('W', line); }
    void error(const std::string& line) const { write('E', line); }
    void refused(const std::string& line, base::SteadyTime now);
    /// Says how many lines were left out, once their second is over.
    void tick(base::SteadyTime now);

private:
    void write(char level, const std::string& line) const;
    Sink m_sink;
    base::SteadyTime m_secondBegan{};
    std::uint32_t m_inSecond = 0;
    std::uint64_t m_suppressed = 0;
};

/// What the parts of the broker share. Thread: the broker's.
struct NodeState
{
    explicit NodeState(const NodeOptions& nodeOptions);

    const NodeOptions& options;
    Log log;
    std::uint64_t epoch = 0;
    std::uint64_t framesRefused = 0;
    /// Set while the store cannot be opened again after a failed commit.
    bool isBroken = false;
    std::string trouble; ///< a sentence for people; empty = all is well

    [[nodiscard]] std::string encodeWelcome() const;
    [[nodiscard]] wire::Welcome welcome() const;
    /// Errors: Unsupported (another major version: the text names both), Protocol (session token).
    [[nodiscard]] base::Result<void> check(const wire::Hello& hello) const;
    /// Counts and logs a frame that breaks the contract.
    void countRefused(const base::Error& error, std::string_view plane, std::string_view who, base::SteadyTime now);
};

/// The program's own version, for people.
[[nodiscard]] std::string nodeVersion();

} // namespace millrace::zeromq
