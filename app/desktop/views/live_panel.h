// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/viewmodels/live_view_model.h"

#include <QTabWidget>

#include <vector>

class QPushButton;
class QStackedWidget;
class QTableView;

namespace millrace::desktop {

class EmptyState;

/// What runs, waits for its next attempt or is parked in the queue in hand, and the schedules; with what can be done to them.
/// Thread: gui.
class LivePanel : public QTabWidget
{
    Q_OBJECT

public:
    explicit LivePanel(LiveViewModel* model, QWidget* parent = nullptr);

    [[nodiscard]] QTableView* table(LiveViewModel::List list) const { return m_tabs.at(static_cast<std::size_t>(list)).table; }
    /// In the order in which they stand.
    [[nodiscard]] const std::vector<QPushButton*>& buttons(LiveViewModel::List list) const
    {
        return m_tabs.at(static_cast<std::size_t>(list)).buttons;
    }
    [[nodiscard]] EmptyState* empty(LiveViewModel::List list) const { return m_tabs.at(static_cast<std::size_t>(list)).empty; }

private:
    struct Tab
    {
        QTableView* table = nullptr;
        QStackedWidget* stack = nullptr;
        EmptyState* empty = nullptr;
        std::vector<QPushButton*> buttons;
    };
    void addTab(LiveViewModel::List list, std::vector<QPushButton*> buttons);
    [[nodiscard]] QPushButton* makeButton(const char* iconName, const QString& text, void (LivePanel::*pressed)());
    void refresh();
    void showEmpty(LiveViewModel::List list);
    void enable(LiveViewModel::List list, client::Capability capability);
    [[nodiscard]] std::vector<std::string> chosen(LiveViewModel::List list) const;
    void cancelRunning();
    void tryNow();
    void giveUp();
    void cancelRetrying();
    void resumeKey();
    void pauseSchedule();
    void runSchedule();
    void askThenAct(message::LiveAct act, LiveViewModel::List list);

    LiveViewModel* m_model;
    std::vector<Tab> m_tabs;
};

} // namespace millrace::desktop
