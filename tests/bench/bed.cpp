// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/bed.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonDocument>

#include <algorithm>

namespace millrace::bench {

namespace {

constexpr int kStepTimeoutMs = 900'000; ///< a client gives up earlier when nothing happens
constexpr int kEndTimeoutMs = 60'000;
constexpr qsizetype kLogTail = 2000;

base::Result<void> writePipeline(const QString& path, const Settings& settings)
{
    QByteArray text;
    const message::QueuePolicy shipped;
    for (std::uint64_t queue = 0; queue < settings.queues; ++queue) {
        text += "[[queue]]\nname = \"" + QByteArray::fromStdString(queueName(queue)) + "\"\n";
        if (settings.durability != shipped.durability)
            text += "durability = \"" + QByteArray::fromStdString(std::string(message::toString(settings.durability)))
                    + "\"\n";
        // A limit that refuses what is to be measured.
        const std::uint64_t most = settings.waiting + settings.count;
        if (most > shipped.maxDepth)
            text += "max-depth = " + QByteArray::number(static_cast<qulonglong>(most)) + '\n';
        if (const std::uint64_t bytes = most * (settings.shape.size + 1024); bytes > shipped.maxDepthBytes)
            text += "max-depth-bytes = " + QByteArray::number(static_cast<qulonglong>(bytes)) + '\n';
    }
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        return base::fail(base::ErrorCode::Io, "cannot write " + path.toStdString());
    return {};
}

} // namespace

Child::~Child()
{
    if (m_process.state() == QProcess::NotRunning)
        return;
    m_process.kill();
    m_process.waitForFinished(kEndTimeoutMs);
}

base::Result<QByteArray> Child::line()
{
    while (!m_process.canReadLine()) {
        if (m_process.waitForReadyRead(kStepTimeoutMs))
            continue;
        if (m_process.state() == QProcess::Running)
            return base::fail(base::ErrorCode::Timeout, m_process.program().toStdString() + " says nothing");
        QFile log(m_log);
        const QByteArray last = log.open(QIODevice::ReadOnly) ? log.readAll().right(kLogTail) : QByteArray();
        return base::fail(base::ErrorCode::Io,
                          m_process.program().toStdString() + " ended (" + m_process.errorString().toStdString()
                              + "): " + last.toStdString());
    }
    return m_process.readLine().trimmed();
}

base::Result<QString> NodeChild::start(const QString& program, const QString& directory)
{
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), directory);
    m_process.setProcessEnvironment(environment);
    // A pipe that nobody reads in time would hold up the node.
    m_log = directory + QLatin1String("/node.log");
    m_process.setStandardErrorFile(m_log, QIODevice::Append);
    m_process.start(program,
                    {QStringLiteral("serve"),
                     QStringLiteral("--data"),
                     directory + QLatin1String("/data"),
                     QStringLiteral("--pipeline"),
                     directory + QLatin1String("/pipeline.toml")});
    const auto ready = line();
    if (!ready)
        return tl::unexpected(ready.error());
    return QString::fromUtf8(*ready).section(QLatin1Char(' '), 1, 1);
}

base::Result<void> NodeChild::stop()
{
    m_process.terminate();
    if (m_process.waitForFinished(kEndTimeoutMs) && m_process.exitStatus() == QProcess::NormalExit
        && m_process.exitCode() == 0)
        return {};
    return base::fail(base::ErrorCode::Io, "the node did not stop cleanly");
}

void NodeChild::kill()
{
    m_process.kill();
    m_process.waitForFinished(kEndTimeoutMs);
}

double NodeChild::memoryMib(const QByteArray& field) const
{
    QFile file(QStringLiteral("/proc/%1/status").arg(pid()));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray& line : file.readAll().split('\n')) {
        if (line.startsWith(field) && line.at(field.size()) == ':')
            return line.mid(field.size() + 1).simplified().split(' ').value(0).toDouble() / 1024;
    }
    return 0;
}

base::Result<void> RoleChild::start(
    const QString& name, const QString& endpoint, const Settings& settings, std::uint64_t numbers, pid_t node)
{
    m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_process.start(QCoreApplication::applicationFilePath(),
                    {QStringLiteral("role"),
                     endpoint,
                     QStringLiteral("--name=%1").arg(name),
                     QStringLiteral("--size=%1").arg(settings.shape.size),
                     QStringLiteral("--keys=%1").arg(settings.shape.keys),
                     QStringLiteral("--numbers=%1").arg(numbers),
                     QStringLiteral("--node-pid=%1").arg(node)});
    const auto ready = answer();
    if (!ready)
        return tl::unexpected(ready.error());
    return {};
}

void RoleChild::order(const QJsonObject& what)
{
    m_process.write(QJsonDocument(what).toJson(QJsonDocument::Compact) + '\n');
    m_process.waitForBytesWritten(kEndTimeoutMs);
}

base::Result<QJsonObject> RoleChild::answer()
{
    const auto text = line();
    if (!text)
        return tl::unexpected(text.error());
    const QJsonObject object = QJsonDocument::fromJson(*text).object();
    if (object.contains(QLatin1String("error")))
        return base::fail(base::ErrorCode::Unknown, object.value(QLatin1String("error")).toString().toStdString());
    return object;
}

base::Result<void> RoleChild::attach(const QJsonObject& what)
{
    order(what);
    const auto said = answer();
    if (!said)
        return tl::unexpected(said.error());
    return {};
}

base::Result<Report> RoleChild::report()
{
    const auto said = answer();
    if (!said)
        return tl::unexpected(said.error());
    return Report::fromJson(*said);
}

base::Result<Report> RoleChild::run(const QJsonObject& what)
{
    order(what);
    return report();
}

base::Result<void> Bed::prepare(const Settings& settings)
{
    m_directory.emplace(settings.directory + QLatin1String("/millrace-bench-XXXXXX"));
    if (!m_directory->isValid())
        return base::fail(base::ErrorCode::Io, m_directory->errorString().toStdString());
    return writePipeline(directory() + QLatin1String("/pipeline.toml"), settings);
}

base::Result<void> Bed::open(const Settings& settings, std::uint64_t numbers)
{
    if (const auto prepared = prepare(settings); !prepared)
        return prepared;
    const auto endpoint = node.start(settings.nodeProgram, directory());
    if (!endpoint)
        return tl::unexpected(endpoint.error());
    if (const auto started = worker.start(QStringLiteral("bench worker"), *endpoint, settings, numbers, node.pid());
        !started)
        return started;
    return producer.start(QStringLiteral("bench producer"), *endpoint, settings, 0, node.pid());
}

QJsonObject toProduce(std::uint64_t first, std::uint64_t count, std::uint64_t queues)
{
    return {{QStringLiteral("do"), QStringLiteral("produce")},
            {QStringLiteral("first"), static_cast<qint64>(first)},
            {QStringLiteral("count"), static_cast<qint64>(count)},
            {QStringLiteral("queues"), static_cast<qint64>(queues)}};
}

QJsonObject toTake(std::uint64_t count)
{
    return {{QStringLiteral("do"), QStringLiteral("take")}, {QStringLiteral("count"), static_cast<qint64>(count)}};
}

} // namespace millrace::bench
