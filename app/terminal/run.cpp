// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/terminal/run.h"

#include "transport/client/async.h"

#include <QCoreApplication>
#include <QTimer>

namespace millrace::terminal {

namespace {

QCoro::Task<> finish(QCoro::Task<int> task)
{
    const int code = co_await task;
    QCoreApplication::exit(code);
}

} // namespace

int runToEnd(const Command& command)
{
    QTimer::singleShot(0, QCoreApplication::instance(), [&command] {
        client::spawn(QCoreApplication::instance(), "command", finish(command()));
    });
    return QCoreApplication::exec();
}

} // namespace millrace::terminal
