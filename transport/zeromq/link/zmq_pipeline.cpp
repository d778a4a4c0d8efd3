// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/link/zmq_pipeline_p.h"

#include <QPointer>

#include <algorithm>
#include <utility>

namespace millrace::zeromq {

namespace {

using client::Freshness;
using client::Result;
using wire::v1::Request;
using wire::v1::Response;

constexpr std::chrono::milliseconds kStaleAfter{2000};
constexpr std::chrono::milliseconds kFreshnessPeriod{250};

tl::unexpected<base::Error> unexpectedAnswer()
{
    return base::fail(base::ErrorCode::Protocol,
                      "the node's answer is of another kind than the request: use programs of the same version");
}

/// Reads a repeated field entry by entry; the first error ends it.
template<typename Value, typename Field>
Result<std::vector<Value>> readAll(const Field& field)
{
    std::vector<Value> values;
    values.reserve(static_cast<std::size_t>(field.size()));
    for (const auto& entry : field) {
        auto value = wire::read(entry);
        if (!value)
            return tl::unexpected(value.error());
        values.push_back(std::move(*value));
    }
    return values;
}

} // namespace

ZmqPipeline::ZmqPipeline(std::shared_ptr<LinkThread> thread,
                         std::shared_ptr<PipelineInbox> inbox,
                         std::string actor,
                         QString displayName)
    : m_thread(std::move(thread))
    , m_inbox(std::move(inbox))
    , m_actor(std::move(actor))
    , m_displayName(std::move(displayName))
{
    m_inbox->open(this);
    m_freshnessTimer.setInterval(kFreshnessPeriod);
    connect(&m_freshnessTimer, &QTimer::timeout, this, &ZmqPipeline::checkFreshness);
    m_freshnessTimer.start();
}

ZmqPipeline::~ZmqPipeline()
{
    m_inbox->close();
    m_calls->dropAll();
}

template<typename T, typename Read>
QFuture<Result<T>> ZmqPipeline::ask(Kind kind, Request request, Read read)
{
    LinkCore& core = m_thread->core();
    auto resolver = std::make_shared<client::Resolver<T>>();
    auto future = resolver->future();
    ControlTask task;
    const std::uint64_t number = core.nextRequest();
    task.request = std::move(request);
    task.request.set_request(number);
    task.request.set_actor(m_actor);
    task.isChange = kind == Kind::Change;
    task.deadline = SteadyClock::now() + client::kDefaultDeadline;
    task.done = m_calls->add(number, [resolver, read](const Result<Response>& response) {
        if (response)
            resolver->resolve(read(*response));
        else
            resolver->resolve(tl::unexpected(response.error()));
    });
    core.post(std::move(task));
    return future;
}

QFuture<Result<void>> ZmqPipeline::askDone(Request request)
{
    return ask<void>(Kind::Change, std::move(request), [](const Response& response) -> Result<void> {
        if (!response.has_done())
            return unexpectedAnswer();
        return {};
    });
}

QFuture<Result<message::OperationStatus>> ZmqPipeline::askOperation(Kind kind, Request request)
{
    return ask<message::OperationStatus>(
        kind, std::move(request), [](const Response& response) -> Result<message::OperationStatus> {
            if (!response.has_operation())
                return unexpectedAnswer();
            return wire::read(response.operation());
        });
}

QFuture<Result<std::vector<telemetry::Point>>>
ZmqPipeline::series(std::string queue, std::int64_t fromUs, std::int64_t untilUs)
{
    Request request;
    request.mutable_series()->set_queue(std::move(queue));
    request.mutable_series()->set_from_us(fromUs);
    request.mutable_series()->set_until_us(untilUs);
    using Points = std::vector<telemetry::Point>;
    return ask<Points>(Kind::Read, std::move(request), [](const Response& response) -> Result<Points> {
        if (!response.has_series())
            return unexpectedAnswer();
        return wire::read(response.series());
    });
}

QFuture<Result<client::DeadLetterView>> ZmqPipeline::openDeadLetters(message::DeadLetterFilter filter)
{
    Request request;
    wire::write(filter, request.mutable_open_dead_letters()->mutable_filter());
    return ask<client::DeadLetterView>(
        Kind::Read, std::move(request), [](const Response& response) -> Result<client::DeadLetterView> {
            if (!response.has_view())
                return unexpectedAnswer();
            return client::DeadLetterView{response.view().id(), response.view().total()};
        });
}

void ZmqPipeline::closeDeadLetters(message::ViewId view)
{
    Request request;
    request.mutable_close_dead_letters()->set_id(view);
    // If it does not arrive, the node closes the view with the session.
    (void)askDone(std::move(request));
}

QFuture<Result<std::vector<message::DeadLetterRow>>>
ZmqPipeline::deadLetterRows(message::ViewId view, std::uint64_t first, std::uint32_t count)
{
    Request request;
    request.mutable_dead_letter_rows()->set_view(view);
    request.mutable_dead_letter_rows()->set_first(first);
    request.mutable_dead_letter_rows()->set_count(count);
    using Rows = std::vector<message::DeadLetterRow>;
    return ask<Rows>(Kind::Read, std::move(request), [](const Response& response) -> Result<Rows> {
        if (!response.has_rows())
            return unexpectedAnswer();
        return readAll<message::DeadLetterRow>(response.rows().rows());
    });
}

QFuture<Result<message::DeadLetterDetail>> ZmqPipeline::deadLetter(message::MessageRef ref)
{
    Request request;
    request.mutable_dead_letter()->set_ref(std::move(ref.value));
    return ask<message::DeadLetterDetail>(
        Kind::Read, std::move(request), [](const Response& response) -> Result<message::DeadLetterDetail> {
            if (!response.has_detail())
                return unexpectedAnswer();
            return wire::read(response.detail());
        });
}

QFuture<Result<std::vector<message::DeadLetterGroup>>>
ZmqPipeline::deadLetterGroups(message::DeadLetterFilter filter)
{
    Request request;
    wire::write(filter, request.mutable_dead_letter_groups()->mutable_filter());
    using Groups = std::vector<message::DeadLetterGroup>;
    return ask<Groups>(Kind::Read, std::move(request), [](const Response& response) -> Result<Groups> {
        if (!response.has_groups())
            return unexpectedAnswer();
        return readAll<message::DeadLetterGroup>(response.groups().groups());
    });
}

QFuture<Result<void>> ZmqPipeline::setPaused(std::string queue, bool paused)
{
    Request request;
    request.mutable_set_paused()->set_queue(std::move(queue));
    request.mutable_set_paused()->set_paused(paused);
    return askDone(std::move(request));
}

QFuture<Result<void>> ZmqPipeline::resumeKey(std::string queue, std::string key)
{
    Request request;
    request.mutable_resume_key()->set_queue(std::move(queue));
    request.mutable_resume_key()->set_key(std::move(key));
    return askDone(std::move(request));
}

QFuture<Result<void>> ZmqPipeline::defineQueue(message::QueueDefinition definition)
{
    Request request;
    request.mutable_define_queue()->set_name(std::move(definition.name));
    request.mutable_define_queue()->set_policy(message::toJson(definition.policy));
    return askDone(std::move(request));
}

QFuture<Result<void>> ZmqPipeline::updateQueue(message::QueueDefinition definition)
{
    Request request;
    request.mutable_update_queue()->set_name(std::move(definition.name));
    request.mutable_update_queue()->set_policy(message::toJson(definition.policy));
    return askDone(std::move(request));
}

QFuture<Result<void>> ZmqPipeline::resetQueue(std::string queue)
{
    Request request;
    request.mutable_update_queue()->set_name(std::move(queue));
    request.mutable_update_queue()->set_reset_to_file(true);
    return askDone(std::move(request));
}

QFuture<Result<client::ActResult>> ZmqPipeline::actOnMessages(std::string queue,
                                                              message::LiveAct act,
                                                              std::vector<message::MessageRef> messages,
                                                              std::string reason)
{
    Request request;
    wire::v1::ActOnMessages* out = request.mutable_act_on_messages();
    out->set_queue(std::move(queue));
    out->set_act(static_cast<std::uint32_t>(act));
    for (message::MessageRef& ref : messages)
        out->add_refs(std::move(ref.value));
    out->set_reason(std::move(reason));
    return ask<client::ActResult>(
        Kind::Change, std::move(request), [](const Response& response) -> Result<client::ActResult> {
            if (!response.has_done())
                return unexpectedAnswer();
            return client::ActResult{response.done().moved(), response.done().skipped()};
        });
}

QFuture<Result<std::vector<message::RunningMessage>>>
ZmqPipeline::running(std::string queue, std::uint32_t limit)
{
    Request request;
    request.mutable_running()->set_queue(std::move(queue));
    request.mutable_running()->set_limit(limit);
    using Running = std::vector<message::RunningMessage>;
    return ask<Running>(Kind::Read, std::move(request), [](const Response& response) -> Result<Running> {
        if (!response.has_running())
            return unexpectedAnswer();
        return readAll<message::RunningMessage>(response.running().messages());
    });
}

QFuture<Result<std::vector<message::RetryingMessage>>>
ZmqPipeline::retrying(std::string queue, std::uint32_t limit)
{
    Request request;
    request.mutable_retrying()->set_queue(std::move(queue));
    request.mutable_retrying()->set_limit(limit);
    using Retrying = std::vector<message::RetryingMessage>;
    return ask<Retrying>(Kind::Read, std::move(request), [](const Response& response) -> Result<Retrying> {
        if (!response.has_retrying())
            return unexpectedAnswer();
        return readAll<message::RetryingMessage>(response.retrying().messages());
    });
}

QFuture<Result<std::vector<message::ParkedKey>>> ZmqPipeline::parkedKeys(std::string queue, std::uint32_t limit)
{
    Request request;
    request.mutable_parked_keys()->set_queue(std::move(queue));
    request.mutable_parked_keys()->set_limit(limit);
    using Keys = std::vector<message::ParkedKey>;
    return ask<Keys>(Kind::Read, std::move(request), [](const Response& response) -> Result<Keys> {
        if (!response.has_parked_keys())
            return unexpectedAnswer();
        return readAll<message::ParkedKey>(response.parked_keys().keys());
    });
}

QFuture<Result<void>> ZmqPipeline::defineSubscription(message::SubscriptionDefinition definition)
{
    Request request;
    wire::v1::DefineSubscription* define = request.mutable_define_subscription();
    define->set_topic(std::move(definition.topic));
    define->set_queue(std::move(definition.queue));
    define->set_type_pattern(std::move(definition.typePattern));
    define->set_source_pattern(std::move(definition.sourcePattern));
    define->mutable_attributes()->insert(definition.attributes.begin(), definition.attributes.end());
    return askDone(std::move(request));
}

QFuture<Result<std::vector<message::ScheduleStatus>>> ZmqPipeline::schedules()
{
    Request request;
    request.mutable_schedules();
    using All = std::vector<message::ScheduleStatus>;
    return ask<All>(Kind::Read, std::move(request), [](const Response& response) -> Result<All> {
        if (!response.has_schedules())
            return unexpectedAnswer();
        return readAll<message::ScheduleStatus>(response.schedules().schedules());
    });
}

QFuture<Result<message::ScheduleStatus>> ZmqPipeline::schedule(std::string name)
{
    Request request;
    request.mutable_schedules()->set_name(std::move(name));
    using One = message::ScheduleStatus;
    return ask<One>(Kind::Read, std::move(request), [](const Response& response) -> Result<One> {
        if (!response.has_schedules() || response.schedules().schedules_size() != 1)
            return unexpectedAnswer();
        return wire::read(response.schedules().schedules(0));
    });
}

QFuture<Result<void>> ZmqPipeline::defineSchedule(message::ScheduleDefinition definition)
{
    Request request;
    wire::write(definition, request.mutable_define_schedule()->mutable_schedule());
    return askDone(std::move(request));
}

QFuture<Result<void>> ZmqPipeline::removeSchedule(std::string name)
{
    Request request;
    request.mutable_remove_schedule()->set_name(std::move(name));
    return askDone(std::move(request));
}

QFuture<Result<void>> ZmqPipeline::pauseSchedule(std::string name, bool isPaused)
{
    Request request;
    request.mutable_pause_schedule()->set_name(std::move(name));
    request.mutable_pause_schedule()->set_paused(isPaused);
    return askDone(std::move(request));
}

QFuture<Result<void>> ZmqPipeline::runSchedule(std::string name)
{
    Request request;
    request.mutable_run_schedule()->set_name(std::move(name));
    return askDone(std::move(request));
}

QFuture<Result<message::OperationStatus>>
ZmqPipeline::startOperation(message::Verb verb, message::Selection selection, std::string reason)
{
    Request request;
    wire::v1::StartOperation* start = request.mutable_start_operation();
    start->set_verb(static_cast<std::uint32_t>(verb));
    start->set_reason(std::move(reason));
    wire::write(selection, start);
    return askOperation(Kind::Change, std::move(request));
}

QFuture<Result<message::OperationStatus>> ZmqPipeline::operation(message::OperationId id)
{
    Request request;
    request.mutable_operation()->set_id(id);
    return askOperation(Kind::Read, std::move(request));
}

QFuture<Result<message::OperationStatus>> ZmqPipeline::cancelOperation(message::OperationId id)
{
    Request request;
    request.mutable_cancel_operation()->set_id(id);
    return askOperation(Kind::Change, std::move(request));
}

void ZmqPipeline::takeSnapshot(client::SnapshotPtr snapshot, std::uint64_t missed)
{
    m_snapshot = std::move(snapshot);
    m_sinceSnapshot.start();
    // A slot may destroy this object.
    const QPointer<ZmqPipeline> self(this);
    const client::SnapshotPtr published = m_snapshot;
    setFreshness(Freshness::Fresh);
    if (self && missed > 0)
        Q_EMIT self->snapshotsMissed(missed);
    if (self)
        Q_EMIT self->snapshotReady(published);
    if (self)
        self->announceOperations(*published);
}

void ZmqPipeline::announceOperations(const client::Snapshot& snapshot)
{
    std::vector<message::OperationStatus> changed;
    std::map<message::OperationId, message::OperationStatus> now;
    for (const message::OperationStatus& status : snapshot.operations) {
        const auto before = m_operations.find(status.id);
        if (before == m_operations.end() || before->second != status)
            changed.push_back(status);
        now.emplace(status.id, status);
    }
    m_operations = std::move(now);
    const QPointer<ZmqPipeline> self(this);
    for (const message::OperationStatus& status : changed) {
        if (self)
            Q_EMIT self->operationChanged(status);
    }
}

void ZmqPipeline::takeLost()
{
    if (m_freshness != Freshness::Connecting)
        setFreshness(Freshness::Lost);
}

void ZmqPipeline::checkFreshness()
{
    if (m_freshness == Freshness::Fresh && m_sinceSnapshot.hasExpired(kStaleAfter.count()))
        setFreshness(Freshness::Stale);
}

void ZmqPipeline::setFreshness(Freshness freshness)
{
    if (std::exchange(m_freshness, freshness) != freshness)
        Q_EMIT freshnessChanged(freshness);
}

} // namespace millrace::zeromq
