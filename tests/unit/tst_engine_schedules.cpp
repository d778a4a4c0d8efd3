// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

#include <map>
#include <random>

using namespace millrace;
using namespace millrace::test;
using message::Missed;

namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kHourUs = 60 * kMinuteUs;
/// 2027-01-15T00:00:00Z
constexpr std::int64_t kMidnightUs = 1'799'971'200'000'000;

message::ScheduleDefinition everyFiveMinutes(const std::string& target = "q")
{
    message::ScheduleDefinition definition;
    definition.name = "tick";
    definition.cron = "*/5 * * * *";
    definition.target = target;
    definition.envelope.source = "/schedules";
    definition.envelope.type = "tick.due";
    definition.body = "tock";
    return definition;
}

} // namespace

/// Messages that the node submits by itself.
class TstEngineSchedules : public QObject
{
    Q_OBJECT

    static void setWall(Harness& harness, std::int64_t us) { harness.now.wall = base::wallFromMicros(us); }
    /// Moves both clocks in steps, as the node does.
    static void pass(Harness& harness, base::Micros time, base::Micros by = std::chrono::seconds(1))
    {
        for (base::Micros done{}; done < time; done += by) {
            harness.advance(by);
            harness.run();
        }
    }
    static base::Result<message::OperationStatus> ask(Harness& harness, Command command)
    {
        std::vector<Command> commands;
        commands.push_back(std::move(command));
        harness.run(std::move(commands));
        return harness.take<Reply>().at(0).outcome;
    }
    static base::Result<message::OperationStatus>
    define(Harness& harness, message::ScheduleDefinition definition, bool isFromFile = false)
    {
        return ask(harness, DefineSchedule{1, 1, isFromFile ? "file" : "anna", std::move(definition), isFromFile});
    }
    static std::vector<std::string> idsOf(const Harness& harness)
    {
        std::vector<std::string> ids;
        for (const auto& [sequence, live] : harness.ledger.live)
            ids.push_back(message::decodeEnvelope(live.row.envelope.view())->id);
        return ids;
    }
    using Ids = std::vector<std::string>;

private Q_SLOTS:
    void firesOncePerDueTime()
    {
        Harness harness;
        harness.define("q");
        setWall(harness, kMidnightUs + kMinuteUs);
        QVERIFY(define(harness, everyFiveMinutes()));
        pass(harness, std::chrono::minutes(10));
        QCOMPARE(idsOf(harness), (Ids{"tick@2027-01-15T00:05:00Z", "tick@2027-01-15T00:10:00Z"}));
        const auto envelope = *message::decodeEnvelope(harness.ledger.live.begin()->second.row.envelope.view());
        QCOMPARE(envelope.idempotencyKey, envelope.id);
        QCOMPARE(envelope.time, std::string("2027-01-15T00:05:00Z"));
        QCOMPARE(envelope.type, std::string("tick.due"));
        QCOMPARE(harness.ledger.live.begin()->second.row.body.toString(), std::string("tock"));
        QCOMPARE(harness.ledger.schedules.at("tick").lastDueUs, kMidnightUs + 10 * kMinuteUs);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void theSubmitAndTheAdvanceAreOneBatch()
    {
        Harness harness;
        harness.define("q");
        setWall(harness, kMidnightUs);
        QVERIFY(define(harness, everyFiveMinutes()));
        harness.advance(std::chrono::minutes(5));
        harness.step();
        QCOMPARE(harness.lastBatch.messages.size(), 1U);
        QCOMPARE(harness.lastBatch.schedules.size(), 1U);
        QVERIFY(harness.lastBatch.sync);
        harness.step();
        QVERIFY(harness.lastBatch.empty());
    }

    void wakesUpByItself()
    {
        Harness harness;
        harness.define("q");
        setWall(harness, kMidnightUs + 4 * kMinuteUs + 59'500'000);
        QVERIFY(!harness.engine->nextDeadline());
        QVERIFY(define(harness, everyFiveMinutes()));
        QVERIFY(*harness.engine->nextDeadline() == harness.now.steady + std::chrono::milliseconds(500));
        setWall(harness, kMidnightUs);
        harness.step();
        QVERIFY(*harness.engine->nextDeadline() == harness.now.steady + std::chrono::seconds(1)); // a clock may jump
    }

    void restartsFireNothingTwiceAndLoseNothing()
    {
        Harness harness;
        harness.define("q");
        setWall(harness, kMidnightUs);
        QVERIFY(define(harness, everyFiveMinutes()));
        std::mt19937 random(7);
        for (int i = 0; i < 600; ++i) {
            harness.advance(std::chrono::seconds(random() % 60));
            if (random() % 4 == 0)
                harness.restart(); // takes a second
            else
                harness.run();
        }
        harness.run();
        const auto ids = idsOf(harness);
        const std::int64_t due = (base::toMicros(harness.now.wall) - kMidnightUs) / (5 * kMinuteUs);
        QCOMPARE(std::int64_t(ids.size()), due);
        QCOMPARE(std::int64_t(std::set(ids.begin(), ids.end()).size()), due);
    }

    void missedRunsAreOneOrNone_data()
    {
        QTest::addColumn<bool>("skips");
        QTest::newRow("one") << false;
        QTest::newRow("skip") << true;
    }
    void missedRunsAreOneOrNone()
    {
        QFETCH(bool, skips);
        Harness harness;
        harness.define("q");
        setWall(harness, kMidnightUs);
        auto definition = everyFiveMinutes();
        definition.missed = skips ? Missed::Skip : Missed::One;
        QVERIFY(define(harness, definition));
        harness.advance(std::chrono::minutes(63)); // down all the time
        harness.restart();
        harness.run();
        QCOMPARE(idsOf(harness), skips ? Ids{} : Ids{"tick@2027-01-15T00:05:00Z"});
        pass(harness, std::chrono::minutes(3));
        QCOMPARE(idsOf(harness).back(), std::string("tick@2027-01-15T01:05:00Z"));
        QCOMPARE(idsOf(harness).size(), skips ? 1U : 2U);
    }

    void d16_backwardJumpFiresNothingTwice()
    {
        Harness harness;
        harness.define("q");
        setWall(harness, kMidnightUs + kHourUs);
        QVERIFY(define(harness, everyFiveMinutes()));
        pass(harness, std::chrono::minutes(10));
        QCOMPARE(idsOf(harness).size(), 2U);
        harness.now.wall -= std::chrono::minutes(30);
        pass(harness, std::chrono::minutes(29));
        QCOMPARE(idsOf(harness).size(), 2U);
        harness.restart();
        pass(harness, std::chrono::minutes(6));
        QCOMPARE(idsOf(harness).size(), 3U);
        QCOMPARE(idsOf(harness).back(), std::string("tick@2027-01-15T01:15:00Z"));
    }

    void d16_forwardJumpFiresOnceAndBuriesNothing()
    {
        Harness harness;
        harness.define("q");
        setWall(harness, kMidnightUs);
        QVERIFY(define(harness, everyFiveMinutes()));
        pass(harness, std::chrono::minutes(6));
        harness.now.wall += std::chrono::hours(24 * 400);
        harness.run();
        QCOMPARE(idsOf(harness).size(), 2U);
        QCOMPARE(idsOf(harness).back(), std::string("tick@2027-01-15T00:10:00Z"));
        harness.now.wall -= std::chrono::hours(24 * 400); // somebody set it right
        pass(harness, std::chrono::minutes(10));
        QCOMPARE(idsOf(harness).size(), 3U);
        QCOMPARE(idsOf(harness).back(), std::string("tick@2027-01-15T00:15:00Z"));
    }

    void d16_clockThatIsSetBackWhileTheNodeIsDownBuriesNothing()
    {
        Harness harness;
        harness.define("q");
        setWall(harness, kMidnightUs + 400 * 24 * kHourUs);
        QVERIFY(define(harness, everyFiveMinutes()));
        setWall(harness, kMidnightUs);
        harness.restart();
        pass(harness, std::chrono::minutes(5));
        QCOMPARE(idsOf(harness), Ids{"tick@2027-01-15T00:05:00Z"});
    }

    void aFullQueueTakesTheRunLaterAndOnce()
    {
        Harness harness;
        message::QueuePolicy policy;
        policy.maxDepth = 1;
        harness.define("q", policy);
        setWall(harness, kMidnightUs);
        harness.submitMany("q", 1);
        QVERIFY(define(harness, everyFiveMinutes()));
        pass(harness, std::chrono::minutes(11));
        QCOMPARE(idsOf(harness), Ids{"m0"});
        QVERIFY(harness.engine->schedules().at(0).trouble.find("at its limit") != std::string::npos);
        QCOMPARE(harness.engine->schedules().at(0).nextUs.at(0), kMidnightUs + 5 * kMinuteUs); // overdue
        QCOMPARE(harness.engine->schedules().at(0).nextUs.at(1), kMidnightUs + 15 * kMinuteUs);
        harness.attach(2, "q", 1);
        harness.acknowledge(2, {harness.takeDeliveries().at(0).lease});
        pass(harness, std::chrono::seconds(2));
        QCOMPARE(idsOf(harness), Ids{"tick@2027-01-15T00:05:00Z"});
        QCOMPARE(harness.engine->schedules().at(0).trouble, std::string());
        QCOMPARE(harness.engine->schedules().at(0).lastDueUs, kMidnightUs + 5 * kMinuteUs);
    }

    void topicsGetTheirCopies()
    {
        Harness harness;
        harness.define("a");
        harness.define("b");
        harness.run({DefineSubscription{1, 1, "t", {"news", "a", ""}}, DefineSubscription{1, 1, "t", {"news", "b", "tick.*"}}});
        setWall(harness, kMidnightUs);
        QVERIFY(define(harness, everyFiveMinutes("news")));
        pass(harness, std::chrono::minutes(5));
        QCOMPARE(idsOf(harness), (Ids{"tick@2027-01-15T00:05:00Z", "tick@2027-01-15T00:05:00Z"}));
    }

    void whatIsWrongIsRefused()
    {
        Harness harness;
        harness.define("q");
        const auto refused = [&](auto change) {
            auto definition = everyFiveMinutes();
            change(definition);
            const auto outcome = define(harness, definition);
            return outcome ? std::string() : outcome.error().context;
        };
        QVERIFY(refused([](auto& each) { each.cron = "0 0 30 2 *"; }).find("never") != std::string::npos);
        QVERIFY(refused([](auto& each) { each.target = "nowhere"; }).find("nowhere") != std::string::npos);
        QVERIFY(refused([](auto& each) { each.name = "no way"; }).find("no way") != std::string::npos);
        QVERIFY(refused([](auto& each) { each.envelope.type.clear(); }).find("type") != std::string::npos);
        QVERIFY(refused([](auto& each) { each.envelope.expiresAtUs = 1; }).find("expiry") != std::string::npos);
        QVERIFY(refused([](auto& each) { each.body.resize(message::kMaxScheduleBodyBytes + 1); }).find("262144")
                != std::string::npos);
        QVERIFY(harness.engine->schedules().empty());
        QVERIFY(harness.ledger.schedules.empty());
        QVERIFY(!ask(harness, RemoveSchedule{1, 1, "anna", "tick"}));
        QVERIFY(!ask(harness, PauseSchedule{1, 1, "anna", "tick", true}));
    }

    void pausedOnesWaitAndMakeUpForNothing()
    {
        Harness harness;
        harness.define("q");
        setWall(harness, kMidnightUs);
        QVERIFY(define(harness, everyFiveMinutes()));
        QVERIFY(ask(harness, PauseSchedule{1, 1, "anna", "tick", true}));
        QVERIFY(harness.engine->schedules().at(0).isPaused);
        QVERIFY(harness.engine->schedules().at(0).nextUs.empty());
        pass(harness, std::chrono::minutes(30));
        harness.restart();
        pass(harness, std::chrono::minutes(2));
        QVERIFY(idsOf(harness).empty());
        QVERIFY(ask(harness, PauseSchedule{1, 1, "anna", "tick", false}));
        pass(harness, std::chrono::minutes(5));
        QCOMPARE(idsOf(harness), Ids{"tick@2027-01-15T00:35:00Z"});
        QCOMPARE(harness.ledger.audits.back().verb, std::string("resume-schedule"));
        QCOMPARE(harness.ledger.audits.back().actor, std::string("anna"));
    }

    void aPersonRunsOneNow()
    {
        Harness harness;
        message::QueuePolicy small;
        small.maxDepth = 2;
        harness.define("q", small);
        setWall(harness, kMidnightUs + kMinuteUs + 300'000);
        QVERIFY(define(harness, everyFiveMinutes()));
        QVERIFY(ask(harness, PauseSchedule{1, 1, "anna", "tick", true}).has_value());
        QVERIFY(ask(harness, RunSchedule{1, 1, "anna", "tick"}).has_value()); // also while it is paused
        QVERIFY(ask(harness, RunSchedule{1, 1, "anna", "tick"}).has_value()); // within the second: the same run
        QCOMPARE(idsOf(harness), (Ids{"tick@2027-01-15T00:01:00Z"}));
        QCOMPARE(harness.ledger.schedules.at("tick").lastDueUs, kMidnightUs + kMinuteUs);
        QCOMPARE(harness.ledger.audits.back().verb, std::string("run-schedule"));
        QVERIFY(ask(harness, PauseSchedule{1, 1, "anna", "tick", false}).has_value());
        pass(harness, std::chrono::minutes(5)); // what is due by itself comes as ever
        QCOMPARE(idsOf(harness), (Ids{"tick@2027-01-15T00:01:00Z", "tick@2027-01-15T00:05:00Z"}));
        const auto full = ask(harness, RunSchedule{1, 1, "anna", "tick"});
        QVERIFY(!full && full.error().code == base::ErrorCode::QueueFull);
        QVERIFY(ask(harness, RunSchedule{1, 1, "anna", "tack"}).error().code == base::ErrorCode::NotFound);
        QVERIFY(ask(harness, RemoveSchedule{1, 1, "anna", "tick"}).has_value());
        QVERIFY(ask(harness, RunSchedule{1, 1, "anna", "tick"}).error().code == base::ErrorCode::NotFound);
        QCOMPARE(harness.imbalance(), std::string());
    }

    void theNextRunsAreShown()
    {
        Harness harness;
        harness.define("q");
        setWall(harness, kMidnightUs + kMinuteUs);
        QVERIFY(define(harness, everyFiveMinutes()));
        const auto status = harness.engine->schedules().at(0);
        QCOMPARE(status.nextUs.size(), message::kScheduleRunsShown);
        for (std::size_t i = 0; i < status.nextUs.size(); ++i)
            QCOMPARE(status.nextUs[i], kMidnightUs + std::int64_t(i + 1) * 5 * kMinuteUs);
        QCOMPARE(status.definition.body, std::string("tock"));
    }

    void aPersonsChangeWinsOverTheFile()
    {
        Harness harness;
        harness.define("q");
        setWall(harness, kMidnightUs);
        QVERIFY(define(harness, everyFiveMinutes(), true));
        const auto audits = harness.ledger.audits.size();
        harness.restart();
        QVERIFY(define(harness, everyFiveMinutes(), true)); // as at each start
        QCOMPARE(harness.ledger.audits.size(), audits);
        QVERIFY(!harness.engine->schedules().at(0).isByOperator);

        auto hourly = everyFiveMinutes();
        hourly.cron = "@hourly";
        QVERIFY(define(harness, hourly));
        QVERIFY(define(harness, everyFiveMinutes(), true));
        QCOMPARE(harness.engine->schedules().at(0).definition.cron, std::string("@hourly"));
        QVERIFY(harness.engine->schedules().at(0).isByOperator);

        QVERIFY(ask(harness, RemoveSchedule{1, 1, "anna", "tick"}));
        harness.restart();
        QVERIFY(define(harness, everyFiveMinutes(), true));
        QVERIFY(harness.engine->schedules().empty());
        pass(harness, std::chrono::hours(2));
        QVERIFY(idsOf(harness).empty());
        QVERIFY(define(harness, everyFiveMinutes())); // and back
        QCOMPARE(harness.engine->schedules().size(), 1U);
    }

    void whatLeftTheFileGoes()
    {
        Harness harness;
        harness.define("q");
        setWall(harness, kMidnightUs);
        QVERIFY(define(harness, everyFiveMinutes(), true));
        auto mine = everyFiveMinutes();
        mine.name = "mine";
        QVERIFY(define(harness, mine));
        QVERIFY(ask(harness, KeepSchedules{1, 1, "file", {}}));
        QCOMPARE(harness.engine->schedules().size(), 1U);
        QCOMPARE(harness.engine->schedules()[0].definition.name, std::string("mine"));
        QVERIFY(define(harness, everyFiveMinutes(), true)); // it is in the file again
        QCOMPARE(harness.engine->schedules().size(), 2U);
    }

    /// Whoever removes and defines it anew within a run's time does not get that run twice.
    void aScheduleThatComesBackRepeatsNoRun()
    {
        Harness harness;
        harness.define("q");
        setWall(harness, kMidnightUs);
        QVERIFY(define(harness, everyFiveMinutes()));
        pass(harness, std::chrono::minutes(5));
        QVERIFY(ask(harness, RemoveSchedule{1, 1, "anna", "tick"}));
        harness.now.wall -= std::chrono::minutes(1);
        QVERIFY(define(harness, everyFiveMinutes()));
        pass(harness, std::chrono::minutes(3));
        QCOMPARE(idsOf(harness).size(), 1U);
    }

    void aFullDiskTakesTheRunLater()
    {
        Harness harness;
        harness.define("q");
        setWall(harness, kMidnightUs);
        QVERIFY(define(harness, everyFiveMinutes()));
        harness.ledger.bytes = 0;
        pass(harness, std::chrono::minutes(6));
        QVERIFY(idsOf(harness).empty());
        harness.ledger.bytes = UINT64_MAX;
        pass(harness, std::chrono::seconds(2));
        QCOMPARE(idsOf(harness), Ids{"tick@2027-01-15T00:05:00Z"});
    }
};

QTEST_APPLESS_MAIN(TstEngineSchedules)
#include "tst_engine_schedules.moc"
