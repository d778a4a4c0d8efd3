// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/disk.h"

#include "core/store/varint_p.h"

#include <sqlite3.h>

#include <functional>
#include <memory>

namespace millrace::simulation {

namespace {

/// One read-only connection and the first error it met.
class Reader
{
public:
    Reader(const std::string& file, const std::string& vfs)
    {
        sqlite3* opened = nullptr;
        const int code = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READONLY, vfs.c_str());
        m_database.reset(opened);
        if (code != SQLITE_OK)
            m_error = sqlite3_errmsg(opened);
        else
            run("PRAGMA query_only=ON", [](sqlite3_stmt*) {});
    }
    void run(const char* sql, const std::function<void(sqlite3_stmt*)>& onRow)
    {
        if (!m_error.empty())
            return;
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(m_database.get(), sql, -1, &statement, nullptr) != SQLITE_OK) {
            m_error = std::string(sqlite3_errmsg(m_database.get())) + " in " + sql;
            return;
        }
        int code = SQLITE_ROW;
        while ((code = sqlite3_step(statement)) == SQLITE_ROW)
            onRow(statement);
        if (code != SQLITE_DONE)
            m_error = std::string(sqlite3_errmsg(m_database.get())) + " in " + sql;
        sqlite3_finalize(statement);
    }
    [[nodiscard]] const std::string& error() const { return m_error; }

private:
    struct Closer
    {
        void operator()(sqlite3* database) const
        {
            sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
            sqlite3_close_v2(database);
        }
    };
    std::unique_ptr<sqlite3, Closer> m_database;
    std::string m_error;
};

std::int64_t integer(sqlite3_stmt* row, int column) { return sqlite3_column_int64(row, column); }
template<typename T>
T number(sqlite3_stmt* row, int column)
{
    return static_cast<T>(sqlite3_column_int64(row, column));
}
std::string bytes(sqlite3_stmt* row, int column)
{
    const auto* data = static_cast<const char*>(sqlite3_column_blob(row, column));
    return data == nullptr ? std::string() : std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
}
bool isNull(sqlite3_stmt* row, int column) { return sqlite3_column_type(row, column) == SQLITE_NULL; }

void readDead(Reader& reader, Disk& disk, std::map<message::Sequence, message::Sequence>& elsewhere)
{
    reader.run("SELECT d.sequence, d.queue_id, d.state, d.reason, d.attempts, d.replay_count, d.replay_of,"
               " d.replayed_as, d.content_of, c.history, c.envelope, c.body"
               " FROM dead_letter d JOIN dead_letter_content c ON c.sequence = d.sequence",
               [&](sqlite3_stmt* row) {
                   const auto sequence = number<message::Sequence>(row, 0);
                   Disk::Dead& dead = disk.dead[sequence];
                   dead.queue = number<message::QueueId>(row, 1);
                   dead.state = static_cast<message::State>(integer(row, 2));
                   dead.reason = static_cast<message::Reason>(integer(row, 3));
                   dead.attempts = number<std::uint32_t>(row, 4);
                   dead.replayCount = number<std::uint32_t>(row, 5);
                   dead.replayOf = number<message::Sequence>(row, 6);
                   dead.replayedAs = number<message::Sequence>(row, 7);
                   if (!isNull(row, 8))
                       elsewhere[sequence] = number<message::Sequence>(row, 8);
                   dead.history = message::decodeHistory(bytes(row, 9));
                   dead.bytes = bytes(row, 10) + bytes(row, 11);
               });
}

void readLive(Reader& reader, Disk& disk, std::map<message::Sequence, message::Sequence>& elsewhere)
{
    reader.run("SELECT sequence, queue_id, priority, deliver_at_us, expires_at_us, partition_key, replay_of,"
               " replay_count, content_of, envelope, body, place FROM message",
               [&](sqlite3_stmt* row) {
                   const auto sequence = number<message::Sequence>(row, 0);
                   Disk::Live& live = disk.live[sequence];
                   live.queue = number<message::QueueId>(row, 1);
                   live.priority = number<std::uint8_t>(row, 2);
                   live.deliverAtUs = integer(row, 3);
                   live.expiresAtUs = integer(row, 4);
                   live.partitionKey = bytes(row, 5);
                   live.replayOf = number<message::Sequence>(row, 6);
                   live.replayCount = number<std::uint32_t>(row, 7);
                   if (!isNull(row, 8))
                       elsewhere[sequence] = number<message::Sequence>(row, 8);
                   live.bytes = bytes(row, 9) + bytes(row, 10);
                   live.place = isNull(row, 11) ? sequence : number<message::Sequence>(row, 11);
               });
    reader.run("SELECT sequence, failures, due_at_us, history FROM failure", [&](sqlite3_stmt* row) {
        disk.failures[number<message::Sequence>(row, 0)]
            = {number<std::uint32_t>(row, 1), integer(row, 2), message::decodeHistory(bytes(row, 3))};
    });
}

void readDefinitions(Reader& reader, Disk& disk)
{
    reader.run("SELECT queue_id, name, paused, set_by_operator, policy, file_policy FROM queue", [&](auto* row) {
        Disk::Queue& queue = disk.queues[number<message::QueueId>(row, 0)];
        queue.name = bytes(row, 1);
        queue.isPaused = integer(row, 2) != 0;
        queue.isSetByOperator = integer(row, 3) != 0;
        queue.policy = message::queuePolicyFromJson(bytes(row, 4)).value_or(message::QueuePolicy());
        if (!isNull(row, 5))
            queue.filePolicy = message::queuePolicyFromJson(bytes(row, 5)).value_or(message::QueuePolicy());
    });
    reader.run("SELECT count(*) FROM subscription",
               [&](sqlite3_stmt* row) { disk.subscriptions = number<std::uint64_t>(row, 0); });
    reader.run("SELECT name, paused, by_operator, removed, last_due_us, next_us, cron, target FROM schedule",
               [&](sqlite3_stmt* row) {
                   disk.schedules[bytes(row, 0)] = {integer(row, 1) != 0, integer(row, 2) != 0, integer(row, 3) != 0,
                                                    integer(row, 4),      integer(row, 5),      bytes(row, 6),
                                                    bytes(row, 7)};
               });
    reader.run("SELECT sequence, queue_id, key FROM unique_key", [&](sqlite3_stmt* row) {
        disk.unique[number<message::Sequence>(row, 0)] = {number<message::QueueId>(row, 1), bytes(row, 2), 0};
    });
    reader.run("SELECT sequence, queue_id, key, place FROM key_block", [&](sqlite3_stmt* row) {
        disk.blocks[number<message::Sequence>(row, 0)]
            = {number<message::QueueId>(row, 1), bytes(row, 2), number<message::Sequence>(row, 3)};
    });
}

void readRest(Reader& reader, Disk& disk)
{
    reader.run("SELECT queue_id, key, sequence, expires_at_us FROM deduplication ORDER BY deduplication_id",
               [&](sqlite3_stmt* row) {
                   disk.keys.push_back({number<message::QueueId>(row, 0), bytes(row, 1),
                                        number<message::Sequence>(row, 2), integer(row, 3)});
               });
    reader.run("SELECT sequences FROM handout", [&](sqlite3_stmt* row) {
        if (const auto sequences = store::decodeSequences(bytes(row, 0)))
            disk.handedOut.insert(sequences->begin(), sequences->end());
    });
    reader.run("SELECT sequence, handed_out_at_us FROM suspect", [&](sqlite3_stmt* row) {
        disk.suspects.insert(number<message::Sequence>(row, 0));
        if (integer(row, 1) != 0)
            disk.alone.insert(number<message::Sequence>(row, 0));
    });
    reader.run("SELECT operation_id, state, total, cursor, moved, skipped FROM operation", [&](sqlite3_stmt* row) {
        disk.operations[number<std::uint64_t>(row, 0)]
            = {static_cast<int>(integer(row, 1)), number<std::uint64_t>(row, 2), number<std::uint64_t>(row, 3),
               number<std::uint64_t>(row, 4), number<std::uint64_t>(row, 5)};
    });
    reader.run("SELECT count(*) FROM audit",
               [&](sqlite3_stmt* row) { disk.audits = number<std::uint64_t>(row, 0); });
}

/// The bytes of a replay lie with the evidence, perhaps several replays back.
std::string contentOf(const Disk& disk, message::Sequence at,
                      const std::map<message::Sequence, message::Sequence>& elsewhere)
{
    for (auto next = elsewhere.find(at); next != elsewhere.end(); next = elsewhere.find(at))
        at = next->second;
    const auto found = disk.dead.find(at);
    return found == disk.dead.end() ? "(the evidence is gone)" : found->second.bytes;
}

} // namespace

base::Result<Disk> readDisk(const std::string& file, const std::string& vfs)
{
    Disk disk;
    std::map<message::Sequence, message::Sequence> elsewhere;
    {
        Reader reader(file, vfs);
        reader.run("BEGIN", [](sqlite3_stmt*) {});
        readDead(reader, disk, elsewhere);
        readLive(reader, disk, elsewhere);
        readDefinitions(reader, disk);
        readRest(reader, disk);
        if (!reader.error().empty())
            return base::fail(base::ErrorCode::Io, reader.error());
    }
    for (const auto& [sequence, where] : elsewhere) {
        const std::string content = contentOf(disk, where, elsewhere);
        if (const auto live = disk.live.find(sequence); live != disk.live.end())
            live->second.bytes = content;
        else
            disk.dead[sequence].bytes = content;
    }
    return disk;
}

bool readsClean(const std::string& file, const std::string& vfs)
{
    Reader reader(file, vfs);
    bool isClean = false;
    reader.run("SELECT value FROM meta WHERE key = 'stopped_cleanly'",
               [&](sqlite3_stmt* row) { isClean = integer(row, 0) != 0; });
    return isClean;
}

std::string checkIntegrity(const std::string& file, const std::string& vfs)
{
    Reader reader(file, vfs);
    std::string found;
    reader.run("PRAGMA integrity_check", [&](sqlite3_stmt* row) { found += bytes(row, 0); });
    return reader.error().empty() ? found : reader.error();
}

} // namespace millrace::simulation
