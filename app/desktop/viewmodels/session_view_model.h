// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "transport/client/pipeline.h"

#include <QObject>
#include <QPointer>
#include <QString>
#include <QTimer>

#include <chrono>
#include <optional>

namespace millrace::desktop {

/// The connection and the node as the bars of the window show them. Thread: gui.
class SessionViewModel : public QObject
{
    Q_OBJECT

public:
    explicit SessionViewModel(client::Pipeline* pipeline, QObject* parent = nullptr);

    [[nodiscard]] client::Freshness freshness() const { return m_freshness; }
    [[nodiscard]] QString displayName() const;
    /// Since the newest snapshot came; nullopt before the first.
    [[nodiscard]] std::optional<std::chrono::milliseconds> age() const;
    /// Acknowledged in the last second or so; NaN = no figure.
    [[nodiscard]] double messagesPerSecond() const { return m_messagesPerSecond; }
    [[nodiscard]] std::optional<std::uint64_t> workers() const;
    [[nodiscard]] std::optional<std::uint64_t> storeBytes() const;
    [[nodiscard]] std::optional<std::uint64_t> deadLetters() const;
    [[nodiscard]] std::optional<std::uint64_t> queueCount() const;
    /// A sentence of the node while something is wrong; hostile text. Empty = all is well.
    [[nodiscard]] QString trouble() const;
    /// Frames that did not arrive, since the connection began.
    [[nodiscard]] quint64 missedSnapshots() const { return m_missed; }

Q_SIGNALS:
    /// At most four times a second, and at once when the freshness changes.
    void changed();
    /// deadLetters() or queueCount() is another, with the snapshot: pages show the same figures and must not differ.
    void countsChanged();

private:
    void onSnapshot(const client::SnapshotPtr& snapshot);

    QPointer<client::Pipeline> m_pipeline;
    client::SnapshotPtr m_snapshot;
    client::SnapshotPtr m_rateBase;
    client::Freshness m_freshness;
    std::chrono::steady_clock::time_point m_arrivedAt{};
    double m_messagesPerSecond;
    quint64 m_missed = 0;
    QTimer m_timer;
};

} // namespace millrace::desktop
