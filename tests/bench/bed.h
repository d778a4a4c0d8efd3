// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tests/bench/report.h"
#include "tests/bench/settings.h"

#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>

#include <optional>

namespace millrace::bench {

/// A child process that speaks in lines; killed when its owner is gone.
class Child
{
public:
    Child() = default;
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

protected:
    /// The next line of standard output. Errors: Io (it ended), Timeout.
    [[nodiscard]] base::Result<QByteArray> line();
    QProcess m_process;
    QString m_log; ///< file with its standard error; empty = it goes where ours goes
};

/// `millrace-node serve`, as it ships, on a store of its own.
class NodeChild : public Child
{
public:
    /// Starts on `directory`/data with the pipeline file there. @returns the base endpoint, when the node says that it
    /// is ready
    [[nodiscard]] base::Result<QString> start(const QString& program, const QString& directory);
    [[nodiscard]] base::Result<void> stop(); ///< as systemd would
    void kill();
    [[nodiscard]] pid_t pid() const { return static_cast<pid_t>(m_process.processId()); }
    /// A line of /proc/PID/status in MiB, for example VmRSS.
    [[nodiscard]] double memoryMib(const QByteArray& field) const;
};

/// A client process, see runRole.
class RoleChild : public Child
{
public:
    [[nodiscard]] base::Result<void>
    start(const QString& name, const QString& endpoint, const Settings& settings, std::uint64_t numbers, pid_t node);
    /// Says what to do. @returns what came of it
    [[nodiscard]] base::Result<Report> run(const QJsonObject& what);
    /// Says to take messages. @returns when the worker is attached; then ask for the report
    [[nodiscard]] base::Result<void> attach(const QJsonObject& what);
    [[nodiscard]] base::Result<Report> report();

private:
    void order(const QJsonObject& what);
    [[nodiscard]] base::Result<QJsonObject> answer();
};

/// A fresh store, and the three processes of a measurement: this one only starts them and adds up.
class Bed
{
public:
    /// @param numbers  message numbers that will be used, for the ledger of the worker
    [[nodiscard]] base::Result<void> open(const Settings& settings, std::uint64_t numbers);
    /// The store and the pipeline file alone.
    [[nodiscard]] base::Result<void> prepare(const Settings& settings);
    [[nodiscard]] QString directory() const { return m_directory->path(); }

private:
    std::optional<QTemporaryDir> m_directory; // removed after the processes have ended

public:
    NodeChild node;
    RoleChild producer, worker;
};

// What the clients are told to do.
[[nodiscard]] QJsonObject toProduce(std::uint64_t first, std::uint64_t count, std::uint64_t queues = 1);
[[nodiscard]] QJsonObject toTake(std::uint64_t count);

} // namespace millrace::bench
