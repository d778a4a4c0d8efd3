// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/impl_p.h"
#include "core/engine/text_p.h"

#include <algorithm>

namespace millrace::engine {

namespace {

constexpr std::size_t kMaxSchedules = 1000;
constexpr std::int64_t kBlockedPauseUs = 1'000'000;
constexpr std::int64_t kWallCheckUs = 1'000'000;
constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::size_t kShownBytes = 128;

base::Error unknownSchedule(std::string_view name)
{
    return {base::ErrorCode::NotFound,
            "no schedule is named \"" + std::string(message::truncateUtf8(name, kShownBytes)) + "\""};
}

std::string parametersOf(const message::ScheduleDefinition& definition)
{
    return "{\"cron\":" + quoteJson(definition.cron) + ",\"target\":" + quoteJson(definition.target)
           + ",\"type\":" + quoteJson(definition.envelope.type) + ",\"missed\":\""
           + std::string(message::toString(definition.missed)) + "\",\"body_bytes\":"
           + std::to_string(definition.body.size()) + '}';
}

} // namespace

// ---- at load

void Engine::Impl::onSchedule(const ScheduleRow& row)
{
    Schedules::Entry entry{row, {}, 0, {}};
    if (auto cron = message::Cron::parse(row.definition.cron)) {
        entry.cron = *cron;
    } else {
        entry.row.isPaused = true; // an earlier version took it: a person has to look
        entry.trouble = cron.error().context;
    }
    m_schedules.all.insert_or_assign(row.definition.name, std::move(entry));
}

void Engine::Impl::resumeSchedules()
{
    m_schedules.lastWallUs = wallUs();
    for (auto& [name, entry] : m_schedules.all) {
        const std::int64_t fresh = nextRun(entry);
        const bool isMissed = entry.row.nextUs <= wallUs();
        // Also if the clock was ahead when it was planned.
        if ((isMissed && entry.row.definition.missed == message::Missed::Skip) || entry.row.nextUs > fresh)
            entry.row.nextUs = fresh;
    }
    planSchedules();
}

// ---- while it runs

/// The first run after now that has not been submitted yet. 0 = never again.
std::int64_t Engine::Impl::nextRun(const Schedules::Entry& entry) const
{
    const std::int64_t after = std::max({entry.row.lastDueUs, wallUs(), std::int64_t{0}});
    return entry.cron.nextAfter(after).value_or(0);
}

/// Both clocks are looked at, since a run waits for the wall clock and a blocked one for the steady clock.
void Engine::Impl::planSchedules()
{
    m_schedules.nextUs = kNever;
    m_schedules.retryUs = kNever;
    for (const auto& [name, entry] : m_schedules.all) {
        if (!entry.isActive())
            continue;
        if (entry.blockedUntilUs > nowUs())
            m_schedules.retryUs = std::min(m_schedules.retryUs, entry.blockedUntilUs);
        else
            m_schedules.nextUs = std::min(m_schedules.nextUs, entry.row.nextUs);
    }
}

/// When to look again, on the steady clock; at most a second ahead, because the wall clock may jump.
std::optional<std::int64_t> Engine::Impl::nextScheduleUs() const
{
    std::optional<std::int64_t> at;
    if (m_schedules.retryUs != kNever)
        at = m_schedules.retryUs;
    if (m_schedules.nextUs != kNever) {
        const std::int64_t wait = std::clamp<std::int64_t>(m_schedules.nextUs - wallUs(), 0, kWallCheckUs);
        at = std::min(at.value_or(nowUs() + wait), nowUs() + wait);
    }
    return at;
}

void Engine::Impl::fireSchedules()
{
    if (wallUs() < m_schedules.lastWallUs) {
        // Set back: what was planned while the clock was ahead may lie too far off. What was submitted stays so.
        for (auto& [name, entry] : m_schedules.all)
            entry.row.nextUs = std::min(entry.row.nextUs, nextRun(entry));
        planSchedules();
    }
    m_schedules.lastWallUs = wallUs();
    if (m_schedules.nextUs > wallUs() && m_schedules.retryUs > nowUs())
        return;
    for (auto& [name, entry] : m_schedules.all) {
        if (entry.isActive() && entry.row.nextUs <= wallUs() && entry.blockedUntilUs <= nowUs())
            fire(entry);
    }
    planSchedules();
}

/// Submits the run that is due. That it was is in the same batch: it is submitted once, whenever the node dies. What
/// else fell due meanwhile is passed over.
void Engine::Impl::fire(Schedules::Entry& entry)
{
    const std::int64_t dueUs = entry.row.nextUs;
    if (auto done = submitRun(entry.row.definition, dueUs); !done) {
        block(entry, std::move(done.error().context));
        return;
    }
    entry.trouble.clear();
    entry.row.lastDueUs = dueUs;
    entry.row.nextUs = nextRun(entry);
    keep(entry);
}

base::Result<void> Engine::Impl::submitRun(const message::ScheduleDefinition& definition, std::int64_t dueUs)
{
    Submission item;
    item.envelope = base::Slice::own(message::encode(message::scheduledEnvelope(definition, dueUs)));
    item.body = base::Slice::own(definition.body);
    const auto view = message::viewEnvelope(item.envelope.view());
    if (!view)
        return tl::unexpected(view.error());
    item.view = *view;
    if (!selectQueues(definition.target)) {
        if (m_topics.find(definition.target) == m_topics.end()) {
            return base::fail(base::ErrorCode::NotFound,
                              "there is no queue or topic \"" + definition.target + "\" any more");
        }
        selectSubscribers(definition.target, item);
    }
    Confirm confirm;
    confirm.sequences.resize(1, 0);
    submitOne(item, 0, confirm);
    if (!confirm.problems.empty() && !confirm.problems.front().isDuplicate)
        return tl::unexpected(std::move(confirm.problems.front().error));
    return {};
}

/// A queue that is full or a disk that is takes the run later; then it is one run, however many fell due.
void Engine::Impl::block(Schedules::Entry& entry, std::string why)
{
    entry.trouble = std::move(why);
    entry.blockedUntilUs = nowUs() + kBlockedPauseUs;
}

void Engine::Impl::keep(const Schedules::Entry& entry)
{
    batch().sync = true;
    batch().schedules.push_back(entry.row);
}

// ---- what people and the pipeline file want

base::Result<void> Engine::Impl::checkSchedule(const message::ScheduleDefinition& definition) const
{
    if (auto valid = message::validate(definition); !valid)
        return valid;
    if (findQueue(definition.target) == nullptr && !m_topics.contains(definition.target)) {
        return base::fail(base::ErrorCode::NotFound,
                          "schedule \"" + definition.name + "\": no queue or topic is named \"" + definition.target
                              + "\": create it first");
    }
    if (!m_schedules.all.contains(definition.name) && m_schedules.all.size() >= kMaxSchedules)
        return base::fail(base::ErrorCode::Limit, "there are 1000 schedules, those that were removed included: define one of their names anew");
    return {};
}

void Engine::Impl::handle(DefineSchedule& command)
{
    if (auto valid = checkSchedule(command.definition); !valid) {
        reply(command.client, command.request, tl::unexpected(std::move(valid).error()));
        return;
    }
    const std::string name = command.definition.name;
    message::Envelope& envelope = command.definition.envelope;
    envelope.id = name; // each message gets its own
    envelope.time.clear();
    envelope.idempotencyKey.clear();
    const auto found = m_schedules.all.find(name);
    const bool exists = found != m_schedules.all.end() && !found->second.row.isRemoved;
    const bool isOurs = found != m_schedules.all.end() && found->second.row.isByOperator;
    const bool isSame = exists && found->second.row.definition == command.definition
                        && (command.isFromFile || isOurs);
    // What a person decided stands until a person changes it.
    if (isSame || (command.isFromFile && isOurs)) {
        reply(command.client, command.request, message::OperationStatus{});
        return;
    }
    Schedules::Entry& entry = m_schedules.all[name];
    const bool keepsTimes = exists && entry.row.definition.cron == command.definition.cron;
    entry.cron = *message::Cron::parse(command.definition.cron);
    entry.row.definition = std::move(command.definition);
    entry.row.isByOperator = !command.isFromFile;
    entry.row.isRemoved = false;
    entry.trouble.clear();
    entry.blockedUntilUs = 0;
    if (!keepsTimes)
        entry.row.nextUs = nextRun(entry);
    if (!exists)
        entry.row.isPaused = false;
    keep(entry);
    audit(std::move(command.actor),
          exists ? "change-schedule" : "create-schedule",
          name,
          0,
          parametersOf(entry.row.definition),
          {});
    planSchedules();
    reply(command.client, command.request, message::OperationStatus{});
}

void Engine::Impl::handle(RemoveSchedule& command)
{
    const auto found = m_schedules.all.find(command.name);
    if (found == m_schedules.all.end() || found->second.row.isRemoved) {
        reply(command.client, command.request, tl::unexpected(unknownSchedule(command.name)));
        return;
    }
    removeSchedule(found->second, std::move(command.actor), true);
    planSchedules();
    reply(command.client, command.request, message::OperationStatus{});
}

/// Its row stays, so that no run is submitted twice if it comes back, and the file does not bring back by itself what
/// a person removed.
void Engine::Impl::removeSchedule(Schedules::Entry& entry, std::string actor, bool isByOperator)
{
    entry.row.isRemoved = true;
    entry.row.isByOperator = isByOperator;
    entry.row.definition.body.clear();
    entry.trouble.clear();
    keep(entry);
    audit(std::move(actor), "remove-schedule", entry.row.definition.name, 0, "{}", {});
}

void Engine::Impl::handle(KeepSchedules& command)
{
    for (auto& [name, entry] : m_schedules.all) {
        const bool isDeclared
            = std::find(command.names.begin(), command.names.end(), name) != command.names.end();
        if (!isDeclared && !entry.row.isByOperator && !entry.row.isRemoved)
            removeSchedule(entry, command.actor, false);
    }
    planSchedules();
    reply(command.client, command.request, message::OperationStatus{});
}

void Engine::Impl::handle(PauseSchedule& command)
{
    const auto found = m_schedules.all.find(command.name);
    if (found == m_schedules.all.end() || found->second.row.isRemoved) {
        reply(command.client, command.request, tl::unexpected(unknownSchedule(command.name)));
        return;
    }
    Schedules::Entry& entry = found->second;
    if (entry.row.isPaused != command.isPaused) {
        entry.row.isPaused = command.isPaused;
        entry.trouble.clear();
        if (!command.isPaused)
            entry.row.nextUs = nextRun(entry); // what fell due meanwhile was not wanted
        keep(entry);
        audit(std::move(command.actor),
              command.isPaused ? "pause-schedule" : "resume-schedule",
              entry.row.definition.name,
              0,
              "{}",
              {});
        planSchedules();
    }
    reply(command.client, command.request, message::OperationStatus{});
}

/// The run of this second: asked for twice within it, it is submitted once, as any run is.
void Engine::Impl::handle(RunSchedule& command)
{
    const auto found = m_schedules.all.find(command.name);
    if (found == m_schedules.all.end() || found->second.row.isRemoved) {
        reply(command.client, command.request, tl::unexpected(unknownSchedule(command.name)));
        return;
    }
    Schedules::Entry& entry = found->second;
    const std::int64_t dueUs = wallUs() - wallUs() % kSecondUs;
    if (auto done = submitRun(entry.row.definition, dueUs); !done) {
        reply(command.client, command.request, tl::unexpected(std::move(done).error()));
        return;
    }
    entry.row.lastDueUs = std::max(entry.row.lastDueUs, dueUs);
    keep(entry);
    audit(std::move(command.actor), "run-schedule", entry.row.definition.name, 0, "{}", {});
    reply(command.client, command.request, message::OperationStatus{});
}

std::vector<message::ScheduleStatus> Engine::Impl::schedules() const
{
    std::vector<message::ScheduleStatus> all;
    for (const auto& [name, entry] : m_schedules.all) {
        if (entry.row.isRemoved)
            continue;
        message::ScheduleStatus& status = all.emplace_back();
        status.definition = entry.row.definition;
        status.bodyBytes = entry.row.definition.body.size();
        status.isPaused = entry.row.isPaused;
        status.isByOperator = entry.row.isByOperator;
        status.lastDueUs = entry.row.lastDueUs;
        status.trouble = entry.trouble;
        std::optional<std::int64_t> next;
        if (entry.isActive())
            next = entry.row.nextUs;
        while (next && status.nextUs.size() < message::kScheduleRunsShown) {
            status.nextUs.push_back(*next);
            // After a run that is overdue the next one is after now.
            next = entry.cron.nextAfter(std::max(*next, wallUs()));
        }
    }
    return all;
}

} // namespace millrace::engine
