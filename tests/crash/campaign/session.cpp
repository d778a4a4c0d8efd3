// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/campaign/session.h"

#include "tests/support/numbered_message.h"

#include <utility>

namespace millrace::crash {

namespace {

constexpr int kReconnectMs = 1;

zmq::socket_t connected(zmq::context_t& context, const std::string& endpoint)
{
    zmq::socket_t socket(context, zmq::socket_type::dealer);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::reconnect_ivl, kReconnectMs);
    socket.connect(endpoint);
    return socket;
}

std::optional<zmq::message_t> next(zmq::socket_t& socket)
{
    zmq::message_t message;
    if (!socket.recv(message, zmq::recv_flags::dontwait))
        return std::nullopt;
    return message;
}

} // namespace

Session::Session(zmq::context_t& context, const std::string& endpoint, std::string token)
    : m_socket(connected(context, endpoint + "-data"))
{
    send(wire::encode(wire::Hello{wire::kMajor, 0, "producer,worker", "campaign", std::move(token)}));
}

void Session::send(const std::string& frame)
{
    // A node that is dead takes nothing, and then nothing is owed.
    (void)m_socket.send(zmq::buffer(frame), zmq::send_flags::dontwait);
}

std::optional<wire::NodeFrame> Session::receive()
{
    const auto message = next(m_socket);
    if (!message)
        return std::nullopt;
    auto frame = wire::decodeNodeFrame(base::Slice::own(message->to_string()));
    if (!frame)
        throw Violation("the node sent what is not a frame: " + frame.error().context);
    return std::move(*frame);
}

std::uint64_t Session::submit(const std::string& queue, std::span<const std::uint64_t> numbers)
{
    std::vector<std::string> parts;
    parts.reserve(numbers.size() * 2);
    std::vector<wire::OutgoingView> views;
    for (const std::uint64_t number : numbers) {
        message::Message message = test::numberedMessage(number);
        const std::string& envelope = parts.emplace_back(message::encode(message.envelope));
        const std::string& body = parts.emplace_back(std::move(message.body));
        views.push_back({envelope, body});
    }
    send(wire::encodeSubmit(++m_request, queue, views));
    return m_request;
}

std::uint64_t Session::attach(const std::string& queue)
{
    send(wire::encode(wire::Attach{++m_request, queue, "campaign"}));
    return m_request;
}

std::uint64_t Session::settle(std::vector<message::LeaseRef> acknowledged, std::vector<message::FailedDelivery> failed)
{
    send(wire::encode(wire::Settle{++m_request, std::move(acknowledged), std::move(failed)}));
    return m_request;
}

Control::Control(zmq::context_t& context, const std::string& endpoint, std::string token)
    : m_socket(connected(context, endpoint + "-control"))
    , m_token(std::move(token))
{
}

void Control::send(wire::v1::Request& request)
{
    request.set_request(++m_request);
    request.set_session(m_token);
    request.set_actor("campaign");
    (void)m_socket.send(zmq::buffer(request.SerializeAsString()), zmq::send_flags::dontwait);
}

void Control::startReplay(std::span<const message::Sequence> deadLetters)
{
    wire::v1::Request request;
    for (const message::Sequence sequence : deadLetters)
        request.mutable_start_operation()->mutable_refs()->add_refs(std::to_string(sequence));
    send(request);
}

void Control::startReplayOfAll()
{
    wire::v1::Request request;
    request.mutable_start_operation()->mutable_filter();
    send(request);
}

void Control::askSnapshot()
{
    wire::v1::Request request;
    request.mutable_snapshot();
    send(request);
}

std::optional<wire::v1::Response> Control::receive()
{
    const auto message = next(m_socket);
    if (!message)
        return std::nullopt;
    auto response = wire::parseResponse(message->to_string_view());
    if (!response)
        throw Violation("the node sent what is not a response: " + response.error().context);
    return std::move(*response);
}

} // namespace millrace::crash
