// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/audit_p.h"

#include "core/base/hash.h"
#include "core/store/schema_p.h"

namespace millrace::store {

using base::ErrorCode;
using base::fail;

namespace {

constexpr std::string_view kInsert
    = "INSERT INTO audit (audit_id, at_us, actor, verb, target, count, parameters, outcome,"
      " members_hash, previous_hash, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
/// The count lies apart, so that the loss of the last records shows, too.
constexpr std::string_view kCount = "INSERT INTO meta (key, value) VALUES ('audit_records', ?1)"
                                    " ON CONFLICT (key) DO UPDATE SET value = excluded.value";
constexpr std::string_view kReadCount = "SELECT value FROM meta WHERE key = 'audit_records'";
constexpr std::string_view kLast = "SELECT audit_id, hash FROM audit ORDER BY audit_id DESC LIMIT 1";
constexpr std::string_view kSlice
    = "SELECT audit_id, at_us, actor, verb, target, count, parameters, outcome, members_hash,"
      " previous_hash, hash FROM audit WHERE audit_id > ?1 ORDER BY audit_id LIMIT 1000";

constexpr std::size_t kHashBytes = 32;

/// Before the first record.
std::string firstHash() { return std::string(kHashBytes, '\0'); }

struct AuditRow
{
    std::int64_t id = 0;
    std::int64_t atUs = 0;
    std::string_view actor, verb, target;
    std::uint64_t count = 0;
    std::string_view parameters, outcome, membersHash, previousHash;
};

void appendNumber(std::string& out, std::uint64_t number)
{
    for (unsigned shift = 0; shift < 64; shift += 8)
        out.push_back(static_cast<char>((number >> shift) & 0xFFU));
}

void appendBytes(std::string& out, std::string_view bytes)
{
    appendNumber(out, bytes.size());
    out.append(bytes);
}

/// Every column in the table's order: numbers as 8 bytes, little-endian, all else with its length before it.
std::string hashOf(const AuditRow& row)
{
    std::string canonical;
    appendNumber(canonical, static_cast<std::uint64_t>(row.id));
    appendNumber(canonical, static_cast<std::uint64_t>(row.atUs));
    appendBytes(canonical, row.actor);
    appendBytes(canonical, row.verb);
    appendBytes(canonical, row.target);
    appendNumber(canonical, row.count);
    appendBytes(canonical, row.parameters);
    appendBytes(canonical, row.outcome);
    appendBytes(canonical, row.membersHash);
    appendBytes(canonical, row.previousHash);
    return base::sha256(canonical);
}

tl::unexpected<base::Error> broken(std::int64_t id, const std::string& how)
{
    return fail(ErrorCode::Corrupt, "the audit log is broken: record " + std::to_string(id) + " " + how);
}

AuditRow readRow(const Statement& row)
{
    return {row.integer(0),
            row.integer(1),
            row.text(2),
            row.text(3),
            row.text(4),
            row.number<std::uint64_t>(5),
            row.text(6),
            row.text(7),
            row.blob(8),
            row.blob(9)};
}

struct Walk
{
    std::int64_t last = 0;
    std::string hash = firstHash();
};

base::Result<void> checkRow(const Statement& statement, Walk& walk)
{
    const AuditRow row = readRow(statement);
    if (row.id != walk.last + 1)
        return broken(walk.last + 1, "was removed");
    if (hashOf(row) != statement.blob(10))
        return broken(row.id, "was changed or moved");
    if (row.previousHash != walk.hash)
        return broken(row.id, "does not follow the record before it: one of them was replaced");
    walk.last = row.id;
    walk.hash = statement.blob(10);
    return {};
}

} // namespace

base::Result<AuditChain> AuditChain::open(Connection& connection)
{
    AuditChain chain;
    auto insert = connection.prepare(kInsert);
    auto count = connection.prepare(kCount);
    auto last = connection.prepare(kLast);
    if (!insert || !count || !last)
        return errorOf(!insert ? insert : !count ? count : last);
    chain.m_hash = firstHash();
    const auto row = last->step();
    if (!row)
        return errorOf(row);
    if (*row) {
        chain.m_last = last->integer(0);
        chain.m_hash = last->blob(1);
    }
    chain.m_insert = std::move(*insert);
    chain.m_count = std::move(*count);
    return chain;
}

base::Result<void> AuditChain::append(const engine::AuditRecord& record)
{
    const std::string membersHash = base::sha256(record.members);
    const AuditRow row{m_last + 1,
                       record.atUs,
                       record.actor,
                       record.verb,
                       record.target,
                       record.count,
                       record.parameters,
                       record.outcome,
                       membersHash,
                       m_hash};
    std::string hash = hashOf(row);
    auto done = m_insert.run(row.id,
                             row.atUs,
                             row.actor,
                             row.verb,
                             row.target,
                             row.count,
                             row.parameters,
                             row.outcome,
                             Blob(row.membersHash),
                             Blob(row.previousHash),
                             Blob(hash));
    if (!done)
        return done;
    m_last = row.id;
    m_hash = std::move(hash);
    return m_count.run(m_last);
}

base::Result<std::uint64_t> verifyAudit(const StoreOptions& options)
{
    const auto file = databaseFile(options);
    const auto present = inspectHeader(file);
    if (!present)
        return errorOf(present);
    if (!*present)
        return fail(ErrorCode::NotFound, "there is no database \"" + file.string() + "\"");
    auto connection = Connection::open(file, options.vfs, Access::Read);
    if (!connection)
        return errorOf(connection);
    auto slice = connection->prepare(kSlice);
    if (!slice)
        return errorOf(slice);
    // The count is read first: records may be added while this walks.
    const auto counted = connection->integerOf(kReadCount);
    if (!counted)
        return errorOf(counted);

    Walk walk;
    for (bool more = true; more;) {
        more = false;
        slice->bind(walk.last);
        for (;;) {
            const auto row = slice->step();
            if (!row)
                return errorOf(row);
            if (!*row)
                break;
            more = true;
            if (auto checked = checkRow(*slice, walk); !checked)
                return errorOf(checked);
        }
    }
    if (walk.last < *counted)
        return broken(walk.last + 1, "was removed");
    return static_cast<std::uint64_t>(walk.last);
}

} // namespace millrace::store
