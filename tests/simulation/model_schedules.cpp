// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/stepper.h"

#include <algorithm>
#include <ctime>

namespace millrace::simulation {

using namespace engine;
using base::ErrorCode;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;

std::string utc(std::int64_t us)
{
    const std::time_t seconds = us / kSecond;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::string text(20, '\0');
    std::strftime(text.data(), text.size() + 1, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

/// The message of the run that was due at `dueUs`.
Submission runOf(const message::ScheduleDefinition& definition, std::int64_t dueUs)
{
    message::Envelope envelope = definition.envelope;
    envelope.id = definition.name + "@" + utc(dueUs);
    envelope.idempotencyKey = envelope.id;
    envelope.time = utc(dueUs);
    Submission run;
    run.envelope = base::Slice::own(message::encode(envelope));
    run.body = base::Slice::own(definition.body);
    run.view = *message::viewEnvelope(run.envelope.view());
    return run;
}

} // namespace

std::int64_t nextRun(const std::string& cron, std::int64_t lastDueUs, std::int64_t wallUs)
{
    const std::int64_t every = (cron == "@hourly" ? 60 : cron == "*/2 * * * *" ? 2 : 1) * kMinute;
    return (std::max({lastDueUs, wallUs, std::int64_t{0}}) / every + 1) * every;
}

/// A run waits for the wall clock. One that is set back submits nothing twice and buries nothing.
void Model::Stepper::fireSchedules()
{
    for (auto& [name, schedule] : m.schedules) {
        if (m_wall < m.lastWallUs) {
            const std::int64_t fresh = nextRun(schedule.definition.cron, schedule.lastDueUs, m_wall);
            schedule.nextUs = std::min(schedule.nextUs, fresh);
        }
        if (!schedule.isPaused && !schedule.isRemoved && schedule.nextUs <= m_wall
            && schedule.blockedUntilUs <= m_steady)
            fire(name, schedule);
    }
}

Model::Verdict Model::Stepper::submitRun(const message::ScheduleDefinition& definition, std::int64_t dueUs)
{
    Submission run = runOf(definition, dueUs);
    passEvidence();
    if (m_nextMessage < m_step.messages.size()) {
        const NewMessage& row = m_step.messages[m_nextMessage];
        if (row.envelope == run.envelope && row.body == run.body)
            run.envelope = row.envelope; // all copies share it
        run.view = *message::viewEnvelope(run.envelope.view());
    }
    return judge(targetsOf(definition.target, run), run, isNext(run));
}

void Model::Stepper::fire(const std::string& name, Schedule& schedule)
{
    const std::int64_t dueUs = schedule.nextUs;
    demand(dueUs > schedule.lastFiredUs, "a run of schedule " + name + " comes twice");
    const Verdict verdict = submitRun(schedule.definition, dueUs);
    if (!verdict.mayBeAccepted) {
        schedule.blockedUntilUs = m_steady + kSecond;
        count(Event::ScheduleBlocked);
        return;
    }
    schedule.lastDueUs = schedule.lastFiredUs = dueUs;
    schedule.nextUs = schedule.storedNextUs = nextRun(schedule.definition.cron, dueUs, m_wall);
    m.m_mustBeSafe = true;
    count(Event::ScheduleFired);
}

// ---- what people and the pipeline file want

void Model::Stepper::take(const DefineSchedule& command)
{
    if (!isDone(command, isTarget(command.definition.target) ? std::nullopt : std::optional(ErrorCode::NotFound),
                "defining a schedule"))
        return;
    const auto found = m.schedules.find(command.definition.name);
    const bool isKnown = found != m.schedules.end();
    const bool exists = isKnown && !found->second.isRemoved;
    message::ScheduleDefinition wanted = command.definition;
    wanted.envelope.id = wanted.name;
    wanted.envelope.time.clear();
    wanted.envelope.idempotencyKey.clear();
    // What a person decided stands until a person changes it.
    const bool isOurs = isKnown && found->second.isByOperator;
    if (command.isFromFile && isOurs)
        return;
    if (exists && found->second.definition == wanted && (command.isFromFile || isOurs))
        return;
    Schedule& schedule = m.schedules[wanted.name];
    if (!exists || schedule.definition.cron != wanted.cron)
        schedule.nextUs = nextRun(wanted.cron, schedule.lastDueUs, m_wall);
    schedule.storedNextUs = schedule.nextUs;
    schedule.definition = std::move(wanted);
    schedule.isByOperator = !command.isFromFile;
    schedule.isRemoved = false;
    schedule.isPaused = exists && schedule.isPaused;
    schedule.blockedUntilUs = 0;
    audit();
}

void Model::Stepper::take(const RemoveSchedule& command)
{
    const auto found = m.schedules.find(command.name);
    const bool exists = found != m.schedules.end() && !found->second.isRemoved;
    if (!isDone(command, exists ? std::nullopt : std::optional(ErrorCode::NotFound), "removing a schedule"))
        return;
    found->second.isRemoved = found->second.isByOperator = true;
    found->second.definition.body.clear();
    found->second.storedNextUs = found->second.nextUs;
    audit();
}

void Model::Stepper::take(const KeepSchedules& command)
{
    isDone(command, std::nullopt, "keeping schedules");
    for (auto& [name, schedule] : m.schedules) {
        const bool isNamed = std::find(command.names.begin(), command.names.end(), name) != command.names.end();
        if (isNamed || schedule.isByOperator || schedule.isRemoved)
            continue;
        schedule.isRemoved = true;
        schedule.definition.body.clear();
        schedule.storedNextUs = schedule.nextUs;
        audit();
    }
}

void Model::Stepper::take(const PauseSchedule& command)
{
    const auto found = m.schedules.find(command.name);
    const bool exists = found != m.schedules.end() && !found->second.isRemoved;
    if (!isDone(command, exists ? std::nullopt : std::optional(ErrorCode::NotFound), "pausing a schedule"))
        return;
    Schedule& schedule = found->second;
    if (schedule.isPaused == command.isPaused)
        return;
    schedule.isPaused = command.isPaused;
    if (!command.isPaused) // what fell due meanwhile was not wanted
        schedule.nextUs = nextRun(schedule.definition.cron, schedule.lastDueUs, m_wall);
    schedule.storedNextUs = schedule.nextUs;
    audit();
}

/// One beside those that are due.
void Model::Stepper::take(const RunSchedule& command)
{
    const auto found = m.schedules.find(command.name);
    if (found == m.schedules.end() || found->second.isRemoved) {
        isDone(command, ErrorCode::NotFound, "running a schedule");
        return;
    }
    count(Event::ScheduleRun);
    Schedule& schedule = found->second;
    const std::int64_t dueUs = m_wall - m_wall % kSecond;
    const Verdict verdict = submitRun(schedule.definition, dueUs);
    const auto& reply = answerTo<Reply>(command, "reply");
    if (!verdict.mayBeAccepted) {
        demand(!reply.outcome && verdict.refusals.contains(reply.outcome.error().code),
               "a schedule was run although its message is to be refused");
        return;
    }
    demand(reply.outcome.has_value(), "running a schedule was refused");
    schedule.lastDueUs = std::max(schedule.lastDueUs, dueUs);
    schedule.storedNextUs = schedule.nextUs;
    audit();
}

} // namespace millrace::simulation
