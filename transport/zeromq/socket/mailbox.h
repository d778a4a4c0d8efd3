// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <mutex>
#include <utility>

namespace millrace::zeromq {

/// An eventfd: what a thread that sits in zmq::poll is woken with.
/// Thread: any; the poller reads `fd()`.
class Wakeup
{
public:
    /// Aborts the process if there are no file descriptors left: without it no thread can be stopped.
    Wakeup();
    ~Wakeup();
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;

    [[nodiscard]] int fd() const noexcept { return m_fd; }
    void signal() noexcept;
    void clear() noexcept;

private:
    int m_fd = -1;
};

/// Hands values to one thread, which polls `fd()` beside its sockets. The descriptor is written only when the
/// box turns from empty to filled, so a busy sender costs no system calls.
/// Thread: push any; takeAll the reader's.
template<typename T>
class Mailbox
{
public:
    void push(T value)
    {
        bool wasEmpty = false;
        {
            const std::scoped_lock lock(m_mutex);
            wasEmpty = m_items.empty();
            m_items.push_back(std::move(value));
        }
        if (wasEmpty)
            m_wakeup.signal();
    }
    /// Everything pushed so far, in order; empty if nothing.
    [[nodiscard]] std::deque<T> takeAll()
    {
        std::deque<T> taken;
        m_wakeup.clear();
        const std::scoped_lock lock(m_mutex);
        taken.swap(m_items);
        return taken;
    }
    [[nodiscard]] int fd() const noexcept { return m_wakeup.fd(); }

private:
    std::mutex m_mutex;
    std::deque<T> m_items; ///< guarded by m_mutex
    Wakeup m_wakeup;
};

} // namespace millrace::zeromq
