// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/control_plane_p.h"

#include "transport/zeromq/node/responses_p.h"

#include <algorithm>
#include <utility>

namespace millrace::zeromq {

using wire::v1::Request;

namespace {

using namespace std::chrono_literals;

constexpr int kFramesPerTurn = 64;
/// As for data: a request that is too large is answered, one far too large costs its connection.
constexpr std::int64_t kSocketMessageBytes = 16 * static_cast<std::int64_t>(wire::kMaxControlFrameBytes);
constexpr SocketLimits kLimits{.sendHighWater = 256, .receiveHighWater = 256, .maxMessageBytes = kSocketMessageBytes};
/// The client of all control commands; data sessions count from 1.
constexpr engine::ClientId kControlClient = UINT64_MAX;
constexpr auto kSilence = 60s;
constexpr auto kDefaultDeadline = 5000ms;
constexpr auto kLongestDeadline = 120'000ms;
constexpr std::size_t kMaxNameBytes = 128;
constexpr std::uint32_t kDefaultRunningShown = 100;
/// Answers that are not read yet must not pile up without end.
constexpr std::size_t kMaxWaiting = 10'000;
/// Queries that wait for the reader's thread.
constexpr std::size_t kMaxQueries = 1'000;
constexpr std::size_t kMaxQueryBytes = 16 * 1024 * 1024;

std::chrono::milliseconds deadlineOf(const Request& request)
{
    if (request.deadline_ms() == 0)
        return kDefaultDeadline;
    return std::min<std::chrono::milliseconds>(std::chrono::milliseconds(request.deadline_ms()), kLongestDeadline);
}

/// How many messages or keys an answer has, by what was asked for.
std::uint32_t shownLimit(std::uint32_t asked)
{
    return asked == 0 ? kDefaultRunningShown : std::min(asked, message::kMaxRunningShown);
}

bool isRead(Request::KindCase kind)
{
    switch (kind) {
    case Request::kOpenDeadLetters:
    case Request::kCloseDeadLetters:
    case Request::kDeadLetterRows:
    case Request::kDeadLetter:
    case Request::kDeadLetterGroups: return true;
    default: return false;
    }
}

base::Result<engine::Command> defineQueue(const Request& request)
{
    const auto& in = request.define_queue();
    if (auto valid = message::validateName(in.name()); !valid)
        return tl::unexpected(std::move(valid.error()));
    engine::DefineQueue command;
    command.actor = actorOf(request.actor());
    command.definition.name = in.name();
    if (!in.policy().empty()) {
        auto policy = message::queuePolicyFromJson(in.policy());
        if (!policy)
            return tl::unexpected(std::move(policy.error()));
        command.definition.policy = *policy;
    }
    return engine::Command(std::move(command));
}

base::Result<engine::Command> updateQueue(const Request& request)
{
    const auto& in = request.update_queue();
    engine::UpdateQueue command;
    command.actor = actorOf(request.actor());
    command.queue = in.name();
    command.resetsToFile = in.reset_to_file();
    if (!command.resetsToFile) {
        auto policy = message::queuePolicyFromJson(in.policy().empty() ? "{}" : in.policy());
        if (!policy)
            return tl::unexpected(std::move(policy.error()));
        command.policy = std::move(*policy);
    }
    return engine::Command(std::move(command));
}

base::Result<engine::Command> actOnMessages(const Request& request)
{
    const auto& in = request.act_on_messages();
    auto act = wire::readLiveAct(in.act());
    if (!act)
        return tl::unexpected(std::move(act.error()));
    auto messages = wire::readRefs(in.refs());
    if (!messages)
        return tl::unexpected(std::move(messages.error()));
    engine::ActOnMessages command;
    command.actor = actorOf(request.actor());
    command.queue = in.queue();
    command.act = *act;
    command.messages = std::move(*messages);
    command.reason = message::truncateUtf8(in.reason(), message::kMaxErrorTextBytes);
    return engine::Command(std::move(command));
}

base::Result<engine::Command> defineSubscription(const Request& request)
{
    const auto& in = request.define_subscription();
    for (const std::string& name : {in.topic(), in.queue()}) {
        if (auto valid = message::validateName(name); !valid)
            return tl::unexpected(std::move(valid.error()));
    }
    engine::DefineSubscription command;
    command.actor = actorOf(request.actor());
    command.definition = {in.topic(),
                          in.queue(),
                          in.type_pattern(),
                          in.source_pattern(),
                          {in.attributes().begin(), in.attributes().end()}};
    return engine::Command(std::move(command));
}

base::Result<engine::Command> defineSchedule(const Request& request)
{
    auto definition = wire::read(request.define_schedule().schedule());
    if (!definition)
        return tl::unexpected(std::move(definition).error());
    engine::DefineSchedule command;
    command.actor = actorOf(request.actor());
    command.definition = std::move(*definition);
    return engine::Command(std::move(command));
}

} // namespace

ControlPlane::ControlPlane(Parts parts)
    : m_parts(std::move(parts))
{
}

base::Result<void> ControlPlane::open(zmq::context_t& context, const std::vector<std::string>& endpoints)
{
    auto socket = Socket::open(context, zmq::socket_type::router, kLimits);
    if (!socket)
        return tl::unexpected(socket.error());
    m_socket = std::move(*socket);
    return m_socket->bind(endpoints);
}

void ControlPlane::startReader()
{
    m_reader = std::make_unique<Reader>(m_parts.state.options.store, m_answers);
}

bool ControlPlane::receive(base::Now now)
{
    for (int i = 0; i < kFramesPerTurn; ++i) {
        if (m_socket->receive(m_received) != IoStatus::Done)
            return false;
        handle(m_received, now);
    }
    return true;
}

void ControlPlane::handle(std::vector<base::Slice>& parts, base::Now now)
{
    const base::Slice peer = parts.front();
    auto request = parts.size() == 2
                       ? wire::parseRequest(parts[1].view())
                       : base::fail(base::ErrorCode::Protocol, "a control request is one message part without a delimiter");
    if (!request) {
        m_parts.state.countRefused(request.error(), "control", {}, now.steady);
        fail(peer, 0, request.error());
        return;
    }
    // A hello is checked by itself, so that a client of another version learns why it is not served.
    if (!request->has_hello()) {
        if (auto admitted = admit(*request, now.steady); !admitted) {
            m_parts.state.countRefused(admitted.error(), "control", oneLine(request->actor(), kMaxNameBytes), now.steady);
            fail(peer, request->request(), admitted.error());
            return;
        }
    }
    dispatch({peer, *request, now});
}

base::Result<void> ControlPlane::admit(const Request& request, base::SteadyTime now)
{
    if (request.session().size() != wire::kSessionBytes) {
        return base::fail(base::ErrorCode::Protocol,
                          "field `session` of a control request must be the 16 bytes of the hello, not "
                              + std::to_string(request.session().size()));
    }
    if (!m_sessions.contains(request.session()) && m_sessions.size() >= m_parts.state.options.maxSessions) {
        return base::fail(base::ErrorCode::Limit,
                          "this node serves at most " + std::to_string(m_parts.state.options.maxSessions)
                              + " control sessions and has as many: close one");
    }
    m_sessions[request.session()] = now;
    return {};
}

void ControlPlane::dispatch(const Asked& asked)
{
    const Request& request = asked.request;
    switch (request.kind_case()) {
    case Request::kHello: return answerHello(asked);
    case Request::kSeries: return answerSeries(asked);
    case Request::kOperation: return answerOperation(asked);
    case Request::kSnapshot: return answerSnapshot(asked);
    case Request::kSchedules: return answerSchedules(asked);
    case Request::kRunning: return answerRunning(asked);
    case Request::kRetrying: return answerRetrying(asked);
    case Request::kParkedKeys: return answerParkedKeys(asked);
    case Request::KIND_NOT_SET:
        return fail(asked.peer,
                    request.request(),
                    {base::ErrorCode::Unsupported, "this kind of request is not known to this node (wire version 1.0)"});
    default: break;
    }
    if (isRead(request.kind_case()))
        return ask(asked);
    if (m_parts.engine() == nullptr)
        return fail(asked.peer, request.request(), {base::ErrorCode::Io, m_parts.state.trouble});
    if (request.has_start_operation()) {
        if (auto verb = wire::readVerb(request.start_operation().verb()); !verb)
            return fail(asked.peer, request.request(), verb.error());
        return ask(asked);
    }
    auto command = toCommand(asked);
    if (!command)
        return fail(asked.peer, request.request(), command.error());
    start(asked.peer, request.request(), std::move(*command));
}

void ControlPlane::answerHello(const Asked& asked)
{
    Request& request = asked.request;
    const auto& in = request.hello();
    wire::Hello hello{.major = in.major(), .minor = in.minor(), .role = {}, .client = {}, .session = in.session()};
    if (auto checked = m_parts.state.check(hello); !checked) {
        m_parts.state.countRefused(checked.error(), "control", oneLine(in.client(), kMaxNameBytes), asked.now.steady);
        return fail(asked.peer, request.request(), checked.error());
    }
    request.set_session(in.session());
    if (auto admitted = admit(request, asked.now.steady); !admitted)
        return fail(asked.peer, request.request(), admitted.error());
    const wire::Welcome welcome = m_parts.state.welcome();
    wire::v1::Response response;
    response.set_request(request.request());
    auto* out = response.mutable_welcome();
    out->set_major(welcome.major);
    out->set_minor(welcome.minor);
    out->set_epoch(welcome.epoch);
    out->set_node(welcome.node);
    out->set_version(welcome.version);
    out->set_max_batch_messages(welcome.maxBatchMessages);
    out->set_max_batch_bytes(welcome.maxBatchBytes);
    out->set_max_body_bytes(welcome.maxBodyBytes);
    out->set_max_frame_bytes(wire::kMaxControlFrameBytes);
    out->set_heartbeat_ms(welcome.heartbeatMs);
    out->set_session_timeout_ms(welcome.sessionTimeoutMs);
    respond(asked.peer, encodeResponse(response));
}

void ControlPlane::answerSeries(const Asked& asked)
{
    const auto& in = asked.request.series();
    const auto points = m_parts.telemetry.series(in.queue(), in.from_us(), in.until_us());
    const engine::Engine* engine = m_parts.engine();
    if (!points && engine != nullptr && engine->findQueue(in.queue()) == nullptr) {
        return fail(asked.peer,
                    asked.request.request(),
                    {base::ErrorCode::NotFound, "there is no queue \"" + oneLine(in.queue(), kMaxNameBytes) + "\""});
    }
    wire::v1::Response response;
    response.set_request(asked.request.request());
    wire::write(points.value_or(std::vector<telemetry::Point>()), response.mutable_series());
    respond(asked.peer, encodeResponse(response));
}

void ControlPlane::answerOperation(const Asked& asked)
{
    const message::OperationId id = asked.request.operation().id();
    const std::uint64_t number = asked.request.request();
    const engine::Engine* engine = m_parts.engine();
    if (engine == nullptr)
        return fail(asked.peer, number, {base::ErrorCode::Io, m_parts.state.trouble});
    for (const message::OperationStatus& status : engine->operations()) {
        if (status.id != id)
            continue;
        wire::v1::Response response;
        response.set_request(number);
        wire::write(status, response.mutable_operation());
        return respond(asked.peer, encodeResponse(response));
    }
    fail(asked.peer,
         number,
         {base::ErrorCode::NotFound, "operation " + std::to_string(id) + " is neither running nor among the last 50"});
}

void ControlPlane::answerSnapshot(const Asked& asked)
{
    wire::v1::Response response;
    response.set_request(asked.request.request());
    *response.mutable_snapshot() = m_parts.snapshot(asked.now);
    respond(asked.peer, encodeResponse(response));
}

void ControlPlane::answerSchedules(const Asked& asked)
{
    const std::uint64_t number = asked.request.request();
    const std::string& name = asked.request.schedules().name();
    const engine::Engine* engine = engineFor(asked);
    if (engine == nullptr)
        return;
    const std::vector<message::ScheduleStatus> all = engine->schedules();
    if (name.empty())
        return respond(asked.peer, schedulesResponse(number, all));
    for (const message::ScheduleStatus& each : all) {
        if (each.definition.name == name)
            return respond(asked.peer, scheduleResponse(number, each));
    }
    fail(asked.peer,
         number,
         {base::ErrorCode::NotFound, "no schedule is named \"" + oneLine(name, kMaxNameBytes) + "\""});
}

engine::Engine* ControlPlane::engineFor(const Asked& asked)
{
    engine::Engine* engine = m_parts.engine();
    if (engine == nullptr)
        fail(asked.peer, asked.request.request(), {base::ErrorCode::Io, m_parts.state.trouble});
    return engine;
}

void ControlPlane::answerRunning(const Asked& asked)
{
    const auto& in = asked.request.running();
    const std::uint64_t number = asked.request.request();
    engine::Engine* engine = engineFor(asked);
    if (engine == nullptr)
        return;
    const auto running = engine->running(in.queue(), shownLimit(in.limit()), asked.now);
    if (!running)
        return fail(asked.peer, number, running.error());
    respond(asked.peer, runningResponse(number, *running));
}

void ControlPlane::answerRetrying(const Asked& asked)
{
    const auto& in = asked.request.retrying();
    const std::uint64_t number = asked.request.request();
    const engine::Engine* engine = engineFor(asked);
    if (engine == nullptr)
        return;
    const auto retrying = engine->retrying(in.queue(), shownLimit(in.limit()), asked.now);
    if (!retrying)
        return fail(asked.peer, number, retrying.error());
    respond(asked.peer, retryingResponse(number, *retrying));
}

void ControlPlane::answerParkedKeys(const Asked& asked)
{
    const auto& in = asked.request.parked_keys();
    const std::uint64_t number = asked.request.request();
    const engine::Engine* engine = engineFor(asked);
    if (engine == nullptr)
        return;
    const auto keys = engine->parkedKeys(in.queue(), shownLimit(in.limit()));
    if (!keys)
        return fail(asked.peer, number, keys.error());
    respond(asked.peer, parkedKeysResponse(number, *keys));
}

void ControlPlane::ask(const Asked& asked)
{
    const std::size_t bytes = asked.request.ByteSizeLong();
    if (m_queries >= kMaxQueries || m_queryBytes + bytes > kMaxQueryBytes)
        return fail(asked.peer,
                    asked.request.request(),
                    {base::ErrorCode::Busy, "too many queries wait for their turn: try again"});
    ++m_queries;
    m_queryBytes += bytes;
    const base::SteadyTime deadline = asked.now.steady + deadlineOf(asked.request);
    m_reader->post(Query{base::Slice::own(asked.peer.toString()), std::move(asked.request), deadline, bytes});
}

base::Result<engine::Command> ControlPlane::toCommand(const Asked& asked)
{
    const Request& request = asked.request;
    if (request.has_define_queue())
        return defineQueue(request);
    if (request.has_define_subscription())
        return defineSubscription(request);
    if (request.has_define_schedule())
        return defineSchedule(request);
    if (request.has_remove_schedule()) {
        return engine::Command(engine::RemoveSchedule{.client = 0,
                                                      .request = 0,
                                                      .actor = actorOf(request.actor()),
                                                      .name = request.remove_schedule().name()});
    }
    if (request.has_pause_schedule()) {
        return engine::Command(engine::PauseSchedule{.client = 0,
                                                     .request = 0,
                                                     .actor = actorOf(request.actor()),
                                                     .name = request.pause_schedule().name(),
                                                     .isPaused = request.pause_schedule().paused()});
    }
    if (request.has_run_schedule()) {
        return engine::Command(engine::RunSchedule{.client = 0,
                                                   .request = 0,
                                                   .actor = actorOf(request.actor()),
                                                   .name = request.run_schedule().name()});
    }
    if (request.has_update_queue())
        return updateQueue(request);
    if (request.has_act_on_messages())
        return actOnMessages(request);
    if (request.has_resume_key()) {
        return engine::Command(engine::ResumeKey{.client = 0,
                                                 .request = 0,
                                                 .actor = actorOf(request.actor()),
                                                 .queue = request.resume_key().queue(),
                                                 .key = request.resume_key().key()});
    }
    if (request.has_cancel_operation()) {
        return engine::Command(engine::CancelOperation{.client = 0,
                                                       .request = 0,
                                                       .actor = actorOf(request.actor()),
                                                       .operation = request.cancel_operation().id()});
    }
    return engine::Command(engine::SetPaused{.client = 0,
                                             .request = 0,
                                             .actor = actorOf(request.actor()),
                                             .queue = request.set_paused().queue(),
                                             .paused = request.set_paused().paused()});
}

void ControlPlane::start(const base::Slice& peer, std::uint64_t request, engine::Command command)
{
    if (m_waiting.size() >= kMaxWaiting)
        return fail(peer, request, {base::ErrorCode::Busy, "too many changes wait for their commit: try again"});
    const engine::RequestId number = ++m_lastRequest;
    m_waiting[number] = {base::Slice::own(peer.toString()), request};
    std::visit(
        [number](auto& change) {
            if constexpr (requires { change.request; change.client; change.actor; }) {
                change.client = kControlClient;
                change.request = number;
            }
        },
        command);
    m_commands.push_back(std::move(command));
}

void ControlPlane::takeAnswers()
{
    for (ReaderAnswer& answer : m_answers.takeAll()) {
        --m_queries;
        m_queryBytes -= answer.queryBytes;
        if (!answer.operation)
            respond(answer.peer, std::move(answer.frame));
        else if (m_parts.engine() == nullptr)
            fail(answer.peer, answer.request, {base::ErrorCode::Io, m_parts.state.trouble});
        else
            start(answer.peer, answer.request, std::move(*answer.operation));
    }
}

void ControlPlane::send(const engine::Reply& reply)
{
    const auto found = m_waiting.find(reply.request);
    if (reply.client != kControlClient || found == m_waiting.end())
        return;
    const Waiting waiting = std::move(found->second);
    m_waiting.erase(found);
    if (!reply.outcome)
        return fail(waiting.peer, waiting.request, reply.outcome.error());
    if (reply.outcome->id == 0)
        return respond(waiting.peer,
                       doneResponse(waiting.request, reply.outcome->moved, reply.outcome->skipped));
    wire::v1::Response response;
    response.set_request(waiting.request);
    wire::write(*reply.outcome, response.mutable_operation());
    respond(waiting.peer, encodeResponse(response));
}

void ControlPlane::loseAll(const base::Error& error)
{
    for (const auto& [number, waiting] : m_waiting)
        fail(waiting.peer, waiting.request, error);
    m_waiting.clear();
    m_commands.clear();
}

void ControlPlane::sweep(base::SteadyTime now)
{
    for (auto session = m_sessions.begin(); session != m_sessions.end();) {
        if (now - session->second <= kSilence || m_parts.hasDataSession(session->first)) {
            ++session;
            continue;
        }
        m_reader->post(SessionOver{session->first});
        session = m_sessions.erase(session);
    }
}

void ControlPlane::sessionEnded(const std::string& token)
{
    if (m_sessions.erase(token) > 0 && m_reader)
        m_reader->post(SessionOver{token});
}

void ControlPlane::close()
{
    m_reader.reset();
    takeAnswers();
    loseAll({base::ErrorCode::Unknown, "the node stops: nobody can tell whether this took effect"});
}

void ControlPlane::respond(const base::Slice& peer, std::string frame)
{
    // A peer that does not read its answers, or is gone, does not get them; its request has a deadline.
    (void)m_socket->send({peer, base::Slice::own(std::move(frame))});
}

void ControlPlane::fail(const base::Slice& peer, std::uint64_t request, const base::Error& error)
{
    respond(peer, errorResponse(request, error));
}

} // namespace millrace::zeromq
