// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/slice.h"
#include "core/engine/command.h"
#include "core/message/dead_letter.h"
#include "core/telemetry/time_series.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The data plane's frames, read in place and written without libprotobuf: the hot path. Everything is
/// bounds-checked; any bytes yield a value or an error, and never more memory than a small multiple of the input.
namespace millrace::wire {

inline constexpr std::uint32_t kMajor = 1;
inline constexpr std::uint32_t kMinor = 0;
inline constexpr std::uint32_t kMaxBatchMessages = 1024;
inline constexpr std::uint64_t kMaxBatchBytes = 1024 * 1024;
inline constexpr std::uint32_t kMaxLeasesPerFrame = 65536; ///< in one Settle or Extend
inline constexpr std::size_t kMaxProgressPerFrame = 1024;
inline constexpr std::size_t kSessionBytes = 16;
inline constexpr std::uint64_t kMaxDataFrameBytes = 17 * 1024 * 1024;
inline constexpr std::uint64_t kMaxControlFrameBytes = 1024 * 1024;

struct Hello { std::uint32_t major = kMajor; std::uint32_t minor = kMinor; std::string role; std::string client; std::string session; };
struct Heartbeat { std::uint64_t number = 0; };
struct Submit { std::uint64_t request = 0; std::string target; std::vector<engine::Submission> messages; std::uint32_t waitMs = 0; bool atomic = false; };
struct Attach { std::uint64_t request = 0; std::string queue; std::string worker; };
struct Detach { message::QueueId queue = 0; };
struct Credit { message::QueueId queue = 0; std::uint32_t more = 0; };
struct Settle { std::uint64_t request = 0; std::vector<message::LeaseRef> acknowledged; std::vector<message::FailedDelivery> failed; };
struct Extend
{
    std::uint64_t request = 0;
    std::vector<message::LeaseRef> leases;
    std::vector<message::LeaseProgress> progress{}; ///< of some of them, in the order of `leases`
};
struct Goodbye {};
using ClientFrame = std::variant<Hello, Heartbeat, Submit, Attach, Detach, Credit, Settle, Extend, Goodbye>;

/// A message to be submitted: already encoded.
struct OutgoingView { std::string_view envelope; std::string_view body; std::string_view target = {}; };
/// What a submit asks for beyond its messages; see Submit in millrace.proto.
struct SubmitOptions { std::uint32_t waitMs = 0; bool atomic = false; };

struct Welcome
{
    std::uint32_t major = kMajor, minor = kMinor;
    std::uint64_t epoch = 0;
    std::string node, version;
    std::uint32_t maxBatchMessages = kMaxBatchMessages;
    std::uint64_t maxBatchBytes = kMaxBatchBytes;
    std::uint64_t maxBodyBytes = message::kMaxBodyBytes;
    std::uint64_t maxFrameBytes = kMaxDataFrameBytes;
    std::uint32_t heartbeatMs = 1000, sessionTimeoutMs = 5000;
};
struct SubmitProblem { std::uint32_t index = 0; bool isDuplicate = false; std::string firstId; base::Error error; };
struct Confirm { std::uint64_t request = 0; std::vector<std::uint64_t> sequences; std::vector<SubmitProblem> problems; };
struct Attached { std::uint64_t request = 0; message::QueueId queue = 0; std::string policyJson; base::Error error; bool ok = false; };
struct Delivery { message::LeaseRef lease; std::uint32_t attempt = 1; bool redelivered = false; base::Slice envelope; base::Slice body; };
struct Deliver { message::QueueId queue = 0; std::int64_t leaseUs = 0; std::vector<Delivery> deliveries; };
struct Settled { std::uint64_t request = 0; std::vector<message::LeaseRef> lost; };
struct Refused { std::uint64_t request = 0; base::Error error; };
struct Lost { std::vector<std::uint64_t> requests; base::Error error; };
struct StopDeliveries { message::QueueId queue = 0; std::vector<message::LeaseRef> leases; };
using NodeFrame = std::variant<Welcome, Heartbeat, Confirm, Attached, Deliver, Settled, Refused, Lost, StopDeliveries>;

/// `frame` is the whole received frame; submitted messages refer into it. Errors: Protocol (not a frame, lists in
/// parallel of unequal length), Unsupported (unknown kind), Limit (more than 1,024 messages or 1 MiB where not one alone),
/// and those of viewEnvelope. On an error of a frame that has a request number, `request` (if given) receives it.
[[nodiscard]] base::Result<ClientFrame> decodeClientFrame(const base::Slice& frame, std::uint64_t* request = nullptr);
[[nodiscard]] base::Result<NodeFrame> decodeNodeFrame(const base::Slice& frame);

[[nodiscard]] std::string encode(const Hello& frame);
[[nodiscard]] std::string encode(const Heartbeat& frame, bool fromNode);
[[nodiscard]] std::string encodeSubmit(std::uint64_t request, std::string_view target, std::span<const OutgoingView> messages,
                                       SubmitOptions options = {});
[[nodiscard]] std::string encode(const Attach& frame);
[[nodiscard]] std::string encode(const Detach& frame);
[[nodiscard]] std::string encode(const Credit& frame);
[[nodiscard]] std::string encode(const Settle& frame);
[[nodiscard]] std::string encode(const Extend& frame);
[[nodiscard]] std::string encode(const Goodbye& frame);
[[nodiscard]] std::string encode(const Welcome& frame);
[[nodiscard]] std::string encode(const engine::Confirm& effect);
[[nodiscard]] std::string encode(const engine::Attached& effect);
[[nodiscard]] std::string encode(const engine::Deliver& effect);
[[nodiscard]] std::string encode(const engine::Settled& effect);
[[nodiscard]] std::string encode(const engine::StopDeliveries& effect);
[[nodiscard]] std::string encode(const Refused& frame);
[[nodiscard]] std::string encode(const Lost& frame);

} // namespace millrace::wire
