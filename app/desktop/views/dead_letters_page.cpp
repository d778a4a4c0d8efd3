// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/dead_letters_page.h"

#include "app/desktop/models/dead_letter_text.h"
#include "app/desktop/views/dead_letters_inspector.h"
#include "app/desktop/views/dead_letters_table.h"
#include "app/desktop/views/icons.h"
#include "app/desktop/views/plain_delegate.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/widgets/banner.h"
#include "app/desktop/views/widgets/empty_state.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QListView>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace millrace::desktop {

using Condition = DeadLettersViewModel::Condition;
using Scope = DeadLettersViewModel::Scope;
using message::Verb;

namespace {

constexpr std::array<message::Reason, 7> kReasons{message::Reason::AttemptsExhausted, message::Reason::Rejected,
                                                  message::Reason::Expired, message::Reason::SchemaInvalid,
                                                  message::Reason::CrashedInFlight,
                                                  message::Reason::DeadlineExceeded, message::Reason::GivenUp};
constexpr std::array<message::State, 4> kStates{message::State::Dead, message::State::Replayed,
                                                message::State::Discarded, message::State::Archived};
constexpr int kTextPauseMs = 300;

} // namespace

DeadLettersPage::DeadLettersPage(DeadLettersViewModel* model, QWidget* parent)
    : Page(parent)
    , m_model(model)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, kGrid + kHalfGrid);
    column->setSpacing(kGrid);
    column->addWidget(buildFilterBar());
    m_notice = new Banner(this);
    column->addWidget(m_notice);
    column->addWidget(buildPanes(), 1);
    m_operation = new Banner(this);
    column->addWidget(m_operation);
    m_progress = new QProgressBar(this);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(kHalfGrid);
    m_progress->hide();
    column->addWidget(m_progress);
    column->addWidget(buildActionBar());
    bindFilter();
    bindModel();
    bindActs();
    updateQueues();
    updateCondition();
    updateOperation();
    updateGroups();
}

QTableView* DeadLettersPage::table() const
{
    return m_table;
}

BodyView* DeadLettersPage::body() const
{
    return m_inspector->body();
}

QWidget* DeadLettersPage::buildFilterBar()
{
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGrid);
    m_text = new QLineEdit(bar);
    //: Placeholder of the text filter of dead letters
    m_text->setPlaceholderText(tr("Text in id, type, error or body"));
    m_text->setAccessibleName(m_text->placeholderText());
    m_text->setClearButtonEnabled(true);
    m_text->addAction(icon(QLatin1String("search"), Token::Muted), QLineEdit::LeadingPosition);
    m_queue = new QComboBox(bar);
    m_reason = new QComboBox(bar);
    //: Filter: no restriction by reason
    m_reason->addItem(tr("Any reason"));
    for (const message::Reason reason : kReasons)
        m_reason->addItem(reasonName(reason), static_cast<int>(reason));
    m_span = new QComboBox(bar);
    //: Filter: no restriction by time
    m_span->addItem(tr("Any time"), 0);
    //: Filter by time of death
    m_span->addItem(tr("Last 15 minutes"), 15 * 60);
    //: Filter by time of death
    m_span->addItem(tr("Last hour"), 3600);
    //: Filter by time of death
    m_span->addItem(tr("Last 24 hours"), 86400);
    m_state = new QComboBox(bar);
    for (const message::State state : kStates)
        m_state->addItem(letterStateName(state), static_cast<int>(state));
    m_counts = new PlainLabel(bar);
    m_new = new QPushButton(icon(QLatin1String("refresh")), {}, bar);
    m_new->hide();
    //: Button that removes every restriction of the filter
    m_clear = new QPushButton(icon(QLatin1String("close")), tr("Clear"), bar);
    m_clear->setProperty("look", QStringLiteral("quiet"));
    row->addWidget(m_text, 1);
    for (QComboBox* box : {m_queue, m_reason, m_span, m_state}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        row->addWidget(box);
    }
    row->addWidget(m_clear);
    row->addWidget(m_new);
    row->addWidget(m_counts);
    //: Accessible name of a filter
    m_queue->setAccessibleName(tr("Queue"));
    //: Accessible name of a filter
    m_reason->setAccessibleName(tr("Reason"));
    //: Accessible name of a filter
    m_span->setAccessibleName(tr("Time of death"));
    //: Accessible name of a filter
    m_state->setAccessibleName(tr("State"));
    return bar;
}

QWidget* DeadLettersPage::buildPanes()
{
    auto* panes = new QSplitter(Qt::Horizontal, this);
    panes->setChildrenCollapsible(false);
    m_groups = new QListView(panes);
    // Before setModel(), so that it is known before the view moves its current row off one that goes.
    connect(m_model->groups(), &QAbstractItemModel::rowsAboutToBeRemoved, this, [this] { m_groupsChange = true; });
    m_groups->setModel(m_model->groups());
    connect(m_model->groups(), &QAbstractItemModel::dataChanged, this, [this] {
        m_groupsChange = false;
        updateGroups();
    });
    m_groups->setItemDelegate(new GroupDelegate(m_groups));
    m_groups->setFrameShape(QFrame::NoFrame);
    m_groups->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_groups->setMinimumWidth(20 * kGrid);
    //: Accessible name of the list of groups of like failures
    m_groups->setAccessibleName(tr("Groups of like failures"));
    panes->addWidget(m_groups);
    m_stack = new QStackedWidget(panes);
    buildTable();
    m_empty = new EmptyState(m_stack);
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_empty);
    panes->addWidget(m_stack);
    m_inspector = new DeadLetterInspector(m_model, panes);
    m_inspector->setMinimumWidth(32 * kGrid);
    panes->addWidget(m_inspector);
    panes->setStretchFactor(0, 0);
    panes->setStretchFactor(1, 3);
    panes->setStretchFactor(2, 2);
    panes->setSizes({192, 532, 332});
    return panes;
}

void DeadLettersPage::buildTable()
{
    m_table = new LetterTable(m_stack);
    m_table->setModel(m_model->table());
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    auto* header = m_table->horizontalHeader();
    header->setMinimumSectionSize(28);
    const std::array<int, DeadLetterTableModel::kColumnCount> widths{28, 80, 98, 90, 160, 44, 84};
    for (int section = 0; section < DeadLetterTableModel::kColumnCount; ++section) {
        header->setSectionResizeMode(section, section == DeadLetterTableModel::Error ? QHeaderView::Stretch
                                                                                     : QHeaderView::Interactive);
        // Around a title: the padding of the style sheet, and what the style keeps free for an arrow.
        const QString title = m_model->table()->headerData(section, Qt::Horizontal, Qt::DisplayRole).toString();
        const int titled = title.isEmpty() ? 0 : header->fontMetrics().horizontalAdvance(title) + 17;
        m_table->setColumnWidth(section, std::max(titled, widths.at(static_cast<std::size_t>(section))));
    }
    // The shape beside the time says it.
    m_table->setColumnHidden(DeadLetterTableModel::Status, true);
    m_table->viewport()->installEventFilter(this);
    //: Accessible name of the table of dead letters
    m_table->setAccessibleName(tr("Dead letters"));
}

QWidget* DeadLettersPage::buildActionBar()
{
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGrid);
    m_selection = new PlainLabel(bar);
    m_selectAll = new QPushButton(bar);
    m_selectAll->setProperty("look", QStringLiteral("quiet"));
    //: Button: puts the selected dead letters back to work
    m_replay = new QPushButton(icon(QLatin1String("replay")), tr("Replay"), bar);
    //: Button: discards the selected dead letters
    m_discard = new QPushButton(icon(QLatin1String("discard")), tr("Discard"), bar);
    m_replayAll = new QPushButton(icon(QLatin1String("replay")), {}, bar);
    m_discardAll = new QPushButton(icon(QLatin1String("discard")), {}, bar);
    row->addWidget(m_replay);
    row->addWidget(m_discard);
    row->addWidget(m_selection);
    row->addWidget(m_selectAll);
    row->addStretch(1);
    row->addWidget(m_replayAll);
    row->addWidget(m_discardAll);
    return bar;
}

void DeadLettersPage::bindFilter()
{
    connect(m_queue, &QComboBox::activated, this,
            [this] { m_model->setQueueFilter(m_queue->currentData().toString()); });
    connect(m_reason, &QComboBox::activated, this, [this](int index) {
        m_model->setReasonFilter(index <= 0 ? std::nullopt
                                            : std::optional(kReasons.at(static_cast<std::size_t>(index - 1))));
    });
    connect(m_span, &QComboBox::activated, this,
            [this] { m_model->setSpanSeconds(m_span->currentData().toLongLong()); });
    connect(m_state, &QComboBox::activated, this,
            [this](int index) { m_model->setStateFilter(kStates.at(static_cast<std::size_t>(index))); });
    m_textPause = new QTimer(this);
    m_textPause->setSingleShot(true);
    m_textPause->setInterval(kTextPauseMs);
    connect(m_textPause, &QTimer::timeout, this, &DeadLettersPage::applyText);
    connect(m_text, &QLineEdit::textEdited, m_textPause, qOverload<>(&QTimer::start));
    connect(m_text, &QLineEdit::textChanged, this, [this](const QString& text) {
        if (text.isEmpty())
            applyText();
    });
    connect(m_text, &QLineEdit::returnPressed, this, [this] {
        applyText();
        m_table->setFocus();
    });
    connect(m_clear, &QPushButton::clicked, m_model, &DeadLettersViewModel::clearFilter);
    connect(m_new, &QPushButton::clicked, m_model, &DeadLettersViewModel::refresh);
    connect(m_groups->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
        if (index.isValid() && !m_groupsChange)
            m_model->setGroup(index.data(DeadLetterGroupModel::FingerprintRole).toULongLong());
    });
}

void DeadLettersPage::bindModel()
{
    connect(m_model, &DeadLettersViewModel::queuesChanged, this, &DeadLettersPage::updateQueues);
    connect(m_model, &DeadLettersViewModel::conditionChanged, this, &DeadLettersPage::updateCondition);
    connect(m_model, &DeadLettersViewModel::newChanged, this, &DeadLettersPage::updateCounts);
    connect(m_model, &DeadLettersViewModel::detailChanged, this, &DeadLettersPage::updateActions);
    connect(m_model, &DeadLettersViewModel::listOpened, this, &DeadLettersPage::onListOpened);
    connect(m_model->table(), &DeadLetterTableModel::rowsFailed, this, [this] {
        //: Button that repeats what failed
        m_notice->showText(Banner::Kind::Error, tr("Some rows could not be read."), tr("Try again"));
    });
    connect(m_notice, &Banner::actionTriggered, this, [this] {
        m_notice->dismiss();
        m_model->refresh();
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &DeadLettersPage::onCurrentChanged);
    connect(m_model->table(), &QAbstractItemModel::dataChanged, this, &DeadLettersPage::onRowsLoaded);
    connect(m_model->table(), &DeadLetterTableModel::checkedChanged, this, &DeadLettersPage::updateActions);
    connect(m_table->verticalScrollBar(), &QScrollBar::valueChanged, this, &DeadLettersPage::updateViewport);
    connect(m_table->verticalScrollBar(), &QScrollBar::rangeChanged, this, &DeadLettersPage::updateViewport);
    connect(m_empty, &EmptyState::actionTriggered, this, [this] {
        if (m_model->condition() == Condition::FilteredOut)
            m_model->clearFilter();
        else
            m_model->refresh();
    });
}

void DeadLettersPage::bindActs()
{
    connect(m_model->operations(), &OperationsViewModel::changed, this, &DeadLettersPage::updateOperation);
    connect(m_replay, &QPushButton::clicked, this, [this] { act(Verb::Replay); });
    connect(m_discard, &QPushButton::clicked, this, [this] { act(Verb::Discard); });
    connect(m_replayAll, &QPushButton::clicked, this, [this] { actOn(Verb::Replay, Scope::All); });
    connect(m_discardAll, &QPushButton::clicked, this, [this] { actOn(Verb::Discard, Scope::All); });
    connect(m_selectAll, &QPushButton::clicked, this, [this] {
        if (m_model->count(Scope::Checked) > 0)
            m_model->table()->clearChecked();
        else
            m_model->table()->setAllChecked(true);
    });
    connect(m_operation, &Banner::actionTriggered, this, &DeadLettersPage::onOperationAction);
    connect(m_operation, &Banner::dismissed, m_model->operations(), &OperationsViewModel::dismiss);
    connect(m_table, &LetterTable::rangeWanted, this, &DeadLettersPage::checkRange);
    connect(m_table, &LetterTable::toggleWanted, this, [this](int row) {
        if (const auto* letter = m_model->table()->row(row))
            m_model->table()->setChecked(letter->ref, !m_model->table()->isChecked(letter->ref));
    });
    connect(m_table, &QWidget::customContextMenuRequested, this, &DeadLettersPage::showMenu);
}

void DeadLettersPage::activated()
{
    updateFilter();
    m_model->setActive(true);
    m_table->setFocus();
}

void DeadLettersPage::deactivated()
{
    m_model->setActive(false);
}

QList<ShortcutHelp> DeadLettersPage::shortcuts() const
{
    return {{QStringLiteral("J / K"), tr("Next or previous message")},
            {QStringLiteral("X"), tr("Check or uncheck the message")},
            {QStringLiteral("Shift+↑ ↓"), tr("Check every message on the way")},
            {QStringLiteral("Ctrl+A"), tr("Check all that match")},
            {QStringLiteral("Enter"), tr("Go on to the body")},
            {QStringLiteral("F8"), tr("Replay, and move to the next")},
            {QStringLiteral("Del"), tr("Discard")},
            {QStringLiteral("Ctrl+Z"), tr("Take the last discard back")},
            {QStringLiteral("/"), tr("Filter by text")},
            {QStringLiteral("F5"), tr("Read the list again")}};
}

} // namespace millrace::desktop
