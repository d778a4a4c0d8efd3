// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/client/recorded_pipeline.h"

#include "transport/client/async.h"
#include "transport/client/recorded_dead_letters_p.h"
#include "transport/client/recorded_live_p.h"

#include <QTimer>

#include <algorithm>
#include <utility>

namespace millrace::client {

namespace {

/// Small steps, so that progress can be seen and cancelled with a few hundred dead letters.
constexpr std::size_t kMembersPerStep = 25;
constexpr std::chrono::milliseconds kStepPeriod{20};

} // namespace

class RecordedPipeline::Impl
{
public:
    Impl(RecordedPipeline* owner, Recording recording)
        : m_owner(owner)
        , m_recording(std::move(recording))
        , m_letters(std::move(m_recording.deadLetters))
        , m_live(std::move(m_recording.running),
                 std::move(m_recording.retrying),
                 std::move(m_recording.parkedKeys),
                 std::move(m_recording.schedules))
    {
        m_stepTimer.setInterval(kStepPeriod);
        QObject::connect(&m_stepTimer, &QTimer::timeout, owner, [this] { step(); });
    }

    /// Answers in a later turn of the event loop, as a node would, so that nobody comes to rely on an
    /// answer before the call returns. If the pipeline dies first, the dropped event cancels the call.
    template<typename T>
    QFuture<Result<T>> answer(Result<T> value)
    {
        auto resolver = std::make_shared<Resolver<T>>();
        auto future = resolver->future();
        QMetaObject::invokeMethod(
            m_owner,
            [resolver, value = std::move(value)]() mutable { resolver->resolve(std::move(value)); },
            Qt::QueuedConnection);
        return future;
    }

    /// Why a call cannot be served at all; nullopt = it can.
    std::optional<base::Error> refusal(std::optional<Capability> needed = std::nullopt) const
    {
        if (m_callFailure)
            return m_callFailure;
        if (needed && !m_capabilities.can(*needed))
            return base::Error{base::ErrorCode::Unsupported, m_capabilities.why(*needed)};
        return std::nullopt;
    }

    /// `work` runs at once unless the call is refused.
    template<typename T, typename Work>
    QFuture<Result<T>> serve(std::optional<Capability> needed, Work work)
    {
        if (auto why = refusal(needed))
            return answer<T>(tl::unexpected(std::move(*why)));
        return answer<T>(work());
    }

    /// The same for what changes the played state.
    template<typename T, typename Work>
    QFuture<Result<T>> change(Capability needed, Work work)
    {
        return serve<T>(needed, [&]() -> Result<T> {
            Result<T> done = work();
            if (done)
                publishChange();
            return done;
        });
    }

    /// The same for what is read of a queue.
    template<typename T, typename Work>
    QFuture<Result<T>> ofQueue(Capability needed, const std::string& queue, Work work)
    {
        return serve<T>(needed, [&]() -> Result<T> {
            if (!hasQueue(queue))
                return base::fail(base::ErrorCode::NotFound, "there is no queue \"" + queue + "\"");
            return work();
        });
    }

    std::int64_t nowUs() const { return m_published ? m_published->atUs : 0; }

    bool hasQueue(const std::string& name) const { return m_defined.contains(name) || recorded(name); }

    bool recorded(const std::string& name) const
    {
        const SnapshotPtr& known = m_published || m_recording.snapshots.empty()
            ? m_published
            : m_recording.snapshots.front();
        return known && std::ranges::find(known->queues, name, &QueueStatus::name) != known->queues.end();
    }

    /// The recorded snapshot at the cursor with what was changed while playing.
    SnapshotPtr play() const
    {
        auto played = std::make_shared<Snapshot>(*m_recording.snapshots[m_next - 1]);
        played->number += m_extraSnapshots;
        for (const auto& [name, policy] : m_defined) {
            auto found = std::ranges::find(played->queues, name, &QueueStatus::name);
            if (found != played->queues.end()) {
                found->differsFromFile = found->policy != policy;
                found->policy = policy;
            } else {
                played->queues.push_back(QueueStatus{name, false, policy, {}, false, {}});
            }
        }
        std::ranges::sort(played->queues, {}, &QueueStatus::name);
        for (QueueStatus& queue : played->queues) {
            if (const auto paused = m_paused.find(queue.name); paused != m_paused.end())
                queue.paused = paused->second;
            if (const auto change = m_letters.changes().find(queue.name);
                change != m_letters.changes().end()) {
                apply(change->second, queue.sample);
                apply(change->second, played->total);
            }
        }
        played->subscriptions.insert(played->subscriptions.end(), m_subscriptions.begin(),
                                     m_subscriptions.end());
        const auto operations = m_letters.operations();
        played->operations.insert(played->operations.begin(), operations.begin(), operations.end());
        return played;
    }

    bool publishNext()
    {
        if (m_next >= m_recording.snapshots.size())
            return false;
        ++m_next;
        m_published = play();
        if (m_freshness == Freshness::Connecting)
            setFreshness(Freshness::Fresh);
        Q_EMIT m_owner->snapshotReady(m_published);
        return true;
    }

    /// Shows a change without waiting for the next recorded snapshot; several changes of one turn share one.
    void publishChange()
    {
        if (!m_published || m_changeWaits)
            return;
        m_changeWaits = true;
        QMetaObject::invokeMethod(
            m_owner,
            [this] {
                m_changeWaits = false;
                ++m_extraSnapshots;
                m_published = play();
                Q_EMIT m_owner->snapshotReady(m_published);
            },
            Qt::QueuedConnection);
    }

    void setFreshness(Freshness freshness)
    {
        if (std::exchange(m_freshness, freshness) != freshness)
            Q_EMIT m_owner->freshnessChanged(freshness);
    }

    void step()
    {
        const auto advanced = m_letters.advance(kMembersPerStep, nowUs());
        if (!m_letters.isRunning())
            m_stepTimer.stop();
        publishChange();
        for (const message::OperationStatus& status : advanced)
            Q_EMIT m_owner->operationChanged(status);
    }

    Result<message::OperationStatus>
    startOperation(message::Verb verb, const message::Selection& selection, std::string reason)
    {
        auto status = m_letters.start(verb, selection, std::move(reason), nowUs());
        if (status) {
            m_stepTimer.start();
            publishChange();
        }
        return status;
    }

    Result<message::OperationStatus> operation(message::OperationId id) const
    {
        auto status = m_letters.operation(id);
        if (status || !m_published)
            return status;
        const auto& recorded = m_published->operations;
        const auto found = std::ranges::find(recorded, id, &message::OperationStatus::id);
        if (found != recorded.end())
            return *found;
        return status;
    }

    Result<message::OperationStatus> cancelOperation(message::OperationId id)
    {
        auto status = m_letters.cancel(id, nowUs());
        if (!status)
            return status;
        publishChange();
        QMetaObject::invokeMethod(
            m_owner, [this, ended = *status] { Q_EMIT m_owner->operationChanged(ended); },
            Qt::QueuedConnection);
        return status;
    }

    RecordedPipeline* m_owner;
    Recording m_recording;
    RecordedDeadLetters m_letters;
    RecordedLive m_live;
    QTimer m_stepTimer;
    SnapshotPtr m_published;
    std::size_t m_next = 0; ///< of the recorded snapshots
    std::uint64_t m_extraSnapshots = 0;
    bool m_changeWaits = false;
    Freshness m_freshness = Freshness::Connecting;
    Capabilities m_capabilities;
    std::optional<base::Error> m_callFailure;
    std::map<std::string, bool> m_paused;
    std::map<std::string, message::QueuePolicy> m_defined;
    std::vector<message::SubscriptionDefinition> m_subscriptions;

private:
    static void apply(const RecordedDeadLetters::Change& change, telemetry::QueueSample& sample)
    {
        const auto dead = static_cast<std::int64_t>(sample.dead) + change.dead;
        sample.dead = dead < 0 ? 0 : static_cast<std::uint64_t>(dead);
        sample.replayed += change.replayed;
    }
};

RecordedPipeline::RecordedPipeline(Recording recording, QObject* parent)
    : Pipeline(parent)
    , m_impl(std::make_unique<Impl>(this, std::move(recording)))
{
}

RecordedPipeline::~RecordedPipeline() = default;

bool RecordedPipeline::advance()
{
    return m_impl->publishNext();
}

void RecordedPipeline::setFreshness(Freshness freshness)
{
    m_impl->setFreshness(freshness);
}

void RecordedPipeline::setCapabilities(Capabilities capabilities)
{
    m_impl->m_capabilities = std::move(capabilities);
}

void RecordedPipeline::failCalls(std::optional<base::Error> error)
{
    m_impl->m_callFailure = std::move(error);
}

Capabilities RecordedPipeline::capabilities() const
{
    return m_impl->m_capabilities;
}

Freshness RecordedPipeline::freshness() const
{
    return m_impl->m_freshness;
}

SnapshotPtr RecordedPipeline::snapshot() const
{
    return m_impl->m_published;
}

QString RecordedPipeline::displayName() const
{
    return QStringLiteral("recording");
}

QFuture<Result<std::vector<telemetry::Point>>>
RecordedPipeline::series(std::string queue, std::int64_t fromUs, std::int64_t untilUs)
{
    using Points = std::vector<telemetry::Point>;
    return m_impl->serve<Points>(std::nullopt, [&]() -> Result<Points> {
        const auto found = m_impl->m_recording.points.find(queue);
        if (found == m_impl->m_recording.points.end()) {
            if (queue.empty() || m_impl->hasQueue(queue))
                return Points();
            return base::fail(base::ErrorCode::NotFound, "there is no queue \"" + queue + "\"");
        }
        Points points;
        std::ranges::copy_if(found->second, std::back_inserter(points),
                             [&](const telemetry::Point& point) {
                                 return point.atUs >= fromUs && point.atUs < untilUs;
                             });
        return points;
    });
}

QFuture<Result<DeadLetterView>> RecordedPipeline::openDeadLetters(message::DeadLetterFilter filter)
{
    const auto needed = !filter.text.empty() && !m_impl->m_capabilities.can(Capability::SearchText)
        ? Capability::SearchText
        : Capability::BrowseDeadLetters;
    return m_impl->serve<DeadLetterView>(
        needed, [&]() -> Result<DeadLetterView> { return m_impl->m_letters.openView(filter); });
}

void RecordedPipeline::closeDeadLetters(message::ViewId view)
{
    m_impl->m_letters.closeView(view);
}

QFuture<Result<std::vector<message::DeadLetterRow>>>
RecordedPipeline::deadLetterRows(message::ViewId view, std::uint64_t first, std::uint32_t count)
{
    return m_impl->serve<std::vector<message::DeadLetterRow>>(
        Capability::BrowseDeadLetters, [&] { return m_impl->m_letters.rows(view, first, count); });
}

QFuture<Result<message::DeadLetterDetail>> RecordedPipeline::deadLetter(message::MessageRef ref)
{
    return m_impl->serve<message::DeadLetterDetail>(
        Capability::BrowseDeadLetters, [&] { return m_impl->m_letters.detail(ref); });
}

QFuture<Result<std::vector<message::DeadLetterGroup>>>
RecordedPipeline::deadLetterGroups(message::DeadLetterFilter filter)
{
    using Groups = std::vector<message::DeadLetterGroup>;
    return m_impl->serve<Groups>(Capability::BrowseDeadLetters, [&]() -> Result<Groups> {
        return m_impl->m_letters.groups(filter);
    });
}

QFuture<Result<void>> RecordedPipeline::setPaused(std::string queue, bool paused)
{
    return m_impl->change<void>(Capability::PauseQueue, [&]() -> Result<void> {
        if (!m_impl->hasQueue(queue))
            return base::fail(base::ErrorCode::NotFound, "there is no queue \"" + queue + "\"");
        m_impl->m_paused[queue] = paused;
        return {};
    });
}

QFuture<Result<void>> RecordedPipeline::defineQueue(message::QueueDefinition definition)
{
    return m_impl->change<void>(Capability::DefineQueue, [&]() -> Result<void> {
        if (auto valid = message::validateName(definition.name); !valid)
            return valid;
        if (auto valid = message::validate(definition.policy); !valid)
            return valid;
        m_impl->m_defined[definition.name] = definition.policy;
        return {};
    });
}

QFuture<Result<void>> RecordedPipeline::updateQueue(message::QueueDefinition definition)
{
    return m_impl->change<void>(Capability::UpdateQueue, [&]() -> Result<void> {
        if (!m_impl->hasQueue(definition.name))
            return base::fail(base::ErrorCode::NotFound, "there is no queue \"" + definition.name + "\"");
        if (auto valid = message::validate(definition.policy); !valid)
            return valid;
        m_impl->m_defined[definition.name] = definition.policy;
        return {};
    });
}

QFuture<Result<void>> RecordedPipeline::resetQueue(std::string queue)
{
    return m_impl->change<void>(Capability::UpdateQueue, [&]() -> Result<void> {
        if (!m_impl->recorded(queue)) {
            return base::fail(base::ErrorCode::Conflict,
                              "the pipeline file does not declare queue \"" + queue + "\"");
        }
        m_impl->m_defined.erase(queue);
        return {};
    });
}

QFuture<Result<std::vector<message::RunningMessage>>>
RecordedPipeline::running(std::string queue, std::uint32_t limit)
{
    return m_impl->ofQueue<std::vector<message::RunningMessage>>(Capability::ShowRunning, queue, [&] {
        return m_impl->m_live.running(queue, limit);
    });
}

QFuture<Result<std::vector<message::RetryingMessage>>>
RecordedPipeline::retrying(std::string queue, std::uint32_t limit)
{
    return m_impl->ofQueue<std::vector<message::RetryingMessage>>(Capability::ShowRunning, queue, [&] {
        return m_impl->m_live.retrying(queue, limit);
    });
}

QFuture<Result<std::vector<message::ParkedKey>>> RecordedPipeline::parkedKeys(std::string queue, std::uint32_t limit)
{
    return m_impl->ofQueue<std::vector<message::ParkedKey>>(Capability::ShowRunning, queue, [&] {
        return m_impl->m_live.parkedKeys(queue, limit);
    });
}

QFuture<Result<std::vector<message::ScheduleStatus>>> RecordedPipeline::schedules()
{
    using All = std::vector<message::ScheduleStatus>;
    return m_impl->serve<All>(Capability::Schedule, [&]() -> Result<All> { return m_impl->m_live.schedules(); });
}

QFuture<Result<message::ScheduleStatus>> RecordedPipeline::schedule(std::string name)
{
    return m_impl->serve<message::ScheduleStatus>(Capability::Schedule, [&] { return m_impl->m_live.schedule(name); });
}

QFuture<Result<void>> RecordedPipeline::resumeKey(std::string queue, std::string key)
{
    return m_impl->change<void>(Capability::ResumeKey, [&] { return m_impl->m_live.resumeKey(queue, key); });
}

QFuture<Result<void>> RecordedPipeline::pauseSchedule(std::string name, bool isPaused)
{
    return m_impl->change<void>(Capability::Schedule,
                                [&] { return m_impl->m_live.pauseSchedule(name, isPaused, m_impl->nowUs()); });
}

QFuture<Result<void>> RecordedPipeline::runSchedule(std::string name)
{
    return m_impl->change<void>(Capability::Schedule,
                                [&] { return m_impl->m_live.runSchedule(name, m_impl->nowUs()); });
}

QFuture<Result<ActResult>> RecordedPipeline::actOnMessages(std::string queue,
                                                           message::LiveAct act,
                                                           std::vector<message::MessageRef> messages,
                                                           std::string /*reason*/)
{
    return m_impl->change<ActResult>(Capability::ActOnMessages,
                                     [&] { return m_impl->m_live.act(queue, act, messages); });
}

QFuture<Result<void>> RecordedPipeline::defineSubscription(message::SubscriptionDefinition definition)
{
    return m_impl->change<void>(Capability::DefineQueue, [&]() -> Result<void> {
        if (!m_impl->hasQueue(definition.queue)) {
            return base::fail(base::ErrorCode::NotFound,
                              "there is no queue \"" + definition.queue + "\": define it first");
        }
        m_impl->m_subscriptions.push_back(definition);
        return {};
    });
}

QFuture<Result<message::OperationStatus>> RecordedPipeline::startOperation(
    message::Verb verb, message::Selection selection, std::string reason)
{
    const auto needed = verb == message::Verb::Replay ? Capability::Replay
        : verb == message::Verb::Discard              ? Capability::Discard
        : verb == message::Verb::Archive              ? Capability::Archive
                                                      : Capability::Restore;
    return m_impl->serve<message::OperationStatus>(
        needed, [&] { return m_impl->startOperation(verb, selection, std::move(reason)); });
}

QFuture<Result<message::OperationStatus>> RecordedPipeline::operation(message::OperationId id)
{
    return m_impl->serve<message::OperationStatus>(std::nullopt,
                                                   [&] { return m_impl->operation(id); });
}

QFuture<Result<message::OperationStatus>> RecordedPipeline::cancelOperation(message::OperationId id)
{
    return m_impl->serve<message::OperationStatus>(std::nullopt,
                                                   [&] { return m_impl->cancelOperation(id); });
}

} // namespace millrace::client
