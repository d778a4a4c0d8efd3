// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/socket/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace millrace::zeromq {

Wakeup::Wakeup()
    : m_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (m_fd < 0) {
        std::perror("eventfd");
        std::abort();
    }
}

Wakeup::~Wakeup()
{
    ::close(m_fd);
}

void Wakeup::signal() noexcept
{
    const std::uint64_t one = 1;
    // Fails only when the counter is full, and then the reader is woken anyway.
    [[maybe_unused]] const auto written = ::write(m_fd, &one, sizeof(one));
}

void Wakeup::clear() noexcept
{
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(m_fd, &count, sizeof(count));
}

} // namespace millrace::zeromq
