// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/campaign/old_database.h"

#include "core/store/batch_writer_p.h"
#include "core/store/migration.h"
#include "core/store/schema_p.h"
#include "tests/crash/campaign/database.h"
#include "tests/support/numbered_message.h"

#include <array>
#include <fstream>

namespace millrace::crash {

namespace {

constexpr std::uint64_t kMessages = 1000;

void require(const base::Result<void>& done)
{
    if (!done)
        throw std::runtime_error(done.error().context);
}

/// As a node of that version has left it when it was killed.
void makeDatabase(const std::filesystem::path& data, std::size_t version)
{
    std::filesystem::create_directories(data);
    store::StoreOptions options;
    options.directory = data;
    std::ofstream(store::databaseFile(options), std::ios::app).flush();
    auto connection = store::Connection::open(store::databaseFile(options), {}, store::Access::Write);
    if (!connection)
        throw std::runtime_error(connection.error().context);
    const std::string settings = "PRAGMA page_size=16384; PRAGMA application_id="
                                 + std::to_string(store::kApplicationId) + "; PRAGMA journal_mode=WAL;";
    require(connection->execute(settings.c_str()));
    require(store::migrate(*connection, store::migrations().first(version)));
    require(connection->execute("BEGIN;"
                                "INSERT INTO meta VALUES ('store_id', 'x'), ('stopped_cleanly', 0), ('epoch', 6),"
                                " ('sequences_reserved_through', 100000);"
                                "INSERT INTO queue (queue_id, name, policy, paused, created_at_us)"
                                " VALUES (1, 'full', '{}', 0, 1), (2, 'normal', '{}', 0, 1);"));
    auto insert = connection->prepare("INSERT INTO message (sequence, queue_id, priority, deliver_at_us, expires_at_us,"
                                      " submitted_at_us, checksum, envelope, body) VALUES (?1, ?2, 4, 0, 0, 1, ?3, ?4, ?5)");
    if (!insert)
        throw std::runtime_error(insert.error().context);
    for (std::uint64_t number = 0; number < kMessages; ++number) {
        const message::Message message = test::numberedMessage(number);
        const std::string envelope = message::encode(message.envelope);
        require(insert->run(number + 1,
                            Journal::queueOf(number) + 1,
                            store::checksumOf(envelope, message.body),
                            store::Blob(envelope),
                            store::Blob(message.body)));
    }
    require(connection->execute("COMMIT"));
}

} // namespace

void killInMigration(zmq::context_t& context,
                     const std::filesystem::path& where,
                     simulation::Chance& chance,
                     Figures& figures)
{
    const Directory directory(where);
    const std::size_t latest = store::migrations().size();
    const std::size_t version = 1 + chance.below(latest - 1);
    NodeChild node(directory.path());
    makeDatabase(node.data(), version);
    const std::string point = chance.hits(500) ? "in-migration" : "between-migrations";
    node.start(point + ':' + std::to_string(1 + chance.below(latest - version)));
    if (node.awaitReady())
        throw Violation("a node did not come to its failure point " + point);
    if (!node.awaitDeath(std::chrono::seconds(1)))
        throw Violation("a node neither starts nor dies");
    ++figures.kills[point];

    node.start({});
    if (!node.awaitReady())
        throw Violation("a database of schema " + std::to_string(version) + " does not open after a death in its migration");
    Journal journal;
    for (std::uint64_t number = 0; number < kMessages; ++number)
        journal.confirm(journal.next(Journal::queueOf(number)), number + 1);
    Load load;
    load.submitsNew = false;
    load.failPerMille = load.rejectPerMille = 0;
    {
        Life life(context, node, journal, chance, load);
        if (!life.runUntil([&] { return journal.unsettled() == 0 && life.isIdle(); }))
            throw Violation("a node died by itself");
    }
    node.stop();
    journal.checkDrained();
    checkDatabase(node.data());
    figures.confirmed += kMessages;
}

} // namespace millrace::crash
