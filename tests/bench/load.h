// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "transport/client/connection.h"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

/// What the messages of all workloads look like, and who checks them.
namespace millrace::bench {

/// What all messages of a workload have in common.
struct Shape
{
    std::size_t size = 256; ///< bytes of a body, at least kHeadBytes
    std::uint32_t keys = 0; ///< partition keys that the messages take in turn; 0 = none
};
inline constexpr std::size_t kHeadBytes = 16;

/// Makes message number n: a full envelope and a body, both of which follow from the number alone, so that whoever
/// receives it can check every byte against what the producer's journal must hold. The first eight bytes of the body
/// are the number, the next eight a time stamp (monotonic, ns) that the check leaves out. All envelopes are as long as
/// each other, so that only their digits are written anew: the load must not cost what is measured.
class MessageMaker
{
public:
    explicit MessageMaker(Shape shape);
    /// Numbers first, first + stride, …, `count` of them, in one buffer.
    [[nodiscard]] std::vector<client::OutgoingMessage>
    batch(std::uint64_t first, std::uint64_t stride, std::size_t count, std::int64_t stampNs) const;
    [[nodiscard]] std::size_t envelopeBytes() const noexcept { return m_envelope.size(); }
    [[nodiscard]] std::size_t bodyBytes() const noexcept { return m_shape.size; }
    [[nodiscard]] std::uint32_t keys() const noexcept { return m_shape.keys; }
    void writeEnvelope(char* to, std::uint64_t number) const;
    void writeBody(char* to, std::uint64_t number, std::int64_t stampNs) const;

private:
    struct Digits
    {
        std::size_t at;
        std::size_t width;
        std::uint64_t modulus; ///< 0 = the number itself
    };
    Shape m_shape;
    std::string m_envelope; ///< encoded, of number 0
    std::vector<Digits> m_digits;
};

/// A worker's tally: which numbers came, whether each byte was right, and whether those of a key came in order.
/// Thread: any.
class Ledger
{
public:
    /// Of numbers below `count`.
    Ledger(std::uint64_t count, Shape shape);
    /// @param queue  from which it came; order is that of a key within a queue
    /// @returns the time stamp in the body, or 0 if the message is not one of ours
    std::int64_t check(std::uint64_t queue, std::string_view envelope, std::string_view body);
    struct Tally
    {
        std::uint64_t distinct = 0, duplicates = 0;
        std::uint64_t mismatches = 0; ///< a byte was wrong
        std::uint64_t disorders = 0;  ///< came after a later one of its key
    };
    [[nodiscard]] Tally tally() const;
    /// Each number came once and was right.
    [[nodiscard]] bool isComplete() const;

private:
    mutable std::mutex m_lock;
    MessageMaker m_maker;
    std::vector<bool> m_seen; // guarded by m_lock
    /// By queue and key, above the last that came.
    std::unordered_map<std::uint64_t, std::uint64_t> m_next; // guarded by m_lock
    std::string m_expected;                                  // guarded by m_lock; scratch
    Tally m_tally;                                           // guarded by m_lock
};

/// Monotonic, the same clock in every process of this machine.
[[nodiscard]] std::int64_t monotonicNs() noexcept;

/// Of the n-th queue of a workload.
[[nodiscard]] std::string queueName(std::uint64_t n);

} // namespace millrace::bench
