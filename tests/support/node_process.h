// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QElapsedTimer>
#include <QProcess>
#include <QProcessEnvironment>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

namespace millrace::tests {

/// What a run of the program left.
struct ProgramRun
{
    int exitCode = -1;
    QByteArray output;
    QByteArray errors;
    [[nodiscard]] QList<QByteArray> lines() const { return output.trimmed().split('\n'); }
};

/// `millrace-node` as a process, with a runtime directory of its own.
class NodeProcess
{
public:
    explicit NodeProcess(QString program)
        : m_program(std::move(program))
    {}
    ~NodeProcess() { kill(); }
    NodeProcess(const NodeProcess&) = delete;
    NodeProcess& operator=(const NodeProcess&) = delete;

    /// Starts `serve` and waits for its line that it is ready. @returns an empty text, or what is
    /// wrong
    [[nodiscard]] QString serve(const QStringList& arguments)
    {
        prepare(m_process);
        m_process.start(m_program, QStringList{QStringLiteral("serve")} + arguments);
        QByteArray line;
        while (!line.contains('\n')) {
            if (!m_process.waitForReadyRead(kDeadlineMs)) {
                return QStringLiteral("the node did not become ready: ")
                       + QString::fromUtf8(m_process.readAllStandardError());
            }
            line += m_process.readAllStandardOutput();
        }
        m_endpoint = QString::fromUtf8(line).section(QLatin1Char(' '), 1, 1);
        return line.startsWith("ready ipc://") ? QString() : QString::fromUtf8(line);
    }

    /// Base endpoint of the node that serves.
    [[nodiscard]] QString endpoint() const { return m_endpoint; }

    /// SIGKILL, and waits until it is gone.
    void kill()
    {
        if (m_process.state() == QProcess::NotRunning)
            return;
        m_process.kill();
        m_process.waitForFinished(kDeadlineMs);
    }

    /// SIGTERM. @returns the exit code; -1 if it did not end by itself
    [[nodiscard]] int stop()
    {
        m_process.terminate();
        const bool ended = m_process.waitForFinished(kDeadlineMs);
        return ended && m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
    }

    [[nodiscard]] qint64 pid() const { return m_process.processId(); }

    /// Runs the program to its end in the same runtime directory.
    [[nodiscard]] ProgramRun run(const QStringList& arguments, int deadlineMs = kDeadlineMs)
    {
        QProcess process;
        prepare(process);
        process.start(m_program, arguments);
        ProgramRun result;
        if (process.waitForFinished(deadlineMs) && process.exitStatus() == QProcess::NormalExit)
            result.exitCode = process.exitCode();
        process.kill();
        process.waitForFinished(kDeadlineMs);
        result.output = process.readAllStandardOutput();
        result.errors = process.readAllStandardError();
        return result;
    }

private:
    static constexpr int kDeadlineMs = 20'000;

    void prepare(QProcess& process)
    {
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), m_runtime.path());
        process.setProcessEnvironment(environment);
    }

    QString m_program;
    QTemporaryDir m_runtime;
    QProcess m_process;
    QString m_endpoint;
};

} // namespace millrace::tests
