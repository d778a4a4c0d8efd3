// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

// beanstalkd: put, reserve, delete, bury and kick, spoken over a socket, as many commands at once as pay.

#include "tests/bench/peers/driver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

namespace millrace::peers {

namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kWindow = 512;
constexpr std::size_t kMostReserves = 128;

/// A connection that uses and watches one tube.
class Link
{
public:
    Link(const std::string& endpoint, const std::string& tube)
        : m_socket(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
        , m_in(1 << 18, '\0')
    {
        const int yes = 1;
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint)));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(m_socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            close(m_socket);
            throw PeerError(std::strerror(errno));
        }
        setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        write("use " + tube + "\r\nwatch " + tube + "\r\nignore default\r\n");
        for (const std::string_view answer : {"USING", "WATCHING", "WATCHING"})
            expect(answer);
    }
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    ~Link() { close(m_socket); }

    [[nodiscard]] int descriptor() const noexcept { return m_socket; }
    void write(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0)
                throw PeerError(std::strerror(errno));
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    [[nodiscard]] bool hasLine() const { return held().find('\n') != std::string_view::npos; }
    /// Reads what there is, at least something.
    void fill()
    {
        if (m_begin > 0) {
            std::memmove(m_in.data(), m_in.data() + m_begin, m_end - m_begin);
            m_end -= m_begin;
            m_begin = 0;
        }
        const ssize_t got = recv(m_socket, m_in.data() + m_end, m_in.size() - m_end, 0);
        if (got <= 0)
            throw PeerError("beanstalkd closed the connection");
        m_end += static_cast<std::size_t>(got);
    }
    /// @returns a line without its end, valid until the next call
    std::string_view line()
    {
        while (!hasLine())
            fill();
        const std::string_view all = held();
        const std::size_t end = all.find('\n');
        m_begin += end + 1;
        return all.substr(0, end - 1);
    }
    std::string_view bytes(std::size_t count)
    {
        while (m_end - m_begin < count)
            fill();
        const std::string_view all = held().substr(0, count);
        m_begin += count;
        return all;
    }
    void expect(std::string_view word)
    {
        const std::string_view answer = line();
        if (!answer.starts_with(word))
            throw PeerError("beanstalkd says " + std::string(answer));
    }
    /// The answer to a reserve. @returns false if there was no job; `id` and `body` are valid until the next call
    bool reserved(std::string_view& id, std::string_view& body)
    {
        constexpr std::string_view kWord = "RESERVED ";
        const std::string_view answer = line();
        if (!answer.starts_with(kWord)) {
            if (answer != "TIMED_OUT" && answer != "DEADLINE_SOON")
                throw PeerError("beanstalkd says " + std::string(answer));
            return false;
        }
        const std::size_t space = answer.find(' ', kWord.size());
        m_id = answer.substr(kWord.size(), space - kWord.size());
        std::size_t size = 0;
        std::from_chars(answer.data() + space + 1, answer.data() + answer.size(), size);
        id = m_id;
        body = bytes(size + 2).substr(0, size);
        return true;
    }

private:
    [[nodiscard]] std::string_view held() const { return {m_in.data() + m_begin, m_end - m_begin}; }

    int m_socket;
    std::string m_in, m_id;
    std::size_t m_begin = 0, m_end = 0;
};

class BeanstalkProducer final : public WindowedProducer
{
public:
    BeanstalkProducer(const std::string& endpoint, const std::string& tube)
        : WindowedProducer(kBatch, kWindow)
        , m_link(endpoint, tube)
    {
    }

protected:
    void write(BodyList bodies) override
    {
        m_text.clear();
        for (const std::string_view body : bodies) {
            m_text += "put 0 0 600 ";
            m_text += std::to_string(body.size());
            m_text += "\r\n";
            m_text += body;
            m_text += "\r\n";
        }
        m_link.write(m_text);
    }
    std::size_t takeConfirms(bool wait) override
    {
        if (wait || !m_link.hasLine())
            m_link.fill();
        std::size_t confirmed = 0;
        for (; m_link.hasLine(); ++confirmed)
            m_link.expect("INSERTED");
        return confirmed;
    }
    [[nodiscard]] int descriptor() const override { return m_link.descriptor(); }

private:
    Link m_link;
    std::string m_text;
};

/// Each round sends the deletes of the last one, a reserve that waits and some that do not: one that waits would hold
/// back the deletes behind it. How many follows from how many jobs the last round had.
class BeanstalkConsumer final : public Consumer
{
public:
    BeanstalkConsumer(const std::string& endpoint, const std::string& tube)
        : m_link(endpoint, tube)
    {
    }
    void receive(Checker& checker) override
    {
        const std::size_t more = std::min(m_deletes * 2, kMostReserves - 1);
        m_text += "reserve-with-timeout 1\r\n";
        for (std::size_t i = 0; i < more; ++i)
            m_text += "reserve-with-timeout 0\r\n";
        m_link.write(m_text);
        takeDeletes();
        for (std::size_t i = 0; i <= more; ++i) {
            std::string_view id, body;
            if (!m_link.reserved(id, body))
                continue;
            checker.check(body);
            m_text += "delete ";
            m_text += id;
            m_text += "\r\n";
            ++m_deletes;
        }
    }
    void finish() override
    {
        m_link.write(m_text);
        takeDeletes();
    }

private:
    void takeDeletes()
    {
        m_text.clear();
        for (; m_deletes > 0; --m_deletes)
            m_link.expect("DELETED");
    }

    Link m_link;
    std::string m_text; ///< deletes that are to be sent
    std::size_t m_deletes = 0;
};

class BeanstalkPeer final : public Peer
{
public:
    explicit BeanstalkPeer(const Options& options)
        : m_options(options)
        , m_link(options.endpoint, options.queue)
    {
    }
    void setUp() override {} // tubes come and go with their jobs
    [[nodiscard]] std::unique_ptr<Producer> producer(const std::string& queue) override
    {
        return std::make_unique<BeanstalkProducer>(m_options.endpoint, queue);
    }
    [[nodiscard]] std::unique_ptr<Consumer> consumer(const std::string& queue) override
    {
        return std::make_unique<BeanstalkConsumer>(m_options.endpoint, queue);
    }
    [[nodiscard]] std::string deadQueue() const override { return m_options.queue; }
    void bury(std::uint64_t count) override
    {
        std::uint64_t buried = 0;
        while (buried < count) {
            const std::size_t some = static_cast<std::size_t>(std::min<std::uint64_t>(kMostReserves, count - buried));
            std::string text;
            for (std::size_t i = 0; i < some; ++i)
                text += "reserve-with-timeout 0\r\n";
            m_link.write(text);
            text.clear();
            for (std::size_t i = 0; i < some; ++i) {
                std::string_view id, body;
                if (!m_link.reserved(id, body))
                    throw PeerError("jobs are missing");
                text += "bury " + std::string(id) + " 0\r\n";
            }
            m_link.write(text);
            for (std::size_t i = 0; i < some; ++i)
                m_link.expect("BURIED");
            buried += some;
        }
    }
    void redrive(std::uint64_t count) override
    {
        m_link.write("kick " + std::to_string(count) + "\r\n");
        m_link.expect("KICKED " + std::to_string(count));
    }

private:
    Options m_options;
    Link m_link;
};

} // namespace

std::unique_ptr<Peer> openPeer(const Options& options)
{
    return std::make_unique<BeanstalkPeer>(options);
}

} // namespace millrace::peers
