// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/crash/campaign/violation.h"
#include "transport/wire/control_codec.h"
#include "transport/wire/data_codec.h"

#include <zmq.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace millrace::crash {

/// A raw client of the data plane that never waits, and loses whatever its node did not answer. Thread: one.
class Session
{
public:
    /// Says hello; the welcome comes as a frame.
    Session(zmq::context_t& context, const std::string& endpoint, std::string token);
    [[nodiscard]] zmq::socket_t& socket() noexcept { return m_socket; }
    void send(const std::string& frame);
    /// The next frame that is there already.
    [[nodiscard]] std::optional<wire::NodeFrame> receive();
    /// @returns the request's number
    std::uint64_t submit(const std::string& queue, std::span<const std::uint64_t> numbers);
    std::uint64_t attach(const std::string& queue);
    std::uint64_t settle(std::vector<message::LeaseRef> acknowledged, std::vector<message::FailedDelivery> failed);

private:
    zmq::socket_t m_socket;
    std::uint64_t m_request = 0;
};

/// A raw client of the control plane.
class Control
{
public:
    Control(zmq::context_t& context, const std::string& endpoint, std::string token);
    [[nodiscard]] zmq::socket_t& socket() noexcept { return m_socket; }
    void startReplay(std::span<const message::Sequence> deadLetters);
    void startReplayOfAll();
    void askSnapshot();
    [[nodiscard]] std::optional<wire::v1::Response> receive();

private:
    void send(wire::v1::Request& request);
    zmq::socket_t m_socket;
    std::string m_token;
    std::uint64_t m_request = 0;
};

} // namespace millrace::crash
