// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/browser_scan_p.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <set>
#include <utility>

namespace millrace::store {

namespace {

constexpr int kSliceRows = 5000;
/// Below the 50 ms that a read transaction may take, since the last row may be slow.
constexpr auto kSliceTime = std::chrono::milliseconds(35);

char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// `word` is in lower case.
bool contains(std::string_view text, std::string_view word) noexcept
{
    return std::search(text.begin(), text.end(), word.begin(), word.end(), [](char left, char right) {
               return lower(left) == right;
           })
           != text.end();
}

std::vector<std::string> wordsOf(std::string_view text)
{
    std::vector<std::string> words;
    std::string word;
    const auto flush = [&] {
        if (!word.empty())
            words.push_back(std::exchange(word, {}));
    };
    for (const char c : text) {
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            flush();
        else
            word += lower(c);
    }
    flush();
    return words;
}

/// Columns of a scan with text, as kTextColumns has them.
constexpr int kContentColumn = 5;
constexpr int kFirstText = 6;
constexpr int kLastText = 12;
constexpr std::string_view kTextColumns
    = ", coalesce(content_of, sequence), message_id, type, source, correlation_id, worker,"
      " error_class, error_text";
constexpr std::string_view kBody = "SELECT body FROM dead_letter_content WHERE sequence = ?1";
constexpr std::string_view kQueueId = "SELECT queue_id FROM queue WHERE name = ?1";

} // namespace

bool DeadLetterScan::Budget::isSpent() const
{
    return rows >= kSliceRows || ((rows & 63) == 0 && std::chrono::steady_clock::now() > until);
}

std::string DeadLetterScan::sqlOf(const message::DeadLetterFilter& filter,
                                  const std::vector<message::QueueId>& queues,
                                  ScanFor purpose,
                                  message::State state,
                                  SlicePart part)
{
    const bool withText = !wordsOf(filter.text).empty();
    const bool isOpen = state == message::State::Dead;
    const bool byGroup = isOpen && filter.fingerprint != 0;
    // This index lacks reason and fingerprint: with it, a scan that needs them looks up each row.
    const bool byQueue = isOpen && !byGroup && queues.size() == 1
        && (withText || (purpose == ScanFor::Sequences && filter.reasons.empty()));
    const bool keysOnly = byQueue && !withText;
    std::string sql = "SELECT sequence, died_at_us, queue_id, ";
    sql += keysOnly ? "NULL, NULL" : "reason, fingerprint";
    if (withText)
        sql += kTextColumns;
    sql += " FROM dead_letter INDEXED BY ";
    sql += !isOpen ? "dead_letter_closed"
        : byGroup  ? "dead_letter_by_group"
        : byQueue  ? "dead_letter_by_queue"
                   : "dead_letter_by_time";
    // As the indexes say it: SQLite takes a partial one only for the very same condition.
    sql += isOpen ? " WHERE state = 8" : " WHERE state > 8 AND state = " + std::to_string(static_cast<int>(state));
    if (byGroup)
        sql += " AND fingerprint = " + std::to_string(static_cast<std::int64_t>(filter.fingerprint));
    if (byQueue)
        sql += " AND queue_id = " + std::to_string(queues.front());
    if (part == SlicePart::Ties)
        return sql + " AND died_at_us = ?1 AND sequence < ?2 ORDER BY sequence DESC";
    return sql + " AND died_at_us < ?1 ORDER BY died_at_us DESC, sequence DESC";
}

base::Result<void> DeadLetterScan::resolveQueues(const message::DeadLetterFilter& filter)
{
    m_queues.clear();
    auto find = m_connection.prepare(kQueueId);
    if (!find)
        return errorOf(find);
    for (const std::string& name : filter.queues) {
        find->bind(std::string_view(name));
        const auto row = find->step();
        if (!row)
            return errorOf(row);
        if (!*row)
            continue;
        m_queues.push_back(find->number<message::QueueId>(0));
        find->reset();
    }
    std::sort(m_queues.begin(), m_queues.end());
    m_queues.erase(std::unique(m_queues.begin(), m_queues.end()), m_queues.end());
    return {};
}

base::Result<void> DeadLetterScan::prepare(const message::DeadLetterFilter& filter)
{
    if (auto done = resolveQueues(filter); !done)
        return done;
    m_words = wordsOf(filter.text);
    m_reasons = filter.reasons;
    m_fingerprint = filter.fingerprint;
    m_fromUs = filter.diedFromUs;
    auto body = m_connection.prepare(kBody);
    if (!body)
        return errorOf(body);
    m_body = std::move(*body);
    return {};
}

base::Result<void> DeadLetterScan::prepareFor(message::State state, const message::DeadLetterFilter& filter)
{
    const std::pair<Statement*, std::string> all[] = {
        {&m_ties, sqlOf(filter, m_queues, m_purpose, state, SlicePart::Ties)},
        {&m_earlier, sqlOf(filter, m_queues, m_purpose, state, SlicePart::Earlier)},
    };
    for (const auto& [statement, sql] : all) {
        auto prepared = m_connection.prepare(sql);
        if (!prepared)
            return errorOf(prepared);
        *statement = std::move(*prepared);
    }
    return {};
}

base::Result<void> DeadLetterScan::run(const message::DeadLetterFilter& filter,
                                       const Browser::Progress& progress,
                                       const Visit& visit)
{
    if (auto done = prepare(filter); !done)
        return done;
    if (!filter.queues.empty() && m_queues.empty())
        return {}; // none of these queues exists
    std::set<message::State> states(filter.states.begin(), filter.states.end());
    if (states.empty())
        states = {message::State::Dead, message::State::Archived, message::State::Replayed, message::State::Discarded};
    constexpr std::int64_t kEndOfTime = std::numeric_limits<std::int64_t>::max();
    for (const message::State state : states) {
        if (auto done = prepareFor(state, filter); !done)
            return done;
        Place place{filter.diedUntilUs > 0 ? filter.diedUntilUs : kEndOfTime, 0};
        for (bool more = true; more;) {
            const auto done = slice(place, visit);
            if (!done)
                return errorOf(done);
            more = *done;
            if (progress && progress(m_examined, m_found))
                return base::fail(base::ErrorCode::Cancelled, "the search was ended before it was complete");
        }
    }
    return {};
}

base::Result<bool> DeadLetterScan::slice(Place& place, const Visit& visit)
{
    Budget budget{0, std::chrono::steady_clock::now() + kSliceTime};
    for (const SlicePart part : {SlicePart::Ties, SlicePart::Earlier}) {
        Statement& statement = part == SlicePart::Ties ? m_ties : m_earlier;
        if (part == SlicePart::Earlier)
            statement.bind(place.diedAtUs);
        else if (place.sequence != 0)
            statement.bind(place.diedAtUs, place.sequence);
        else
            continue; // the first slice has no row before it
        const auto rows = readRows(statement, place, budget, visit);
        statement.reset();
        if (!rows)
            return errorOf(rows);
        if (*rows == Rows::BudgetSpent)
            return true;
    }
    return false;
}

base::Result<DeadLetterScan::Rows>
DeadLetterScan::readRows(Statement& statement, Place& place, Budget& budget, const Visit& visit)
{
    while (true) {
        const auto row = statement.step();
        if (!row)
            return errorOf(row);
        if (!*row || statement.integer(1) < m_fromUs)
            return Rows::Finished;
        ++budget.rows;
        ++m_examined;
        place = {statement.integer(1), statement.number<message::Sequence>(0)};
        const auto fits = matches(statement);
        if (!fits)
            return errorOf(fits);
        if (*fits) {
            ++m_found;
            visit({place.sequence,
                   place.diedAtUs,
                   statement.number<message::QueueId>(2),
                   static_cast<message::Reason>(statement.integer(3)),
                   statement.number<std::uint64_t>(4)});
        }
        if (budget.isSpent())
            return Rows::BudgetSpent;
    }
}

base::Result<bool> DeadLetterScan::matches(const Statement& row)
{
    // Compared here and not in SQL, where a step over many rows that do not match has no end to its time.
    const auto queue = row.number<message::QueueId>(2);
    if (!m_queues.empty() && !std::binary_search(m_queues.begin(), m_queues.end(), queue))
        return false;
    const auto reason = static_cast<message::Reason>(row.integer(3));
    if (!m_reasons.empty() && std::find(m_reasons.begin(), m_reasons.end(), reason) == m_reasons.end())
        return false;
    // Among the closed ones a group has no index of its own.
    if (m_fingerprint != 0 && row.number<std::uint64_t>(4) != m_fingerprint)
        return false;
    if (m_words.empty())
        return true;
    std::vector<bool> found(m_words.size(), false);
    bool all = true;
    for (std::size_t i = 0; i < m_words.size(); ++i) {
        for (int column = kFirstText; column <= kLastText && !found[i]; ++column)
            found[i] = contains(row.text(column), m_words[i]);
        all = all && found[i];
    }
    if (all)
        return true;
    return allInBody(row.number<message::Sequence>(kContentColumn), found);
}

base::Result<bool> DeadLetterScan::allInBody(message::Sequence content, const std::vector<bool>& found)
{
    m_body.bind(content);
    const auto row = m_body.step();
    if (!row)
        return errorOf(row);
    if (!*row)
        return false;
    const std::string_view body = m_body.blob(0);
    bool all = true;
    for (std::size_t i = 0; i < m_words.size() && all; ++i)
        all = found[i] || contains(body, m_words[i]);
    m_body.reset();
    return all;
}

} // namespace millrace::store
