// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/live_panel.h"

#include "app/desktop/models/text_format.h"
#include "app/desktop/views/icons.h"
#include "app/desktop/views/plain_delegate.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/widgets/empty_state.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

namespace millrace::desktop {

using List = LiveViewModel::List;

LivePanel::LivePanel(LiveViewModel* model, QWidget* parent)
    : QTabWidget(parent)
    , m_model(model)
{
    setDocumentMode(true);
    m_tabs.resize(LiveViewModel::kLists);
    //: Buttons below a list of messages
    addTab(List::Running, {makeButton("close", tr("Cancel"), &LivePanel::cancelRunning)});
    addTab(List::Retrying,
           {makeButton("replay", tr("Try now"), &LivePanel::tryNow),
            makeButton("dead-letters", tr("Give up"), &LivePanel::giveUp),
            makeButton("close", tr("Cancel"), &LivePanel::cancelRetrying)});
    //: Button: what is parked behind dead letters of a key goes on
    addTab(List::Parked, {makeButton("resume", tr("Resume key"), &LivePanel::resumeKey)});
    //: Buttons below the list of schedules
    addTab(List::Schedules,
           {makeButton("pause", tr("Pause"), &LivePanel::pauseSchedule), makeButton("play", tr("Run now"), &LivePanel::runSchedule)});
    connect(m_model, &LiveViewModel::changed, this, &LivePanel::refresh);
    refresh();
}

QPushButton* LivePanel::makeButton(const char* iconName, const QString& text, void (LivePanel::*pressed)())
{
    auto* button = new QPushButton(icon(QLatin1String(iconName)), text, this);
    connect(button, &QPushButton::clicked, this, pressed);
    return button;
}

void LivePanel::addTab(List list, std::vector<QPushButton*> buttons)
{
    Tab& tab = m_tabs.at(static_cast<std::size_t>(list));
    auto* page = new QWidget(this);
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, kHalfGrid, 0, 0);
    column->setSpacing(kHalfGrid);
    tab.stack = new QStackedWidget(page);
    tab.table = new QTableView(tab.stack);
    tab.table->setProperty("dense", true);
    tab.table->setModel(m_model->table(list));
    tab.table->setItemDelegate(new PlainDelegate(tab.table));
    tab.table->setShowGrid(false);
    tab.table->setWordWrap(false);
    tab.table->setSelectionBehavior(QAbstractItemView::SelectRows);
    // A key and a schedule are dealt with one at a time.
    tab.table->setSelectionMode(list == List::Running || list == List::Retrying ? QAbstractItemView::ExtendedSelection
                                                                                : QAbstractItemView::SingleSelection);
    tab.table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    tab.table->setTabKeyNavigation(false);
    tab.table->verticalHeader()->hide();
    tab.table->verticalHeader()->setDefaultSectionSize(3 * kGrid + kHalfGrid);
    tab.table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    tab.table->horizontalHeader()->setStretchLastSection(true);
    tab.table->horizontalHeader()->setHighlightSections(false);
    tab.empty = new EmptyState(tab.stack);
    tab.stack->addWidget(tab.table);
    tab.stack->addWidget(tab.empty);
    column->addWidget(tab.stack, 1);
    auto* row = new QHBoxLayout;
    row->setSpacing(kGrid);
    for (QPushButton* button : buttons)
        row->addWidget(button);
    row->addStretch(1);
    column->addLayout(row);
    tab.buttons = std::move(buttons);
    QTabWidget::addTab(page, QString());
    connect(tab.table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &LivePanel::refresh);
}

void LivePanel::refresh()
{
    const auto count = [this](List list) {
        const int rows = m_model->table(list)->rowCount();
        return rows == 0 ? QString() : QStringLiteral(" (%1)").arg(QLocale().toString(rows));
    };
    //: Tabs: messages that workers hold, that wait for a retry, keys that are held up, schedules
    setTabText(List::Running, tr("Running") + count(List::Running));
    setTabText(List::Retrying, tr("Retries") + count(List::Retrying));
    setTabText(List::Parked, tr("Parked keys") + count(List::Parked));
    setTabText(List::Schedules, tr("Schedules") + count(List::Schedules));
    for (int list = 0; list < LiveViewModel::kLists; ++list) {
        table(List(list))->setAccessibleName(tabText(list));
        showEmpty(List(list));
    }
    enable(List::Running, client::Capability::ActOnMessages);
    enable(List::Retrying, client::Capability::ActOnMessages);
    enable(List::Parked, client::Capability::ResumeKey);
    enable(List::Schedules, client::Capability::Schedule);
    const auto names = chosen(List::Schedules);
    const bool isPaused = !names.empty() && m_model->isPaused(names.front());
    //: Buttons below the list of schedules
    buttons(List::Schedules).front()->setText(isPaused ? tr("Resume") : tr("Pause"));
    buttons(List::Schedules).front()->setIcon(icon(isPaused ? QLatin1String("resume") : QLatin1String("pause")));
}

void LivePanel::showEmpty(List list)
{
    const Tab& tab = m_tabs.at(static_cast<std::size_t>(list));
    const bool hasRows = m_model->table(list)->rowCount() > 0;
    tab.stack->setCurrentIndex(hasRows ? 0 : 1);
    for (QPushButton* button : tab.buttons)
        button->setVisible(hasRows);
    if (hasRows)
        return;
    if (const QString problem = m_model->problem(list); !problem.isEmpty()) {
        tab.empty->setContent(QLatin1String("warning"), tr("This cannot be shown"), problem);
        return;
    }
    if (!m_model->isKnown(list)) {
        tab.empty->setContent(QLatin1String("clock"), tr("Reading"), tr("The list is on its way."));
        return;
    }
    switch (list) {
    case List::Running:
        tab.empty->setContent(QLatin1String("ok"), tr("Nothing runs"), tr("No worker holds a message of this queue now."));
        break;
    case List::Retrying:
        tab.empty->setContent(QLatin1String("ok"), tr("No retries wait"), tr("Nothing in this queue failed and waits for its next attempt."));
        break;
    case List::Parked:
        tab.empty->setContent(QLatin1String("ok"), tr("No key is held up"),
                              tr("Messages of a key are parked behind its dead letter where the queue's policy says so."));
        break;
    case List::Schedules:
        tab.empty->setContent(QLatin1String("clock"), tr("No schedules"), tr("Schedules come from a pipeline file or from a program."));
        break;
    }
}

void LivePanel::enable(List list, client::Capability capability)
{
    const QString why = m_model->whyNot(capability);
    const bool isUsable = why.isEmpty() && !m_model->isBusy() && !chosen(list).empty();
    for (QPushButton* button : buttons(list)) {
        button->setEnabled(isUsable);
        //: Tooltip of a button that is disabled because no row is selected
        setPlainToolTip(button, !why.isEmpty() ? why : chosen(list).empty() ? tr("Select a row first.") : QString());
    }
}

std::vector<std::string> LivePanel::chosen(List list) const
{
    std::vector<std::string> keys;
    for (const QModelIndex& index : table(list)->selectionModel()->selectedRows())
        keys.push_back(m_model->table(list)->key(index.row()));
    return keys;
}

void LivePanel::askThenAct(message::LiveAct act, List list)
{
    const std::vector<std::string> refs = chosen(list);
    if (refs.empty())
        return;
    const QString count = formatCount(refs.size());
    Question question;
    if (act == message::LiveAct::Cancel) {
        //: Title of a dialog; %1 is a number.
        question.title = tr("Cancel %1 messages?").arg(count);
        question.text = list == List::Running ? tr("Their workers are told to stop. They are gone then: no attempt, no dead letter.")
                                              : tr("They are gone then: no further attempt, no dead letter.");
        //: Button
        question.acceptLabel = tr("Cancel messages");
    } else {
        //: Title of a dialog; %1 is a number.
        question.title = tr("Give up %1 messages?").arg(count);
        question.text = tr("They become dead letters now, and can be replayed from there.");
        //: Button
        question.acceptLabel = tr("Give up");
    }
    question.isDangerous = true;
    question.reasonLabel = tr("Reason (kept in the audit log)");
    const std::string queue = m_model->queue();
    ask(this, question, [this, act, refs, queue](const QString& reason) {
        // The answer holds for the queue that was asked about.
        if (queue == m_model->queue())
            m_model->act(act, refs, reason);
    });
}

void LivePanel::cancelRunning()
{
    askThenAct(message::LiveAct::Cancel, List::Running);
}

void LivePanel::tryNow()
{
    m_model->act(message::LiveAct::RetryNow, chosen(List::Retrying), {});
}

void LivePanel::giveUp()
{
    askThenAct(message::LiveAct::GiveUp, List::Retrying);
}

void LivePanel::cancelRetrying()
{
    askThenAct(message::LiveAct::Cancel, List::Retrying);
}

void LivePanel::resumeKey()
{
    for (const std::string& key : chosen(List::Parked))
        m_model->resumeKey(key);
}

void LivePanel::pauseSchedule()
{
    for (const std::string& name : chosen(List::Schedules))
        m_model->pauseSchedule(name, !m_model->isPaused(name));
}

void LivePanel::runSchedule()
{
    for (const std::string& name : chosen(List::Schedules))
        m_model->runSchedule(name);
}

} // namespace millrace::desktop
