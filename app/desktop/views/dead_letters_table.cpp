// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/dead_letters_table.h"

#include "app/desktop/models/dead_letter_table_model.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/widgets/chip.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <array>

namespace millrace::desktop {

void makeQuiet(QTableView* table)
{
    table->setProperty("dense", true); // the style sheet keeps its header narrow
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table->verticalHeader()->setDefaultSectionSize(4 * kGrid);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->setTabKeyNavigation(false);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setFont(Theme::font(TextSize::Small));
    table->setFrameShape(QFrame::NoFrame);
}

LetterTable::LetterTable(QWidget* parent)
    : QTableView(parent)
{
    makeQuiet(this);
    setItemDelegate(new LetterDelegate(this));
}

void LetterTable::keyPressEvent(QKeyEvent* event)
{
    // The table would search for what is typed; here these keys are commands of the page.
    static constexpr std::array kCommands{Qt::Key_J, Qt::Key_K, Qt::Key_X, Qt::Key_F8, Qt::Key_Delete, Qt::Key_Slash,
                                          Qt::Key_F5, Qt::Key_Space, Qt::Key_Return, Qt::Key_Enter, Qt::Key_Escape};
    const bool isCommand = std::find(kCommands.begin(), kCommands.end(), event->key()) != kCommands.end();
    if (isCommand || event->matches(QKeySequence::Undo) || event->matches(QKeySequence::SelectAll)
        || event->matches(QKeySequence::Copy)) {
        event->ignore();
        return;
    }
    const bool isMove = event->key() == Qt::Key_Up || event->key() == Qt::Key_Down;
    m_isExtending = isMove && event->modifiers().testFlag(Qt::ShiftModifier);
    const bool extends = m_isExtending;
    QTableView::keyPressEvent(event);
    m_isExtending = false;
    if (extends && m_anchor >= 0)
        Q_EMIT rangeWanted(m_anchor, currentIndex().row());
}

void LetterTable::mousePressEvent(QMouseEvent* event)
{
    const QModelIndex index = indexAt(event->position().toPoint());
    if (event->button() == Qt::LeftButton && index.isValid()) {
        if (event->modifiers().testFlag(Qt::ShiftModifier) && m_anchor >= 0) {
            Q_EMIT rangeWanted(m_anchor, index.row());
            event->accept();
            return;
        }
        if (event->modifiers().testFlag(Qt::ControlModifier)) {
            Q_EMIT toggleWanted(index.row());
            event->accept();
            return;
        }
    }
    QTableView::mousePressEvent(event);
}

void LetterTable::currentChanged(const QModelIndex& current, const QModelIndex& previous)
{
    QTableView::currentChanged(current, previous);
    if (!m_isExtending)
        m_anchor = current.row();
}

void LetterDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    PlainDelegate::initStyleOption(option, index);
    const QVariant state = index.data(DeadLetterTableModel::StateRole);
    const bool isClosed = state.isValid() && state.toInt() != static_cast<int>(message::State::Dead);
    if (isClosed || index.column() == DeadLetterTableModel::Type || !state.isValid()) {
        const QColor muted = Theme::instance().color(Token::Muted);
        option->palette.setColor(QPalette::Text, muted);
        option->palette.setColor(QPalette::HighlightedText, muted);
    }
}

void LetterDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const QVariant state = index.data(DeadLetterTableModel::StateRole);
    if (index.column() != DeadLetterTableModel::Time || !state.isValid()) {
        PlainDelegate::paint(painter, option, index);
        return;
    }
    QStyleOptionViewItem item = option;
    initStyleOption(&item, index);
    paintBackground(painter, item);
    const auto letterState = static_cast<message::State>(state.toInt());
    painter->save();
    painter->setFont(item.font);
    painter->setPen(item.palette.color(QPalette::Text));
    paintChip(*painter, item.rect.adjusted(kHalfGrid, 0, 0, 0), shapeOf(letterState),
              Theme::instance().color(letterState), item.text);
    painter->restore();
}

} // namespace millrace::desktop
