// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/hash.h"
#include "core/message/envelope.h"
#include "transport/wire/control_codec.h"
#include "transport/wire/data_codec.h"
#include "transport/zeromq/node/node.h"
#include "transport/zeromq/socket/hand_over_p.h"

#include <zmq.hpp>

#include <QString>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// A node and raw clients of it, which speak the wire through cppzmq and the codec, without any class of ours.
namespace millrace::testing {

using namespace std::chrono_literals;
using Millis = std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

inline constexpr Millis kPatience = 10s;

/// Waits with zmq_poll until the socket has something or the deadline passes.
inline bool readable(zmq::socket_t& socket, Clock::time_point until)
{
    const auto left = std::chrono::ceil<Millis>(until - Clock::now());
    zmq::pollitem_t item{socket.handle(), 0, ZMQ_POLLIN, 0};
    return zmq::poll(&item, 1, std::max(left, 0ms)) > 0;
}

/// A DEALER on the data socket.
class DataClient
{
public:
    DataClient(zmq::context_t& context, const std::string& base)
        : m_socket(context, zmq::socket_type::dealer)
    {
        m_socket.set(zmq::sockopt::linger, 0);
        m_socket.connect(base + "-data");
    }
    [[nodiscard]] const std::string& token() const { return m_token; }
    void useToken(std::string token) { m_token = std::move(token); }
    void send(const std::string& frame) { m_socket.send(zmq::buffer(frame)); }
    void sendParts(const std::string& first, const std::string& second)
    {
        m_socket.send(zmq::buffer(first), zmq::send_flags::sndmore);
        m_socket.send(zmq::buffer(second));
    }
    std::optional<wire::NodeFrame> next(Clock::time_point until)
    {
        if (!readable(m_socket, until))
            return std::nullopt;
        zmq::message_t message;
        if (!m_socket.recv(message))
            return std::nullopt;
        zeromq::afterHandOver();
        auto frame = wire::decodeNodeFrame(base::Slice::own(message.to_string()));
        if (!frame)
            qFatal("the node sent what is not a frame: %s", frame.error().context.c_str());
        return std::move(*frame);
    }
    /// The next frame of this kind; others are kept for later.
    template<typename Frame>
    std::optional<Frame> await(Millis patience = kPatience)
    {
        for (auto kept = m_kept.begin(); kept != m_kept.end(); ++kept) {
            if (auto* frame = std::get_if<Frame>(&*kept)) {
                Frame found = std::move(*frame);
                m_kept.erase(kept);
                return found;
            }
        }
        const auto until = Clock::now() + patience;
        while (auto frame = next(until)) {
            if (auto* found = std::get_if<Frame>(&*frame))
                return std::move(*found);
            m_kept.push_back(std::move(*frame));
        }
        return std::nullopt;
    }
    std::optional<wire::Welcome> hello(std::uint32_t major = wire::kMajor)
    {
        send(wire::encode(wire::Hello{major, 0, "producer,worker", "raw client", m_token}));
        return await<wire::Welcome>();
    }
    std::optional<wire::Confirm> submit(const std::string& target, const std::vector<message::Message>& messages)
    {
        sendSubmit(target, messages);
        return await<wire::Confirm>();
    }
    /// @param targets of single messages, by index
    void sendSubmit(const std::string& target,
                    const std::vector<message::Message>& messages,
                    wire::SubmitOptions options = {},
                    const std::vector<std::string>& targets = {})
    {
        std::vector<std::string> envelopes;
        for (const message::Message& message : messages)
            envelopes.push_back(message::encode(message.envelope));
        std::vector<wire::OutgoingView> views;
        for (std::size_t i = 0; i < messages.size(); ++i)
            views.push_back({envelopes[i], messages[i].body, i < targets.size() ? targets[i] : std::string_view()});
        send(wire::encodeSubmit(++m_request, target, views, options));
    }
    std::optional<wire::Attached> attach(const std::string& queue)
    {
        send(wire::encode(wire::Attach{++m_request, queue, "raw worker"}));
        return await<wire::Attached>();
    }
    void grant(message::QueueId queue, std::uint32_t more) { send(wire::encode(wire::Credit{queue, more})); }
    std::optional<wire::Settled> settle(std::vector<message::LeaseRef> acknowledged,
                                        std::vector<message::FailedDelivery> failed = {})
    {
        send(wire::encode(wire::Settle{++m_request, std::move(acknowledged), std::move(failed)}));
        return await<wire::Settled>();
    }
    /// Collects deliveries until there are `count`.
    std::vector<wire::Delivery> deliveries(std::size_t count, Millis patience = kPatience)
    {
        std::vector<wire::Delivery> all;
        const auto until = Clock::now() + patience;
        while (all.size() < count && Clock::now() < until) {
            auto frame = await<wire::Deliver>(std::chrono::ceil<Millis>(until - Clock::now()));
            if (!frame)
                break;
            for (wire::Delivery& delivery : frame->deliveries)
                all.push_back(std::move(delivery));
        }
        return all;
    }
    /// Drops what await() passed over. @returns how much
    std::size_t discardKept() { return std::exchange(m_kept, {}).size(); }
    [[nodiscard]] std::uint64_t lastRequest() const { return m_request; }
    void setRequest(std::uint64_t request) { m_request = request; }

private:
    zmq::socket_t m_socket;
    std::string m_token = base::sha256(base::randomUuid()).substr(0, 16);
    std::uint64_t m_request = 0;
    std::deque<wire::NodeFrame> m_kept;
};

/// A DEALER on the control socket.
class ControlClient
{
public:
    using Request = wire::v1::Request;
    using Response = wire::v1::Response;

    ControlClient(zmq::context_t& context, const std::string& base)
        : m_socket(context, zmq::socket_type::dealer)
    {
        m_socket.set(zmq::sockopt::linger, 0);
        m_socket.connect(base + "-control");
    }
    void useToken(std::string token) { m_token = std::move(token); }
    [[nodiscard]] const std::string& token() const { return m_token; }
    void send(Request& request)
    {
        request.set_request(++m_request);
        request.set_deadline_ms(10'000);
        request.set_session(m_token);
        if (request.actor().empty())
            request.set_actor("tester");
        sendBytes(request.SerializeAsString());
    }
    void sendBytes(const std::string& frame) { m_socket.send(zmq::buffer(frame)); }
    Response receive(Millis patience = kPatience)
    {
        zmq::message_t message;
        if (!readable(m_socket, Clock::now() + patience) || !m_socket.recv(message))
            qFatal("no response came");
        zeromq::afterHandOver();
        auto response = wire::parseResponse(message.to_string_view());
        if (!response)
            qFatal("%s", response.error().context.c_str());
        return std::move(*response);
    }
    Response call(Request request)
    {
        send(request);
        Response response = receive();
        if (response.request() != m_request)
            qFatal("a response to another request came");
        return response;
    }
    Response defineQueue(const std::string& name, const std::string& policy = {})
    {
        Request request;
        request.mutable_define_queue()->set_name(name);
        request.mutable_define_queue()->set_policy(policy);
        return call(request);
    }
    wire::v1::Snapshot snapshot()
    {
        Request request;
        request.mutable_snapshot();
        return call(request).snapshot();
    }

private:
    zmq::socket_t m_socket;
    std::string m_token = base::sha256(base::randomUuid()).substr(0, 16);
    std::uint64_t m_request = 0;
};

/// A directory, a context, and a node that may be started again on the same directory.
class NodeHarness
{
public:
    NodeHarness()
    {
        options.store.directory = directory.path().toStdString() + "/data";
        options.runtimeDirectory = directory.path().toStdString() + "/run";
        options.name = "node";
        options.program = "tests 1.0";
        options.inprocName = "harness-" + base::randomUuid();
        options.randomSeed = 1;
        options.telemetryPeriod = 20ms;
        options.store.reserveBytes = 0;
        options.log = [this](char level, const std::string& line) {
            const std::scoped_lock lock(m_mutex);
            m_lines.push_back(std::string(1, level) + " " + line);
        };
    }
    void declare(const std::string& queue, message::QueuePolicy policy = {})
    {
        options.definition.queues.push_back({queue, policy});
    }
    void start()
    {
        auto started = zeromq::Node::start(context, options);
        if (!started)
            qFatal("the node does not start: %s", started.error().context.c_str());
        node = std::move(*started);
    }
    void stop() { node.reset(); }
    [[nodiscard]] std::string ipc() const { return node->endpoints().ipc; }
    [[nodiscard]] std::string inproc() const { return node->endpoints().inproc; }
    [[nodiscard]] bool hasLogged(const std::string& part) const
    {
        const std::scoped_lock lock(m_mutex);
        for (const std::string& line : m_lines) {
            if (line.find(part) != std::string::npos)
                return true;
        }
        return false;
    }

    QTemporaryDir directory;
    std::shared_ptr<zmq::context_t> context = std::make_shared<zmq::context_t>(1);
    zeromq::NodeOptions options;

private:
    mutable std::mutex m_mutex;
    std::vector<std::string> m_lines; ///< guarded by m_mutex

public:
    std::unique_ptr<zeromq::Node> node; ///< last: its threads log into this object
};

inline message::Message makeMessage(const std::string& id, std::string body = {})
{
    message::Message message;
    message.envelope.id = id;
    message.envelope.source = "/tests";
    message.envelope.type = "test.happened";
    message.body = std::move(body);
    return message;
}

inline std::vector<message::Message> makeMessages(std::size_t count, const std::string& prefix = "m")
{
    std::vector<message::Message> messages;
    for (std::size_t i = 0; i < count; ++i)
        messages.push_back(makeMessage(prefix + std::to_string(i), "body " + std::to_string(i)));
    return messages;
}

inline std::vector<message::LeaseRef> leasesOf(const std::vector<wire::Delivery>& deliveries)
{
    std::vector<message::LeaseRef> leases;
    for (const wire::Delivery& delivery : deliveries)
        leases.push_back(delivery.lease);
    return leases;
}

inline message::FailedDelivery rejection(const message::LeaseRef& lease, const std::string& text)
{
    message::FailedDelivery failed;
    failed.lease = lease;
    failed.ending = message::Ending::Reject;
    failed.reason = message::Reason::Rejected;
    failed.failure = {"TestError", text};
    return failed;
}

} // namespace millrace::testing
