// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"
#include "core/message/delivery.h"
#include "core/message/life.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace millrace::message {

/// Names one message at one backend. Opaque to whoever holds it: compare it, keep it, hand it back.
/// (Here it is the sequence in decimal; another backend writes something else.)
struct MessageRef
{
    std::string value;
    friend auto operator<=>(const MessageRef&, const MessageRef&) = default;
};

/// Which dead letters. Empty members do not restrict.
struct DeadLetterFilter
{
    std::vector<std::string> queues;  ///< any of these
    std::vector<Reason> reasons;      ///< any of these
    std::vector<State> states{State::Dead}; ///< dead, archived, replayed, discarded; any of these
    std::uint64_t fingerprint = 0;    ///< one group; 0 = all
    std::int64_t diedFromUs = 0;      ///< UTC, inclusive
    std::int64_t diedUntilUs = 0;     ///< UTC, exclusive; 0 = no end
    /// Every word must occur, without regard to ASCII case, in the id, type, source, correlation id,
    /// worker, error class, error text or body.
    std::string text;
    friend bool operator==(const DeadLetterFilter&, const DeadLetterFilter&) = default;
};

/// One line of the table.
struct DeadLetterRow
{
    MessageRef ref;
    std::string queue;
    State state = State::Dead;
    Reason reason = Reason::Rejected;
    std::string id, type, source, correlationId;
    std::string errorClass;
    std::string errorText; ///< first line, at most 200 bytes
    std::string worker;    ///< of the last attempt
    std::uint32_t attempts = 0;
    std::uint32_t replayCount = 0;
    std::uint64_t bodyBytes = 0;
    std::uint64_t fingerprint = 0;
    std::int64_t submittedAtUs = 0;
    std::int64_t diedAtUs = 0;
    friend bool operator==(const DeadLetterRow&, const DeadLetterRow&) = default;
};

/// Everything about one dead letter.
struct DeadLetterDetail
{
    DeadLetterRow row;
    std::string errorText;      ///< whole
    std::string envelope;       ///< encoded, verbatim; decodeEnvelope reads it
    std::string body;           ///< cut at 1 MiB for display; row.bodyBytes has the whole size
    std::vector<Attempt> attempts;
    MessageRef replayOf;        ///< the dead letter whose replay this message was; empty = none
    MessageRef replayedAs;      ///< the new message, if this one was replayed; empty = none
    std::int64_t closedAtUs = 0;///< when it was replayed, discarded or archived; 0 = still dead
    std::string closedBy;       ///< who did
    std::string damage;         ///< what is wrong with the stored bytes; empty = their checksum holds
    friend bool operator==(const DeadLetterDetail&, const DeadLetterDetail&) = default;
};

/// Like failures together.
struct DeadLetterGroup
{
    std::uint64_t fingerprint = 0;
    Reason reason = Reason::Rejected;
    std::string errorClass;
    std::string text;          ///< fingerprintText of its members
    std::vector<std::string> queues;
    std::uint64_t count = 0;   ///< in the filter's states
    std::int64_t firstDiedAtUs = 0;
    std::int64_t lastDiedAtUs = 0;
    friend bool operator==(const DeadLetterGroup&, const DeadLetterGroup&) = default;
};

/// What a person does to many dead letters at once; durable, runs in chunks of at most 500.
enum class Verb : std::uint8_t {
    Replay = 0,
    Discard = 1,
    Restore = 2, ///< discarded and archived ones become dead again
    Archive = 3, ///< put away: no longer counted as dead, still browsed by state
};
[[nodiscard]] std::string_view toString(Verb verb) noexcept;

/// What a person does to messages that are not settled yet.
enum class LiveAct : std::uint8_t {
    Cancel = 0,   ///< it is not wanted any more: state cancelled
    RetryNow = 1, ///< one that waits for its next attempt is ready at once
    GiveUp = 2,   ///< dead letter, reason given-up
};
[[nodiscard]] std::string_view toString(LiveAct act) noexcept;
inline constexpr std::size_t kMaxActedOn = 500; ///< messages in one act

/// A message that a worker holds.
struct RunningMessage
{
    MessageRef ref;
    std::string worker;
    std::uint32_t attempt = 1;
    std::int64_t startedAtUs = 0;    ///< UTC
    std::int64_t leasedUntilUs = 0;  ///< UTC
    std::int64_t progressAtUs = 0;   ///< UTC: when `progress` was reported; 0 = never
    Progress progress;
    friend bool operator==(const RunningMessage&, const RunningMessage&) = default;
};
/// A message that failed and waits for its next attempt.
struct RetryingMessage
{
    MessageRef ref;
    std::uint32_t attempts = 0; ///< that failed so far
    std::int64_t dueAtUs = 0;   ///< UTC: of the next one
    std::string partitionKey;   ///< empty = none
    friend bool operator==(const RetryingMessage&, const RetryingMessage&) = default;
};

/// A partition key whose messages are parked.
struct ParkedKey
{
    std::string key;
    std::uint64_t parked = 0; ///< messages that wait
    MessageRef behind;        ///< the dead letter that holds them up; the first, if there are several
    friend bool operator==(const ParkedKey&, const ParkedKey&) = default;
};
/// Of what runs, waits for its next attempt, or is parked, in one answer.
inline constexpr std::uint32_t kMaxRunningShown = 1000;

enum class OperationState : std::uint8_t { Running = 0, Done = 1, Cancelled = 2 };
[[nodiscard]] std::string_view toString(OperationState state) noexcept;

using OperationId = std::uint64_t; ///< 0 = none

struct OperationStatus
{
    OperationId id = 0;
    Verb verb = Verb::Replay;
    OperationState state = OperationState::Running;
    std::string actor;
    std::string reason;          ///< what the person wrote, may be empty
    std::uint64_t total = 0;     ///< in the frozen selection
    std::uint64_t moved = 0;     ///< replayed, discarded or restored
    std::uint64_t skipped = 0;   ///< no longer in the state that the verb needs, or the queue is gone or full
    std::int64_t startedAtUs = 0;
    std::int64_t endedAtUs = 0;  ///< 0 = runs
    friend bool operator==(const OperationStatus&, const OperationStatus&) = default;
};

using ViewId = std::uint64_t; ///< a frozen result list that the node keeps while a page shows it; 0 = none

/// The members of an operation, frozen when the node accepts it.
struct Selection
{
    struct View { ViewId id = 0; friend bool operator==(const View&, const View&) = default; };
    struct ClosedBy { OperationId id = 0; friend bool operator==(const ClosedBy&, const ClosedBy&) = default; };
    /// Named ones, all rows of a view, all that match now, or all that an earlier operation closed.
    std::variant<std::vector<MessageRef>, View, DeadLetterFilter, ClosedBy> members;
    friend bool operator==(const Selection&, const Selection&) = default;
};

} // namespace millrace::message
