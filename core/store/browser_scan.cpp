// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/browser_scan_p.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>

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

template<typename Values>
std::string inList(std::string_view column, const Values& values)
{
    std::string sql = " AND " + std::string(column) + " IN (";
    bool first = true;
    for (const auto value : values) {
        sql += first ? "" : ",";
        sql += std::to_string(static_cast<std::uint64_t>(value));
        first = false;
    }
    return sql + ")";
}

} // namespace

std::string DeadLetterScan::sqlOf(const message::DeadLetterFilter& filter,
                                  const std::vector<message::QueueId>& queues,
                                  bool withText)
{
    const bool byGroup = filter.fingerprint != 0;
    const bool byQueue = !byGroup && queues.size() == 1 && !withText;
    std::string sql = "SELECT sequence, died_at_us, queue_id, reason, fingerprint";
    if (withText)
        sql += ", coalesce(content_of, sequence), message_id, type, source, correlation_id, worker,"
               " error_class, error_text";
    sql += " FROM dead_letter INDEXED BY ";
    sql += byGroup ? "dead_letter_by_group" : byQueue ? "dead_letter_by_queue" : "dead_letter_by_time";
    // The place where the slice before ended: deaths of the same microsecond are told apart by sequence.
    sql += " WHERE state = ?1 AND died_at_us >= ?2 AND died_at_us <= ?3"
           " AND (died_at_us < ?3 OR sequence < ?4)";
    if (byGroup)
        sql += " AND fingerprint = " + std::to_string(static_cast<std::int64_t>(filter.fingerprint));
    if (byQueue)
        sql += " AND queue_id = " + std::to_string(queues.front());
    else if (!queues.empty())
        sql += inList("queue_id", queues);
    if (!filter.reasons.empty())
        sql += inList("reason", filter.reasons);
    return sql + " ORDER BY died_at_us DESC, sequence DESC LIMIT " + std::to_string(kSliceRows);
}

base::Result<bool> DeadLetterScan::resolveQueues(const message::DeadLetterFilter& filter)
{
    m_queues.clear();
    if (filter.queues.empty())
        return true;
    auto find = m_connection.prepare("SELECT queue_id FROM queue WHERE name = ?1");
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
    return !m_queues.empty();
}

base::Result<void> DeadLetterScan::run(const message::DeadLetterFilter& filter,
                                       const Browser::Progress& progress,
                                       const Visit& visit)
{
    const auto known = resolveQueues(filter);
    if (!known)
        return errorOf(known);
    if (!*known)
        return {};
    m_words = wordsOf(filter.text);
    m_fromUs = filter.diedFromUs;
    auto statement = m_connection.prepare(sqlOf(filter, m_queues, !m_words.empty()));
    if (!statement)
        return errorOf(statement);
    if (!m_words.empty()) {
        auto body = m_connection.prepare("SELECT body FROM dead_letter_content WHERE sequence = ?1");
        if (!body)
            return errorOf(body);
        m_body = std::move(*body);
    }
    std::vector<message::State> states = filter.states;
    if (states.empty())
        states.push_back(message::State::Dead);
    constexpr std::int64_t kEndOfTime = std::numeric_limits<std::int64_t>::max();
    for (const message::State state : states) {
        Place place{filter.diedUntilUs > 0 ? filter.diedUntilUs - 1 : kEndOfTime,
                    static_cast<message::Sequence>(std::numeric_limits<std::int64_t>::max())};
        for (SliceEnd end = SliceEnd::More; end == SliceEnd::More;) {
            const auto done = slice(*statement, state, place, visit);
            if (!done)
                return errorOf(done);
            end = *done;
            if (progress && progress(m_examined, m_found))
                return base::fail(base::ErrorCode::Cancelled, "the search was ended before it was complete");
        }
    }
    return {};
}

base::Result<DeadLetterScan::SliceEnd>
DeadLetterScan::slice(Statement& statement, message::State state, Place& place, const Visit& visit)
{
    const auto until = std::chrono::steady_clock::now() + kSliceTime;
    statement.bind(state, m_fromUs, place.diedAtUs, place.sequence);
    int rows = 0;
    while (true) {
        const auto row = statement.step();
        if (!row)
            return errorOf(row);
        if (!*row)
            return rows == kSliceRows ? SliceEnd::More : SliceEnd::Finished;
        ++rows;
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
        if ((rows & 63) == 0 && std::chrono::steady_clock::now() > until) {
            statement.reset();
            return SliceEnd::More;
        }
    }
}

base::Result<bool> DeadLetterScan::matches(const Statement& row)
{
    if (m_words.empty())
        return true;
    constexpr int kFirstText = 6;
    constexpr int kLastText = 12;
    std::vector<bool> found(m_words.size(), false);
    bool all = true;
    for (std::size_t i = 0; i < m_words.size(); ++i) {
        for (int column = kFirstText; column <= kLastText && !found[i]; ++column)
            found[i] = contains(row.text(column), m_words[i]);
        all = all && found[i];
    }
    if (all)
        return true;
    return allInBody(row.number<message::Sequence>(5), found);
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
