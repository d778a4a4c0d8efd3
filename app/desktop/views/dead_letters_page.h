// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/viewmodels/dead_letters_view_model.h"
#include "app/desktop/views/page.h"

class QComboBox;
class QLineEdit;
class QListView;
class QProgressBar;
class QPushButton;
class QStackedWidget;
class QTableView;
class QTabWidget;

namespace millrace::desktop {

class Banner;
class BodyView;
class EmptyState;
class PlainLabel;

/// Groups on the left, rows in the middle, one letter in full on the right; the action bar belongs to the selection.
/// Thread: gui.
class DeadLettersPage : public Page
{
    Q_OBJECT

public:
    explicit DeadLettersPage(DeadLettersViewModel* model, QWidget* parent = nullptr);

    void activated() override;
    void deactivated() override;
    [[nodiscard]] QList<ShortcutHelp> shortcuts() const override;

    [[nodiscard]] DeadLettersViewModel* model() const { return m_model; }
    [[nodiscard]] QTableView* table() const { return m_table; }
    [[nodiscard]] QListView* groups() const { return m_groups; }
    [[nodiscard]] QPushButton* replayButton() const { return m_replay; }
    [[nodiscard]] QPushButton* replayAllButton() const { return m_replayAll; }
    [[nodiscard]] QPushButton* discardButton() const { return m_discard; }
    [[nodiscard]] BodyView* body() const { return m_body; }

protected:
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* buildFilterBar();
    QWidget* buildMiddle();
    QWidget* buildInspector();
    QWidget* buildActionBar();
    void buildTable();
    void bindModel();
    void updateQueues();
    void updateFilter();
    void updateCondition();
    void updateCounts();
    void updateActions();
    void updateOperation();
    void updateDetail();
    void updateViewport();
    void onCurrentChanged(const QModelIndex& index);
    void selectFirst();
    void moveBy(int rows);
    [[nodiscard]] message::MessageRef currentRef() const;
    /// What an act without a checked row is for: the row in hand.
    void act(message::Verb verb);
    void actOnAll(message::Verb verb);
    void confirm(message::Verb verb, DeadLettersViewModel::Scope scope);

    DeadLettersViewModel* m_model;
    QComboBox *m_queue = nullptr, *m_reason = nullptr, *m_span = nullptr, *m_state = nullptr;
    QLineEdit* m_text = nullptr;
    PlainLabel* m_counts = nullptr;
    QPushButton* m_new = nullptr;
    QListView* m_groups = nullptr;
    QStackedWidget* m_stack = nullptr;
    QTableView* m_table = nullptr;
    EmptyState* m_empty = nullptr;
    QStackedWidget* m_inspector = nullptr;
    PlainLabel *m_title = nullptr, *m_error = nullptr;
    QTabWidget* m_tabs = nullptr;
    QTableView *m_envelope = nullptr, *m_attempts = nullptr;
    BodyView* m_body = nullptr;
    PlainLabel* m_selection = nullptr;
    QPushButton *m_replay = nullptr, *m_discard = nullptr, *m_replayAll = nullptr, *m_discardAll = nullptr;
    Banner* m_operation = nullptr;
    QProgressBar* m_progress = nullptr;
};

} // namespace millrace::desktop
