// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/actors.h"

#include <algorithm>

namespace millrace::simulation {

using namespace engine;

namespace {

constexpr std::int64_t kMs = 1'000;
constexpr std::int64_t kSecond = 1'000'000;

} // namespace

bool Actor::connect()
{
    if (m_session == 0)
        m_session = m_around.open();
    return m_session != 0;
}

// ---- producer

Submission Producer::item()
{
    message::Envelope envelope;
    envelope.id = m_name + "-" + std::to_string(++m_made);
    envelope.source = "/simulation/" + m_name;
    envelope.type = m_chance.hits(500) ? "order.created" : "order.paid";
    const Features& features = m_pipeline.features;
    if (m_chance.hits(features.keys ? 700 : 100))
        envelope.partitionKey = "key-" + std::to_string(m_chance.below(4));
    if (features.mostlyUrgent)
        envelope.priority = static_cast<std::uint8_t>(m_chance.hits(900) ? 9 : m_chance.below(4));
    else if (m_chance.hits(400))
        envelope.priority = static_cast<std::uint8_t>(m_chance.below(10));
    if (features.unique && m_chance.hits(300))
        envelope.uniqueKey = "unique-" + std::to_string(m_chance.below(5));
    if (m_chance.hits(500))
        envelope.attributes["region"] = m_chance.hits(600) ? "north" : "south";
    if (m_chance.hits(500))
        envelope.subject = m_made % 2 == 0 ? "even" : "odd";
    if (m_chance.hits(500)) {
        // Now and then a key that was used before.
        const std::uint64_t number = m_chance.hits(200) ? m_chance.below(m_made) + 1 : m_made;
        envelope.idempotencyKey = m_name + "-key-" + std::to_string(number);
    }
    if (m_chance.hits(120))
        envelope.deliverAtUs = m_around.wallUs() + m_chance.between(-kSecond, 5 * kSecond);
    if (m_chance.hits(120))
        envelope.expiresAtUs = m_around.wallUs() + m_chance.between(-100 * kMs, 8 * kSecond);
    Submission made;
    made.envelope = base::Slice::own(message::encode(envelope));
    const std::uint64_t size = m_chance.hits(30) ? m_chance.below(20'000) : m_chance.below(300);
    made.body = base::Slice::own(std::string(size, static_cast<char>('a' + m_made % 26)));
    made.view = *message::viewEnvelope(made.envelope.view());
    return made;
}

void Producer::act()
{
    if (!connect())
        return;
    if (m_chance.hits(manners.returns)) {
        ++m_counts[Fault::ClientReturned];
        m_around.leave(m_session, m_chance.between(0, 3 * kSecond));
        m_session = 0;
        return;
    }
    for (auto open = m_unconfirmed.begin(); open != m_unconfirmed.end();) {
        if (now() - open->second.sentAtUs < 2 * kSecond) {
            ++open;
        } else if (m_chance.hits(300)) {
            open = m_unconfirmed.erase(open); // it gives up; the outcome stays unknown
        } else {
            open->second.sentAtUs = now();
            send(open->second.command);
            ++open;
        }
    }
    if (isDone || !m_chance.hits(450))
        return;
    Submit command = submit();
    m_unconfirmed[m_request] = {command, now()};
    send(std::move(command));
}

Submit Producer::submit()
{
    Submit submit;
    submit.request = ++m_request;
    submit.target = m_chance.hits(10) ? "nowhere" : target();
    submit.atomic = m_pipeline.features.atomic && m_chance.hits(350);
    if (m_chance.hits(300))
        submit.patience = base::Micros(m_chance.between(1, 4 * kSecond));
    for (std::uint64_t count = 1 + m_chance.below(4); count > 0; --count) {
        submit.items.push_back(item());
        if (submit.atomic && m_chance.hits(500))
            submit.items.back().target = m_chance.hits(30) ? "nowhere" : target();
    }
    return submit;
}

void Producer::receive(const Effect& effect)
{
    if (const auto* confirm = std::get_if<Confirm>(&effect))
        m_unconfirmed.erase(confirm->request);
}

void Producer::settleDown()
{
    Actor::settleDown();
    isDone = true;
}

// ---- worker

void Worker::act()
{
    if (m_deadUntilUs > now() || m_hungUntilUs > now())
        return;
    if (!connect())
        return;
    misbehave();
    if (m_session == 0 || m_hungUntilUs > now())
        return;
    if (m_attached.size() < queues.size() && now() >= m_attachAtUs) {
        m_attachAtUs = now() + kSecond; // the answer may be lost
        for (const std::string& queue : queues)
            send(Attach{0, ++m_request, queue, m_name});
    }
    answer();
    // Credit may be lost on the way, too.
    for (auto& [queue, grantedAtUs] : m_attached) {
        if (now() - grantedAtUs > 2 * kSecond && m_jobs.empty()) {
            grantedAtUs = now();
            send(Credit{0, queue, credit});
        }
    }
}

void Worker::misbehave()
{
    if (m_chance.hits(manners.dies)) {
        ++m_counts[Fault::WorkerDied];
        m_around.leave(m_session, m_chance.between(500 * kMs, 4 * kSecond));
        m_deadUntilUs = now() + m_chance.between(kSecond, 5 * kSecond);
        cutOff();
        m_jobs.clear();
    } else if (m_chance.hits(manners.hangs)) {
        ++m_counts[Fault::WorkerHung];
        m_hungUntilUs = now() + m_chance.between(kSecond, 9 * kSecond);
    } else if (m_chance.hits(manners.returns)) {
        ++m_counts[Fault::ClientReturned];
        m_around.leave(m_session, m_chance.between(0, 3 * kSecond));
        cutOff(); // and keeps its jobs: it will answer for leases of another session
    }
    for (Settle& settle : std::exchange(m_again, {})) {
        if (m_session == 0)
            break;
        ++m_counts[Fault::AnsweredTwice];
        settle.request = ++m_request;
        send(std::move(settle));
    }
}

void Worker::add(Settle& settle, const Job& job, Chance& chance)
{
    message::FailedDelivery failed;
    failed.lease = job.lease;
    failed.failure = {"Class" + std::to_string(chance.below(3)), "it failed at " + std::to_string(chance.below(100))};
    switch (job.plan) {
    case Plan::Acknowledge: settle.acknowledged.push_back(job.lease); return;
    case Plan::Retry: break;
    case Plan::RetryLater: failed.delay = base::Micros(chance.between(0, 3 * kSecond)); break;
    case Plan::Reject: failed.ending = Ending::Reject; break;
    case Plan::RejectSchema:
        failed.ending = Ending::Reject;
        failed.reason = message::Reason::SchemaInvalid;
        break;
    case Plan::Release: failed.ending = Ending::Release; break;
    case Plan::Nothing: return;
    }
    settle.failed.push_back(std::move(failed));
}

void Worker::answer()
{
    Settle settle;
    Extend extend;
    std::map<QueueId, std::uint32_t> granted;
    std::erase_if(m_jobs, [&](Job& job) {
        if (job.doneAtUs > now()) {
            if (job.plan != Plan::Nothing && job.extendAtUs <= now()) {
                extend.leases.push_back(job.lease);
                if (m_chance.hits(500)) {
                    const auto percent = static_cast<std::uint8_t>(m_chance.below(101));
                    extend.progress.push_back({job.lease, {percent, m_chance.hits(500) ? "half way" : ""}});
                }
                job.extendAtUs = now() + job.leaseUs / 2;
                job.deadlineUs = now() + job.leaseUs;
            }
            return false;
        }
        if (now() > job.deadlineUs && job.plan != Plan::Nothing)
            ++m_counts[Fault::AnsweredLate];
        add(settle, job, m_chance);
        ++granted[job.queue];
        return true;
    });
    if (!extend.leases.empty()) {
        extend.request = ++m_request;
        send(std::move(extend));
    }
    if (!settle.acknowledged.empty() || !settle.failed.empty()) {
        settle.request = ++m_request;
        if (m_chance.hits(manners.answersTwice))
            m_again.push_back(settle);
        send(std::move(settle));
    }
    for (const auto& [queue, count] : granted) {
        if (m_attached.contains(queue)) {
            m_attached[queue] = now();
            send(Credit{0, queue, count});
        }
    }
}

void Worker::take(const Deliver& deliver)
{
    const std::int64_t lease = deliver.lease.count();
    for (const Delivery& item : deliver.items) {
        Job job{item.lease, deliver.queue, Plan::Acknowledge, now(), now() + lease / 2, now() + lease, lease};
        if (m_isHonest) {
            m_jobs.push_back(job);
            continue;
        }
        const std::uint64_t plan = m_chance.below(100);
        job.plan = plan < 62   ? Plan::Acknowledge
                   : plan < 74 ? Plan::Retry
                   : plan < 80 ? Plan::RetryLater
                   : plan < 86 ? Plan::Reject
                   : plan < 88 ? Plan::RejectSchema
                   : plan < 96 ? Plan::Release
                               : Plan::Nothing;
        job.doneAtUs += m_chance.hits(100) ? m_chance.between(0, 3 * lease) : m_chance.between(0, 300 * kMs);
        if (m_chance.hits(manners.answersLate)) {
            job.doneAtUs = now() + lease + m_chance.between(1, 2 * kSecond);
            job.extendAtUs = INT64_MAX;
        }
        m_jobs.push_back(job);
    }
}

void Worker::receive(const Effect& effect)
{
    if (m_deadUntilUs > now())
        return;
    if (const auto* attached = std::get_if<Attached>(&effect)) {
        if (attached->queue && !m_attached.contains(*attached->queue)) {
            m_attached[*attached->queue] = now();
            send(Credit{0, *attached->queue, credit});
        }
    } else if (const auto* deliver = std::get_if<Deliver>(&effect)) {
        take(*deliver);
    } else if (const auto* stop = std::get_if<StopDeliveries>(&effect)) {
        // Some handlers do not listen, and settle what is void.
        std::erase_if(m_jobs, [&](const Job& job) {
            return std::find(stop->leases.begin(), stop->leases.end(), job.lease) != stop->leases.end()
                   && m_chance.hits(600);
        });
    }
}

void Worker::cutOff()
{
    Actor::cutOff();
    m_attached.clear();
    m_attachAtUs = 0;
    m_again.clear();
}

void Worker::settleDown()
{
    Actor::settleDown();
    m_isHonest = true;
    m_deadUntilUs = m_hungUntilUs = 0;
    m_jobs.clear();
    credit = 50;
}

} // namespace millrace::simulation
