// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/async.h"
#include "transport/client/connection.h"
#include "transport/wire/control_codec.h"
#include "transport/zeromq/link/deadlines_p.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

/// What other threads ask of the link thread. Frames are encoded by the one who asks.
namespace millrace::zeromq {

struct SubmitTask
{
    std::uint64_t request = 0;
    std::string frame;
    TimePoint deadline;
    client::Resolver<client::BatchReceipt> resolver;
};
struct AttachTask
{
    std::uint64_t request = 0;
    std::string queue;
    std::string worker;
    client::DeliverySink* sink = nullptr;
    TimePoint deadline;
    client::Resolver<client::Attachment> resolver;
};
struct DetachTask
{
    client::AttachmentId attachment = 0;
};
struct CreditTask
{
    client::AttachmentId attachment = 0;
    std::uint32_t more = 0;
};
/// A settlement or an extension: both are answered with the leases that were lost.
struct LeaseTask
{
    std::uint64_t request = 0;
    std::uint64_t epoch = 0;
    bool isChange = false;
    std::string frame;
    TimePoint deadline;
    client::Resolver<std::vector<message::LeaseRef>> resolver;
};
struct ControlTask
{
    wire::v1::Request request;
    bool isChange = false;
    TimePoint deadline;
    /// Called once, on the link thread; dropped uncalled only if the link ends.
    std::function<void(base::Result<wire::v1::Response>)> done;
};
struct StopTask
{
};

using LinkTask = std::variant<SubmitTask, AttachTask, DetachTask, CreditTask, LeaseTask, ControlTask, StopTask>;

} // namespace millrace::zeromq
