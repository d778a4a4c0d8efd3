// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/client/handler_thread_p.h"

#include <mutex>
#include <vector>

namespace millrace::client {

void HandlerThread::run()
{
    QObject context;
    m_loop->begin(&context);
    exec();
    m_loop->end();
}

void HandlerThread::giveUp(std::unique_ptr<HandlerThread> thread)
{
    // Never destroyed: the process may end while such a thread still runs.
    static std::mutex& mutex = *new std::mutex;
    static auto& given = *new std::vector<std::unique_ptr<HandlerThread>>;
    const std::scoped_lock lock(mutex);
    std::erase_if(given, [](const auto& old) { return old->isFinished(); });
    given.push_back(std::move(thread));
}

} // namespace millrace::client
