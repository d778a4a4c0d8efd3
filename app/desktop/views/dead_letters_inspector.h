// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/viewmodels/dead_letters_view_model.h"

#include <QStackedWidget>

class QPlainTextEdit;
class QTableView;
class QTabWidget;

namespace millrace::desktop {

class BodyView;
class Chip;
class EmptyState;
class PlainLabel;

/// One dead letter in full: envelope, body, every attempt. Thread: gui.
class DeadLetterInspector final : public QStackedWidget
{
    Q_OBJECT

public:
    explicit DeadLetterInspector(DeadLettersViewModel* model, QWidget* parent = nullptr);
    /// Whether a row is in hand: then a missing detail is one that could not be read.
    void setRowInHand(bool isInHand) { m_isRowInHand = isInHand; }
    [[nodiscard]] EmptyState* emptyState() const { return m_nothing; }

    [[nodiscard]] PlainLabel* errorLabel() const { return m_error; }
    [[nodiscard]] BodyView* body() const { return m_body; }
    [[nodiscard]] QTabWidget* tabs() const { return m_tabs; }
    [[nodiscard]] QTableView* envelope() const { return m_envelope; }
    [[nodiscard]] QTableView* attempts() const { return m_attempts; }
    /// Whole text of the attempt in hand.
    [[nodiscard]] QString attemptText() const;

private:
    QWidget* buildLetter();
    QWidget* buildEnvelope();
    QWidget* buildAttempts();
    void refresh();
    void showAttempt();
    void copyValue();

    DeadLettersViewModel* m_model;
    bool m_isRowInHand = false;
    EmptyState* m_nothing = nullptr;
    Chip* m_state = nullptr;
    PlainLabel *m_title = nullptr, *m_where = nullptr, *m_error = nullptr;
    QTabWidget* m_tabs = nullptr;
    QTableView *m_envelope = nullptr, *m_attempts = nullptr;
    QPlainTextEdit* m_attemptText = nullptr;
    BodyView* m_body = nullptr;
};

} // namespace millrace::desktop
