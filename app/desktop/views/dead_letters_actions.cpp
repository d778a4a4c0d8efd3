// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the page does: what it shows of the model's state, and what a key or a button sets off.
#include "app/desktop/models/dead_letter_text.h"
#include "app/desktop/models/text_format.h"
#include "app/desktop/views/body_view.h"
#include "app/desktop/views/dead_letters_inspector.h"
#include "app/desktop/views/dead_letters_page.h"
#include "app/desktop/views/dead_letters_table.h"
#include "app/desktop/views/icons.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/widgets/banner.h"
#include "app/desktop/views/widgets/empty_state.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTimer>

#include <algorithm>

namespace millrace::desktop {

using Scope = DeadLettersViewModel::Scope;
using Condition = DeadLettersViewModel::Condition;
using message::Verb;

namespace {

/// Above this an act says first what it will do.
constexpr std::uint64_t kAskAbove = 100;
/// A table that is narrower shows no types, so that errors can be read.
constexpr int kWidthForTypes = 80 * kGrid;

} // namespace

// ---- filter

void DeadLettersPage::updateQueues()
{
    m_queue->clear();
    //: Filter: no restriction by queue
    m_queue->addItem(tr("All queues"), QString());
    for (const QString& name : m_model->queueNames())
        m_queue->addItem(visibleLine(name), name);
    updateFilter();
}

void DeadLettersPage::updateFilter()
{
    const QString queue = m_model->queueFilter();
    if (m_queue->findData(queue) < 0)
        m_queue->addItem(visibleLine(queue), queue); // not in a snapshot yet
    m_queue->setCurrentIndex(m_queue->findData(queue));
    m_state->setCurrentIndex(std::max(0, m_state->findData(static_cast<int>(m_model->stateFilter()))));
    if (!m_model->isFiltered()) {
        m_reason->setCurrentIndex(0);
        m_span->setCurrentIndex(0);
    }
    if (m_text->text().trimmed() != m_model->text() && !m_textPause->isActive()) {
        const QSignalBlocker blocker(m_text);
        m_text->setText(m_model->text());
    }
    m_clear->setVisible(m_model->isFiltered());
    updateGroups();
    updateActions();
}

void DeadLettersPage::applyText()
{
    m_textPause->stop();
    m_model->setText(m_text->text());
}

void DeadLettersPage::updateGroups()
{
    const std::uint64_t chosen = m_model->group();
    const bool isGone = chosen != 0 && m_model->groups()->groupOf(chosen) == nullptr;
    // A group whose last letter is gone has no row by which it could be left.
    if (isGone && m_model->condition() == Condition::FilteredOut)
        m_model->setGroup(0);
    const int row = m_model->groups()->rowOf(m_model->group());
    if (m_groups->currentIndex().row() == row)
        return;
    m_groupsChange = true;
    m_groups->setCurrentIndex(m_model->groups()->index(row));
    m_groupsChange = false;
}

// ---- what is shown

void DeadLettersPage::updateCounts()
{
    const bool isKnown = m_model->condition() == Condition::Rows || m_model->condition() == Condition::FilteredOut;
    const QString matching = formatCount(m_model->matching());
    if (!isKnown)
        m_counts->setText({});
    else if (m_model->stateFilter() == message::State::Dead && m_model->isFiltered())
        //: Counts: matching the filter, and in all
        m_counts->setText(tr("%1 of %2").arg(matching, formatCount(std::max(m_model->inAll(), m_model->matching()))));
    else
        m_counts->setText(matching);
    m_new->setVisible(m_model->newSince() > 0 && m_model->condition() == Condition::Rows);
    //: Button that reads the list again; %1 dead letters came since
    m_new->setText(tr("%1 new").arg(formatCount(m_model->newSince())));
    //: Tooltip
    setPlainToolTip(m_new, tr("The list stays as it was when it was opened. Press to read it again."));
    updateActions();
}

void DeadLettersPage::updateCondition()
{
    m_stack->setCurrentIndex(m_model->condition() == Condition::Rows ? 0 : 1);
    switch (m_model->condition()) {
    case Condition::Connecting:
        m_empty->setContent(QLatin1String("disconnected"), tr("Not connected yet"),
                            tr("Dead letters are read as soon as the pipeline answers."));
        break;
    case Condition::Loading:
        m_empty->setContent(QLatin1String("dead-letters"), tr("Reading dead letters"), tr("The list is on its way."));
        break;
    case Condition::Empty:
        m_empty->setContent(QLatin1String("ok"), tr("No dead letters"),
                            tr("Every message was acknowledged, or is still being tried."));
        break;
    case Condition::FilteredOut:
        //: Button that removes every restriction of the filter
        m_empty->setContent(QLatin1String("filter"), tr("Nothing matches the filter"),
                            tr("There may be dead letters that it leaves out."), tr("Clear the filter"));
        break;
    case Condition::Failed:
        //: Button that repeats what failed
        m_empty->setContent(QLatin1String("warning"), tr("The list could not be read"), m_model->problem(),
                            tr("Try again"));
        break;
    case Condition::Rows: break;
    }
    if (m_model->condition() != Condition::Rows && m_model->condition() != Condition::Loading) {
        m_notice->dismiss();
        m_inspector->setRowInHand(false);
        m_model->select({});
    }
    updateCounts();
    updateGroups();
}

void DeadLettersPage::updateActions()
{
    const std::uint64_t checked = m_model->count(Scope::Checked);
    const bool hasRows = m_model->condition() == Condition::Rows;
    const bool hasCurrent = hasRows && !currentRef().value.empty();
    const std::uint64_t all = hasRows ? m_model->matching() : 0;
    //: How many rows are checked
    m_selection->setText(checked > 0 ? tr("%1 selected").arg(formatCount(checked)) : QString());
    //: Buttons: uncheck every row; check every row that matches
    m_selectAll->setText(checked > 0 ? tr("Select none") : tr("Select all"));
    m_selectAll->setVisible(all > 0);
    const auto set = [this](QPushButton* button, Verb verb, bool isUsable) {
        const QString why = whyNot(verb);
        button->setEnabled(isUsable && !m_model->operations()->isBusy() && why.isEmpty());
        setPlainToolTip(button, why);
    };
    set(m_replay, Verb::Replay, checked > 0 || hasCurrent);
    set(m_discard, Verb::Discard, checked > 0 || hasCurrent);
    set(m_replayAll, Verb::Replay, all > 0);
    set(m_discardAll, Verb::Discard, all > 0);
    const QString count = formatCount(all);
    if (m_model->group() != 0) {
        //: Buttons for all rows of the list, which are those of one group
        m_replayAll->setText(tr("Replay group (%1)").arg(count));
        m_discardAll->setText(tr("Discard group (%1)").arg(count));
    } else if (m_model->isFiltered()) {
        //: Buttons for all rows of the list, which are those that match the filter
        m_replayAll->setText(tr("Replay all that match (%1)").arg(count));
        m_discardAll->setText(tr("Discard all that match (%1)").arg(count));
    } else {
        //: Buttons for all rows of the list
        m_replayAll->setText(tr("Replay all (%1)").arg(count));
        m_discardAll->setText(tr("Discard all (%1)").arg(count));
    }
}

void DeadLettersPage::updateOperation()
{
    const OperationsViewModel* operations = m_model->operations();
    using Phase = OperationsViewModel::Phase;
    const Phase phase = operations->phase();
    const auto kind = phase == Phase::Failed    ? Banner::Kind::Error
                      : phase == Phase::Unknown ? Banner::Kind::Warning
                      : phase == Phase::Done    ? Banner::Kind::Success
                                                : Banner::Kind::Hint;
    QString action;
    if (phase == Phase::Running)
        //: Button that ends a running replay or discard
        action = tr("Cancel");
    else if (phase == Phase::Unknown)
        //: Button that reads the list again
        action = tr("Refresh");
    else if (operations->canUndo())
        //: Button that takes a discard back
        action = tr("Undo");
    if (phase == Phase::Idle)
        m_operation->dismiss();
    else
        m_operation->showText(kind, operations->sentence(), action, !operations->isBusy());
    const message::OperationStatus& status = operations->status();
    constexpr std::uint64_t kMost = 1'000'000'000;
    m_progress->setVisible(operations->isBusy());
    m_progress->setRange(0, static_cast<int>(std::min(status.total, kMost)));
    m_progress->setValue(static_cast<int>(std::min(status.moved + status.skipped, kMost)));
    updateActions();
}

void DeadLettersPage::onOperationAction()
{
    OperationsViewModel* operations = m_model->operations();
    if (operations->isBusy()) {
        operations->cancel();
    } else if (operations->phase() == OperationsViewModel::Phase::Unknown) {
        operations->dismiss();
        m_model->refresh();
    } else {
        operations->undo();
    }
}

void DeadLettersPage::updateViewport()
{
    const int first = m_table->rowAt(0);
    const int last = m_table->rowAt(m_table->viewport()->height() - 1);
    if (first >= 0)
        m_model->table()->setViewport(first, last >= 0 ? last : m_model->table()->rowCount() - 1);
}

// ---- the row in hand

void DeadLettersPage::onListOpened()
{
    m_notice->dismiss();
    // What was checked under another filter can no longer be seen, so it must not be acted on.
    const QStringList key{m_model->queueFilter(), m_model->text(), QString::number(m_model->group()),
                          m_reason->currentText(), m_span->currentText(), m_state->currentText()};
    const QString joined = key.join(QChar(u'\n'));
    if (joined != m_listKey)
        m_model->table()->clearChecked();
    m_listKey = joined;
    updateFilter();
    m_restore = m_model->table()->rowCount() > 0;
    // The rows of a new list have no place on the screen before the layout is done.
    QMetaObject::invokeMethod(this, &DeadLettersPage::updateViewport, Qt::QueuedConnection);
}

void DeadLettersPage::onRowsLoaded()
{
    if (m_restore) {
        m_restore = false;
        const int found = m_model->table()->rowOf(m_ref);
        m_table->selectRow(found >= 0 ? found : std::clamp(m_row, 0, m_model->table()->rowCount() - 1));
    }
    onCurrentChanged(m_table->currentIndex());
}

message::MessageRef DeadLettersPage::currentRef() const
{
    const auto* letter = m_model->table()->row(m_table->currentIndex().row());
    return letter != nullptr ? letter->ref : message::MessageRef{};
}

void DeadLettersPage::onCurrentChanged(const QModelIndex& index)
{
    if (!index.isValid() || m_restore)
        return;
    m_row = index.row();
    const message::MessageRef ref = currentRef();
    if (!ref.value.empty() && ref != m_ref)
        m_ref = ref;
    if (!ref.value.empty()) {
        m_inspector->setRowInHand(true);
        m_model->select(ref);
    }
    updateActions();
}

void DeadLettersPage::checkRange(int first, int last)
{
    std::vector<message::MessageRef> refs;
    for (int row = std::min(first, last); row <= std::max(first, last); ++row) {
        const auto* letter = m_model->table()->row(row);
        if (letter == nullptr) {
            m_notice->showText(Banner::Kind::Hint, tr("Rows of this range are not loaded, so none was selected. Select "
                                                      "a shorter range, or narrow the filter and select all."));
            return;
        }
        refs.push_back(letter->ref);
    }
    m_model->table()->check(refs);
}

void DeadLettersPage::moveBy(int rows)
{
    const int count = m_model->table()->rowCount();
    if (count > 0)
        m_table->selectRow(std::clamp(m_table->currentIndex().row() + rows, 0, count - 1));
}

void DeadLettersPage::toggleCurrent()
{
    if (const auto* letter = m_model->table()->row(m_table->currentIndex().row()))
        m_model->table()->setChecked(letter->ref, !m_model->table()->isChecked(letter->ref));
}

void DeadLettersPage::copyId()
{
    if (const auto* letter = m_model->table()->row(m_table->currentIndex().row()))
        QGuiApplication::clipboard()->setText(QString::fromStdString(letter->id));
}

// ---- acts

QString DeadLettersPage::whyNot(Verb verb) const
{
    const QString why = m_model->whyNot(verb);
    if (why.isEmpty() && m_model->stateFilter() != message::State::Dead)
        //: Why a button is disabled: the list shows letters that were replayed or discarded
        return tr("Only dead letters can be replayed or discarded; these are closed.");
    return why;
}

bool DeadLettersPage::act(Verb verb)
{
    if (m_model->count(Scope::Checked) > 0)
        return actOn(verb, Scope::Checked);
    const message::MessageRef ref = currentRef();
    if (ref.value.empty() || m_model->operations()->isBusy() || !whyNot(verb).isEmpty())
        return false;
    m_model->actOn(verb, ref);
    return true;
}

bool DeadLettersPage::actOn(Verb verb, Scope scope)
{
    const std::uint64_t count = m_model->count(scope);
    if (count == 0 || m_model->operations()->isBusy() || !whyNot(verb).isEmpty())
        return false;
    if (count > kAskAbove)
        confirm(verb, scope);
    else
        m_model->act(verb, scope, {});
    return true;
}

void DeadLettersPage::confirm(Verb verb, Scope scope)
{
    const std::uint64_t asked = m_model->count(scope);
    const QString count = formatCount(asked);
    Question question;
    if (verb == Verb::Replay) {
        //: Title of a dialog
        question.title = tr("Replay %1 dead letters?").arg(count);
        question.text = tr("Each goes back to the queue it came from as a new message. What arrives after your click is "
                           "not in it, and one that is no longer dead is skipped.");
        //: Button
        question.acceptLabel = tr("Replay %1").arg(count);
    } else {
        //: Title of a dialog
        question.title = tr("Discard %1 dead letters?").arg(count);
        question.text = tr("They leave this list and are not tried again. It can be undone.");
        //: Button
        question.acceptLabel = tr("Discard %1").arg(count);
        question.isDangerous = true;
    }
    const QStringList queues = queuesInHand();
    if (!queues.isEmpty())
        //: Line of a dialog; %1 are names of queues
        question.text += QLatin1Char('\n') + tr("Queues: %1").arg(queues.join(QStringLiteral(", ")));
    //: Line in which a person says why, for the audit log
    question.reasonLabel = tr("Reason (kept in the audit log)");
    const std::uint64_t list = m_model->table()->generation();
    ask(this, question, [this, verb, scope, asked, list](const QString& reason) {
        // The answer holds for what was asked: if the list was exchanged meanwhile, it is asked again.
        if (list == m_model->table()->generation() && asked == m_model->count(scope))
            m_model->act(verb, scope, reason);
        else
            actOn(verb, scope);
    });
}

QStringList DeadLettersPage::queuesInHand() const
{
    QStringList queues;
    for (int row = 1; row < m_model->groups()->rowCount(); ++row) {
        const auto* group = m_model->groups()->group(row);
        if (m_model->group() != 0 && group->fingerprint != m_model->group())
            continue;
        for (const std::string& queue : group->queues)
            queues.append(visibleLine(queue));
    }
    queues.removeDuplicates();
    queues.sort();
    return m_model->queueFilter().isEmpty() ? queues : QStringList{visibleLine(m_model->queueFilter())};
}

void DeadLettersPage::showMenu(const QPoint& position)
{
    if (!m_table->indexAt(position).isValid())
        return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction* replay = menu->addAction(icon(QLatin1String("replay")), m_replay->text());
    QAction* discard = menu->addAction(icon(QLatin1String("discard")), m_discard->text());
    replay->setEnabled(m_replay->isEnabled());
    discard->setEnabled(m_discard->isEnabled());
    menu->addSeparator();
    //: Menu entry: copies the id of a message
    QAction* copy = menu->addAction(icon(QLatin1String("copy")), tr("Copy id"));
    connect(replay, &QAction::triggered, this, [this] { act(Verb::Replay); });
    connect(discard, &QAction::triggered, this, [this] { act(Verb::Discard); });
    connect(copy, &QAction::triggered, this, &DeadLettersPage::copyId);
    menu->popup(m_table->viewport()->mapToGlobal(position));
}

void DeadLettersPage::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Undo)) {
        m_model->operations()->undo();
        return;
    }
    if (event->matches(QKeySequence::SelectAll)) {
        m_model->table()->setAllChecked(true);
        return;
    }
    if (event->matches(QKeySequence::Copy)) {
        copyId();
        return;
    }
    switch (event->key()) {
    case Qt::Key_J: moveBy(1); return;
    case Qt::Key_K: moveBy(-1); return;
    case Qt::Key_X:
    case Qt::Key_Space: toggleCurrent(); return;
    case Qt::Key_Return:
    case Qt::Key_Enter: m_inspector->tabs()->currentWidget()->setFocus(); return;
    case Qt::Key_Escape:
        m_model->table()->clearChecked();
        m_table->setFocus();
        return;
    case Qt::Key_F8:
        if (act(Verb::Replay))
            moveBy(1);
        return;
    case Qt::Key_Delete: act(Verb::Discard); return;
    case Qt::Key_Slash:
        m_text->setFocus();
        m_text->selectAll();
        return;
    case Qt::Key_F5: m_model->refresh(); return;
    default: Page::keyPressEvent(event);
    }
}

bool DeadLettersPage::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_table->viewport() && event->type() == QEvent::Resize) {
        // What failed matters more than its type, which the inspector tells as well.
        m_table->setColumnHidden(DeadLetterTableModel::Type, m_table->viewport()->width() < kWidthForTypes);
        QMetaObject::invokeMethod(this, &DeadLettersPage::updateViewport, Qt::QueuedConnection);
    }
    return Page::eventFilter(watched, event);
}

} // namespace millrace::desktop
