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
class QTimer;

namespace millrace::desktop {

class Banner;
class BodyView;
class DeadLetterInspector;
class EmptyState;
class LetterTable;
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
    [[nodiscard]] QTableView* table() const;
    [[nodiscard]] QListView* groups() const { return m_groups; }
    [[nodiscard]] QPushButton* replayButton() const { return m_replay; }
    [[nodiscard]] QPushButton* replayAllButton() const { return m_replayAll; }
    [[nodiscard]] QPushButton* discardButton() const { return m_discard; }
    [[nodiscard]] QPushButton* newButton() const { return m_new; }
    [[nodiscard]] QLineEdit* textFilter() const { return m_text; }
    [[nodiscard]] PlainLabel* counts() const { return m_counts; }
    [[nodiscard]] EmptyState* emptyState() const { return m_empty; }
    /// Says how an act goes, and has its Cancel and its Undo.
    [[nodiscard]] Banner* operationBanner() const { return m_operation; }
    /// Says what could not be read.
    [[nodiscard]] Banner* noticeBanner() const { return m_notice; }
    [[nodiscard]] DeadLetterInspector* inspector() const { return m_inspector; }
    [[nodiscard]] BodyView* body() const;

protected:
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* buildFilterBar();
    QWidget* buildPanes();
    QWidget* buildActionBar();
    void buildTable();
    void bindFilter();
    void bindModel();
    void bindActs();
    void updateQueues();
    void updateFilter();
    void updateCondition();
    void updateCounts();
    void updateActions();
    void updateOperation();
    void updateGroups();
    void updateViewport();
    void applyText();
    void checkRange(int first, int last);
    [[nodiscard]] QString whyNot(message::Verb verb) const;
    [[nodiscard]] message::MessageRef currentRef() const;
    void onListOpened();
    void onRowsLoaded();
    void onCurrentChanged(const QModelIndex& index);
    void onOperationAction();
    void moveBy(int rows);
    void toggleCurrent();
    void copyId();
    void showMenu(const QPoint& position);
    bool act(message::Verb verb);
    bool actOn(message::Verb verb, DeadLettersViewModel::Scope scope);
    void confirm(message::Verb verb, DeadLettersViewModel::Scope scope);
    [[nodiscard]] QStringList queuesInHand() const;

    DeadLettersViewModel* m_model;
    QComboBox *m_queue = nullptr, *m_reason = nullptr, *m_span = nullptr, *m_state = nullptr;
    QLineEdit* m_text = nullptr;
    QTimer* m_textPause = nullptr;
    PlainLabel* m_counts = nullptr;
    QPushButton *m_new = nullptr, *m_clear = nullptr;
    QListView* m_groups = nullptr;
    QStackedWidget* m_stack = nullptr;
    LetterTable* m_table = nullptr;
    EmptyState* m_empty = nullptr;
    DeadLetterInspector* m_inspector = nullptr;
    PlainLabel* m_selection = nullptr;
    QPushButton *m_replay = nullptr, *m_discard = nullptr, *m_replayAll = nullptr, *m_discardAll = nullptr;
    QPushButton* m_selectAll = nullptr;
    Banner *m_operation = nullptr, *m_notice = nullptr;
    QProgressBar* m_progress = nullptr;
    // The row in hand is kept over a new list: by reference, else by its place.
    message::MessageRef m_ref;
    int m_row = 0;
    bool m_restore = false;      ///< a new list came; the row in hand must be found in it
    bool m_groupsChange = false; ///< a current group that moves was not chosen by a person
    QString m_listKey;           ///< filter of the list that is shown
};

} // namespace millrace::desktop
