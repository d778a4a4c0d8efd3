// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/campaign/node_child.h"

#include "transport/zeromq/node/node.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zmq.hpp>

#include <array>
#include <iostream>
#include <utility>
#include <vector>

namespace millrace::crash {

namespace {

using namespace std::chrono_literals;

constexpr auto kStartPatience = 20s;
constexpr std::uint64_t kWalLimitBytes = 1024 * 1024; ///< so that checkpoints are frequent

std::vector<std::string> environmentWith(const std::string& failpoint)
{
    std::vector<std::string> all;
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
        if (!std::string_view(*entry).starts_with("MILLRACE_FAILPOINT="))
            all.emplace_back(*entry);
    }
    if (!failpoint.empty())
        all.push_back("MILLRACE_FAILPOINT=" + failpoint);
    return all;
}

std::vector<char*> pointersOf(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

bool isReadable(int fd, std::chrono::milliseconds patience)
{
    pollfd item{fd, POLLIN, 0};
    return ::poll(&item, 1, static_cast<int>(patience.count())) > 0;
}

} // namespace

NodeChild::NodeChild(std::filesystem::path directory)
    : m_directory(std::move(directory))
{
}

NodeChild::~NodeChild() { kill(); }

void NodeChild::start(const std::string& failpoint)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("no pipe can be made");
    // All that allocates comes before the fork.
    std::vector<std::string> words{"millrace-crash", "--node", m_directory.string(), std::to_string(ends[1])};
    std::vector<std::string> environment = environmentWith(failpoint);
    const std::vector<char*> arguments = pointersOf(words);
    const std::vector<char*> variables = pointersOf(environment);
    m_startedAt = Clock::now();
    m_pid = ::fork();
    if (m_pid < 0)
        throw std::runtime_error("no process can be made");
    if (m_pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::fcntl(ends[1], F_SETFD, 0);
        ::execve("/proc/self/exe", arguments.data(), variables.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    m_pipe = ends[0];
}

bool NodeChild::awaitReady()
{
    if (!isReadable(m_pipe, kStartPatience))
        throw Violation("a node does not start within 20 s");
    char byte = 0;
    return ::read(m_pipe, &byte, 1) == 1;
}

bool NodeChild::awaitDeath(std::chrono::milliseconds patience)
{
    const auto until = Clock::now() + patience;
    do {
        if (!isReadable(m_pipe, std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()))))
            return false;
        char byte = 0;
        if (::read(m_pipe, &byte, 1) == 0) {
            reap();
            return true;
        }
    } while (Clock::now() < until);
    return false;
}

void NodeChild::kill()
{
    if (m_pid > 0)
        ::kill(m_pid, SIGKILL);
    reap();
}

void NodeChild::stop()
{
    ::kill(m_pid, SIGTERM);
    int status = 0;
    ::waitpid(m_pid, &status, 0);
    m_pid = 0;
    reap();
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw Violation("a node did not end cleanly");
}

void NodeChild::reap()
{
    if (m_pid > 0)
        ::waitpid(m_pid, nullptr, 0);
    m_pid = 0;
    if (m_pipe >= 0)
        ::close(m_pipe);
    m_pipe = -1;
}

int runNode(const std::filesystem::path& directory, int readyFd)
{
    // Blocked before there are threads, so that none of them takes it.
    sigset_t wanted{};
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr);

    zeromq::NodeOptions options;
    options.store.directory = directory / "data";
    options.store.walLimitBytes = kWalLimitBytes;
    options.runtimeDirectory = (directory / "run").string();
    options.name = "n";
    options.inprocName = "n";
    message::QueuePolicy policy;
    policy.lease = 60s;
    policy.deduplicationWindow = 10s;
    // By chance a message may be alone in flight at several of the kills; it must not become a dead letter for that.
    policy.maxCrashes = 1000;
    policy.retry.maxAttempts = 1000;
    policy.retry.initialDelay = policy.retry.maxDelay = 2ms;
    options.definition.queues.push_back({kFullQueue, policy});
    policy.durability = message::Durability::Normal;
    options.definition.queues.push_back({kNormalQueue, policy});
    auto node = zeromq::Node::start(std::make_shared<zmq::context_t>(1), std::move(options));
    if (!node) {
        std::cerr << "millrace-crash: " << node.error().context << '\n';
        return 1;
    }
    if (::write(readyFd, "r", 1) != 1)
        return 1;
    int signal = 0;
    ::sigwait(&wanted, &signal);
    node->reset();
    return 0;
}

} // namespace millrace::crash
