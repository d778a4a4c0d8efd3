// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/handlers/pacer.h"
#include "app/handlers/workload.h"
#include "transport/client/async.h"
#include "transport/client/producer.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace millrace::handlers {

/// What became of the message with a given number.
enum class Fate : std::uint8_t
{
    Pending, ///< submitted, not yet answered
    Accepted,
    Refused,
    Uncertain, ///< nobody can tell, also after it was submitted again under its idempotency key
};

/// Submits messages 0, 1, 2, … at a rate, and knows the fate of each. What ended in Unknown, and
/// what a full queue or a lost connection sent back, is submitted again under the same idempotency
/// key.
///
/// Thread: the one that owns it. May be destroyed at any time: the future of run() then ends in
/// Cancelled.
class Submitter : public QObject
{
    Q_OBJECT

public:
    /// Makes message `number`; the same number yields the same message.
    using Source = std::function<message::Message(std::uint64_t number)>;

    Submitter(std::shared_ptr<client::Connection> connection,
              QString target,
              QObject* parent = nullptr);

    /// Submits profile.count messages more. Finishes when the fate of each is known, or, after
    /// stop(), of those that had been sent. Errors: Busy, the refusal if nothing at all was
    /// accepted.
    [[nodiscard]] QFuture<Result<void>> run(LoadProfile profile, Source source);
    void stop();
    [[nodiscard]] bool isRunning() const { return m_ended.has_value(); }
    /// Forgets all fates and begins again at number 0. What is in flight is no longer waited for, its fate not
    /// noted; a run() that has not finished ends in Cancelled.
    void reset();

    /// By number. Its size is how many numbers were given out.
    [[nodiscard]] const std::vector<Fate>& fates() const { return m_fates; }
    [[nodiscard]] std::uint64_t accepted() const { return m_accepted; }
    [[nodiscard]] std::uint64_t notAccepted() const { return m_notAccepted; }
    [[nodiscard]] std::uint64_t planned() const { return m_planned; }
    [[nodiscard]] QString lastError() const { return m_lastError; }

Q_SIGNALS:
    void changed();

private:
    struct Batch
    {
        std::vector<std::uint64_t> numbers;
        std::vector<message::Message> messages;
        bool maybeSent = false; ///< an earlier attempt ended in Unknown
    };

    void pump();
    [[nodiscard]] Batch makeBatch(std::uint64_t most);
    QCoro::Task<Result<void>> confirm(Batch batch);
    /// Notes the fates that the receipt tells. @returns what should be submitted again
    [[nodiscard]] Batch settle(Batch batch, const client::BatchReceipt& receipt);
    /// The same for a batch that got no receipt.
    [[nodiscard]] Batch noteTrouble(Batch batch, const base::Error& error);
    void setFate(std::uint64_t number, Fate fate);
    void noteError(const base::Error& error);
    [[nodiscard]] bool isGivingUp() const;
    void finishIfDone();

    client::Producer m_producer;
    QString m_target;
    Source m_source;
    QTimer m_timer;
    QElapsedTimer m_clock; ///< since run()
    QElapsedTimer m_sinceSuccess;
    std::optional<Pacer> m_pacer;
    std::optional<client::Resolver<void>> m_ended; ///< set while it runs
    std::vector<Fate> m_fates;
    std::uint64_t m_planned = 0;
    std::uint64_t m_accepted = 0;
    std::uint64_t m_notAccepted = 0;
    std::uint64_t m_acceptedBefore = 0; ///< at the start of this run
    std::uint64_t m_inFlight = 0;
    std::uint64_t m_generation = 0;     ///< counts reset()
    bool m_stopping = false;
    QString m_lastError;
    std::optional<base::Error> m_firstError; ///< of this run
};

} // namespace millrace::handlers
