// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/viewmodels/live_view_model.h"
#include "app/desktop/viewmodels/queues_view_model.h"
#include "app/desktop/views/page.h"

#include <QTimer>

#include <vector>

class QPushButton;
class QScrollArea;
class QStackedWidget;
class QTableView;
class QVBoxLayout;

namespace millrace::desktop {

class Banner;
class Chip;
class EmptyState;
class LivePanel;
class PlainLabel;

/// A live table of all queues; beside it the one in hand in words, below it what it holds. Thread: gui.
class QueuesPage : public Page
{
    Q_OBJECT

public:
    QueuesPage(QueuesViewModel* model, LiveViewModel* live, QWidget* parent = nullptr);

    void activated() override;
    void deactivated() override;
    [[nodiscard]] QList<ShortcutHelp> shortcuts() const override;

    [[nodiscard]] QueuesViewModel* model() const { return m_model; }
    [[nodiscard]] QTableView* table() const { return m_table; }
    [[nodiscard]] QScrollArea* detailArea() const { return m_detailArea; }
    [[nodiscard]] QPushButton* pauseButton() const { return m_pause; }
    [[nodiscard]] QPushButton* deadLettersButton() const { return m_dead; }
    [[nodiscard]] QPushButton* policyButton() const { return m_edit; }
    [[nodiscard]] QPushButton* resetButton() const { return m_reset; }
    [[nodiscard]] QPushButton* exportButton() const { return m_export; }
    [[nodiscard]] LivePanel* panel() const { return m_panel; }
    [[nodiscard]] Banner* banner() const { return m_banner; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void buildTable();
    QWidget* buildDetail();
    [[nodiscard]] QWidget* makeFact();
    static void showFact(QWidget* line, const QString& caption, const QString& value);
    [[nodiscard]] int leastWidth(int column) const;
    void fitColumns();
    void selectSomething();
    void updateCondition();
    void updateDetail();
    void updatePolicyButtons();
    void editPolicy();
    void exportPipeline();
    void showMenu(const QPoint& position);
    [[nodiscard]] QString currentName() const;

    QueuesViewModel* m_model;
    QStackedWidget* m_stack = nullptr;
    EmptyState* m_empty = nullptr;
    QTableView* m_table = nullptr;
    Banner* m_banner = nullptr;
    PlainLabel *m_name = nullptr, *m_warning = nullptr;
    QPushButton *m_pause = nullptr, *m_dead = nullptr, *m_edit = nullptr, *m_reset = nullptr, *m_export = nullptr;
    Chip* m_differs = nullptr;
    LiveViewModel* m_live;
    LivePanel* m_panel = nullptr;
    QVBoxLayout* m_facts = nullptr;
    QWidget* m_detail = nullptr;
    QScrollArea* m_detailArea = nullptr;
    QTimer m_fitTimer;
    std::vector<int> m_widths; ///< by column; what its texts needed so far
};

} // namespace millrace::desktop
