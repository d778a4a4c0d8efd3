// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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
class EmptyState;
class PlainLabel;

/// A live table of all queues, and beside it the one in hand in words. Thread: gui.
class QueuesPage : public Page
{
    Q_OBJECT

public:
    explicit QueuesPage(QueuesViewModel* model, QWidget* parent = nullptr);

    void activated() override;
    void deactivated() override;
    [[nodiscard]] QList<ShortcutHelp> shortcuts() const override;

    [[nodiscard]] QueuesViewModel* model() const { return m_model; }
    [[nodiscard]] QTableView* table() const { return m_table; }
    [[nodiscard]] QScrollArea* detailArea() const { return m_detailArea; }
    [[nodiscard]] QPushButton* pauseButton() const { return m_pause; }
    [[nodiscard]] QPushButton* deadLettersButton() const { return m_dead; }

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
    void showMenu(const QPoint& position);
    [[nodiscard]] QString currentName() const;

    QueuesViewModel* m_model;
    QStackedWidget* m_stack = nullptr;
    EmptyState* m_empty = nullptr;
    QTableView* m_table = nullptr;
    Banner* m_banner = nullptr;
    PlainLabel *m_name = nullptr, *m_warning = nullptr;
    QPushButton *m_pause = nullptr, *m_dead = nullptr;
    QVBoxLayout* m_facts = nullptr;
    QWidget* m_detail = nullptr;
    QScrollArea* m_detailArea = nullptr;
    QTimer m_fitTimer;
    std::vector<int> m_widths; ///< by column; what its texts needed so far
};

} // namespace millrace::desktop
