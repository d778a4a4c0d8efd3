// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/runner.h"
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;

namespace {

/// What a test says about the store that the runner opens; the ledger outlives each opening.
struct Plan
{
    Ledger ledger;
    bool failCommit = false;
    bool failFetch = false;
    bool failOpen = false;
    int opened = 0;
    bool isOpen = false;
    std::vector<std::string> order; ///< what happened, in order
};

class PlannedStore final : public StorePort
{
public:
    explicit PlannedStore(Plan& plan)
        : m_plan(plan)
    {
        m_plan.isOpen = true;
    }
    ~PlannedStore() override { m_plan.isOpen = false; }
    base::Result<void> load(LoadSink& sink) override { return m_plan.ledger.load(sink); }
    base::Result<void> commit(const Batch& batch) override
    {
        if (std::exchange(m_plan.failCommit, false))
            return base::fail(base::ErrorCode::Io, "the disk said no");
        m_plan.order.emplace_back("commit");
        return m_plan.ledger.commit(batch);
    }
    base::Result<Fetched> fetch(std::span<const Sequence> messages, std::span<const Sequence> dead) override
    {
        if (std::exchange(m_plan.failFetch, false))
            return base::fail(base::ErrorCode::Io, "the disk said no");
        m_plan.order.emplace_back("fetch");
        return m_plan.ledger.fetch(messages, dead);
    }
    base::Result<std::vector<Sequence>> findAged(const AgedQuery&) override { return std::vector<Sequence>(); }
    std::uint64_t bytesAvailable() override { return m_plan.ledger.bytes; }

private:
    Plan& m_plan;
};

} // namespace

/// Nothing leaves before it is committed, and a failed commit rebuilds everything from the store.
class TstRunner : public QObject
{
    Q_OBJECT

private:
    struct Bench
    {
        Plan plan;
        base::Now now{base::SteadyTime(base::Micros(1'000'000)), base::wallFromMicros(1'800'000'000'000'000)};
        std::vector<Effect> released;
        std::vector<std::size_t> lost; ///< effects of each loss
        Runner runner;

        explicit Bench(EngineOptions options = {})
            : runner(options,
                     [this]() -> base::Result<std::unique_ptr<StorePort>> {
                         if (plan.failOpen)
                             return base::fail(base::ErrorCode::Io, "cannot be opened");
                         if (plan.isOpen)
                             return base::fail(base::ErrorCode::Busy, "is open already");
                         ++plan.opened;
                         return std::make_unique<PlannedStore>(plan);
                     },
                     [this] { return now; })
        {
        }
        base::Result<void> turn(std::vector<Command> commands = {})
        {
            return runner.turn(
                commands,
                [this](Effect& effect) {
                    plan.order.emplace_back("release");
                    released.push_back(std::move(effect));
                },
                [this](const base::Error&, std::span<const Effect> effects) { lost.push_back(effects.size()); });
        }
        void define()
        {
            QVERIFY(runner.start().has_value());
            QVERIFY(turn({DefineQueue{1, 1, "t", {"q", {}}}}).has_value());
            released.clear();
            plan.order.clear();
        }
    };

private Q_SLOTS:
    void d1_effectsLeaveOnlyAfterTheirCommit()
    {
        Bench bench;
        bench.define();
        QVERIFY(bench.turn({Attach{2, 1, "q", "w"}, Credit{2, 1, 5},
                            Harness::submitOf("q", {Harness::item(Harness::envelope("a"))})}).has_value());
        QCOMPARE(bench.plan.order.size(), 4U);
        QCOMPARE(bench.plan.order[0], std::string("commit"));
        QCOMPARE(bench.released.size(), 3U); // attached, confirm, deliver
        QVERIFY(std::holds_alternative<Deliver>(bench.released[2]));
        QCOMPARE(bench.runner.commits().commits, 2U);
    }
    void idleTurnCommitsNothing()
    {
        Bench bench;
        bench.define();
        QVERIFY(bench.turn().has_value());
        QVERIFY(bench.plan.order.empty());
        QVERIFY(!bench.runner.nextDeadline());
    }
    void d4_failedCommitReleasesNothingAndReopens()
    {
        Bench bench;
        bench.define();
        bench.plan.failCommit = true;
        QVERIFY(bench.turn({Harness::submitOf("q", {Harness::item(Harness::envelope("a"))})}).has_value());
        QVERIFY(bench.released.empty());
        QCOMPARE(bench.lost, std::vector<std::size_t>{1});
        QCOMPARE(bench.plan.opened, 2);
        QCOMPARE(bench.runner.commits().failed, 1U);
        QCOMPARE(bench.runner.engine().epoch(), 2U);
        QCOMPARE(bench.runner.engine().count(State::Ready), 0U);
        QVERIFY(bench.turn({Harness::submitOf("q", {Harness::item(Harness::envelope("b"))})}).has_value());
        QCOMPARE(bench.released.size(), 1U);
        QVERIFY(bench.plan.ledger.violations.empty());
    }
    void d9_aCrashIsNotForgottenWhenItsRecordCannotBeWritten()
    {
        Bench bench;
        bench.define();
        bench.turn({Attach{2, 1, "q", "w"}, Credit{2, 1, 1}, Harness::submitOf("q", {Harness::item(Harness::envelope("a"))})});
        QCOMPARE(bench.plan.ledger.handouts.size(), 1U);

        Runner next({}, [&]() -> base::Result<std::unique_ptr<StorePort>> {
            return std::make_unique<PlannedStore>(bench.plan);
        }, [&] { return bench.now; });
        bench.plan.ledger.stoppedCleanly = false;
        QVERIFY(next.start());
        bench.plan.failCommit = true;
        int losses = 0;
        const auto ignore = [](Effect&) {};
        const auto lose = [&](const base::Error&, std::span<const Effect>) { ++losses; };
        bench.plan.ledger.stoppedCleanly = false;
        std::vector<Command> attach{Attach{3, 1, "q", "w"}, Credit{3, 1, 1}};
        QVERIFY(next.turn(attach, ignore, lose));
        QCOMPARE(losses, 1);
        QVERIFY(bench.plan.ledger.crashedHandoutsThrough == 0);
        QVERIFY(next.turn({}, ignore, lose));
        QVERIFY(bench.plan.ledger.crashedHandoutsThrough > 0);
    }

    void storeThatCannotBeReopenedIsTriedAgain()
    {
        Bench bench;
        bench.define();
        bench.plan.failCommit = bench.plan.failOpen = true;
        const auto failed = bench.turn({Harness::submitOf("q", {Harness::item(Harness::envelope("a"))})});
        QVERIFY(!failed);
        QVERIFY(failed.error().code == base::ErrorCode::Io);
        QVERIFY(bench.runner.nextDeadline() > bench.now.steady);
        QVERIFY(!bench.turn());
        bench.plan.failOpen = false;
        QVERIFY(bench.turn({Harness::submitOf("q", {Harness::item(Harness::envelope("b"))})}).has_value());
        QCOMPARE(bench.released.size(), 1U);
    }
    void fetchedBytesOpenTheNextTurn()
    {
        EngineOptions options;
        options.maxResidentBytes = 0;
        Bench bench(options);
        bench.define();
        QVERIFY(bench.turn({Attach{2, 1, "q", "w"}, Credit{2, 1, 5},
                            Harness::submitOf("q", {Harness::item(Harness::envelope("a"))})}).has_value());
        QVERIFY(*bench.runner.nextDeadline() <= bench.now.steady);
        bench.released.clear();
        QVERIFY(bench.turn().has_value());
        QCOMPARE(bench.released.size(), 1U);
        QCOMPARE(std::get<Deliver>(bench.released[0]).items[0].body.toString(), std::string("body"));
    }
    void failedFetchIsAFailedStore()
    {
        EngineOptions options;
        options.maxResidentBytes = 0;
        Bench bench(options);
        bench.define();
        bench.plan.failFetch = true;
        QVERIFY(bench.turn({Attach{2, 1, "q", "w"}, Credit{2, 1, 5},
                            Harness::submitOf("q", {Harness::item(Harness::envelope("a"))})}).has_value());
        QCOMPARE(bench.released.size(), 2U); // they were committed
        QCOMPARE(bench.lost, std::vector<std::size_t>{0});
        QCOMPARE(bench.plan.opened, 2);
        QCOMPARE(bench.runner.engine().count(State::Ready), 1U);
    }
    void startSaysWhyTheStoreCannotBeOpened()
    {
        Bench bench;
        bench.plan.failOpen = true;
        QVERIFY(!bench.runner.start());
    }
};

QTEST_GUILESS_MAIN(TstRunner)
#include "tst_runner.moc"
