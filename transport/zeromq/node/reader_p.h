// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/slice.h"
#include "core/base/time.h"
#include "core/engine/command.h"
#include "core/store/browser.h"
#include "transport/wire/control_codec.h"
#include "transport/zeromq/node/views_p.h"
#include "transport/zeromq/socket/mailbox.h"

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <variant>

namespace millrace::zeromq {

/// A control request that needs the store to be read.
struct Query
{
    base::Slice peer;
    wire::v1::Request request;
    base::SteadyTime deadline{};
    std::size_t bytes = 0; ///< of the request
};
/// The session is over: its views are closed.
struct SessionOver
{
    std::string token;
};
using ReaderTask = std::variant<Query, SessionOver>;

/// What a query came to.
struct ReaderAnswer
{
    base::Slice peer;
    std::uint64_t request = 0;
    std::string frame; ///< to be sent; empty if `operation` is to be started instead
    std::size_t queryBytes = 0;
    std::unique_ptr<engine::StartOperation> operation; ///< with its members frozen; client and request are the broker's to fill
};

/// The thread that serves people's queries on a connection of its own, and keeps their views.
class Reader
{
public:
    /// `answers` must outlive it.
    Reader(store::StoreOptions options, Mailbox<ReaderAnswer>& answers);
    /// Cuts a running query off and joins.
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    void post(ReaderTask task) { m_tasks.push(std::move(task)); }

private:
    void run();
    [[nodiscard]] ReaderAnswer answer(Query& query);
    [[nodiscard]] std::string frameFor(Query& query);
    [[nodiscard]] std::string openView(const Query& query);
    [[nodiscard]] std::string rowsOf(const Query& query);
    [[nodiscard]] base::Result<std::vector<message::Sequence>> resolve(const Query& query);
    [[nodiscard]] base::Result<store::Browser*> browser();
    [[nodiscard]] store::Browser::Progress progressOf(const Query& query) const;
    /// Progress ends a query for two reasons; says which. After damage the connection is opened anew.
    [[nodiscard]] base::Error explain(const Query& query, base::Error error);

    store::StoreOptions m_options;
    Mailbox<ReaderAnswer>& m_answers;
    Mailbox<ReaderTask> m_tasks;
    std::atomic<bool> m_stopping{false};
    Wakeup m_stop;
    // reader thread
    std::unique_ptr<store::Browser> m_browser;
    Views m_views;
    std::jthread m_thread; ///< last: the rest is there when it begins
};

/// The sequence that a reference of this backend stands for. Errors: NotFound.
[[nodiscard]] base::Result<message::Sequence> toSequence(std::string_view ref);

} // namespace millrace::zeromq
