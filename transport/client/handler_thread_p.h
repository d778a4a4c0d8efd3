// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "transport/client/handler_loop_p.h"

#include <QThread>

#include <memory>

namespace millrace::client {

/// A thread with an event loop for one HandlerLoop.
class HandlerThread final : public QThread
{
public:
    explicit HandlerThread(std::shared_ptr<HandlerLoop> loop)
        : m_loop(std::move(loop))
    {
        setObjectName(QStringLiteral("handlers"));
    }

    /// Keeps a thread whose handler does not return, since it can neither be ended nor destroyed; those that ended
    /// meanwhile are freed.
    static void giveUp(std::unique_ptr<HandlerThread> thread);

private:
    void run() override;
    const std::shared_ptr<HandlerLoop> m_loop;
};

} // namespace millrace::client
