// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/machine.h"

#include <sys/resource.h>
#include <unistd.h>

#include "tests/bench/load.h"

#include <QFile>
#include <QStorageInfo>
#include <QSysInfo>
#include <QThread>

#include <algorithm>

namespace millrace::bench {

namespace {

QString processorName()
{
    QFile file(QStringLiteral("/proc/cpuinfo"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    for (const QByteArray& line : file.readAll().split('\n')) {
        if (line.startsWith("model name"))
            return QString::fromUtf8(line.mid(line.indexOf(':') + 1)).trimmed();
    }
    return {};
}

/// Of all processors together: all but idle and waiting for I/O. What runs at a lower priority counts: where the kernel
/// shares by session (autogroup), it takes as much as anybody.
double busySeconds()
{
    QFile file(QStringLiteral("/proc/stat"));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    // cpu user nice system idle iowait irq softirq steal …
    const QList<QByteArray> fields = file.readLine().simplified().split(' ');
    double ticks = 0;
    for (const int field : {1, 2, 3, 6, 7, 8})
        ticks += fields.value(field).toDouble();
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double ownSeconds()
{
    double sum = 0;
    for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        rusage usage{};
        ::getrusage(who, &usage);
        for (const timeval& time : {usage.ru_utime, usage.ru_stime})
            sum += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    }
    return sum;
}

} // namespace

QJsonObject describeMachine(const QString& directory)
{
    return {{QStringLiteral("processor"), processorName()},
            {QStringLiteral("cores"), QThread::idealThreadCount()},
            {QStringLiteral("kernel"), QSysInfo::kernelVersion()},
            {QStringLiteral("system"), QSysInfo::prettyProductName()},
            {QStringLiteral("file_system"), QString::fromUtf8(QStorageInfo(directory).fileSystemType())}};
}

Bystanders::Bystanders()
    : m_startNs(monotonicNs())
    , m_busySeconds(busySeconds())
    , m_ownSeconds(ownSeconds())
{}

double Bystanders::cores() const
{
    const double seconds = static_cast<double>(monotonicNs() - m_startNs) * 1e-9;
    const double others = (busySeconds() - m_busySeconds) - (ownSeconds() - m_ownSeconds);
    return std::max(0.0, others / seconds);
}

} // namespace millrace::bench
