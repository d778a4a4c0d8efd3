// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include "transport/client/pipeline.h"

namespace millrace::desktop {

class Chip;
class LoopWatchdog;
class PlainLabel;
class SessionViewModel;

/// How a freshness is shown everywhere: shape, colour and word.
void showFreshness(Chip* chip, client::Freshness freshness, const QString& word);
[[nodiscard]] QString freshnessWord(client::Freshness freshness);

/// The line at the bottom: freshness with age, throughput, lateness of the event loop, workers, size of the store.
/// Thread: gui.
class StatusBar : public QWidget
{
    Q_OBJECT

public:
    explicit StatusBar(LoopWatchdog* watchdog, QWidget* parent = nullptr);

    /// Null while there is no pipeline.
    void setSession(SessionViewModel* session);
    /// What it says, parts separated by ` · `; for tests.
    [[nodiscard]] QString text() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void refresh();
    [[nodiscard]] QString freshnessText() const;
    LoopWatchdog* m_watchdog;
    SessionViewModel* m_session = nullptr;
    Chip* m_freshness = nullptr;
    PlainLabel* m_rate = nullptr;
    PlainLabel* m_late = nullptr;
    PlainLabel* m_workers = nullptr;
    PlainLabel* m_store = nullptr;
    PlainLabel* m_trouble = nullptr;
    QTimer m_timer;
};

} // namespace millrace::desktop
