// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/fetcher_p.h"

#include "core/store/batch_writer_p.h"

#include <algorithm>
#include <memory>
#include <string>

namespace millrace::store {

namespace {

constexpr std::string_view kMessage
    = "SELECT m.checksum, coalesce(m.envelope, c.envelope), coalesce(m.body, c.body)"
      " FROM message m LEFT JOIN dead_letter_content c ON c.sequence = m.content_of"
      " WHERE m.sequence = ?1";
/// From dead_letter_by_queue alone.
constexpr std::string_view kAged
    = "SELECT sequence FROM dead_letter WHERE state = 8 AND queue_id = ?1 AND died_at_us < ?2"
      " ORDER BY died_at_us, sequence LIMIT ?3";
constexpr std::string_view kDeadLetters
    = "SELECT d.sequence, d.state, d.queue_id, d.priority, d.partition_key, d.replay_count, d.place, own.checksum,"
      " coalesce(own.envelope, c.envelope), coalesce(own.body, c.body) FROM dead_letter d"
      " LEFT JOIN dead_letter_content own ON own.sequence = d.sequence"
      " LEFT JOIN dead_letter_content c ON c.sequence = d.content_of"
      " WHERE d.sequence BETWEEN ?1 AND ?2 ORDER BY d.sequence";

/// A slice keeps its whole buffer alive: one buffer for all would let one message hold a thousand others.
constexpr std::size_t kBufferBytes = 1024 * 1024;

/// Bytes of several messages in one buffer, and where each of them lies.
class SharedBuffer
{
public:
    explicit SharedBuffer(std::vector<engine::FetchedMessage>& out) noexcept
        : m_out(out)
    {
    }
    void add(engine::Sequence sequence, std::string_view envelope, std::string_view body)
    {
        if (m_bytes && m_bytes->size() + envelope.size() + body.size() > kBufferBytes)
            finish();
        if (!m_bytes)
            m_bytes = std::make_shared<std::string>();
        m_pieces.push_back({m_out.size(), m_bytes->size(), envelope.size(), body.size()});
        m_bytes->append(envelope).append(body);
        m_out.push_back({sequence, {}, {}, {}});
    }
    /// Only now the buffer no longer moves.
    void finish()
    {
        for (const Piece& piece : m_pieces) {
            const std::string_view all = *m_bytes;
            engine::FetchedMessage& message = m_out[piece.index];
            message.envelope = base::Slice(m_bytes, all.substr(piece.at, piece.envelope));
            message.body = base::Slice(m_bytes, all.substr(piece.at + piece.envelope, piece.body));
        }
        m_pieces.clear();
        m_bytes.reset();
    }

private:
    struct Piece
    {
        std::size_t index, at, envelope, body;
    };
    std::vector<engine::FetchedMessage>& m_out;
    std::vector<Piece> m_pieces;
    std::shared_ptr<std::string> m_bytes;
};

} // namespace

std::string damageOf(const Statement& row, int checksum, int envelope, int body)
{
    if (row.isNull(checksum) || row.isNull(envelope) || row.isNull(body))
        return "envelope or body is missing in the store";
    if (checksumOf(row.blob(envelope), row.blob(body)) != row.number<std::uint64_t>(checksum))
        return "envelope or body does not match its checksum: the stored bytes have changed";
    return {};
}

base::Result<Fetcher> Fetcher::open(Connection& connection)
{
    Fetcher fetcher;
    auto message = connection.prepare(kMessage);
    if (!message)
        return errorOf(message);
    auto deadLetters = connection.prepare(kDeadLetters);
    if (!deadLetters)
        return errorOf(deadLetters);
    auto aged = connection.prepare(kAged);
    if (!aged)
        return errorOf(aged);
    fetcher.m_aged = std::move(*aged);
    fetcher.m_message = std::move(*message);
    fetcher.m_deadLetters = std::move(*deadLetters);
    return fetcher;
}

base::Result<engine::Fetched> Fetcher::fetch(std::span<const engine::Sequence> messages,
                                             std::span<const engine::Sequence> deadLetters)
{
    engine::Fetched fetched;
    // In key order neighbours are read from the same page.
    std::vector<engine::Sequence> sorted(messages.begin(), messages.end());
    std::sort(sorted.begin(), sorted.end());
    if (auto done = fetchMessages(sorted, fetched.messages); !done)
        return errorOf(done);
    // A selection mostly consists of neighbours: a run of them is one look into the table.
    fetched.deadLetters.reserve(deadLetters.size());
    for (std::size_t first = 0; first < deadLetters.size();) {
        std::size_t end = first + 1;
        while (end < deadLetters.size() && deadLetters[end] == deadLetters[end - 1] + 1)
            ++end;
        if (auto done = fetchRun(deadLetters.subspan(first, end - first), fetched.deadLetters); !done)
            return errorOf(done);
        first = end;
    }
    return fetched;
}

base::Result<void> Fetcher::fetchMessages(std::span<const engine::Sequence> sequences,
                                          std::vector<engine::FetchedMessage>& out)
{
    out.reserve(sequences.size());
    SharedBuffer buffer(out);
    for (const engine::Sequence sequence : sequences) {
        m_message.bind(sequence);
        const auto row = m_message.step();
        if (!row)
            return errorOf(row);
        if (!*row)
            continue;
        if (std::string damage = damageOf(m_message, 0, 1, 2); !damage.empty())
            out.push_back({sequence, {}, {}, std::move(damage)});
        else
            buffer.add(sequence, m_message.blob(1), m_message.blob(2));
        m_message.reset();
    }
    buffer.finish();
    return {};
}

base::Result<void> Fetcher::fetchRun(std::span<const engine::Sequence> run, std::vector<engine::FetchedDeadLetter>& out)
{
    const std::size_t begin = out.size();
    for (const engine::Sequence sequence : run)
        out.emplace_back().sequence = sequence;
    m_deadLetters.bind(run.front(), run.back());
    for (;;) {
        const auto row = m_deadLetters.step();
        if (!row)
            return errorOf(row);
        if (!*row)
            return {};
        engine::FetchedDeadLetter& found = out[begin + (m_deadLetters.number<engine::Sequence>(0) - run.front())];
        found.exists = true;
        found.state = static_cast<message::State>(m_deadLetters.integer(1));
        found.queue = m_deadLetters.number<message::QueueId>(2);
        found.priority = m_deadLetters.number<std::uint8_t>(3);
        found.partitionKey = m_deadLetters.text(4);
        found.replayCount = m_deadLetters.number<std::uint32_t>(5);
        found.place = m_deadLetters.number<engine::Sequence>(6);
        found.bytes = m_deadLetters.blob(8).size() + m_deadLetters.blob(9).size();
        found.damage = damageOf(m_deadLetters, 7, 8, 9);
    }
}

base::Result<std::vector<engine::Sequence>> Fetcher::findAged(const engine::AgedQuery& query)
{
    std::vector<engine::Sequence> found;
    m_aged.bind(query.queue, query.diedBeforeUs, static_cast<std::int64_t>(query.limit));
    for (;;) {
        const auto row = m_aged.step();
        if (!row)
            return errorOf(row);
        if (!*row)
            break;
        found.push_back(m_aged.number<engine::Sequence>(0));
    }
    m_aged.reset();
    return found;
}

} // namespace millrace::store
