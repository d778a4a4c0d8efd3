// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

// peer-<system> ROLE ENDPOINT [--queue Q] [--variant V] [--count N] [--size B] [--rate R] [--seconds S] [--lone]
// One process of a measurement. Prints one line of JSON, times in ns of the monotonic clock; exit code 0 only if the
// system did what it was asked to.
//   first    waits for the system, sets it up, submits one message and receives it
//   setup    creates the queue
//   produce  submits; from the first submit until the last confirm
//   consume  prints "ready" once it is attached; from there until the last acknowledgement
//   bury     makes dead letters
//   redrive  puts them back

#include "tests/bench/peers/driver.h"

#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <vector>

namespace millrace::peers {

void WindowedProducer::send(BodyList bodies)
{
    while (m_inFlight > 0 && m_inFlight + bodies.size() > m_window)
        m_inFlight -= takeConfirms(true);
    write(bodies);
    m_inFlight += bodies.size();
}

void WindowedProducer::finish()
{
    while (m_inFlight > 0)
        m_inFlight -= takeConfirms(true);
}

void WindowedProducer::idle(std::int64_t untilNs)
{
    while (waitReadable(descriptor(), untilNs))
        m_inFlight -= takeConfirms(false);
}

void Peer::bury(std::uint64_t) {}

namespace {

/// Space for one batch of bodies.
class Batch
{
public:
    Batch(const Bodies& bodies, std::size_t most)
        : m_bodies(bodies)
        , m_bytes(bodies.size() * most)
    {
    }
    /// @returns the bodies from number `first` on, all stamped with `stampNs`
    BodyList fill(std::uint64_t first, std::size_t count, std::int64_t stampNs)
    {
        m_views.clear();
        for (std::size_t i = 0; i < count; ++i) {
            char* const at = m_bytes.data() + i * m_bodies.size();
            m_bodies.write(first + i, stampNs, at);
            m_views.emplace_back(at, m_bodies.size());
        }
        return m_views;
    }

private:
    const Bodies& m_bodies;
    std::vector<char> m_bytes;
    std::vector<std::string_view> m_views;
};

void produceAll(Producer& producer, const Options& options)
{
    const Bodies bodies(options.size);
    const std::size_t most = options.lone ? 1 : producer.batch();
    Batch batch(bodies, most);
    for (std::uint64_t next = 0; next < options.count;) {
        const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(most, options.count - next));
        producer.send(batch.fill(next, some, monotonicNs()));
        next += some;
        if (options.lone)
            producer.finish();
    }
    producer.finish();
}

/// Each message leaves when it is due, or as soon after as the one before it has left.
void producePaced(Producer& producer, const Options& options)
{
    const Bodies bodies(options.size);
    Batch batch(bodies, 1);
    const std::int64_t startNs = monotonicNs();
    for (std::uint64_t next = 0; next < options.count; ++next) {
        const std::int64_t dueNs = startNs + static_cast<std::int64_t>(static_cast<double>(next) * 1e9 / options.rate);
        producer.idle(dueNs);
        producer.send(batch.fill(next, 1, dueNs));
    }
    producer.finish();
}

int runProduce(const Options& options)
{
    const auto peer = openPeer(options);
    const auto producer = peer->producer(options.queue);
    const std::int64_t firstNs = monotonicNs();
    if (options.rate > 0)
        producePaced(*producer, options);
    else
        produceAll(*producer, options);
    std::printf("{\"first_ns\":%lld,\"last_ns\":%lld,\"messages\":%llu}\n",
                static_cast<long long>(firstNs),
                static_cast<long long>(monotonicNs()),
                static_cast<unsigned long long>(options.count));
    return 0;
}

int runConsume(const Options& options)
{
    constexpr std::int64_t kPatienceNs = 60'000'000'000; // without a single message
    const Bodies bodies(options.size);
    Checker checker(bodies, 0, options.count, options.rate > 0);
    const auto peer = openPeer(options);
    const std::int64_t startNs = monotonicNs();
    const auto consumer = peer->consumer(options.queue);
    std::puts("ready");
    std::fflush(stdout);
    const std::int64_t stopNs
        = options.seconds > 0 ? startNs + static_cast<std::int64_t>(options.seconds * 1e9) : INT64_MAX;
    std::int64_t progressNs = startNs;
    while (!checker.isComplete()) {
        const std::uint64_t before = checker.distinct();
        consumer->receive(checker);
        const std::int64_t now = monotonicNs();
        if (checker.distinct() > before)
            progressNs = now;
        else if (now - progressNs > kPatienceNs)
            break;
        if (now > stopNs)
            break;
    }
    consumer->finish();
    std::printf("{\"start_ns\":%lld,\"first_ns\":%lld,\"last_ns\":%lld,\"messages\":%llu,\"duplicates\":%llu,"
                "\"mismatches\":%llu,\"delivered_p50_ms\":%.4f,\"delivered_p99_ms\":%.4f,\"delivered_max_ms\":%.4f}\n",
                static_cast<long long>(startNs),
                static_cast<long long>(checker.firstNs()),
                static_cast<long long>(monotonicNs()),
                static_cast<unsigned long long>(checker.distinct()),
                static_cast<unsigned long long>(checker.duplicates()),
                static_cast<unsigned long long>(checker.mismatches()),
                checker.latencyMs(0.5),
                checker.latencyMs(0.99),
                checker.latencyMs(1));
    return checker.mismatches() == 0 && (checker.isComplete() || options.seconds > 0) ? 0 : 1;
}

/// There is nothing to wait on while the system does not listen yet, hence the pause.
int runFirst(const Options& options)
{
    constexpr std::int64_t kPatienceNs = 60'000'000'000;
    const std::int64_t startNs = monotonicNs();
    std::puts("ready");
    std::fflush(stdout);
    std::unique_ptr<Peer> peer;
    while (!peer) {
        try {
            auto opened = openPeer(options);
            opened->setUp();
            peer = std::move(opened);
        } catch (const PeerError&) {
            if (monotonicNs() - startNs > kPatienceNs)
                throw;
            const timespec pause{0, 1'000'000};
            nanosleep(&pause, nullptr);
        }
    }
    Options one = options;
    one.count = 1;
    produceAll(*peer->producer(options.queue), one);
    const Bodies bodies(options.size);
    Checker checker(bodies, 0, 1, false);
    const auto consumer = peer->consumer(options.queue);
    while (!checker.isComplete())
        consumer->receive(checker);
    consumer->finish();
    std::printf("{\"received_ns\":%lld,\"settled_ns\":%lld}\n",
                static_cast<long long>(checker.firstNs()),
                static_cast<long long>(monotonicNs()));
    return 0;
}

int runSetUp(const Options& options)
{
    openPeer(options)->setUp();
    std::puts("{}");
    return 0;
}

int runBury(const Options& options)
{
    const auto peer = openPeer(options);
    produceAll(*peer->producer(peer->deadQueue()), options);
    peer->bury(options.count);
    std::puts("{}");
    return 0;
}

int runRedrive(const Options& options)
{
    const auto peer = openPeer(options);
    const std::int64_t firstNs = monotonicNs();
    peer->redrive(options.count);
    std::printf("{\"first_ns\":%lld,\"last_ns\":%lld,\"messages\":%llu}\n",
                static_cast<long long>(firstNs),
                static_cast<long long>(monotonicNs()),
                static_cast<unsigned long long>(options.count));
    return 0;
}

Options parse(std::span<char*> arguments)
{
    Options options;
    options.endpoint = arguments[0];
    const std::map<std::string_view, std::function<void(const std::string&)>> known{
        {"--queue", [&](const std::string& value) { options.queue = value; }},
        {"--variant", [&](const std::string& value) { options.variant = value; }},
        {"--count", [&](const std::string& value) { options.count = std::stoull(value); }},
        {"--size", [&](const std::string& value) { options.size = std::stoull(value); }},
        {"--rate", [&](const std::string& value) { options.rate = std::stod(value); }},
        {"--seconds", [&](const std::string& value) { options.seconds = std::stod(value); }},
    };
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const std::string_view name = arguments[i];
        if (name == "--lone") {
            options.lone = true;
            continue;
        }
        const auto found = known.find(name);
        if (found == known.end() || i + 1 == arguments.size())
            throw std::invalid_argument("unknown, or without a value: " + std::string(name));
        found->second(arguments[++i]);
    }
    return options;
}

int run(std::span<char*> arguments)
{
    const std::map<std::string_view, int (*)(const Options&)> roles{{"first", runFirst},
                                                                    {"setup", runSetUp},
                                                                    {"produce", runProduce},
                                                                    {"consume", runConsume},
                                                                    {"bury", runBury},
                                                                    {"redrive", runRedrive}};
    const auto role = arguments.size() < 3 ? roles.end() : roles.find(arguments[1]);
    if (role == roles.end())
        throw std::invalid_argument("usage: ROLE ENDPOINT [options]");
    return role->second(parse(arguments.subspan(2)));
}

} // namespace

} // namespace millrace::peers

int main(int argc, char* argv[])
{
    // Without this a paced producer wakes up to 50 us late.
    prctl(PR_SET_TIMERSLACK, 1UL);
    try {
        return millrace::peers::run({argv, static_cast<std::size_t>(argc)});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
        return 2;
    }
}
