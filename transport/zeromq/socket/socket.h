// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/slice.h"

#include <zmq.hpp>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace millrace::zeromq {

/// What a send or receive came to. Nothing here blocks.
enum class IoStatus : std::uint8_t {
    Done,
    WouldBlock, ///< nothing to receive, or the peer's high-water mark is reached
    PeerGone,   ///< ROUTER: nobody has this routing id any more
    Terminated, ///< the context shuts down: end the thread
};

struct SocketLimits
{
    int sendHighWater = 256;    ///< messages for each peer
    int receiveHighWater = 256; ///< messages for each peer
    std::int64_t maxMessageBytes = 0; ///< each part; a peer that sends more is disconnected (not on inproc)
};

/// A ZeroMQ socket with the limits that every socket of ours has: linger 0, a handshake of at most 3 s, finite high-water
/// marks and message sizes, ROUTERs that report unknown peers, and no operation that blocks.
///
/// Thread: created, used and closed by one; asserted.
class Socket
{
public:
    static constexpr std::size_t kMaxParts = 4; ///< of a message; what follows is dropped

    /// Errors: Io (the context shuts down, or there are no descriptors left).
    [[nodiscard]] static base::Result<Socket> open(zmq::context_t& context, zmq::socket_type type, SocketLimits limits);
    Socket(Socket&&) noexcept = default;
    Socket& operator=(Socket&&) noexcept = default;

    /// Errors: Io, naming the endpoint.
    [[nodiscard]] base::Result<void> bind(const std::vector<std::string>& endpoints);
    /// The last act before the socket is destroyed: takes no new connections, ends those that there are once what was
    /// sent last has left (200 ms at most), and removes the socket files. Returns when nobody listens there any more, so
    /// that a successor may bind at once.
    void unbind(const std::vector<std::string>& endpoints);
    [[nodiscard]] base::Result<void> connect(const std::string& endpoint);
    /// Becomes readable each time a connection of this socket is lost. Not on inproc, where no connection is.
    /// Belongs to the same thread. Call endLossEvents() before it is closed: libzmq waits for a reader of events that it has.
    /// Errors: Io.
    [[nodiscard]] base::Result<Socket> openLossEvents();
    void endLossEvents();
    /// SUB only; an empty prefix is everything.
    void subscribe(const std::string& prefix);

    /// One message. `parts` is overwritten; its slices own the received bytes, nothing is copied. If the peer sent more
    /// than kMaxParts, `parts` has kMaxParts + 1 entries, the last one null.
    [[nodiscard]] IoStatus receive(std::vector<base::Slice>& parts);
    /// One message of these parts. Large parts are not copied. With PUB never WouldBlock.
    [[nodiscard]] IoStatus send(std::span<const base::Slice> parts);
    [[nodiscard]] IoStatus send(std::initializer_list<base::Slice> parts)
    {
        return send(std::span<const base::Slice>(parts.begin(), parts.size()));
    }

    /// For zmq::poll.
    [[nodiscard]] zmq::pollitem_t pollItem(short events = ZMQ_POLLIN);

private:
    Socket(zmq::context_t& context, zmq::socket_t socket);
    void assertThread() const;
    zmq::context_t* m_context;
    zmq::socket_t m_socket;
    std::thread::id m_thread;
};

enum class PollStatus : std::uint8_t { Ready, TimedOut, Terminated };
/// zmq::poll that survives signals; a negative timeout waits without end.
[[nodiscard]] PollStatus poll(std::span<zmq::pollitem_t> items, std::chrono::milliseconds timeout);
/// A poll item for an eventfd.
[[nodiscard]] zmq::pollitem_t pollItem(int fd) noexcept;

} // namespace millrace::zeromq
