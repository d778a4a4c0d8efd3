// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/socket/socket.h"

#include "core/base/hash.h"
#include "transport/zeromq/socket/hand_over_p.h"

#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace millrace::zeromq {

namespace {

constexpr int kHandshakeMs = 3000;
constexpr int kUnbindMs = 1000;
constexpr int kFarewellMs = 200;
constexpr int kFirstReconnectMs = 20;
constexpr int kLongestReconnectMs = 500;
constexpr std::string_view kIpcPrefix = "ipc://";
/// Below this a copy is cheaper than the bookkeeping of sharing.
constexpr std::size_t kCopyBelowBytes = 1024;

void releaseSlice(void* /*data*/, void* hint)
{
    afterHandOver();
    delete static_cast<base::Slice*>(hint);
}

zmq::message_t toMessage(const base::Slice& part)
{
    const std::string_view bytes = part.view();
    if (bytes.size() < kCopyBelowBytes || part.isNull())
        return zmq::message_t(bytes.data(), bytes.size());
    auto keep = std::make_unique<base::Slice>(part);
    // libzmq wants a mutable pointer for what it only reads.
    void* data = const_cast<char*>(bytes.data()); // NOLINT(cppcoreguidelines-pro-type-const-cast)
    return zmq::message_t(data, bytes.size(), &releaseSlice, keep.release());
}

base::Slice toSlice(zmq::message_t message)
{
    afterHandOver();
    auto owner = std::make_shared<zmq::message_t>(std::move(message));
    const std::string_view view(static_cast<const char*>(owner->data()), owner->size());
    return base::Slice(std::move(owner), view);
}

IoStatus fromErrno(int error)
{
    switch (error) {
    case EAGAIN: return IoStatus::WouldBlock;
    case EHOSTUNREACH: return IoStatus::PeerGone;
    default: return IoStatus::Terminated;
    }
}

base::Result<void> ioError(const std::string& what, const zmq::error_t& error)
{
    return base::fail(base::ErrorCode::Io, what + ": " + error.what(), error.num());
}

} // namespace

Socket::Socket(zmq::context_t& context, zmq::socket_t socket)
    : m_context(&context)
    , m_socket(std::move(socket))
    , m_thread(std::this_thread::get_id())
{
}

void Socket::assertThread() const
{
    assert(m_thread == std::this_thread::get_id() && "a ZeroMQ socket belongs to one thread");
}

base::Result<Socket> Socket::open(zmq::context_t& context, zmq::socket_type type, SocketLimits limits)
{
    try {
        zmq::socket_t socket(context, type);
        socket.set(zmq::sockopt::linger, 0);
        socket.set(zmq::sockopt::sndtimeo, 0);
        socket.set(zmq::sockopt::handshake_ivl, kHandshakeMs);
        socket.set(zmq::sockopt::reconnect_ivl, kFirstReconnectMs);
        socket.set(zmq::sockopt::reconnect_ivl_max, kLongestReconnectMs);
        socket.set(zmq::sockopt::sndhwm, limits.sendHighWater);
        socket.set(zmq::sockopt::rcvhwm, limits.receiveHighWater);
        if (limits.maxMessageBytes > 0)
            socket.set(zmq::sockopt::maxmsgsize, limits.maxMessageBytes);
        if (type == zmq::socket_type::router)
            socket.set(zmq::sockopt::router_mandatory, 1);
        return Socket(context, std::move(socket));
    } catch (const zmq::error_t& error) {
        return base::fail(base::ErrorCode::Io,
                          std::string("a ZeroMQ socket cannot be created: ") + error.what(),
                          error.num());
    }
}

base::Result<void> Socket::bind(const std::vector<std::string>& endpoints)
{
    assertThread();
    for (const std::string& endpoint : endpoints) {
        try {
            m_socket.bind(endpoint);
        } catch (const zmq::error_t& error) {
            return ioError("endpoint " + endpoint + " cannot be bound", error);
        }
    }
    return {};
}

void Socket::unbind(const std::vector<std::string>& endpoints)
{
    assertThread();
    const auto isFile = [](const std::string& endpoint) { return endpoint.starts_with(kIpcPrefix); };
    auto pending = std::count_if(endpoints.begin(), endpoints.end(), isFile);
    try {
        // libzmq ends the connections that a listener took together with it, and drops what they have not sent yet.
        m_socket.set(zmq::sockopt::linger, kFarewellMs);
        const std::string address = "inproc://unbind-" + base::randomUuid();
        if (::zmq_socket_monitor(m_socket.handle(), address.c_str(), ZMQ_EVENT_CLOSED) != 0)
            return;
        zmq::socket_t events(*m_context, zmq::socket_type::pair);
        events.set(zmq::sockopt::linger, 0);
        events.set(zmq::sockopt::rcvtimeo, kUnbindMs);
        events.connect(address);
        for (const std::string& endpoint : endpoints)
            m_socket.unbind(endpoint);
        for (zmq::message_t event, where; pending > 0; --pending) {
            if (!events.recv(event) || !events.recv(where))
                break;
        }
        ::zmq_socket_monitor(m_socket.handle(), nullptr, 0);
        for (const std::string& endpoint : endpoints) {
            if (isFile(endpoint))
                ::unlink(endpoint.c_str() + kIpcPrefix.size());
        }
    } catch (const zmq::error_t&) {
        return; // the context shuts down, and with it everything ends
    }
}

base::Result<void> Socket::connect(const std::string& endpoint)
{
    assertThread();
    try {
        m_socket.connect(endpoint);
    } catch (const zmq::error_t& error) {
        return ioError("endpoint " + endpoint + " cannot be connected to", error);
    }
    return {};
}

base::Result<Socket> Socket::openLossEvents()
{
    assertThread();
    const std::string address = "inproc://loss-" + base::randomUuid();
    try {
        if (::zmq_socket_monitor(m_socket.handle(), address.c_str(), ZMQ_EVENT_DISCONNECTED) != 0)
            throw zmq::error_t();
        zmq::socket_t events(*m_context, zmq::socket_type::pair);
        events.set(zmq::sockopt::linger, 0);
        events.connect(address);
        return Socket(*m_context, std::move(events));
    } catch (const zmq::error_t& error) {
        return tl::unexpected(ioError("the connections of a socket cannot be watched", error).error());
    }
}

void Socket::endLossEvents()
{
    assertThread();
    ::zmq_socket_monitor(m_socket.handle(), nullptr, 0);
}

void Socket::subscribe(const std::string& prefix)
{
    assertThread();
    m_socket.set(zmq::sockopt::subscribe, prefix);
}

IoStatus Socket::receive(std::vector<base::Slice>& parts)
{
    assertThread();
    parts.clear();
    for (bool more = true; more;) {
        zmq::message_t message;
        if (::zmq_msg_recv(message.handle(), m_socket.handle(), ZMQ_DONTWAIT) < 0) {
            if (errno == EINTR)
                continue;
            return fromErrno(errno);
        }
        more = message.more();
        if (parts.size() < kMaxParts)
            parts.push_back(toSlice(std::move(message)));
        else if (parts.size() == kMaxParts)
            parts.emplace_back();
    }
    return IoStatus::Done;
}

IoStatus Socket::send(std::span<const base::Slice> parts)
{
    assertThread();
    for (std::size_t i = 0; i < parts.size();) {
        zmq::message_t message = toMessage(parts[i]);
        beforeHandOver();
        const int flags = ZMQ_DONTWAIT | (i + 1 < parts.size() ? ZMQ_SNDMORE : 0);
        if (::zmq_msg_send(message.handle(), m_socket.handle(), flags) >= 0)
            ++i;
        else if (errno != EINTR)
            return fromErrno(errno);
    }
    return IoStatus::Done;
}

zmq::pollitem_t Socket::pollItem(short events)
{
    assertThread();
    return {m_socket.handle(), 0, events, 0};
}

PollStatus poll(std::span<zmq::pollitem_t> items, std::chrono::milliseconds timeout)
{
    const int ready = ::zmq_poll(items.data(), static_cast<int>(items.size()), static_cast<long>(timeout.count()));
    if (ready > 0)
        return PollStatus::Ready;
    // A signal counts as a time-out: the caller looks at its clocks and polls again.
    if (ready == 0 || errno == EINTR)
        return PollStatus::TimedOut;
    return PollStatus::Terminated;
}

zmq::pollitem_t pollItem(int fd) noexcept
{
    return {nullptr, fd, ZMQ_POLLIN, 0};
}

} // namespace millrace::zeromq
