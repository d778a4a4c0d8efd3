// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/dead_letters_page.h"

#include "app/desktop/models/dead_letter_text.h"
#include "app/desktop/models/text_format.h"
#include "app/desktop/views/body_view.h"
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
#include <QTableView>
#include <QTabWidget>
#include <QTimer>
#include <QVBoxLayout>

#include <array>

namespace millrace::desktop {

using Condition = DeadLettersViewModel::Condition;
using message::Verb;

namespace {

constexpr std::array<message::Reason, 5> kReasons{message::Reason::AttemptsExhausted, message::Reason::Rejected,
                                                  message::Reason::Expired, message::Reason::SchemaInvalid,
                                                  message::Reason::CrashedInFlight};
constexpr std::array<message::State, 3> kStates{message::State::Dead, message::State::Replayed, message::State::Discarded};
constexpr int kTextPauseMs = 300;

void quietTable(QTableView* table)
{
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table->verticalHeader()->setDefaultSectionSize(4 * kGrid);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->horizontalHeader()->setHighlightSections(false);
    table->setFrameShape(QFrame::NoFrame);
    table->setItemDelegate(new PlainDelegate(table));
}

} // namespace

DeadLettersPage::DeadLettersPage(DeadLettersViewModel* model, QWidget* parent)
    : Page(parent)
    , m_model(model)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, kGrid + kHalfGrid);
    column->setSpacing(kGrid);
    column->addWidget(buildFilterBar());
    m_operation = new Banner(this);
    column->addWidget(m_operation);
    m_progress = new QProgressBar(this);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(kHalfGrid);
    m_progress->hide();
    column->addWidget(m_progress);

    auto* panes = new QSplitter(Qt::Horizontal, this);
    panes->setChildrenCollapsible(false);
    m_groups = new QListView(panes);
    m_groups->setModel(m_model->groups());
    m_groups->setItemDelegate(new GroupDelegate(m_groups));
    m_groups->setFrameShape(QFrame::NoFrame);
    //: Accessible name of the list of groups of like failures
    m_groups->setAccessibleName(tr("Groups of like failures"));
    panes->addWidget(m_groups);
    panes->addWidget(buildMiddle());
    panes->addWidget(buildInspector());
    panes->setStretchFactor(0, 0);
    panes->setStretchFactor(1, 3);
    panes->setStretchFactor(2, 2);
    panes->setSizes({190, 540, 330});
    column->addWidget(panes, 1);
    column->addWidget(buildActionBar());
    bindModel();
    updateQueues();
    updateCondition();
    updateDetail();
    updateOperation();
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
    m_text->setClearButtonEnabled(true);
    m_text->addAction(icon(QLatin1String("search"), Token::Muted), QLineEdit::LeadingPosition);
    m_queue = new QComboBox(bar);
    m_reason = new QComboBox(bar);
    //: Filter: no restriction by reason
    m_reason->addItem(tr("Any reason"));
    for (const message::Reason reason : kReasons)
        m_reason->addItem(reasonName(reason));
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
        m_state->addItem(letterStateName(state));
    m_counts = new PlainLabel(bar);
    m_new = new QPushButton(icon(QLatin1String("refresh")), {}, bar);
    m_new->hide();
    row->addWidget(m_text, 1);
    for (QComboBox* box : {m_queue, m_reason, m_span, m_state}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        row->addWidget(box);
    }
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

QWidget* DeadLettersPage::buildMiddle()
{
    m_stack = new QStackedWidget(this);
    buildTable();
    m_empty = new EmptyState(m_stack);
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_empty);
    return m_stack;
}

void DeadLettersPage::buildTable()
{
    m_table = new QTableView(m_stack);
    quietTable(m_table);
    m_table->setModel(m_model->table());
    auto* header = m_table->horizontalHeader();
    const std::array<int, DeadLetterTableModel::kColumnCount> widths{28, 70, 100, 112, 190, 44, 84};
    for (int section = 0; section < DeadLetterTableModel::kColumnCount; ++section) {
        header->setSectionResizeMode(section, section == DeadLetterTableModel::Error ? QHeaderView::Stretch : QHeaderView::Interactive);
        m_table->setColumnWidth(section, widths.at(static_cast<std::size_t>(section)));
    }
    header->setMinimumSectionSize(28);
    header->setFont(Theme::font(TextSize::Small));
    // The filter says which state the list shows.
    m_table->setColumnHidden(DeadLetterTableModel::Status, true);
    m_table->installEventFilter(this);
    m_table->viewport()->installEventFilter(this);
    //: Accessible name of the table of dead letters
    m_table->setAccessibleName(tr("Dead letters"));
}

QWidget* DeadLettersPage::buildInspector()
{
    m_inspector = new QStackedWidget(this);
    auto* nothing = new EmptyState(m_inspector);
    //: Nothing is selected in the table of dead letters
    nothing->setContent(QLatin1String("dead-letters"), tr("No message selected"),
                        tr("Select a row to read its envelope, its body and every attempt."));
    m_inspector->addWidget(nothing);
    auto* letter = new QWidget(m_inspector);
    auto* column = new QVBoxLayout(letter);
    column->setContentsMargins(kGrid, 0, 0, 0);
    column->setSpacing(kHalfGrid);
    m_title = new PlainLabel(letter);
    QFont bold = Theme::font(TextSize::Body);
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_title->setElide(PlainLabel::Elide::Middle);
    m_error = new PlainLabel(letter);
    m_error->setElide(PlainLabel::Elide::Right);
    column->addWidget(m_title);
    column->addWidget(m_error);
    m_tabs = new QTabWidget(letter);
    m_tabs->setDocumentMode(true);
    m_body = new BodyView(m_tabs);
    m_envelope = new QTableView(m_tabs);
    quietTable(m_envelope);
    m_envelope->setModel(m_model->envelope());
    m_envelope->horizontalHeader()->hide();
    m_envelope->setColumnWidth(DeadLetterEnvelopeModel::Name, 120);
    m_envelope->horizontalHeader()->setStretchLastSection(true);
    m_attempts = new QTableView(m_tabs);
    quietTable(m_attempts);
    m_attempts->setModel(m_model->attempts());
    m_attempts->horizontalHeader()->setStretchLastSection(true);
    const std::array<int, 5> widths{32, 78, 72, 96, 120};
    for (int section = 0; section < 5; ++section)
        m_attempts->setColumnWidth(section, widths.at(static_cast<std::size_t>(section)));
    //: Tab of the inspector
    m_tabs->addTab(m_body, tr("Body"));
    //: Tab of the inspector
    m_tabs->addTab(m_envelope, tr("Envelope"));
    //: Tab of the inspector
    m_tabs->addTab(m_attempts, tr("Attempts"));
    column->addWidget(m_tabs, 1);
    m_inspector->addWidget(letter);
    return m_inspector;
}

QWidget* DeadLettersPage::buildActionBar()
{
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGrid);
    m_selection = new PlainLabel(bar);
    //: Button: puts the selected dead letters back to work
    m_replay = new QPushButton(icon(QLatin1String("replay")), tr("Replay"), bar);
    //: Button: discards the selected dead letters
    m_discard = new QPushButton(icon(QLatin1String("discard")), tr("Discard"), bar);
    m_replayAll = new QPushButton(icon(QLatin1String("replay")), {}, bar);
    m_discardAll = new QPushButton(icon(QLatin1String("discard")), {}, bar);
    row->addWidget(m_selection);
    row->addWidget(m_replay);
    row->addWidget(m_discard);
    row->addStretch(1);
    row->addWidget(m_replayAll);
    row->addWidget(m_discardAll);
    return bar;
}

void DeadLettersPage::bindModel()
{
    connect(m_queue, &QComboBox::activated, this, [this](int index) {
        m_model->setQueueFilter(index == 0 ? QString() : m_queue->itemData(index).toString());
    });
    connect(m_reason, &QComboBox::activated, this, [this](int index) {
        m_model->setReasonFilter(index == 0 ? std::nullopt : std::optional(kReasons.at(static_cast<std::size_t>(index - 1))));
    });
    connect(m_span, &QComboBox::activated, this, [this] { m_model->setSpanSeconds(m_span->currentData().toLongLong()); });
    connect(m_state, &QComboBox::activated, this,
            [this](int index) { m_model->setStateFilter(kStates.at(static_cast<std::size_t>(index))); });
    auto* pause = new QTimer(this);
    pause->setSingleShot(true);
    pause->setInterval(kTextPauseMs);
    connect(m_text, &QLineEdit::textEdited, pause, qOverload<>(&QTimer::start));
    connect(m_text, &QLineEdit::textChanged, this, [this](const QString& text) {
        if (text.isEmpty())
            m_model->setText({});
    });
    connect(pause, &QTimer::timeout, this, [this] { m_model->setText(m_text->text()); });
    connect(m_text, &QLineEdit::returnPressed, this, [this] {
        m_model->setText(m_text->text());
        m_table->setFocus();
    });
    connect(m_new, &QPushButton::clicked, m_model, &DeadLettersViewModel::refresh);
    connect(m_groups->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
        m_model->setGroup(index.data(DeadLetterGroupModel::FingerprintRole).toULongLong());
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& index) { onCurrentChanged(index); });
    connect(m_model->table(), &QAbstractItemModel::dataChanged, this, [this] { onCurrentChanged(m_table->currentIndex()); });
    connect(m_table->verticalScrollBar(), &QScrollBar::valueChanged, this, &DeadLettersPage::updateViewport);
    connect(m_table->verticalScrollBar(), &QScrollBar::rangeChanged, this, &DeadLettersPage::updateViewport);
    connect(m_model->table(), &DeadLetterTableModel::checkedChanged, this, &DeadLettersPage::updateActions);
    connect(m_model, &DeadLettersViewModel::conditionChanged, this, &DeadLettersPage::updateCondition);
    connect(m_model, &DeadLettersViewModel::queuesChanged, this, &DeadLettersPage::updateQueues);
    connect(m_model, &DeadLettersViewModel::newChanged, this, &DeadLettersPage::updateCounts);
    connect(m_model, &DeadLettersViewModel::detailChanged, this, &DeadLettersPage::updateDetail);
    connect(m_model, &DeadLettersViewModel::listOpened, this, [this] {
        updateFilter();
        updateCounts();
        updateViewport();
        selectFirst();
    });
    connect(m_model->operations(), &OperationsViewModel::changed, this, &DeadLettersPage::updateOperation);
    connect(m_empty, &EmptyState::actionTriggered, this, [this] {
        if (m_model->condition() == Condition::FilteredOut)
            m_model->clearFilter();
        else
            m_model->refresh();
    });
    connect(m_replay, &QPushButton::clicked, this, [this] { act(Verb::Replay); });
    connect(m_discard, &QPushButton::clicked, this, [this] { act(Verb::Discard); });
    connect(m_replayAll, &QPushButton::clicked, this, [this] { actOnAll(Verb::Replay); });
    connect(m_discardAll, &QPushButton::clicked, this, [this] { actOnAll(Verb::Discard); });
    connect(m_operation, &Banner::actionTriggered, this, [this] {
        OperationsViewModel* operations = m_model->operations();
        if (operations->isBusy())
            operations->cancel();
        else if (operations->canUndo())
            operations->undo();
    });
    connect(m_operation, &Banner::dismissed, m_model->operations(), &OperationsViewModel::dismiss);
}

void DeadLettersPage::activated()
{
    m_model->setActive(true);
    updateFilter();
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
            {QStringLiteral("F8"), tr("Replay, and move to the next")},
            {QStringLiteral("Del"), tr("Discard")},
            {QStringLiteral("Ctrl+Z"), tr("Take the last discard back")},
            {QStringLiteral("/"), tr("Filter by text")},
            {QStringLiteral("F5"), tr("Read the list again")}};
}

} // namespace millrace::desktop
