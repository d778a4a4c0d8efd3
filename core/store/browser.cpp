// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/browser.h"

#include "core/store/browser_scan_p.h"
#include "core/store/fetcher_p.h"
#include "core/store/schema_p.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace millrace::store {

using base::ErrorCode;
using base::fail;

namespace {

constexpr std::size_t kMaxRows = 1000;
constexpr std::size_t kMaxGroups = 1000;
constexpr std::size_t kShownErrorBytes = 200;
constexpr std::size_t kShownBodyBytes = 1024 * 1024;

constexpr std::string_view kRow
    = "SELECT d.sequence, coalesce(q.name, '#' || d.queue_id), d.state, d.reason, d.message_id, d.type, d.source,"
      " d.correlation_id, d.error_class, d.error_text, d.worker, d.attempts, d.replay_count, d.body_bytes,"
      " d.fingerprint, d.submitted_at_us, d.died_at_us"
      " FROM dead_letter d LEFT JOIN queue q ON q.queue_id = d.queue_id WHERE d.sequence = ?1";
constexpr std::string_view kDetail
    = "SELECT own.checksum, c.envelope, c.body, own.history, d.replay_of, d.replayed_as, d.closed_at_us, o.actor,"
      " d.error_text FROM dead_letter d"
      " LEFT JOIN dead_letter_content own ON own.sequence = d.sequence"
      " LEFT JOIN dead_letter_content c ON c.sequence = coalesce(d.content_of, d.sequence)"
      " LEFT JOIN operation o ON o.operation_id = d.closed_by"
      " WHERE d.sequence = ?1";
/// From dead_letter_by_operation alone.
constexpr std::string_view kClosedBy
    = "SELECT sequence FROM dead_letter WHERE closed_by = ?1 AND sequence > ?2 ORDER BY sequence LIMIT 20000";
constexpr std::string_view kGroup = "SELECT error_class, text FROM failure_group WHERE fingerprint = ?1";
constexpr std::string_view kQueueName = "SELECT name FROM queue WHERE queue_id = ?1";

message::MessageRef refOf(std::int64_t sequence)
{
    return sequence == 0 ? message::MessageRef{} : message::MessageRef{std::to_string(sequence)};
}

std::string_view firstLine(std::string_view text)
{
    return message::truncateUtf8(text.substr(0, text.find('\n')), kShownErrorBytes);
}

message::DeadLetterRow readRow(const Statement& row)
{
    message::DeadLetterRow out;
    out.ref = refOf(row.integer(0));
    out.queue = row.text(1);
    out.state = static_cast<message::State>(row.integer(2));
    out.reason = static_cast<message::Reason>(row.integer(3));
    out.id = row.text(4);
    out.type = row.text(5);
    out.source = row.text(6);
    out.correlationId = row.text(7);
    out.errorClass = row.text(8);
    out.errorText = firstLine(row.text(9));
    out.worker = row.text(10);
    out.attempts = row.number<std::uint32_t>(11);
    out.replayCount = row.number<std::uint32_t>(12);
    out.bodyBytes = row.number<std::uint64_t>(13);
    out.fingerprint = row.number<std::uint64_t>(14);
    out.submittedAtUs = row.integer(15);
    out.diedAtUs = row.integer(16);
    return out;
}

} // namespace

class Browser::Impl
{
public:
    explicit Impl(Connection opened)
        : connection(std::move(opened))
    {
    }
    base::Result<void> prepare();
    base::Result<std::optional<message::DeadLetterRow>> row(message::Sequence sequence);
    base::Result<void> describe(message::DeadLetterGroup& group, const std::set<message::QueueId>& queues);

    Connection connection; // before the statements
    Statement rowStatement, detailStatement, closedByStatement, groupStatement, queueStatement;
};

base::Result<void> Browser::Impl::prepare()
{
    const std::pair<Statement*, std::string_view> all[] = {{&rowStatement, kRow},
                                                           {&detailStatement, kDetail},
                                                           {&closedByStatement, kClosedBy},
                                                           {&groupStatement, kGroup},
                                                           {&queueStatement, kQueueName}};
    for (const auto& [statement, sql] : all) {
        auto prepared = connection.prepare(sql);
        if (!prepared)
            return errorOf(prepared);
        *statement = std::move(*prepared);
    }
    return {};
}

base::Result<std::optional<message::DeadLetterRow>> Browser::Impl::row(message::Sequence sequence)
{
    rowStatement.bind(sequence);
    const auto found = rowStatement.step();
    if (!found)
        return errorOf(found);
    if (!*found)
        return std::optional<message::DeadLetterRow>();
    auto out = readRow(rowStatement);
    rowStatement.reset();
    return std::optional(std::move(out));
}

base::Result<void> Browser::Impl::describe(message::DeadLetterGroup& group, const std::set<message::QueueId>& queues)
{
    groupStatement.bind(group.fingerprint);
    const auto found = groupStatement.step();
    if (!found)
        return errorOf(found);
    if (*found) {
        group.errorClass = groupStatement.text(0);
        group.text = groupStatement.text(1);
        groupStatement.reset();
    }
    for (const message::QueueId id : queues) {
        queueStatement.bind(id);
        const auto named = queueStatement.step();
        if (!named)
            return errorOf(named);
        if (!*named)
            continue;
        group.queues.emplace_back(queueStatement.text(0));
        queueStatement.reset();
    }
    std::sort(group.queues.begin(), group.queues.end());
    return {};
}

Browser::Browser(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
Browser::~Browser() = default;

base::Result<std::unique_ptr<Browser>> Browser::open(StoreOptions options)
{
    const std::filesystem::path file = databaseFile(options);
    const auto exists = inspectHeader(file);
    if (!exists)
        return errorOf(exists);
    if (!*exists)
        return fail(ErrorCode::NotFound, "there is no database \"" + file.string() + "\" yet: start a node there first");
    auto connection = Connection::open(file, options.vfs, Access::Read);
    if (!connection)
        return errorOf(connection);
    auto impl = std::make_unique<Impl>(std::move(*connection));
    if (auto prepared = impl->prepare(); !prepared)
        return errorOf(prepared);
    return std::unique_ptr<Browser>(new Browser(std::move(impl)));
}

base::Result<std::vector<message::Sequence>> Browser::select(const message::DeadLetterFilter& filter,
                                                             const Progress& progress)
{
    struct Found
    {
        std::int64_t diedAtUs;
        message::Sequence sequence;
    };
    std::vector<Found> found;
    DeadLetterScan scan(m_impl->connection, ScanFor::Sequences);
    const auto done = scan.run(filter, progress, [&found](const ScannedRow& row) {
        found.push_back({row.diedAtUs, row.sequence});
    });
    if (!done)
        return errorOf(done);
    // Each state came in order, several of them are mixed here; one that changed its state meanwhile
    // may have come twice.
    if (filter.states.size() != 1) {
        std::sort(found.begin(), found.end(), [](const Found& left, const Found& right) {
            return std::tie(left.diedAtUs, left.sequence) > std::tie(right.diedAtUs, right.sequence);
        });
    }
    std::vector<message::Sequence> sequences;
    sequences.reserve(found.size());
    for (const Found& one : found) {
        if (sequences.empty() || sequences.back() != one.sequence)
            sequences.push_back(one.sequence);
    }
    return sequences;
}

base::Result<std::vector<message::Sequence>> Browser::closedBy(message::OperationId id)
{
    std::vector<message::Sequence> sequences;
    Statement& statement = m_impl->closedByStatement;
    // Each slice is a read transaction of its own, so that a million rows hold back no checkpoint.
    for (std::size_t before = 0;; before = sequences.size()) {
        statement.bind(id, sequences.empty() ? 0 : sequences.back());
        while (true) {
            const auto row = statement.step();
            if (!row)
                return errorOf(row);
            if (!*row)
                break;
            sequences.push_back(statement.number<message::Sequence>(0));
        }
        if (sequences.size() == before)
            return sequences;
    }
}

base::Result<std::vector<message::DeadLetterRow>> Browser::rows(std::span<const message::Sequence> sequences)
{
    if (sequences.size() > kMaxRows)
        return fail(ErrorCode::Limit, "at most " + std::to_string(kMaxRows) + " rows at once");
    auto transaction = Transaction::begin(m_impl->connection, kBeginRead);
    if (!transaction)
        return errorOf(transaction);
    std::vector<message::DeadLetterRow> rows;
    rows.reserve(sequences.size());
    for (const message::Sequence sequence : sequences) {
        auto row = m_impl->row(sequence);
        if (!row)
            return errorOf(row);
        if (*row)
            rows.push_back(std::move(**row));
    }
    return rows;
}

base::Result<message::DeadLetterDetail> Browser::detail(message::Sequence sequence)
{
    auto row = m_impl->row(sequence);
    if (!row)
        return errorOf(row);
    if (!*row)
        return fail(ErrorCode::NotFound, "there is no dead letter " + std::to_string(sequence));
    message::DeadLetterDetail detail;
    detail.row = std::move(**row);
    Statement& statement = m_impl->detailStatement;
    statement.bind(sequence);
    const auto found = statement.step();
    if (!found)
        return errorOf(found);
    if (!*found)
        return fail(ErrorCode::NotFound, "there is no dead letter " + std::to_string(sequence) + " any more");
    detail.damage = damageOf(statement, 0, 1, 2);
    detail.envelope = statement.blob(1);
    detail.body = statement.blob(2).substr(0, kShownBodyBytes);
    detail.attempts = message::decodeHistory(statement.blob(3));
    detail.replayOf = refOf(statement.integer(4));
    detail.replayedAs = refOf(statement.integer(5));
    detail.closedAtUs = statement.integer(6);
    detail.closedBy = statement.text(7);
    detail.errorText = statement.text(8);
    statement.reset();
    return detail;
}

base::Result<std::vector<message::DeadLetterGroup>> Browser::groups(const message::DeadLetterFilter& filter,
                                                                    const Progress& progress)
{
    struct Tally
    {
        message::DeadLetterGroup group;
        std::set<message::QueueId> queues;
    };
    std::unordered_map<std::uint64_t, Tally> tallies;
    message::DeadLetterFilter every = filter;
    every.fingerprint = 0;
    DeadLetterScan scan(m_impl->connection, ScanFor::Groups);
    const auto done = scan.run(every, progress, [&tallies](const ScannedRow& row) {
        Tally& tally = tallies[row.fingerprint];
        message::DeadLetterGroup& group = tally.group;
        if (group.count++ == 0) {
            group.fingerprint = row.fingerprint;
            group.reason = row.reason;
            group.firstDiedAtUs = group.lastDiedAtUs = row.diedAtUs;
        }
        group.firstDiedAtUs = std::min(group.firstDiedAtUs, row.diedAtUs);
        group.lastDiedAtUs = std::max(group.lastDiedAtUs, row.diedAtUs);
        tally.queues.insert(row.queue);
    });
    if (!done)
        return errorOf(done);
    std::vector<Tally> largest;
    largest.reserve(tallies.size());
    for (auto& [fingerprint, tally] : tallies)
        largest.push_back(std::move(tally));
    std::sort(largest.begin(), largest.end(), [](const Tally& left, const Tally& right) {
        return std::tie(left.group.count, left.group.lastDiedAtUs) > std::tie(right.group.count, right.group.lastDiedAtUs);
    });
    if (largest.size() > kMaxGroups)
        largest.resize(kMaxGroups);
    std::vector<message::DeadLetterGroup> groups;
    groups.reserve(largest.size());
    for (Tally& tally : largest) {
        if (auto described = m_impl->describe(tally.group, tally.queues); !described)
            return errorOf(described);
        groups.push_back(std::move(tally.group));
    }
    return groups;
}

} // namespace millrace::store
