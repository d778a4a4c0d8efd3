// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/views/plain_delegate.h"

#include <QTableView>

namespace millrace::desktop {

/// Rows of dead letters: the letter keys are left to the page, Ctrl and Shift with a click check rows. Thread: gui.
class LetterTable final : public QTableView
{
    Q_OBJECT

public:
    explicit LetterTable(QWidget* parent = nullptr);
    /// Where a range that Shift checks begins: the row last chosen without Shift. -1 = none
    [[nodiscard]] int anchor() const { return m_anchor; }

Q_SIGNALS:
    void toggleWanted(int row);
    void rangeWanted(int first, int last);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
    int m_anchor = -1;
    bool m_isExtending = false;
};

/// A row of LetterTable: shape and colour of its state beside the time; what is closed is muted.
class LetterDelegate final : public PlainDelegate
{
    Q_OBJECT

public:
    using PlainDelegate::PlainDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
};

/// The look that the quiet tables of a page share: no grid, fixed rows, one row selected.
void makeQuiet(QTableView* table);

} // namespace millrace::desktop
