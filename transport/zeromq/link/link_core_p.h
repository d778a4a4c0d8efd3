// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/zeromq/link/control_requests_p.h"
#include "transport/zeromq/link/data_requests_p.h"
#include "transport/zeromq/link/snapshot_reader_p.h"
#include "transport/zeromq/socket/endpoint.h"
#include "transport/zeromq/socket/mailbox.h"
#include "transport/zeromq/socket/socket.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace millrace::zeromq {

/// What a link tells its objects. Called on the link thread.
struct LinkHooks
{
    std::function<void()> connected;
    std::function<void(const base::Error&)> disconnected;
    std::function<void(client::SnapshotPtr, std::uint64_t missed)> snapshot;
};

/// The state of a link, shared by its thread and its objects. The thread owns the sockets: it says hello, sends and
/// receives, beats its heart, watches deadlines, and begins a new session whenever one ends.
///
/// Thread: run() the link's; everything else any.
class LinkCore
{
public:
    LinkCore(std::shared_ptr<zmq::context_t> context, EndpointBase endpoint, std::string clientName, LinkHooks hooks);

    /// Tasks of a link that has ended are dropped, so that their callers get Cancelled.
    void post(LinkTask task);
    [[nodiscard]] std::uint64_t nextRequest() { return ++m_numbers; }
    [[nodiscard]] bool isConnected() const { return m_isConnected; }
    [[nodiscard]] Attachments& attachments() { return m_attachments; }
    void run();

private:
    /// The sockets of one session; a new session gets new ones.
    struct Sockets
    {
        Socket data;
        Socket control;
        Socket telemetry;
        Socket losses; ///< of the data socket's connection
    };
    enum class Stage : std::uint8_t { Apart, Greeting, GreetingControl, Connected };

    [[nodiscard]] base::Result<Sockets> openSockets();
    void closeSockets();
    void connect();
    void greetControl();
    void beginSession();
    void endSession(const base::Error& why);
    void handleTasks();
    [[nodiscard]] bool receiveAll();
    void onDataFrame(const base::Slice& frame);
    void onWelcome(const wire::Welcome& welcome);
    void onControlFrame(const base::Slice& frame);
    void onLoss();
    void onTelemetry(const std::vector<base::Slice>& parts);
    void publish(const wire::v1::Snapshot& snapshot);
    void requestSnapshot();
    void handleTimers();
    [[nodiscard]] bool flush();
    [[nodiscard]] PollStatus wait();
    [[nodiscard]] std::chrono::milliseconds timeout() const;
    void finish();

    const std::shared_ptr<zmq::context_t> m_context;
    const EndpointBase m_endpoint;
    const std::string m_clientName;
    const LinkHooks m_hooks;
    std::atomic<std::uint64_t> m_numbers{0};
    std::atomic<bool> m_isConnected{false};
    std::atomic<bool> m_hasEnded{false};
    Mailbox<LinkTask> m_mailbox;
    Attachments m_attachments;

    // The link thread's own.
    DataRequests m_data;
    ControlRequests m_control;
    SnapshotReader m_snapshots;
    std::optional<Sockets> m_sockets;
    Stage m_stage = Stage::Apart;
    std::string m_token;
    std::uint64_t m_controlHello = 0; ///< number of the request
    wire::Welcome m_welcome;
    std::chrono::milliseconds m_patience;
    TimePoint m_giveUpAt{};   ///< of the greeting, or when to try again
    TimePoint m_nextBeat{};
    TimePoint m_heardAt{};
    std::uint64_t m_beats = 0;
    bool m_isBlocked = false; ///< the data socket took no more
    bool m_isControlBlocked = false;
    bool m_isStopping = false;
    std::vector<base::Slice> m_parts;
};

/// Runs a core on a thread of its own for as long as this lives.
class LinkThread
{
public:
    explicit LinkThread(std::shared_ptr<LinkCore> core);
    /// The last owner may be a callback on the link thread itself; then the thread ends by itself soon after.
    ~LinkThread();
    LinkThread(const LinkThread&) = delete;
    LinkThread& operator=(const LinkThread&) = delete;
    /// Once all that the hooks call is in place.
    void start();
    [[nodiscard]] LinkCore& core() const { return *m_core; }

private:
    const std::shared_ptr<LinkCore> m_core;
    std::thread m_thread;
};

} // namespace millrace::zeromq
