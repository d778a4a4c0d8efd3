// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/link/link_core_p.h"

#include "transport/zeromq/link/logging_p.h"

#include <random>
#include <utility>

// How a link begins and ends sessions, and what it does with the frames it receives.
namespace millrace::zeromq {

namespace {

constexpr std::chrono::milliseconds kReconnectDelay{100};
constexpr std::chrono::milliseconds kFirstPatience{250};
constexpr SocketLimits kDataLimits{64, 256, 0};
constexpr SocketLimits kControlLimits{256, 256, 0};
/// Snapshots are whole, so few need to wait.
constexpr SocketLimits kTelemetryLimits{4, 16, 0};
constexpr std::size_t kTokenBytes = 16;
constexpr std::chrono::milliseconds kSnapshotDeadline{5000};

std::string randomToken()
{
    std::random_device device;
    std::string token;
    while (token.size() < kTokenBytes)
        token.push_back(static_cast<char>(device() & 0xFFU));
    return token;
}

} // namespace

base::Result<LinkCore::Sockets> LinkCore::openSockets()
{
    const auto open = [this](zmq::socket_type type, SocketLimits limits, Plane plane) -> base::Result<Socket> {
        auto socket = Socket::open(*m_context, type, limits);
        if (!socket)
            return socket;
        if (plane == Plane::Telemetry)
            socket->subscribe("snapshot");
        if (auto connected = socket->connect(m_endpoint.endpoint(plane)); !connected)
            return tl::unexpected(connected.error());
        return socket;
    };
    auto data = open(zmq::socket_type::dealer, kDataLimits, Plane::Data);
    if (!data)
        return tl::unexpected(data.error());
    auto control = open(zmq::socket_type::dealer, kControlLimits, Plane::Control);
    if (!control)
        return tl::unexpected(control.error());
    auto telemetry = open(zmq::socket_type::sub, kTelemetryLimits, Plane::Telemetry);
    if (!telemetry)
        return tl::unexpected(telemetry.error());
    auto losses = data->openLossEvents();
    if (!losses)
        return tl::unexpected(losses.error());
    return Sockets{std::move(*data), std::move(*control), std::move(*telemetry), std::move(*losses)};
}

void LinkCore::closeSockets()
{
    if (m_sockets)
        m_sockets->data.endLossEvents();
    m_sockets.reset();
}

void LinkCore::connect()
{
    m_giveUpAt = SteadyClock::now() + m_patience;
    m_stage = Stage::Apart;
    closeSockets();
    auto sockets = openSockets();
    if (!sockets) {
        qCWarning(linkLog, "%s", sockets.error().context.c_str());
        return;
    }
    m_sockets.emplace(std::move(*sockets));
    m_token = randomToken();
    wire::Hello hello;
    hello.role = "producer,worker,monitor";
    hello.client = m_clientName;
    hello.session = m_token;
    if (m_sockets->data.send({base::Slice::own(wire::encode(hello))}) == IoStatus::Done)
        m_stage = Stage::Greeting;
}

void LinkCore::greetControl()
{
    wire::v1::Request request;
    m_controlHello = nextRequest();
    request.set_request(m_controlHello);
    request.set_deadline_ms(static_cast<std::uint32_t>(m_patience.count()));
    request.set_session(m_token);
    wire::v1::Hello* hello = request.mutable_hello();
    hello->set_major(wire::kMajor);
    hello->set_minor(wire::kMinor);
    hello->set_role("monitor");
    hello->set_client(m_clientName);
    hello->set_session(m_token);
    if (m_sockets->control.send({base::Slice::own(request.SerializeAsString())}) == IoStatus::Done)
        m_stage = Stage::GreetingControl;
}

void LinkCore::beginSession()
{
    m_stage = Stage::Connected;
    m_patience = kFirstPatience;
    m_heardAt = SteadyClock::now();
    m_nextBeat = m_heardAt + std::chrono::milliseconds(m_welcome.heartbeatMs);
    m_isBlocked = m_isControlBlocked = false;
    m_isConnected = true;
    m_control.onSessionBegan(m_token);
    requestSnapshot();
    m_hooks.connected();
    m_data.onSessionBegan(m_welcome.epoch);
}

void LinkCore::endSession(const base::Error& why)
{
    if (!m_isStopping)
        qCInfo(linkLog, "session with %s ended: %s", m_endpoint.toString().c_str(), why.context.c_str());
    m_isConnected = false;
    m_stage = Stage::Apart;
    m_giveUpAt = SteadyClock::now() + kReconnectDelay;
    closeSockets();
    m_hooks.disconnected(why);
    m_data.onSessionEnded(why);
    m_control.onSessionEnded(why);
}

void LinkCore::onDataFrame(const base::Slice& frame)
{
    m_heardAt = SteadyClock::now();
    auto decoded = wire::decodeNodeFrame(frame);
    if (!decoded) {
        qCWarning(linkLog, "a frame of the node was not understood: %s", decoded.error().context.c_str());
        return;
    }
    if (const auto* welcome = std::get_if<wire::Welcome>(&*decoded)) {
        onWelcome(*welcome);
        return;
    }
    if (const auto* refused = std::get_if<wire::Refused>(&*decoded); refused != nullptr && refused->request == 0) {
        if (m_stage == Stage::Connected && refused->error.code == base::ErrorCode::Closed)
            endSession(refused->error);
        else
            qCWarning(linkLog, "%s refuses: %s", m_endpoint.toString().c_str(), refused->error.context.c_str());
        return;
    }
    std::visit(
        [this](auto& what) {
            using Frame = std::decay_t<decltype(what)>;
            if constexpr (!std::is_same_v<Frame, wire::Welcome> && !std::is_same_v<Frame, wire::Heartbeat>)
                m_data.onFrame(std::move(what));
        },
        *decoded);
}

void LinkCore::onWelcome(const wire::Welcome& welcome)
{
    if (m_stage != Stage::Greeting)
        return;
    if (welcome.major != wire::kMajor || welcome.heartbeatMs == 0 || welcome.sessionTimeoutMs == 0) {
        qCWarning(linkLog, "%s speaks version %u of the wire, this program version %u: use programs of the same version",
                  m_endpoint.toString().c_str(), welcome.major, wire::kMajor);
        return;
    }
    m_welcome = welcome;
    greetControl();
}

void LinkCore::onControlFrame(const base::Slice& frame)
{
    auto response = wire::parseResponse(frame.view());
    if (!response) {
        qCWarning(linkLog, "an answer of the node was not understood: %s", response.error().context.c_str());
        return;
    }
    if (response->request() != m_controlHello) {
        m_control.onResponse(std::move(*response));
        return;
    }
    if (m_stage != Stage::GreetingControl)
        return;
    if (response->has_error()) {
        qCWarning(linkLog, "%s refuses: %s", m_endpoint.toString().c_str(), response->error().text().c_str());
        return;
    }
    beginSession();
}

void LinkCore::onLoss()
{
    // libzmq would reconnect by itself, but to a node that knows nothing of this session.
    if (m_stage == Stage::Connected)
        endSession({base::ErrorCode::Closed, "the connection was lost"});
}

void LinkCore::onTelemetry(const std::vector<base::Slice>& parts)
{
    if (parts.size() != 2 || m_stage != Stage::Connected)
        return;
    const auto snapshot = wire::parseSnapshot(parts[1].view());
    if (snapshot)
        publish(*snapshot);
    else
        qCWarning(linkLog, "a snapshot was not understood: %s", snapshot.error().context.c_str());
}

void LinkCore::publish(const wire::v1::Snapshot& snapshot)
{
    const auto reading = m_snapshots.read(snapshot);
    if (!reading)
        qCWarning(linkLog, "a snapshot was not understood: %s", reading.error().context.c_str());
    else if (reading->snapshot)
        m_hooks.snapshot(reading->snapshot, reading->missed);
}

void LinkCore::requestSnapshot()
{
    ControlTask task;
    task.request.set_request(nextRequest());
    task.request.mutable_snapshot();
    task.deadline = SteadyClock::now() + kSnapshotDeadline;
    task.done = [this](const base::Result<wire::v1::Response>& response) {
        if (response && response->has_snapshot())
            publish(response->snapshot());
    };
    m_control.begin(std::move(task));
}

} // namespace millrace::zeromq
