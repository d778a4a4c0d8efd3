// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

// NATS JetStream: a work-queue stream in files, asynchronous publishes with confirms, a push consumer with explicit
// acknowledgements. Dead letters wait in a second stream.

#include "tests/bench/peers/driver.h"

#include <nats/nats.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace millrace::peers {

namespace {

constexpr std::size_t kBatch = 256;
constexpr std::size_t kWindow = 8192;
constexpr std::int64_t kMaxAckPending = 20'000;
constexpr std::size_t kReceiveAtOnce = 256;

void require(natsStatus status, const char* what)
{
    if (status != NATS_OK)
        throw PeerError(std::string(what) + ": " + natsStatus_GetText(status));
}

/// A connection. The library reads and flushes on threads of its own.
class Link
{
public:
    explicit Link(const std::string& endpoint)
    {
        const std::string url = "nats://127.0.0.1:" + endpoint;
        require(natsConnection_ConnectTo(&m_connection, url.c_str()), "connect");
        if (const natsStatus status = natsConnection_JetStream(&m_stream, m_connection, nullptr); status != NATS_OK) {
            natsConnection_Destroy(m_connection);
            require(status, "JetStream");
        }
    }
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    ~Link()
    {
        jsCtx_Destroy(m_stream);
        natsConnection_Destroy(m_connection);
    }
    [[nodiscard]] natsConnection* connection() const noexcept { return m_connection; }
    [[nodiscard]] jsCtx* stream() const noexcept { return m_stream; }

private:
    natsConnection* m_connection = nullptr;
    jsCtx* m_stream = nullptr;
};

/// Each message asks for the stream's confirm on a subject of this producer. js_PublishAsync() does the same, with an
/// entry in a table and a parsed answer for each, and reached 0.6 of the rate.
class NatsProducer final : public Producer
{
public:
    NatsProducer(const std::string& endpoint, const std::string& subject)
        : m_link(endpoint)
        , m_subject(subject)
    {
        natsInbox* inbox = nullptr;
        require(natsInbox_Create(&inbox), "inbox");
        m_inbox = inbox;
        natsInbox_Destroy(inbox);
        require(natsConnection_Subscribe(&m_confirms, m_link.connection(), m_inbox.c_str(), onConfirm, this),
                "subscribe");
        require(natsSubscription_SetPendingLimits(m_confirms, -1, -1), "subscribe");
    }
    ~NatsProducer() override { natsSubscription_Destroy(m_confirms); }
    [[nodiscard]] std::size_t batch() const override { return kBatch; }
    void send(BodyList bodies) override
    {
        if (m_sent + bodies.size() > kWindow)
            await(m_sent + bodies.size() - kWindow);
        for (const std::string_view body : bodies) {
            const natsStatus status = natsConnection_PublishRequest(
                m_link.connection(), m_subject.c_str(), m_inbox.c_str(), body.data(), static_cast<int>(body.size()));
            require(status, "publish");
        }
        m_sent += bodies.size();
    }
    void finish() override { await(m_sent); }
    /// Confirms come on a thread of the library.
    void idle(std::int64_t untilNs) override
    {
        const timespec until{untilNs / 1'000'000'000, untilNs % 1'000'000'000};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
    }

private:
    static void onConfirm(natsConnection*, natsSubscription*, natsMsg* message, void* closure)
    {
        auto* const self = static_cast<NatsProducer*>(closure);
        const std::string_view answer(natsMsg_GetData(message),
                                      static_cast<std::size_t>(natsMsg_GetDataLength(message)));
        if (!answer.starts_with("{\"stream\":") || answer.find("\"error\"") != std::string_view::npos)
            self->m_failed = true;
        natsMsg_Destroy(message);
        const std::size_t confirmed = ++self->m_confirmed;
        if (confirmed >= self->m_awaited) {
            const std::lock_guard lock(self->m_mutex);
            self->m_condition.notify_one();
        }
    }
    void await(std::size_t confirmed)
    {
        std::unique_lock lock(m_mutex);
        m_awaited = confirmed;
        const bool arrived
            = m_condition.wait_for(lock, std::chrono::seconds(60), [&] { return m_confirmed >= confirmed; });
        m_awaited = SIZE_MAX;
        if (!arrived || m_failed)
            throw PeerError("a message was not confirmed");
    }

    Link m_link;
    std::string m_subject, m_inbox;
    natsSubscription* m_confirms = nullptr;
    std::size_t m_sent = 0;
    std::atomic<std::size_t> m_confirmed = 0;
    std::atomic<std::size_t> m_awaited = SIZE_MAX; ///< what await() waits for
    std::atomic<bool> m_failed = false;
    std::mutex m_mutex;
    std::condition_variable m_condition;
};

class NatsConsumer final : public Consumer
{
public:
    NatsConsumer(const std::string& endpoint, const std::string& subject)
        : m_link(endpoint)
    {
        jsSubOptions options;
        jsSubOptions_Init(&options);
        options.ManualAck = true;
        options.Config.AckPolicy = js_AckExplicit;
        options.Config.MaxAckPending = kMaxAckPending;
        options.Config.Durable = "workers";
        jsErrCode code{};
        require(js_SubscribeSync(&m_subscription, m_link.stream(), subject.c_str(), nullptr, &options, &code),
                "subscribe");
        require(natsSubscription_SetPendingLimits(m_subscription, -1, -1), "subscribe");
    }
    ~NatsConsumer() override { natsSubscription_Destroy(m_subscription); }
    void receive(Checker& checker) override
    {
        constexpr std::int64_t kPatienceMs = 1000;
        for (std::size_t i = 0; i < kReceiveAtOnce && !checker.isComplete(); ++i) {
            natsMsg* message = nullptr;
            const natsStatus status = natsSubscription_NextMsg(&message, m_subscription, i == 0 ? kPatienceMs : 0);
            if (status == NATS_TIMEOUT)
                return;
            require(status, "receive");
            checker.check({natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))});
            const natsStatus acknowledged = natsMsg_Ack(message, nullptr);
            natsMsg_Destroy(message);
            require(acknowledged, "acknowledge");
        }
    }
    void finish() override { require(natsConnection_FlushTimeout(m_link.connection(), 60'000), "finish"); }

private:
    Link m_link;
    natsSubscription* m_subscription = nullptr;
};

class NatsPeer final : public Peer
{
public:
    explicit NatsPeer(const Options& options)
        : m_options(options)
        , m_link(options.endpoint)
    {
    }
    void setUp() override
    {
        addStream(m_options.queue);
        addStream(deadQueue());
    }
    [[nodiscard]] std::unique_ptr<Producer> producer(const std::string& queue) override
    {
        return std::make_unique<NatsProducer>(m_options.endpoint, queue);
    }
    [[nodiscard]] std::unique_ptr<Consumer> consumer(const std::string& queue) override
    {
        return std::make_unique<NatsConsumer>(m_options.endpoint, queue);
    }
    [[nodiscard]] std::string deadQueue() const override { return m_options.queue + ".dead"; }
    /// Each lot is acknowledged in the stream of dead letters once the origin has confirmed it.
    void redrive(std::uint64_t count) override
    {
        NatsProducer producer(m_options.endpoint, m_options.queue);
        natsSubscription* subscription = nullptr;
        jsErrCode code{};
        jsSubOptions options;
        jsSubOptions_Init(&options);
        options.Config.MaxAckPending = kMaxAckPending;
        require(js_PullSubscribe(
                    &subscription, m_link.stream(), deadQueue().c_str(), "redrive", nullptr, &options, &code),
                "subscribe");
        constexpr std::uint64_t kLot = 4000;
        for (std::uint64_t moved = 0; moved < count;) {
            natsMsgList lot{};
            const int most = static_cast<int>(std::min(kLot, count - moved));
            require(natsSubscription_Fetch(&lot, subscription, most, 10'000, &code), "receive");
            for (int i = 0; i < lot.Count; ++i) {
                const std::string_view body(natsMsg_GetData(lot.Msgs[i]),
                                            static_cast<std::size_t>(natsMsg_GetDataLength(lot.Msgs[i])));
                producer.send({&body, 1});
            }
            producer.finish();
            for (int i = 0; i < lot.Count; ++i)
                require(natsMsg_Ack(lot.Msgs[i], nullptr), "acknowledge");
            moved += static_cast<std::uint64_t>(lot.Count);
            natsMsgList_Destroy(&lot);
        }
        require(natsConnection_FlushTimeout(m_link.connection(), 60'000), "finish");
        natsSubscription_Destroy(subscription);
    }

private:
    void addStream(const std::string& subject)
    {
        std::string name = subject;
        std::ranges::replace(name, '.', '-');
        const char* const subjects[] = {subject.c_str()};
        jsStreamConfig config;
        jsStreamConfig_Init(&config);
        config.Name = name.c_str();
        config.Subjects = const_cast<const char**>(subjects);
        config.SubjectsLen = 1;
        config.Retention = js_WorkQueuePolicy;
        config.Storage = js_FileStorage;
        jsErrCode code{};
        require(js_AddStream(nullptr, m_link.stream(), &config, nullptr, &code), "stream");
    }

    Options m_options;
    Link m_link;
};

} // namespace

std::unique_ptr<Peer> openPeer(const Options& options)
{
    return std::make_unique<NatsPeer>(options);
}

} // namespace millrace::peers
