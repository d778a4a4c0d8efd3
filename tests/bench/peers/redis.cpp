// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

// Redis Streams: XADD, a batch in one transaction, so that it is appended and synced as one; XREADGROUP, XACK and XDEL
// by one consumer group; dead letters in a second stream.

#include "tests/bench/peers/driver.h"

#include <hiredis/hiredis.h>

#include <deque>

namespace millrace::peers {

namespace {

constexpr std::size_t kBatch = 1000;
constexpr std::size_t kWindow = 4000;
constexpr std::string_view kReadCount = "1000";
constexpr std::size_t kMany = 64;
constexpr int kReadsInFlight = 2;

struct FreeContext
{
    void operator()(redisContext* context) const { redisFree(context); }
};
struct FreeReply
{
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;
using Reply = std::unique_ptr<redisReply, FreeReply>;

Context connect(const std::string& endpoint)
{
    Context context(endpoint.find('/') == std::string::npos ? redisConnect("127.0.0.1", std::stoi(endpoint))
                                                            : redisConnectUnix(endpoint.c_str()));
    if (!context || context->err)
        throw PeerError(context ? context->errstr : "no memory");
    return context;
}

std::string_view textOf(const redisReply& reply) { return {reply.str, reply.len}; }

/// What redisGetReply() and its like gave.
Reply taken(redisContext& context, int status, void* raw)
{
    if (status != REDIS_OK)
        throw PeerError(context.errstr);
    Reply reply(static_cast<redisReply*>(raw));
    if (reply && reply->type == REDIS_REPLY_ERROR)
        throw PeerError(std::string(textOf(*reply)));
    return reply;
}

Reply next(redisContext& context)
{
    void* raw = nullptr;
    const int status = redisGetReply(&context, &raw);
    return taken(context, status, raw);
}

/// What has already been read; empty if that is less than a reply.
Reply buffered(redisContext& context)
{
    void* raw = nullptr;
    const int status = redisReaderGetReply(context.reader, &raw);
    return taken(context, status, raw);
}

void flush(redisContext& context)
{
    for (int done = 0; !done;) {
        if (redisBufferWrite(&context, &done) != REDIS_OK)
            throw PeerError(context.errstr);
    }
}

void appendBulk(std::string& command, std::string_view text)
{
    command += '$';
    command += std::to_string(text.size());
    command += "\r\n";
    command += text;
    command += "\r\n";
}

std::string command(std::initializer_list<std::string_view> words, std::size_t more = 0)
{
    std::string text = '*' + std::to_string(words.size() + more) + "\r\n";
    for (const std::string_view word : words)
        appendBulk(text, word);
    return text;
}

void append(redisContext& context, const std::string& text)
{
    if (redisAppendFormattedCommand(&context, text.data(), text.size()) != REDIS_OK)
        throw PeerError("no memory");
}

class RedisProducer final : public WindowedProducer
{
public:
    RedisProducer(const std::string& endpoint, std::string_view stream)
        : WindowedProducer(kBatch, kWindow)
        , m_context(connect(endpoint))
        , m_add(command({"XADD", stream, "*", "b"}, 1))
    {
    }

protected:
    void write(BodyList bodies) override
    {
        const bool several = bodies.size() > 1;
        m_text = several ? command({"MULTI"}) : std::string();
        for (const std::string_view body : bodies) {
            m_text += m_add;
            appendBulk(m_text, body);
        }
        if (several)
            m_text += command({"EXEC"});
        append(*m_context, m_text);
        flush(*m_context);
    }
    std::size_t takeConfirms(bool wait) override
    {
        if (!wait && redisBufferRead(m_context.get()) != REDIS_OK)
            throw PeerError(m_context->errstr);
        std::size_t confirmed = 0;
        while (wait && confirmed == 0)
            confirmed += confirmedBy(*next(*m_context));
        while (const Reply reply = buffered(*m_context))
            confirmed += confirmedBy(*reply);
        return confirmed;
    }
    [[nodiscard]] int descriptor() const override { return m_context->fd; }

private:
    static std::size_t confirmedBy(const redisReply& reply)
    {
        if (reply.type == REDIS_REPLY_ARRAY)
            return reply.elements;
        return reply.type == REDIS_REPLY_STRING ? 1 : 0; // the rest says that a transaction began or queued
    }

    Context m_context;
    std::string m_add, m_text;
};

/// While messages are many, two reads are under way, so that the next batch comes while this one is checked. A read
/// that waits for messages is always the last thing sent: it would hold back the acknowledgements behind it.
class RedisConsumer final : public Consumer
{
public:
    RedisConsumer(const std::string& endpoint, const std::string& stream)
        : m_context(connect(endpoint))
        , m_stream(stream)
        , m_read(command({"XREADGROUP", "GROUP", "workers", "one", "COUNT", kReadCount, "STREAMS", stream, ">"}))
        , m_waitingRead(command(
              {"XREADGROUP", "GROUP", "workers", "one", "COUNT", kReadCount, "BLOCK", "1000", "STREAMS", stream, ">"}))
    {
    }
    void receive(Checker& checker) override
    {
        if (m_reads == 0)
            ask(m_waitingRead);
        flush(*m_context);
        while (m_expected.front() == Expected::Acknowledged)
            takeOne();
        const Reply reply = takeOne();
        if (reply->type != REDIS_REPLY_ARRAY)
            return;
        const redisReply& entries = *reply->element[0]->element[1];
        for (std::size_t i = 0; i < entries.elements; ++i)
            checker.check(textOf(*entries.element[i]->element[1]->element[1]));
        acknowledge(command({"XACK", m_stream, "workers"}, entries.elements), entries);
        acknowledge(command({"XDEL", m_stream}, entries.elements), entries);
        while (entries.elements >= kMany && m_reads < kReadsInFlight)
            ask(m_read);
    }
    void finish() override
    {
        flush(*m_context);
        while (!m_expected.empty())
            takeOne();
    }

private:
    enum class Expected
    {
        Entries,
        Acknowledged
    };

    void ask(const std::string& read)
    {
        append(*m_context, read);
        m_expected.push_back(Expected::Entries);
        ++m_reads;
    }
    void acknowledge(std::string text, const redisReply& entries)
    {
        for (std::size_t i = 0; i < entries.elements; ++i)
            appendBulk(text, textOf(*entries.element[i]->element[0]));
        append(*m_context, text);
        m_expected.push_back(Expected::Acknowledged);
    }
    Reply takeOne()
    {
        Reply reply = next(*m_context);
        if (m_expected.front() == Expected::Entries)
            --m_reads;
        m_expected.pop_front();
        return reply;
    }

    Context m_context;
    std::string m_stream, m_read, m_waitingRead;
    std::deque<Expected> m_expected; ///< of the replies that are to come
    int m_reads = 0;
};

class RedisPeer final : public Peer
{
public:
    explicit RedisPeer(const Options& options)
        : m_options(options)
        , m_context(connect(options.endpoint))
    {
    }
    void setUp() override
    {
        call(command({"XGROUP", "CREATE", m_options.queue, "workers", "0", "MKSTREAM"}));
    }
    [[nodiscard]] std::unique_ptr<Producer> producer(const std::string& queue) override
    {
        return std::make_unique<RedisProducer>(m_options.endpoint, queue);
    }
    [[nodiscard]] std::unique_ptr<Consumer> consumer(const std::string& queue) override
    {
        return std::make_unique<RedisConsumer>(m_options.endpoint, queue);
    }
    [[nodiscard]] std::string deadQueue() const override { return m_options.queue + ".dead"; }
    /// One script moves 500 at a time, each lot atomically.
    void redrive(std::uint64_t count) override
    {
        constexpr std::string_view kMove = "local dead = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 500) "
                                           "local ids = {} "
                                           "for i, entry in ipairs(dead) do "
                                           "redis.call('XADD', KEYS[2], '*', unpack(entry[2])) ids[i] = entry[1] end "
                                           "if #ids > 0 then redis.call('XDEL', KEYS[1], unpack(ids)) end "
                                           "return #ids";
        std::uint64_t moved = 0;
        while (moved < count) {
            const Reply reply = call(command({"EVAL", kMove, "2", deadQueue(), m_options.queue}));
            if (reply->type != REDIS_REPLY_INTEGER || reply->integer <= 0)
                throw PeerError("dead letters are missing");
            moved += static_cast<std::uint64_t>(reply->integer);
        }
    }

private:
    Reply call(const std::string& text)
    {
        append(*m_context, text);
        return next(*m_context);
    }

    Options m_options;
    Context m_context;
};

} // namespace

std::unique_ptr<Peer> openPeer(const Options& options)
{
    return std::make_unique<RedisPeer>(options);
}

} // namespace millrace::peers
