// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/dead_letters_inspector.h"

#include "app/desktop/models/dead_letter_text.h"
#include "app/desktop/models/text_format.h"
#include "app/desktop/views/body_view.h"
#include "app/desktop/views/dead_letters_table.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/widgets/chip.h"
#include "app/desktop/views/widgets/empty_state.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QTableView>
#include <QTabWidget>
#include <QVBoxLayout>

#include <array>

namespace millrace::desktop {

DeadLetterInspector::DeadLetterInspector(DeadLettersViewModel* model, QWidget* parent)
    : QStackedWidget(parent)
    , m_model(model)
{
    m_nothing = new EmptyState(this);
    addWidget(m_nothing);
    addWidget(buildLetter());
    connect(m_model, &DeadLettersViewModel::detailChanged, this, &DeadLetterInspector::refresh);
    refresh();
}

QWidget* DeadLetterInspector::buildLetter()
{
    auto* letter = new QWidget(this);
    auto* column = new QVBoxLayout(letter);
    column->setContentsMargins(kGrid, 0, 0, 0);
    column->setSpacing(kHalfGrid);
    auto* head = new QHBoxLayout;
    head->setSpacing(kGrid);
    m_title = new PlainLabel(letter);
    QFont bold = Theme::font(TextSize::Body);
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_title->setElide(PlainLabel::Elide::Middle);
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_state = new Chip(letter);
    head->addWidget(m_title, 1);
    head->addWidget(m_state);
    column->addLayout(head);
    m_where = new PlainLabel(letter);
    m_where->setFont(Theme::font(TextSize::Small));
    m_where->setProperty("look", QStringLiteral("muted"));
    m_where->setElide(PlainLabel::Elide::Right);
    column->addWidget(m_where);
    m_error = new PlainLabel(letter);
    m_error->setMaxLines(4);
    column->addWidget(m_error);

    m_tabs = new QTabWidget(letter);
    m_tabs->setDocumentMode(true);
    m_body = new BodyView(m_tabs);
    //: Tab of the inspector
    m_tabs->addTab(buildEnvelope(), tr("Envelope"));
    //: Tab of the inspector
    m_tabs->addTab(m_body, tr("Body"));
    //: Tab of the inspector
    m_tabs->addTab(buildAttempts(), tr("Attempts"));
    m_tabs->setCurrentWidget(m_body);
    column->addWidget(m_tabs, 1);
    return letter;
}

QWidget* DeadLetterInspector::buildEnvelope()
{
    m_envelope = new QTableView(this);
    makeQuiet(m_envelope);
    m_envelope->setItemDelegate(new PlainDelegate(m_envelope));
    m_envelope->setModel(m_model->envelope());
    m_envelope->horizontalHeader()->hide();
    m_envelope->verticalHeader()->setDefaultSectionSize(3 * kGrid + kHalfGrid);
    m_envelope->setColumnWidth(DeadLetterEnvelopeModel::Name, 118);
    m_envelope->horizontalHeader()->setStretchLastSection(true);
    //: Accessible name of a table
    m_envelope->setAccessibleName(tr("Envelope"));
    //: Menu entry: copies the value of an attribute
    auto* copy = new QAction(tr("Copy value"), m_envelope);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, &DeadLetterInspector::copyValue);
    m_envelope->addAction(copy);
    m_envelope->setContextMenuPolicy(Qt::ActionsContextMenu);
    return m_envelope;
}

QWidget* DeadLetterInspector::buildAttempts()
{
    auto* panes = new QSplitter(Qt::Vertical, this);
    panes->setChildrenCollapsible(false);
    m_attempts = new QTableView(panes);
    makeQuiet(m_attempts);
    m_attempts->setItemDelegate(new PlainDelegate(m_attempts));
    m_attempts->setModel(m_model->attempts());
    m_attempts->horizontalHeader()->setStretchLastSection(true);
    const std::array<int, 5> widths{32, 68, 64, 84, 108};
    for (int section = 0; section < 5; ++section)
        m_attempts->setColumnWidth(section, widths.at(static_cast<std::size_t>(section)));
    //: Accessible name of a table
    m_attempts->setAccessibleName(tr("Attempts"));
    m_attemptText = new QPlainTextEdit(panes);
    m_attemptText->setReadOnly(true);
    m_attemptText->setFont(Theme::codeFont());
    m_attemptText->setFrameShape(QFrame::NoFrame);
    //: Accessible name of a pane
    m_attemptText->setAccessibleName(tr("Error text of the attempt"));
    connect(m_attempts->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &DeadLetterInspector::showAttempt);
    panes->addWidget(m_attempts);
    panes->addWidget(m_attemptText);
    panes->setSizes({240, 160});
    return panes;
}

void DeadLetterInspector::refresh()
{
    const auto& detail = m_model->detail();
    setCurrentIndex(detail ? 1 : 0);
    if (!detail) {
        m_body->clear();
        if (m_isRowInHand)
            m_nothing->setContent(QLatin1String("warning"), tr("The message could not be read"),
                                  tr("It may be gone, or the connection is. Press F5 to read the list again."));
        else
            m_nothing->setContent(QLatin1String("dead-letters"), tr("No message selected"),
                                  tr("Select a row to read its envelope, its body and every attempt."));
        return;
    }
    const message::DeadLetterRow& row = detail->row;
    m_title->setText(visibleLine(row.id, 4096));
    m_state->setState(row.state);
    const QString type = visibleLine(row.type);
    const QString queue = visibleLine(row.queue);
    //: Where a message is: its type and its queue
    m_where->setText(tr("%1 in %2").arg(type, queue));
    QString error = reasonName(row.reason);
    if (!row.errorClass.empty())
        error += QStringLiteral(" · ") + visibleLine(row.errorClass);
    if (!detail->errorText.empty())
        error += QStringLiteral(": ") + visibleLine(detail->errorText);
    m_error->setText(error);
    m_body->show(detail->body, row.bodyBytes, detail->damage);
    m_attempts->selectRow(0);
    showAttempt();
}

void DeadLetterInspector::showAttempt()
{
    const QModelIndex index = m_attempts->currentIndex();
    m_attemptText->setPlainText(index.data(DeadLetterAttemptModel::kWholeTextRole).toString());
}

QString DeadLetterInspector::attemptText() const
{
    return m_attemptText->toPlainText();
}

void DeadLetterInspector::copyValue()
{
    const QModelIndex index = m_envelope->currentIndex();
    if (index.isValid())
        QGuiApplication::clipboard()->setText(index.data(DeadLetterEnvelopeModel::kWholeValueRole).toString());
}

} // namespace millrace::desktop
