// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/node.h"

#include "transport/zeromq/node/broker_p.h"
#include "transport/zeromq/node/runtime_directory_p.h"
#include "transport/zeromq/node/thread_p.h"

#include <unistd.h>

#include <exception>
#include <future>
#include <limits.h>
#include <thread>
#include <utility>

namespace millrace::zeromq {

namespace {

std::string hostName()
{
    char name[HOST_NAME_MAX + 1] = {};
    return ::gethostname(name, sizeof(name) - 1) == 0 ? std::string(name) : std::string();
}

} // namespace

class Node::Impl
{
public:
    Impl(std::shared_ptr<zmq::context_t> context, NodeOptions options)
        : m_context(std::move(context))
        , m_options(std::move(options))
    {
    }
    ~Impl()
    {
        m_stop.signal();
        if (m_thread.joinable())
            m_thread.join();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    base::Result<void> start();
    [[nodiscard]] const Endpoints& endpoints() const noexcept { return m_endpoints; }
    [[nodiscard]] std::uint64_t epoch() const noexcept { return m_epoch; }

private:
    base::Result<std::vector<EndpointBase>> chooseEndpoints();
    void runThread(const std::vector<EndpointBase>& endpoints, std::promise<base::Result<std::uint64_t>> ready);

    std::shared_ptr<zmq::context_t> m_context; ///< outlives every socket
    NodeOptions m_options;
    Endpoints m_endpoints;
    std::uint64_t m_epoch = 0;
    std::unique_ptr<store::DirectoryLock> m_lock;
    Wakeup m_stop;
    std::thread m_thread;
};

base::Result<std::vector<EndpointBase>> Node::Impl::chooseEndpoints()
{
    std::vector<EndpointBase> bases;
    auto inproc = parseEndpointBase("inproc://" + m_options.inprocName);
    if (!inproc)
        return tl::unexpected(std::move(inproc.error()));
    m_endpoints.inproc = inproc->toString();
    bases.push_back(std::move(*inproc));
    if (m_options.runtimeDirectory.empty())
        return bases;
    if (auto made = ensurePrivateDirectory(m_options.runtimeDirectory); !made)
        return tl::unexpected(std::move(made.error()));
    if (auto valid = message::validateName(m_options.name); !valid) {
        return base::fail(base::ErrorCode::Invalid,
                          "the node's name is part of its socket files: " + valid.error().context);
    }
    auto ipc = parseEndpointBase("ipc://" + m_options.runtimeDirectory + "/" + m_options.name);
    if (!ipc)
        return tl::unexpected(std::move(ipc.error()));
    m_endpoints.ipc = ipc->toString();
    bases.push_back(std::move(*ipc));
    return bases;
}

base::Result<void> Node::Impl::start()
{
    m_options.name = oneLine(m_options.name, 128);
    m_options.program = oneLine(m_options.program, 128);
    auto endpoints = chooseEndpoints();
    if (!endpoints)
        return tl::unexpected(std::move(endpoints.error()));
    store::Holder self{.pid = ::getpid(),
                       .program = m_options.program,
                       .host = hostName(),
                       .sinceUs = base::toMicros(base::systemNow().wall),
                       .endpoints = {}};
    auto lock = store::DirectoryLock::acquire(m_options.store.directory, std::move(self));
    if (!lock)
        return tl::unexpected(std::move(lock.error()));
    m_lock = std::move(*lock);

    std::promise<base::Result<std::uint64_t>> promise;
    auto ready = promise.get_future();
    m_thread = std::thread([this, bases = *endpoints, promise = std::move(promise)]() mutable {
        runThread(bases, std::move(promise));
    });
    const base::Result<std::uint64_t> opened = ready.get();
    if (!opened)
        return tl::unexpected(opened.error());
    m_epoch = *opened;
    return m_lock->announce(m_endpoints.ipc);
}

void Node::Impl::runThread(const std::vector<EndpointBase>& endpoints, std::promise<base::Result<std::uint64_t>> ready)
{
    beginThread("mr-broker");
    bool isReady = false;
    try {
        Broker broker(*m_context, m_options, m_stop);
        auto opened = broker.open(endpoints);
        isReady = true;
        if (!opened) {
            ready.set_value(tl::unexpected(std::move(opened.error())));
            return;
        }
        ready.set_value(broker.epoch());
        broker.run();
    } catch (const std::exception& error) {
        const std::string text = std::string("the broker thread ended: ") + error.what();
        if (m_options.log)
            m_options.log('E', text);
        if (!isReady)
            ready.set_value(base::fail(base::ErrorCode::Internal, text));
        else if (m_options.onFailed)
            m_options.onFailed(text);
    }
}

Node::Node(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

Node::~Node() = default;

base::Result<std::unique_ptr<Node>> Node::start(std::shared_ptr<zmq::context_t> context, NodeOptions options)
{
    auto impl = std::make_unique<Impl>(std::move(context), std::move(options));
    if (auto started = impl->start(); !started)
        return tl::unexpected(std::move(started.error()));
    return std::unique_ptr<Node>(new Node(std::move(impl)));
}

const Endpoints& Node::endpoints() const noexcept
{
    return m_impl->endpoints();
}

std::uint64_t Node::epoch() const noexcept
{
    return m_impl->epoch();
}

} // namespace millrace::zeromq
