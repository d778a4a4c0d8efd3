// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tests/bench/peers/load.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace millrace::peers {

/// What the command line says.
struct Options
{
    std::string endpoint;        ///< a port of 127.0.0.1, or the path of a Unix socket where the system has one
    std::string queue = "bench"; ///< also names the dead letters: queue + ".dead"
    std::string variant;         ///< of the system, for example "quorum"
    std::uint64_t count = 1;     ///< messages
    std::size_t size = 256;      ///< bytes of a body
    double rate = 0;             ///< messages a second; 0 = as fast as possible
    double seconds = 0;          ///< a consumer stops after that long; 0 = when it has all
    bool lone = false;           ///< each message waits for the confirm of the one before
};

/// Everything below throws this when the system does not do what it was asked to.
struct PeerError : std::runtime_error
{
    using std::runtime_error::runtime_error;
};

using BodyList = std::span<const std::string_view>;

/// Submits and takes in confirms. One thread.
class Producer
{
public:
    virtual ~Producer() = default;
    /// How many messages send() gets at once when nothing is paced.
    [[nodiscard]] virtual std::size_t batch() const = 0;
    /// Puts the messages on their way; waits only while too many are not confirmed yet.
    virtual void send(BodyList bodies) = 0;
    /// Returns when everything that was sent is confirmed.
    virtual void finish() = 0;
    /// Takes in confirms until `untilNs`.
    virtual void idle(std::int64_t untilNs) = 0;
};

/// A producer over a socket that holds at most `window` unconfirmed messages.
class WindowedProducer : public Producer
{
public:
    WindowedProducer(std::size_t batch, std::size_t window)
        : m_batch(batch)
        , m_window(window)
    {
    }
    [[nodiscard]] std::size_t batch() const final { return m_batch; }
    void send(BodyList bodies) final;
    void finish() final;
    void idle(std::int64_t untilNs) final;

protected:
    virtual void write(BodyList bodies) = 0;
    /// Waits for the first confirm if `wait`. @returns how many messages are newly confirmed
    virtual std::size_t takeConfirms(bool wait) = 0;
    [[nodiscard]] virtual int descriptor() const = 0;

private:
    std::size_t m_batch, m_window, m_inFlight = 0;
};

/// Receives and acknowledges. One thread.
class Consumer
{
public:
    virtual ~Consumer() = default;
    /// Waits up to about a second for messages, checks each, and then acknowledges them.
    virtual void receive(Checker& checker) = 0;
    /// Returns when the system has every acknowledgement.
    virtual void finish() = 0;
};

/// One connection to a system.
class Peer
{
public:
    virtual ~Peer() = default;
    /// Creates the queue and the place of its dead letters.
    virtual void setUp() = 0;
    [[nodiscard]] virtual std::unique_ptr<Producer> producer(const std::string& queue) = 0;
    [[nodiscard]] virtual std::unique_ptr<Consumer> consumer(const std::string& queue) = 0;
    /// Makes dead letters of messages that wait in the queue. Systems without a place of their own for them have a
    /// second queue, into which they are submitted: see deadQueue().
    virtual void bury(std::uint64_t count);
    /// Where bury() wants the messages to be submitted first.
    [[nodiscard]] virtual std::string deadQueue() const = 0;
    /// Puts `count` dead letters back into the queue, durably as the system does it.
    virtual void redrive(std::uint64_t count) = 0;
};

/// Each client defines it. Throws if the system does not answer.
[[nodiscard]] std::unique_ptr<Peer> openPeer(const Options& options);

} // namespace millrace::peers
