// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/message/policy.h"
#include "core/store/sqlite_store.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace zmq {
class context_t;
}

namespace millrace::zeromq {

struct NodeOptions
{
    store::StoreOptions store;
    std::string name = "node";              ///< for people
    std::string program = "millrace";       ///< for the lock file and the welcome
    message::PipelineDefinition definition; ///< queues that must exist; those that do take these policies
    /// Base of the endpoints `<base>-data`, `<base>-control`, `<base>-telemetry`. inproc is always bound at
    /// `inproc://<inprocName>-…`; ipc at `ipc://<runtimeDirectory>/<name>-…` (socket mode 0600, directory 0700) unless empty.
    std::string inprocName = "millrace";
    std::string runtimeDirectory;
    std::uint64_t randomSeed = 0;           ///< 0 = from the operating system
    std::chrono::milliseconds telemetryPeriod{200};
    std::chrono::milliseconds heartbeat{1000};
    std::chrono::milliseconds sessionTimeout{5000};
    std::uint32_t maxSessions = 1024;
    std::uint64_t maxResidentBytes = 16 * 1024 * 1024;
    std::uint64_t maxUnstoredBytes = 512ULL * 1024 * 1024; ///< messages at durability memory; more are refused
    /// Log lines (level: 'I', 'W', 'E'), from the node's threads; may be empty.
    std::function<void(char level, const std::string& line)> log;
    /// The broker thread ended by itself, after an error of the program or for want of memory; from that thread, once. Nothing
    /// is served any more: end the process, or the node. May be empty.
    std::function<void(const std::string& why)> onFailed;
};

/// Where a node can be reached: the base endpoints, `-data`, `-control` and `-telemetry` are appended.
struct Endpoints
{
    std::string inproc; ///< for clients that share the context
    std::string ipc;    ///< empty if not bound
};

/// A running pipeline: the broker thread, which owns engine, store and sockets, and a reader thread, which serves people's
/// queries. Free of Qt. Thread of start/stop: any one.
class Node
{
public:
    /// Acquires the directory, opens the store, loads, binds, and starts the threads. Returns when it is ready to serve.
    /// Errors: Busy (names who holds the directory), those of SqliteStore::open, Io (endpoint cannot be bound).
    [[nodiscard]] static base::Result<std::unique_ptr<Node>> start(std::shared_ptr<zmq::context_t> context, NodeOptions options);
    /// Stops in order: no new work is taken, sessions are told, the store is closed cleanly. At most a few seconds.
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    [[nodiscard]] const Endpoints& endpoints() const noexcept;
    [[nodiscard]] std::uint64_t epoch() const noexcept;

private:
    class Impl;
    explicit Node(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// `$XDG_RUNTIME_DIR/millrace`, or `/tmp/millrace-<uid>` where there is none; created with mode 0700. Errors: Io (not
/// ours, or not private).
[[nodiscard]] base::Result<std::string> defaultRuntimeDirectory();

} // namespace millrace::zeromq
