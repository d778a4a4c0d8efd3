// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/queues_page.h"

#include "app/desktop/models/text_format.h"
#include "app/desktop/views/icons.h"
#include "app/desktop/views/live_panel.h"
#include "app/desktop/views/plain_delegate.h"
#include "app/desktop/views/policy_dialog.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/widgets/banner.h"
#include "app/desktop/views/widgets/chip.h"
#include "app/desktop/views/widgets/empty_state.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace millrace::desktop {

namespace {

constexpr int kDetailWidth = 25 * kGrid;
constexpr int kTableHeight = 44 * kGrid;
constexpr int kPanelHeight = 30 * kGrid;
/// Cells grow with their figures, but not with each one.
constexpr int kFitAfterMs = 500;
/// A value this short stands beside its caption, a longer one below it.
constexpr qsizetype kShortValue = 12;
/// Around a title of the table: the padding of the style sheet, and what the style keeps free for its arrow.
constexpr int kTitleRoom = 6 + 9 + 2;

} // namespace

QueuesPage::QueuesPage(QueuesViewModel* model, LiveViewModel* live, QWidget* parent)
    : Page(parent)
    , m_model(model)
    , m_live(live)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, 2 * kGrid);
    column->setSpacing(kGrid);
    m_banner = new Banner(this);
    column->addWidget(m_banner);
    m_stack = new QStackedWidget(this);
    column->addWidget(m_stack, 1);
    auto* panes = new QSplitter(Qt::Horizontal, m_stack);
    panes->setChildrenCollapsible(false);
    buildTable();
    auto* left = new QSplitter(Qt::Vertical, panes);
    left->setChildrenCollapsible(false);
    left->addWidget(m_table);
    m_panel = new LivePanel(m_live, left);
    left->addWidget(m_panel);
    left->setStretchFactor(0, 1);
    left->setSizes({kTableHeight, kPanelHeight});
    panes->addWidget(left);
    panes->addWidget(buildDetail());
    panes->setStretchFactor(0, 1);
    panes->setSizes({1064 - kDetailWidth, kDetailWidth});
    m_stack->addWidget(panes);
    m_empty = new EmptyState(m_stack);
    m_stack->addWidget(m_empty);

    connect(m_model, &QueuesViewModel::conditionChanged, this, &QueuesPage::updateCondition);
    connect(m_model, &QueuesViewModel::detailChanged, this, &QueuesPage::updateDetail);
    const auto tellFailure = [this](const QString& text) { m_banner->showText(Banner::Kind::Error, text); };
    const auto tellSuccess = [this](const QString& text) { m_banner->showText(Banner::Kind::Success, text); };
    connect(m_model, &QueuesViewModel::failed, this, tellFailure);
    connect(m_model, &QueuesViewModel::succeeded, this, tellSuccess);
    connect(m_live, &LiveViewModel::failed, this, tellFailure);
    connect(m_live, &LiveViewModel::succeeded, this, tellSuccess);
    connect(m_model, &QueuesViewModel::policyBusyChanged, this, &QueuesPage::updatePolicyButtons);
    connect(m_model, &QueuesViewModel::selectedChanged, m_live, [this] { m_live->setQueue(m_model->selectedName()); });
    updateCondition();
    updateDetail();
}

void QueuesPage::buildTable()
{
    m_table = new QTableView(this);
    m_table->setProperty("dense", true); // the style sheet keeps its header narrow
    m_table->setModel(m_model->table());
    m_table->setItemDelegate(new PlainDelegate(m_table));
    m_table->setItemDelegateForColumn(QueueTableModel::Depth, new SparklineDelegate(m_table));
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(5 * kGrid);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(QueueTableModel::Name, Qt::AscendingOrder);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setFont(Theme::font(TextSize::Small));
    // The line of the last minute takes what the texts leave.
    m_table->horizontalHeader()->setMinimumSectionSize(4 * kGrid);
    m_table->horizontalHeader()->setSectionResizeMode(QueueTableModel::Depth, QHeaderView::Stretch);
    //: Accessible name of the table of queues
    m_table->setAccessibleName(tr("Queues"));
    m_table->installEventFilter(this);
    m_table->viewport()->installEventFilter(this);
    m_fitTimer.setSingleShot(true);
    m_fitTimer.setInterval(kFitAfterMs);
    connect(&m_fitTimer, &QTimer::timeout, this, &QueuesPage::fitColumns);
    connect(m_model->table(), &QAbstractItemModel::rowsInserted, this, &QueuesPage::fitColumns);
    connect(m_model->table(), &QAbstractItemModel::dataChanged, this, [this] {
        if (!m_fitTimer.isActive())
            m_fitTimer.start();
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this] { m_model->select(currentName()); });
    connect(m_table, &QWidget::customContextMenuRequested, this, &QueuesPage::showMenu);
}

int QueuesPage::leastWidth(int column) const
{
    // Not sectionSizeHint(): it has room for bold text with an arrow beside it.
    const QString title = m_model->table()->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
    const int titled = m_table->horizontalHeader()->fontMetrics().horizontalAdvance(title) + kTitleRoom;
    // Room for usual rates from the beginning: the first ones come a second after the rows.
    const bool isRate = column == QueueTableModel::In || column == QueueTableModel::Out;
    return isRate ? std::max(titled, m_table->fontMetrics().horizontalAdvance(formatRate(999)) + kGrid) : titled;
}

void QueuesPage::fitColumns()
{
    // Widths only grow, so that columns do not jiggle with their figures.
    m_widths.resize(QueueTableModel::kColumnCount, 0);
    int others = leastWidth(QueueTableModel::Depth);
    for (int column = 0; column < QueueTableModel::kColumnCount; ++column) {
        if (column == QueueTableModel::Depth)
            continue;
        int& width = m_widths[static_cast<std::size_t>(column)];
        width = std::max({width, leastWidth(column), static_cast<QAbstractItemView*>(m_table)->sizeHintForColumn(column)});
        if (column == QueueTableModel::Name)
            continue;
        others += width;
        if (m_table->columnWidth(column) != width)
            m_table->setColumnWidth(column, width);
    }
    // A long name is shortened before a figure is; the tooltip has it whole.
    const int name = std::clamp(m_table->viewport()->width() - others, leastWidth(QueueTableModel::Name),
                                m_widths[QueueTableModel::Name]);
    if (m_table->columnWidth(QueueTableModel::Name) != name)
        m_table->setColumnWidth(QueueTableModel::Name, name);
}

QWidget* QueuesPage::buildDetail()
{
    auto* area = new QScrollArea(this);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_detailArea = area;
    m_detail = new QWidget(area);
    auto* column = new QVBoxLayout(m_detail);
    column->setContentsMargins(2 * kGrid, kGrid, kGrid, kGrid);
    column->setSpacing(kGrid);
    m_name = new PlainLabel(m_detail);
    QFont bold = Theme::font(TextSize::Body);
    bold.setWeight(QFont::DemiBold);
    m_name->setFont(bold);
    m_name->setElide(PlainLabel::Elide::Middle);
    column->addWidget(m_name);
    m_warning = new PlainLabel(m_detail);
    m_warning->setWordWrap(true);
    column->addWidget(m_warning);
    m_pause = new QPushButton(m_detail);
    m_dead = new QPushButton(icon(QLatin1String("dead-letters")), {}, m_detail);
    column->addWidget(m_pause);
    column->addWidget(m_dead);
    m_differs = new Chip(m_detail);
    //: Chip: the policy of a queue was changed by hand
    m_differs->setLook(Shape::Diamond, Token::Scheduled, tr("differs from file"));
    column->addWidget(m_differs, 0, Qt::AlignLeft);
    //: Button that opens the policy of a queue for changes
    m_edit = new QPushButton(tr("Change policy…"), m_detail);
    //: Button that takes the policy of the pipeline file again
    m_reset = new QPushButton(icon(QLatin1String("undo")), tr("Reset to file"), m_detail);
    setPlainToolTip(m_reset, tr("Takes the policy of the pipeline file again."));
    //: Button that writes the pipeline as a file
    m_export = new QPushButton(icon(QLatin1String("folder")), tr("Export…"), m_detail);
    setPlainToolTip(m_export, tr("Writes queues, subscriptions and schedules as they are now as a pipeline file."));
    for (QPushButton* button : {m_edit, m_reset, m_export})
        column->addWidget(button);
    m_facts = new QVBoxLayout;
    m_facts->setSpacing(kHalfGrid);
    column->addLayout(m_facts);
    column->addStretch(1);
    area->setWidget(m_detail);
    connect(m_pause, &QPushButton::clicked, this, [this] { m_model->togglePaused(m_model->selected()); });
    connect(m_dead, &QPushButton::clicked, this, [this] { m_model->openDeadLetters(m_model->selected()); });
    connect(m_edit, &QPushButton::clicked, this, &QueuesPage::editPolicy);
    connect(m_reset, &QPushButton::clicked, this, [this] { m_model->resetPolicy(m_model->selected()); });
    connect(m_export, &QPushButton::clicked, this, &QueuesPage::exportPipeline);
    return area;
}

void QueuesPage::activated()
{
    m_model->setActive(true);
    m_live->setActive(true);
    fitColumns();
    selectSomething();
    m_table->setFocus();
}

void QueuesPage::deactivated()
{
    m_model->setActive(false);
    m_live->setActive(false);
}

QList<ShortcutHelp> QueuesPage::shortcuts() const
{
    //: Name of a key
    return {{tr("Space"), tr("Pause or resume the queue")}, {tr("Enter"), tr("Show its dead letters")}};
}

QString QueuesPage::currentName() const
{
    return m_table->currentIndex().data(QueueTableModel::NameRole).toString();
}

void QueuesPage::updateCondition()
{
    using Condition = QueuesViewModel::Condition;
    m_stack->setCurrentIndex(m_model->condition() == Condition::Rows ? 0 : 1);
    switch (m_model->condition()) {
    case Condition::Connecting:
        m_empty->setContent(QLatin1String("queues"), tr("Not connected yet"), tr("Queues appear as soon as the pipeline answers."));
        break;
    case Condition::Lost:
        m_empty->setContent(QLatin1String("warning"), tr("The connection is lost"), tr("It is tried again until the pipeline answers."));
        break;
    case Condition::Empty:
        m_empty->setContent(QLatin1String("queues"), tr("This pipeline has no queues"),
                            tr("Queues come from a pipeline file, or from a workload that is started."));
        break;
    case Condition::Rows:
        selectSomething();
        break;
    }
}

void QueuesPage::selectSomething()
{
    // A table that gets the focus makes its first cell the current one without selecting it.
    if (!m_table->selectionModel()->hasSelection() && m_model->table()->rowCount() > 0)
        m_table->selectRow(std::max(0, m_table->currentIndex().row()));
}

void QueuesPage::updateDetail()
{
    const auto& detail = m_model->detail();
    m_detail->setVisible(detail.has_value());
    if (!detail)
        return;
    m_name->setText(detail->name);
    m_warning->setText(detail->warning);
    m_warning->setVisible(!detail->warning.isEmpty());
    QPalette warning = m_warning->palette();
    warning.setColor(QPalette::WindowText, Theme::instance().color(Token::Retrying));
    m_warning->setPalette(warning);
    //: Button
    m_pause->setText(detail->isPaused ? tr("Resume") : tr("Pause"));
    m_pause->setIcon(icon(detail->isPaused ? QLatin1String("resume") : QLatin1String("pause")));
    const QString why = m_model->whyNotPause();
    m_pause->setEnabled(why.isEmpty() && !detail->isChanging);
    setPlainToolTip(m_pause, why);
    //: Button that shows the dead letters of the queue; %1 is their number
    m_dead->setText(tr("%1 dead").arg(QLocale().toString(static_cast<qulonglong>(detail->dead))));
    m_dead->setEnabled(detail->dead > 0);
    m_differs->setVisible(detail->differsFromFile);
    m_reset->setVisible(detail->differsFromFile);
    updatePolicyButtons();

    QList<std::pair<QString, QString>> lines;
    //: Heading in the description of a queue
    lines.append({tr("Policy"), QString()});
    lines += detail->policy;
    //: Heading in the description of a queue: totals since the node started
    lines.append({tr("Since the start"), QString()});
    lines += detail->totals;
    if (!detail->feeds.isEmpty()) {
        //: Heading in the description of a queue: the subscriptions that fill it
        lines.append({tr("Fed by"), QString()});
        for (const QString& feed : detail->feeds)
            lines.append({QString(), feed});
    }
    // Labels are kept and only their text changes: this runs with every snapshot.
    while (m_facts->count() < lines.size())
        m_facts->addWidget(makeFact());
    for (int index = 0; index < m_facts->count(); ++index) {
        QWidget* line = m_facts->itemAt(index)->widget();
        line->setVisible(index < lines.size());
        if (index < lines.size())
            showFact(line, lines.at(index).first, lines.at(index).second);
    }
    // The pane never shows less than its content is wide.
    m_detailArea->setMinimumWidth(std::max(
        kDetailWidth, m_detail->minimumSizeHint().width() + m_detailArea->verticalScrollBar()->sizeHint().width()));
}

void QueuesPage::updatePolicyButtons()
{
    const QString why = m_model->whyNotUpdate();
    for (QPushButton* button : {m_edit, m_reset})
        button->setEnabled(why.isEmpty() && !m_model->isPolicyBusy());
    setPlainToolTip(m_edit, why);
    m_export->setEnabled(!m_model->isPolicyBusy());
}

void QueuesPage::editPolicy()
{
    const auto policy = m_model->policy();
    if (!policy)
        return;
    const QString queue = m_model->selected();
    auto* dialog = new PolicyDialog(visibleLine(m_model->selectedName()), *policy, this);
    connect(dialog, &PolicyDialog::applied, m_model,
            [this, queue](const message::QueuePolicy& wanted) { m_model->updatePolicy(queue, wanted); });
    dialog->open();
}

void QueuesPage::exportPipeline()
{
    //: Title of a dialog that asks for a file
    auto* dialog = new QFileDialog(this, tr("Export the pipeline"), QString(), tr("Pipeline files (*.toml)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("toml"));
    dialog->selectFile(QStringLiteral("pipeline.toml"));
    connect(dialog, &QFileDialog::fileSelected, m_model, &QueuesViewModel::exportTo);
    dialog->open();
}

QWidget* QueuesPage::makeFact()
{
    auto* line = new QWidget(m_detail);
    auto* row = new QBoxLayout(QBoxLayout::LeftToRight, line);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kHalfGrid);
    for (int index = 0; index < 2; ++index) {
        auto* label = new PlainLabel(line);
        label->setWordWrap(true);
        row->addWidget(label, index);
    }
    return line;
}

void QueuesPage::showFact(QWidget* line, const QString& caption, const QString& value)
{
    const auto labels = line->findChildren<PlainLabel*>(Qt::FindDirectChildrenOnly);
    const bool isHeading = value.isEmpty();
    const bool isShort = !isHeading && !caption.isEmpty() && value.size() <= kShortValue;
    QFont font = Theme::font(TextSize::Small);
    font.setWeight(isHeading ? QFont::DemiBold : QFont::Normal);
    labels.at(0)->setFont(font);
    labels.at(1)->setFont(Theme::font(TextSize::Small));
    labels.at(0)->setForegroundRole(isHeading ? QPalette::WindowText : QPalette::PlaceholderText);
    labels.at(0)->setText(caption);
    labels.at(1)->setText(value);
    labels.at(0)->setVisible(!caption.isEmpty());
    labels.at(0)->setWordWrap(!isShort);
    labels.at(1)->setVisible(!isHeading);
    labels.at(1)->setAlignment(isShort ? Qt::AlignRight : Qt::AlignLeft);
    auto* box = static_cast<QBoxLayout*>(line->layout());
    box->setDirection(isShort ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    box->setSpacing(isShort ? kHalfGrid : 0);
    line->setContentsMargins(0, isHeading ? kGrid : 0, 0, isShort || isHeading ? 0 : kHalfGrid);
}

void QueuesPage::showMenu(const QPoint& position)
{
    const QModelIndex index = m_table->indexAt(position);
    if (!index.isValid())
        return;
    const QString name = index.data(QueueTableModel::NameRole).toString();
    const bool paused = index.data(QueueTableModel::PausedRole).toBool();
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction* pause = menu->addAction(paused ? tr("Resume") : tr("Pause"));
    pause->setEnabled(m_model->whyNotPause().isEmpty());
    connect(pause, &QAction::triggered, this, [this, name] { m_model->togglePaused(name); });
    //: Menu entry
    QAction* dead = menu->addAction(tr("Show dead letters"));
    connect(dead, &QAction::triggered, this, [this, name] { m_model->openDeadLetters(name); });
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

bool QueuesPage::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_table && event->type() == QEvent::KeyPress && !currentName().isEmpty()) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Space && m_model->whyNotPause().isEmpty()) {
            m_model->togglePaused(currentName());
            return true;
        }
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            m_model->openDeadLetters(currentName());
            return true;
        }
    }
    if (watched == m_table->viewport() && event->type() == QEvent::Resize)
        fitColumns();
    return Page::eventFilter(watched, event);
}

} // namespace millrace::desktop
