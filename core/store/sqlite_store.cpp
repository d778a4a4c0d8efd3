// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/sqlite_store.h"

#include "core/store/batch_writer_p.h"
#include "core/store/checkpointer_p.h"
#include "core/store/fetcher_p.h"
#include "core/store/loader_p.h"
#include "core/store/schema_p.h"

#include <sys/statvfs.h>

#include <chrono>
#include <optional>

namespace millrace::store {

using base::ErrorCode;
using base::fail;

namespace {

constexpr std::string_view kWasClean = "SELECT value FROM meta WHERE key = 'stopped_cleanly'";
constexpr const char* kMarkRunning
    = "INSERT INTO meta (key, value) VALUES ('stopped_cleanly', 0)"
      " ON CONFLICT (key) DO UPDATE SET value = excluded.value";
constexpr const char* kMarkClean = "UPDATE meta SET value = 1 WHERE key = 'stopped_cleanly'";
/// SQLite writes and syncs nothing for a row that stays as it is: this one always changes.
constexpr const char* kTouch = "INSERT INTO meta (key, value) VALUES ('syncs', 1)"
                               " ON CONFLICT (key) DO UPDATE SET value = value + 1";

constexpr auto kSpaceInterval = std::chrono::milliseconds(100);

base::Result<void> useLog(Connection& connection, const StoreOptions& options)
{
    auto mode = connection.prepare("PRAGMA journal_mode=WAL");
    if (!mode)
        return errorOf(mode);
    const auto row = mode->step();
    if (!row)
        return errorOf(row);
    if (!*row || mode->text(0) != "wal")
        return fail(ErrorCode::Io,
                    "\"" + databaseFile(options).string()
                        + "\" cannot have a write-ahead log here: use a local file system");
    mode->reset();
    const std::string limit = "PRAGMA journal_size_limit=" + std::to_string(options.walLimitBytes);
    return connection.execute(limit.c_str());
}

} // namespace

class SqliteStore::Impl
{
public:
    static base::Result<std::unique_ptr<Impl>> open(StoreOptions options);
    ~Impl();

    base::Result<void> load(engine::LoadSink& sink);
    base::Result<void> commit(const engine::Batch& batch);
    base::Result<std::vector<engine::Sequence>> findAged(const engine::AgedQuery& query);
    base::Result<engine::Fetched> fetch(std::span<const engine::Sequence> messages,
                                        std::span<const engine::Sequence> deadLetters);
    std::uint64_t bytesAvailable();
    Sizes sizes() const;

private:
    base::Result<void> prepare();
    base::Result<void> runCommit(const engine::Batch& batch);
    base::Result<void> useSync(bool full);
    base::Result<void> refuse() const;

    StoreOptions m_options;
    Connection m_connection; // before what holds statements of it
    std::optional<BatchWriter> m_writer;
    std::optional<Fetcher> m_fetcher;
    std::optional<Checkpointer> m_checkpointer;
    bool m_stoppedCleanly = true; ///< the last run that committed anything
    bool m_isMarkedRunning = false;
    bool m_syncIsFull = true;
    bool m_hasUnsynced = true; ///< the log may hold commits that no sync has covered, also of a run before
    std::optional<base::Error> m_failure; ///< the first one; after it everything is refused
    std::uint64_t m_space = 0;
    std::chrono::steady_clock::time_point m_spaceAt{};
};

base::Result<std::unique_ptr<SqliteStore::Impl>> SqliteStore::Impl::open(StoreOptions options)
{
    const auto file = databaseFile(options);
    const auto present = inspectHeader(file);
    if (!present)
        return errorOf(present);
    if (*present) {
        if (auto done = probe(file, options.vfs); !done)
            return errorOf(done);
    } else if (auto done = createDatabase(file, options.vfs); !done) {
        return errorOf(done);
    }

    auto impl = std::make_unique<Impl>();
    impl->m_options = std::move(options);
    auto connection = Connection::open(file, impl->m_options.vfs, Access::Write);
    if (!connection)
        return errorOf(connection);
    impl->m_connection = std::move(*connection);
    if (auto done = impl->prepare(); !done) {
        impl->m_failure = done.error();
        return errorOf(done);
    }
    return impl;
}

base::Result<void> SqliteStore::Impl::prepare()
{
    if (auto done = useLog(m_connection, m_options); !done)
        return done;
    if (auto done = migrate(m_connection, migrations()); !done)
        return done;
    const auto clean = m_connection.integerOf(kWasClean);
    if (!clean)
        return errorOf(clean);
    m_stoppedCleanly = *clean != 0;
    auto writer = BatchWriter::open(m_connection);
    if (!writer)
        return errorOf(writer);
    auto fetcher = Fetcher::open(m_connection);
    if (!fetcher)
        return errorOf(fetcher);
    m_writer.emplace(std::move(*writer));
    m_fetcher.emplace(std::move(*fetcher));
    m_checkpointer.emplace(m_connection, m_options.walLimitBytes);
    return {};
}

SqliteStore::Impl::~Impl()
{
    m_writer.reset();
    m_fetcher.reset();
    m_checkpointer.reset();
    if (!m_connection.isOpen())
        return;
    const bool clean = !m_failure && (!m_isMarkedRunning || (useSync(true) && m_connection.execute(kMarkClean)));
    // After a failure nothing is written or synced on this handle again: what the disk holds is unknown,
    // and the next start finds it out from the log.
    if (!clean)
        m_connection.abandon();
}

base::Result<void> SqliteStore::Impl::refuse() const
{
    return fail(ErrorCode::Io,
                "the store \"" + databaseFile(m_options).string()
                    + "\" is closed after an error: open it anew, it then shows what is on disk. The error was: "
                    + m_failure->context,
                m_failure->native);
}

base::Result<void> SqliteStore::Impl::useSync(bool full)
{
    if (full == m_syncIsFull)
        return {};
    auto done = m_connection.execute(full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    if (done)
        m_syncIsFull = full;
    return done;
}

base::Result<void> SqliteStore::Impl::load(engine::LoadSink& sink)
{
    if (m_failure)
        return refuse();
    auto done = useSync(true);
    if (done)
        done = loadAll(m_connection, m_stoppedCleanly, sink);
    if (done)
        m_hasUnsynced = false; // raising the epoch wrote and synced
    else
        m_failure = done.error();
    return done;
}

base::Result<void> SqliteStore::Impl::commit(const engine::Batch& batch)
{
    if (m_failure)
        return refuse();
    auto done = runCommit(batch);
    if (!done) {
        m_failure = done.error();
        return done;
    }
    // The commit stands whatever becomes of the checkpoint; only what follows is refused.
    if (auto checkpointed = m_checkpointer->afterCommit(); !checkpointed)
        m_failure = checkpointed.error();
    return done;
}

base::Result<void> SqliteStore::Impl::runCommit(const engine::Batch& batch)
{
    if (batch.empty() && !(batch.sync && m_hasUnsynced))
        return {};
    if (auto done = useSync(batch.sync); !done)
        return done;
    auto transaction = Transaction::begin(m_connection, kBeginWrite);
    if (!transaction)
        return errorOf(transaction);
    // Not when it is opened: what a run before left in flight is told, until a run has done something about it, by how
    // that one ended, whoever dies in between.
    if (!m_isMarkedRunning) {
        if (auto done = m_connection.execute(kMarkRunning); !done)
            return done;
    }
    if (auto done = m_writer->apply(batch); !done)
        return done;
    m_checkpointer->forgetWrites();
    if (auto done = transaction->commit(); !done)
        return done;
    m_isMarkedRunning = true;
    if (batch.sync && m_hasUnsynced && !m_checkpointer->hasWritten()) {
        if (auto done = m_connection.execute(kTouch); !done)
            return done;
    }
    // Without sync the log may still be as it was: then nothing was added to what is unsynced.
    if (!batch.sync && !m_checkpointer->hasWritten())
        return {};
    m_hasUnsynced = !batch.sync;
    return {};
}

base::Result<engine::Fetched> SqliteStore::Impl::fetch(std::span<const engine::Sequence> messages,
                                                       std::span<const engine::Sequence> deadLetters)
{
    if (m_failure)
        return errorOf(refuse());
    auto transaction = Transaction::begin(m_connection, kBeginRead);
    if (!transaction)
        return errorOf(transaction);
    auto fetched = m_fetcher->fetch(messages, deadLetters);
    if (!fetched)
        return fetched;
    if (auto done = transaction->commit(); !done)
        return errorOf(done);
    return fetched;
}

base::Result<std::vector<engine::Sequence>> SqliteStore::Impl::findAged(const engine::AgedQuery& query)
{
    if (m_failure)
        return errorOf(refuse());
    auto transaction = Transaction::begin(m_connection, kBeginRead);
    if (!transaction)
        return errorOf(transaction);
    auto found = m_fetcher->findAged(query);
    if (!found)
        return found;
    if (auto done = transaction->commit(); !done)
        return errorOf(done);
    return found;
}

std::uint64_t SqliteStore::Impl::bytesAvailable()
{
    const auto now = std::chrono::steady_clock::now();
    if (m_spaceAt != std::chrono::steady_clock::time_point{} && now - m_spaceAt < kSpaceInterval)
        return m_space;
    m_spaceAt = now;
    struct statvfs facts{};
    if (::statvfs(m_options.directory.c_str(), &facts) != 0) {
        m_space = 0; // a directory that cannot be asked cannot be written either
        return m_space;
    }
    const std::uint64_t free = std::uint64_t{facts.f_bavail} * facts.f_frsize;
    m_space = free > m_options.reserveBytes ? free - m_options.reserveBytes : 0;
    return m_space;
}

SqliteStore::Sizes SqliteStore::Impl::sizes() const
{
    const auto sizeOf = [](const std::filesystem::path& path) -> std::uint64_t {
        std::error_code error;
        const auto bytes = std::filesystem::file_size(path, error);
        return error ? 0 : bytes;
    };
    const auto file = databaseFile(m_options);
    return {sizeOf(file), sizeOf(file.string() + "-wal")};
}

base::Result<std::unique_ptr<SqliteStore>> SqliteStore::open(StoreOptions options)
{
    auto impl = Impl::open(std::move(options));
    if (!impl)
        return errorOf(impl);
    return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(*impl)));
}

SqliteStore::SqliteStore(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

SqliteStore::~SqliteStore() = default;

base::Result<void> SqliteStore::load(engine::LoadSink& sink) { return m_impl->load(sink); }

base::Result<void> SqliteStore::commit(const engine::Batch& batch) { return m_impl->commit(batch); }

base::Result<engine::Fetched> SqliteStore::fetch(std::span<const engine::Sequence> messages,
                                                 std::span<const engine::Sequence> deadLetters)
{
    return m_impl->fetch(messages, deadLetters);
}

base::Result<std::vector<engine::Sequence>> SqliteStore::findAged(const engine::AgedQuery& query)
{
    return m_impl->findAged(query);
}

std::uint64_t SqliteStore::bytesAvailable() { return m_impl->bytesAvailable(); }

SqliteStore::Sizes SqliteStore::sizes() const { return m_impl->sizes(); }

} // namespace millrace::store
