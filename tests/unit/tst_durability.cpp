// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/runner.h"
#include "core/store/sqlite_store.h"
#include "tests/simulation/crash_vfs.h"
#include "tests/unit/engine_harness.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <numeric>
#include <set>

using namespace millrace;
using namespace millrace::test;
using message::Durability;

namespace {

constexpr int kMessages = 24;
constexpr std::uint64_t kSeeds = 100;
constexpr const char* kDisk = "durability";

/// Runner, engine and SQLite store with one queue, on a disk that may lose its power.
class Machine
{
public:
    explicit Machine(Durability durability)
        : m_durability(durability)
    {
        const std::string directory = m_directory.path().toStdString();
        {
            store::StoreOptions options;
            options.directory = directory;
            options.vfs = "unix"; // the disk in memory is SQLite's default
            const auto opened = store::SqliteStore::open(std::move(options));
            if (!opened)
                qFatal("%s", opened.error().context.c_str());
        }
        QFile file(m_directory.filePath(QStringLiteral("millrace.db")));
        if (!file.open(QIODevice::ReadOnly))
            qFatal("the store is not there");
        m_origin = file.readAll().toStdString();
        m_disk.countInto(&m_counts);
    }
    void begin(std::uint64_t seed)
    {
        m_disk.reset(m_directory.path().toStdString() + "/millrace.db", m_origin, seed);
        start();
        message::QueuePolicy policy;
        policy.durability = m_durability;
        turn({DefineQueue{1, 1, "tester", {"q", policy}}});
        turn({Attach{2, 1, "q", "worker"}, Credit{2, 1, 1}});
    }
    void end() { m_runner.reset(); }
    /// Submits one message in a commit of its own. @returns whether it was confirmed
    bool submit(int number)
    {
        m_confirmed = false;
        turn({Harness::submitOf("q", {Harness::item(Harness::envelope(std::to_string(number)))})});
        return m_confirmed;
    }
    /// Makes a dead letter of what the worker holds.
    void reject()
    {
        turn({Settle{2, 2, {}, {{m_delivered.at(0), message::Ending::Reject, message::Reason::Rejected, {"No", "no"}, {}}}}});
    }
    void die(bool powerFails, std::uint64_t seed)
    {
        m_disk.kill();
        m_runner.reset();
        m_disk.revive();
        if (powerFails) {
            simulation::Chance chance(seed);
            m_disk.cutPower(chance);
        }
        start();
    }
    /// Ids of what is still there, in order.
    std::vector<int> left()
    {
        m_delivered.clear();
        m_ids.clear();
        turn({Attach{3, 1, "q", "reader"}, Credit{3, 1, 1000}});
        // What was in flight comes alone.
        while (!m_delivered.empty() || (m_runner->nextDeadline() && *m_runner->nextDeadline() <= m_now.steady))
            turn({Settle{3, 1, std::exchange(m_delivered, {}), {}}});
        std::sort(m_ids.begin(), m_ids.end());
        return m_ids;
    }
    [[nodiscard]] std::uint64_t dead() { return m_runner->engine().count(State::Dead); }

private:
    void start()
    {
        m_runner = std::make_unique<Runner>(
            EngineOptions(),
            [this]() -> base::Result<std::unique_ptr<StorePort>> {
                store::StoreOptions options;
                options.directory = m_directory.path().toStdString();
                options.vfs = m_disk.name();
                auto opened = store::SqliteStore::open(std::move(options));
                if (!opened)
                    return tl::unexpected(std::move(opened).error());
                return std::unique_ptr<StorePort>(std::move(*opened));
            },
            [this] { return m_now; });
        if (const auto started = m_runner->start(); !started)
            qFatal("%s", started.error().context.c_str());
    }
    void turn(std::vector<Command> commands)
    {
        m_now.steady += std::chrono::milliseconds(1);
        m_now.wall += std::chrono::milliseconds(1);
        const auto turned = m_runner->turn(
            commands,
            [this](Effect& effect) {
                if (std::holds_alternative<Confirm>(effect))
                    m_confirmed = std::get<Confirm>(effect).problems.empty();
                if (auto* deliver = std::get_if<Deliver>(&effect)) {
                    for (const Delivery& each : deliver->items) {
                        m_delivered.push_back(each.lease);
                        m_ids.push_back(std::stoi(std::string(message::viewEnvelope(each.envelope.view())->id)));
                    }
                }
            },
            [](const base::Error& error, std::span<const Effect>) { qFatal("%s", error.context.c_str()); });
        if (!turned)
            qFatal("%s", turned.error().context.c_str());
    }

    Durability m_durability;
    QTemporaryDir m_directory;
    simulation::CrashVfs m_disk{kDisk};
    simulation::FaultCounts m_counts{};
    std::string m_origin;
    base::Now m_now{base::SteadyTime(base::Micros(1'000'000)), base::wallFromMicros(1'800'000'000'000'000)};
    std::unique_ptr<Runner> m_runner;
    bool m_confirmed = false;
    std::vector<LeaseRef> m_delivered;
    std::vector<int> m_ids;
};

std::vector<int> upTo(std::size_t count)
{
    std::vector<int> all(count);
    std::iota(all.begin(), all.end(), 0);
    return all;
}

} // namespace

/// What each durability promises of a confirmed message, with the real store.
class TstDurability : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void d1_fullLosesNothing()
    {
        Machine machine(Durability::Full);
        for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
            machine.begin(seed);
            for (int i = 0; i < kMessages; ++i)
                QVERIFY(machine.submit(i));
            machine.die(true, seed);
            QCOMPARE(machine.left(), upTo(kMessages));
            machine.end();
        }
    }
    void d2_normalSurvivesAKilledProcess()
    {
        Machine machine(Durability::Normal);
        machine.begin(1);
        for (int i = 0; i < kMessages; ++i)
            QVERIFY(machine.submit(i));
        machine.die(false, 1);
        QCOMPARE(machine.left(), upTo(kMessages));
    }
    /// And what one dead letter, which is synced, has before it is safe with it.
    void d2_normalLosesOnlyTheLastToAPowerCut()
    {
        Machine machine(Durability::Normal);
        std::set<std::size_t> counts;
        for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
            machine.begin(seed);
            for (int i = 0; i < kMessages; ++i) {
                QVERIFY(machine.submit(i));
                if (i == kMessages / 2)
                    machine.reject();
            }
            machine.die(true, seed);
            QCOMPARE(machine.dead(), 1U);
            auto left = machine.left();
            QVERIFY(left.size() >= kMessages / 2);
            left.insert(left.begin(), 0); // the dead letter
            QCOMPARE(left, upTo(left.size()));
            counts.insert(left.size());
            machine.end();
        }
        QVERIFY2(counts.size() > 1, "no power cut took anything: then this shows nothing");
    }
    void memoryKeepsDeadLettersAlone()
    {
        Machine machine(Durability::Memory);
        for (const bool powerFails : {false, true}) {
            machine.begin(1);
            for (int i = 0; i < kMessages; ++i)
                QVERIFY(machine.submit(i));
            machine.reject();
            machine.die(powerFails, 1);
            QCOMPARE(machine.left(), std::vector<int>());
            QCOMPARE(machine.dead(), 1U);
            machine.end();
        }
    }
};

QTEST_GUILESS_MAIN(TstDurability)
#include "tst_durability.moc"
