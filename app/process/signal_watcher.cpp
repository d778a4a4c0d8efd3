// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/process/signal_watcher.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

namespace millrace::process {

namespace {

/// A signal handler may do little more than write to a descriptor.
std::atomic<int> s_fd{-1};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void onSignal(int /*number*/)
{
    const int kept = errno;
    const std::uint64_t one = 1;
    const auto written = ::write(s_fd.load(), &one, sizeof(one));
    static_cast<void>(written);
    errno = kept;
}

void handle(int number, void (*handler)(int))
{
    struct sigaction action
    {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    ::sigaction(number, &action, nullptr);
}

} // namespace

SignalWatcher::SignalWatcher(QObject* parent)
    : QObject(parent)
    , m_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    , m_notifier(std::make_unique<QSocketNotifier>(m_fd, QSocketNotifier::Read))
{
    s_fd.store(m_fd);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &SignalWatcher::onReadable);
    handle(SIGINT, &onSignal);
    handle(SIGTERM, &onSignal);
}

SignalWatcher::~SignalWatcher()
{
    handle(SIGINT, SIG_DFL);
    handle(SIGTERM, SIG_DFL);
    m_notifier.reset();
    s_fd.store(-1);
    ::close(m_fd);
}

void SignalWatcher::onReadable()
{
    std::uint64_t received = 0;
    if (::read(m_fd, &received, sizeof(received)) != sizeof(received))
        return;
    m_count += static_cast<int>(received);
    Q_EMIT stopRequested(m_count);
}

} // namespace millrace::process
