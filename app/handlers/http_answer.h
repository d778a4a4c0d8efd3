// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFuture>
#include <QFutureInterface>
#include <QHttpServerResponse>

#include <utility>

namespace millrace::handlers {

/// The writing end of an answer that a QHttpServer waits for. Copies share it. If it is never given,
/// the connection stays open without an answer.
///
/// Not a QPromise: in Qt 6.4 the server takes the result, which resets the state, and the destructor
/// of QPromise then believes that nothing was reported and runs the server's continuation again.
/// Thread: the server's.
class HttpAnswer
{
public:
    HttpAnswer() { m_interface.reportStarted(); }
    [[nodiscard]] QFuture<QHttpServerResponse> future() { return m_interface.future(); }
    /// Call at most once.
    void give(QHttpServerResponse response)
    {
        m_interface.reportResult(std::move(response));
        m_interface.reportFinished();
    }

private:
    QFutureInterface<QHttpServerResponse> m_interface;
};

} // namespace millrace::handlers
