// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/link/link_core_p.h"

#include "transport/zeromq/link/logging_p.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <utility>

namespace millrace::zeromq {

Q_LOGGING_CATEGORY(linkLog, "millrace.link")

namespace {

using namespace std::chrono_literals;

/// How long a greeting is given before it is tried with new sockets; doubled up to the longest.
constexpr std::chrono::milliseconds kFirstPatience{250};
constexpr std::chrono::milliseconds kLongestPatience{2000};
/// Frames taken from a socket before the others get their turn.
constexpr int kFramesPerTurn = 64;

void blockSignals()
{
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

} // namespace

LinkCore::LinkCore(std::shared_ptr<zmq::context_t> context,
                   EndpointBase endpoint,
                   std::string clientName,
                   LinkHooks hooks)
    : m_context(std::move(context))
    , m_endpoint(std::move(endpoint))
    , m_clientName(std::move(clientName))
    , m_hooks(std::move(hooks))
    , m_data(m_attachments, m_numbers)
    , m_patience(kFirstPatience)
{
}

void LinkCore::post(LinkTask task)
{
    m_mailbox.push(std::move(task));
    // Nobody reads the mailbox any more: dropping the tasks answers their callers.
    if (m_hasEnded)
        (void)m_mailbox.takeAll();
}

void LinkCore::run()
{
    blockSignals();
    connect();
    while (!m_isStopping) {
        if (wait() == PollStatus::Terminated)
            break;
        handleTasks();
        if (!receiveAll())
            break;
        handleTimers();
        if (!flush())
            break;
    }
    finish();
}

PollStatus LinkCore::wait()
{
    std::array<zmq::pollitem_t, 5> items{pollItem(m_mailbox.fd())};
    std::size_t count = 1;
    if (m_sockets) {
        const auto events = [](bool isBlocked) {
            return static_cast<short>(isBlocked ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN);
        };
        items[count++] = m_sockets->data.pollItem(events(m_isBlocked));
        items[count++] = m_sockets->control.pollItem(events(m_isControlBlocked));
        items[count++] = m_sockets->telemetry.pollItem();
        items[count++] = m_sockets->losses.pollItem();
    }
    return poll(std::span(items.data(), count), timeout());
}

std::chrono::milliseconds LinkCore::timeout() const
{
    TimePoint next = m_stage == Stage::Connected
        ? std::min(m_nextBeat, m_heardAt + std::chrono::milliseconds(m_welcome.sessionTimeoutMs))
        : m_giveUpAt;
    for (const auto& deadline : {m_data.nextDeadline(), m_control.nextDeadline()})
        next = std::min(next, deadline.value_or(next));
    const auto left = next - SteadyClock::now();
    return std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(left));
}

void LinkCore::handleTasks()
{
    for (LinkTask& task : m_mailbox.takeAll()) {
        std::visit(
            [this](auto& what) {
                using Task = std::decay_t<decltype(what)>;
                if constexpr (std::is_same_v<Task, StopTask>)
                    m_isStopping = true;
                else if constexpr (std::is_same_v<Task, ControlTask>)
                    m_control.begin(std::move(what));
                else
                    m_data.begin(std::move(what));
            },
            task);
    }
}

bool LinkCore::receiveAll()
{
    const auto drain = [this](Socket Sockets::*socket, auto handle) {
        for (int i = 0; i < kFramesPerTurn && m_sockets; ++i) {
            const IoStatus status = ((*m_sockets).*socket).receive(m_parts);
            if (status == IoStatus::Terminated)
                return false;
            if (status != IoStatus::Done)
                return true;
            handle();
        }
        return true;
    };
    // What the node sent before its end comes first.
    return drain(&Sockets::data, [this] { onDataFrame(m_parts.front()); })
        && drain(&Sockets::control, [this] { onControlFrame(m_parts.front()); })
        && drain(&Sockets::telemetry, [this] { onTelemetry(m_parts); })
        && drain(&Sockets::losses, [this] { onLoss(); });
}

void LinkCore::handleTimers()
{
    const TimePoint now = SteadyClock::now();
    m_data.expire(now);
    m_control.expire(now);
    if (m_stage != Stage::Connected) {
        if (now < m_giveUpAt)
            return;
        if (m_stage != Stage::Apart)
            m_patience = std::min(m_patience * 2, kLongestPatience);
        connect();
        return;
    }
    if (now >= m_heardAt + std::chrono::milliseconds(m_welcome.sessionTimeoutMs)) {
        endSession({base::ErrorCode::Timeout,
                    "nothing was heard of the node for " + std::to_string(m_welcome.sessionTimeoutMs) + " ms"});
        return;
    }
    if (now >= m_nextBeat) {
        m_nextBeat = now + std::chrono::milliseconds(m_welcome.heartbeatMs);
        // A full socket carries frames that show as well that this end is alive.
        (void)m_sockets->data.send({base::Slice::own(wire::encode(wire::Heartbeat{++m_beats}, false))});
    }
}

bool LinkCore::flush()
{
    if (!m_sockets || m_stage != Stage::Connected)
        return true;
    const IoStatus data = m_data.flush(m_sockets->data);
    const IoStatus control = m_control.flush(m_sockets->control);
    m_isBlocked = data == IoStatus::WouldBlock;
    m_isControlBlocked = control == IoStatus::WouldBlock;
    return data != IoStatus::Terminated && control != IoStatus::Terminated;
}

void LinkCore::finish()
{
    m_hasEnded = true;
    if (m_stage == Stage::Connected) {
        (void)m_sockets->data.send({base::Slice::own(wire::encode(wire::Goodbye{}))});
        endSession({base::ErrorCode::Closed, "the link was closed"});
    }
    closeSockets();
    m_data.drop();
    m_control.drop();
    (void)m_mailbox.takeAll();
}

LinkThread::LinkThread(std::shared_ptr<LinkCore> core)
    : m_core(std::move(core))
{
}

void LinkThread::start()
{
    m_thread = std::thread([core = m_core] { core->run(); });
}

LinkThread::~LinkThread()
{
    m_core->post(StopTask{});
    if (m_thread.get_id() == std::this_thread::get_id())
        m_thread.detach();
    else if (m_thread.joinable())
        m_thread.join();
}

} // namespace millrace::zeromq
