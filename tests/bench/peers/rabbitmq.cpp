// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

// RabbitMQ over AMQP 0-9-1: publisher confirms, prefetch, acknowledgements of many at once. Dead letters wait in the
// queue that the origin names as its dead-letter target.

#include "tests/bench/peers/driver.h"

#include <amqp.h>
#include <amqp_tcp_socket.h>

#include <deque>

namespace millrace::peers {

namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kWindow = 4000;
constexpr std::uint16_t kPrefetch = 1000;
constexpr std::uint64_t kAcknowledgeEach = 250;
constexpr amqp_channel_t kChannel = 1;

amqp_bytes_t bytesOf(std::string_view text)
{
    return {text.size(), const_cast<char*>(text.data())};
}

void require(const amqp_rpc_reply_t& reply, const char* what)
{
    if (reply.reply_type == AMQP_RESPONSE_NORMAL)
        return;
    std::string text = what;
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION)
        text += std::string(": ") + amqp_error_string2(reply.library_error);
    else if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
        const auto* close = static_cast<const amqp_channel_close_t*>(reply.reply.decoded);
        text += ": " + std::string(static_cast<const char*>(close->reply_text.bytes), close->reply_text.len);
    }
    throw PeerError(text);
}

void require(int status, const char* what)
{
    if (status != AMQP_STATUS_OK)
        throw PeerError(std::string(what) + ": " + amqp_error_string2(status));
}

/// A connection with one channel.
class Link
{
public:
    explicit Link(const std::string& endpoint)
        : m_state(amqp_new_connection())
    {
        try {
            amqp_socket_t* const socket = amqp_tcp_socket_new(m_state);
            require(amqp_socket_open(socket, "127.0.0.1", std::stoi(endpoint)), "connect");
            constexpr int kLargestFrame = 131'072;
            require(amqp_login(m_state, "/", 0, kLargestFrame, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"), "login");
            amqp_channel_open(m_state, kChannel);
            require(amqp_get_rpc_reply(m_state), "channel");
        } catch (...) {
            amqp_destroy_connection(m_state);
            throw;
        }
    }
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    ~Link() { amqp_destroy_connection(m_state); }

    [[nodiscard]] amqp_connection_state_t state() const noexcept { return m_state; }
    void publish(const std::string& queue, std::string_view body)
    {
        amqp_basic_properties_t properties{};
        properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
        properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
        const int status = amqp_basic_publish(
            m_state, kChannel, amqp_empty_bytes, bytesOf(queue), 0, 0, &properties, bytesOf(body));
        require(status, "publish");
    }
    void consume(const std::string& queue)
    {
        amqp_basic_qos(m_state, kChannel, 0, kPrefetch, 0);
        require(amqp_get_rpc_reply(m_state), "prefetch");
        amqp_basic_consume(m_state, kChannel, bytesOf(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
        require(amqp_get_rpc_reply(m_state), "consume");
    }
    void acknowledge(std::uint64_t tag) { require(amqp_basic_ack(m_state, kChannel, tag, 1), "acknowledge"); }
    /// @returns whether more can be read without waiting
    [[nodiscard]] bool hasMore() const
    {
        return amqp_frames_enqueued(m_state) || amqp_data_in_buffer(m_state)
               || waitReadable(amqp_get_sockfd(m_state), 0);
    }

private:
    amqp_connection_state_t m_state;
};

/// Which of the messages published are confirmed: confirms come for one or for all up to one, in any order.
class Confirms
{
public:
    void expect(std::size_t count) { m_open.insert(m_open.end(), count, true); }
    /// @returns how many messages this confirms
    std::size_t take(std::uint64_t tag, bool andAllBefore)
    {
        std::size_t confirmed = 0;
        const std::uint64_t at = tag - m_firstTag;
        if (tag < m_firstTag || at >= m_open.size())
            throw PeerError("a confirm of what was not published");
        for (std::uint64_t i = andAllBefore ? 0 : at; i <= at; ++i) {
            confirmed += m_open[i];
            m_open[i] = false;
        }
        for (; !m_open.empty() && !m_open.front(); ++m_firstTag)
            m_open.pop_front();
        return confirmed;
    }

private:
    std::deque<bool> m_open;
    std::uint64_t m_firstTag = 1;
};

class RabbitProducer final : public WindowedProducer
{
public:
    RabbitProducer(const std::string& endpoint, const std::string& queue)
        : WindowedProducer(kBatch, kWindow)
        , m_link(endpoint)
        , m_queue(queue)
    {
        amqp_confirm_select(m_link.state(), kChannel);
        require(amqp_get_rpc_reply(m_link.state()), "confirms");
    }

protected:
    void write(BodyList bodies) override
    {
        m_confirms.expect(bodies.size());
        for (const std::string_view body : bodies)
            m_link.publish(m_queue, body);
    }
    std::size_t takeConfirms(bool wait) override
    {
        amqp_maybe_release_buffers(m_link.state());
        std::size_t confirmed = 0;
        while ((wait && confirmed == 0) || m_link.hasMore()) {
            amqp_frame_t frame{};
            const timeval patience{60, 0};
            require(amqp_simple_wait_frame_noblock(m_link.state(), &frame, &patience), "confirm");
            if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
                throw PeerError("a message was refused");
            const auto* ack = static_cast<const amqp_basic_ack_t*>(frame.payload.method.decoded);
            confirmed += m_confirms.take(ack->delivery_tag, ack->multiple != 0);
        }
        return confirmed;
    }
    [[nodiscard]] int descriptor() const override { return amqp_get_sockfd(m_link.state()); }

private:
    Link m_link;
    std::string m_queue;
    Confirms m_confirms;
};

/// Acknowledges a quarter of the prefetch at once, or what it has when nothing more has come.
class RabbitConsumer final : public Consumer
{
public:
    RabbitConsumer(const std::string& endpoint, const std::string& queue)
        : m_link(endpoint)
    {
        m_link.consume(queue);
    }
    void receive(Checker& checker) override
    {
        std::uint64_t received = 0, tag = 0;
        amqp_maybe_release_buffers(m_link.state());
        do {
            amqp_envelope_t envelope{};
            const timeval patience{1, 0};
            const amqp_rpc_reply_t reply = amqp_consume_message(m_link.state(), &envelope, &patience, 0);
            if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && reply.library_error == AMQP_STATUS_TIMEOUT)
                break;
            require(reply, "receive");
            checker.check({static_cast<const char*>(envelope.message.body.bytes), envelope.message.body.len});
            tag = envelope.delivery_tag;
            ++received;
            amqp_destroy_envelope(&envelope);
        } while (received < kAcknowledgeEach && m_link.hasMore());
        if (received > 0)
            m_link.acknowledge(tag);
    }
    /// The answer to a question on the same channel comes after the acknowledgements before it.
    void finish() override
    {
        amqp_basic_qos(m_link.state(), kChannel, 0, kPrefetch, 0);
        require(amqp_get_rpc_reply(m_link.state()), "finish");
    }

private:
    Link m_link;
};

class RabbitPeer final : public Peer
{
public:
    explicit RabbitPeer(const Options& options)
        : m_options(options)
        , m_link(options.endpoint)
    {
    }
    void setUp() override
    {
        declare(deadQueue(), {});
        declare(m_options.queue, deadQueue());
    }
    [[nodiscard]] std::unique_ptr<Producer> producer(const std::string& queue) override
    {
        return std::make_unique<RabbitProducer>(m_options.endpoint, queue);
    }
    [[nodiscard]] std::unique_ptr<Consumer> consumer(const std::string& queue) override
    {
        return std::make_unique<RabbitConsumer>(m_options.endpoint, queue);
    }
    [[nodiscard]] std::string deadQueue() const override { return m_options.queue + ".dead"; }
    /// As a shovel does it: each is acknowledged in the dead-letter queue once the origin has confirmed it.
    void redrive(std::uint64_t count) override
    {
        RabbitProducer producer(m_options.endpoint, m_options.queue);
        Link link(m_options.endpoint);
        link.consume(deadQueue());
        std::uint64_t moved = 0;
        while (moved < count) {
            std::uint64_t tag = 0, some = 0;
            do {
                amqp_envelope_t envelope{};
                const timeval patience{10, 0};
                amqp_maybe_release_buffers(link.state());
                require(amqp_consume_message(link.state(), &envelope, &patience, 0), "receive");
                const std::string_view body(static_cast<const char*>(envelope.message.body.bytes),
                                            envelope.message.body.len);
                producer.send({&body, 1});
                tag = envelope.delivery_tag;
                amqp_destroy_envelope(&envelope);
            } while (++some < kAcknowledgeEach && moved + some < count && link.hasMore());
            producer.finish();
            link.acknowledge(tag);
            moved += some;
        }
    }

private:
    void declare(const std::string& queue, const std::string& deadLetters)
    {
        amqp_table_entry_t entries[3];
        int count = 0;
        const auto add = [&](const char* key, const std::string& value) {
            entries[count].key = amqp_cstring_bytes(key);
            entries[count].value.kind = AMQP_FIELD_KIND_UTF8;
            entries[count].value.value.bytes = bytesOf(value);
            ++count;
        };
        add("x-queue-type", m_options.variant);
        const std::string defaultExchange;
        if (!deadLetters.empty()) {
            add("x-dead-letter-exchange", defaultExchange);
            add("x-dead-letter-routing-key", deadLetters);
        }
        amqp_queue_declare(m_link.state(), kChannel, bytesOf(queue), 0, 1, 0, 0, {count, entries});
        require(amqp_get_rpc_reply(m_link.state()), "queue");
    }

    Options m_options;
    Link m_link;
};

} // namespace

std::unique_ptr<Peer> openPeer(const Options& options)
{
    return std::make_unique<RabbitPeer>(options);
}

} // namespace millrace::peers
