// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the page does: what it shows of the model's state, and what a key or a button sets off.
#include "app/desktop/models/dead_letter_text.h"
#include "app/desktop/models/text_format.h"
#include "app/desktop/views/body_view.h"
#include "app/desktop/views/dead_letters_page.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/widgets/banner.h"
#include "app/desktop/views/widgets/empty_state.h"

#include <QComboBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>

#include <algorithm>

namespace millrace::desktop {

using Scope = DeadLettersViewModel::Scope;
using Condition = DeadLettersViewModel::Condition;
using message::Verb;

namespace {

/// Above this an act says first what it will do.
constexpr std::uint64_t kAskAbove = 100;

QString number(std::uint64_t value)
{
    return QLocale().toString(static_cast<qulonglong>(value));
}

} // namespace

void DeadLettersPage::updateQueues()
{
    m_queue->clear();
    //: Filter: no restriction by queue
    m_queue->addItem(tr("All queues"));
    for (const QString& name : m_model->queueNames())
        m_queue->addItem(visibleText(name), name);
    updateFilter();
}

void DeadLettersPage::updateFilter()
{
    const int queue = m_model->queueFilter().isEmpty() ? 0 : m_queue->findData(m_model->queueFilter());
    m_queue->setCurrentIndex(std::max(0, queue));
    if (m_model->isFiltered())
        return;
    for (QComboBox* box : {m_reason, m_span, m_state})
        box->setCurrentIndex(0);
    if (!m_text->hasFocus())
        m_text->clear();
}

void DeadLettersPage::updateCounts()
{
    const bool rows = m_model->condition() == Condition::Rows || m_model->condition() == Condition::FilteredOut;
    if (!rows)
        m_counts->setText({});
    else if (m_model->stateFilter() == message::State::Dead)
        //: Counts: matching the filter, and in all
        m_counts->setText(tr("%1 of %2").arg(number(m_model->matching()), number(std::max(m_model->inAll(), m_model->matching()))));
    else
        m_counts->setText(number(m_model->matching()));
    m_new->setVisible(m_model->newSince() > 0 && rows);
    //: Button that reads the list again; %1 dead letters came since
    m_new->setText(tr("%1 new").arg(number(m_model->newSince())));
    updateActions();
}

void DeadLettersPage::updateCondition()
{
    m_stack->setCurrentIndex(m_model->condition() == Condition::Rows ? 0 : 1);
    switch (m_model->condition()) {
    case Condition::Connecting:
        m_empty->setContent(QLatin1String("dead-letters"), tr("Not connected yet"), tr("Dead letters are read as soon as the pipeline answers."));
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
        m_empty->setContent(QLatin1String("warning"), tr("The list could not be read"), m_model->problem(), tr("Try again"));
        break;
    case Condition::Rows: break;
    }
    updateCounts();
}

void DeadLettersPage::updateActions()
{
    const std::uint64_t checked = m_model->count(Scope::Checked);
    const bool current = !currentRef().value.empty();
    const bool dead = m_model->stateFilter() == message::State::Dead;
    const bool busy = m_model->operations()->isBusy();
    //: How many rows are checked
    m_selection->setText(checked > 0 ? tr("%1 selected").arg(number(checked)) : QString());
    const std::uint64_t all = m_model->condition() == Condition::Rows ? m_model->matching() : 0;
    for (auto [button, verb, usable] : {std::tuple(m_replay, Verb::Replay, checked > 0 || current),
                                        std::tuple(m_discard, Verb::Discard, checked > 0 || current),
                                        std::tuple(m_replayAll, Verb::Replay, all > 0),
                                        std::tuple(m_discardAll, Verb::Discard, all > 0)}) {
        QString why = m_model->whyNot(verb);
        if (why.isEmpty() && !dead)
            why = tr("Only dead letters can be replayed or discarded; these are closed.");
        button->setEnabled(usable && !busy && why.isEmpty());
        setPlainToolTip(button, why);
    }
    const bool group = m_model->group() != 0;
    //: Buttons for all rows of the list, which are those of one group or those that match the filter
    m_replayAll->setText(group ? tr("Replay group (%1)").arg(number(all)) : tr("Replay all (%1)").arg(number(all)));
    //: Buttons for all rows of the list, which are those of one group or those that match the filter
    m_discardAll->setText(group ? tr("Discard group (%1)").arg(number(all)) : tr("Discard all (%1)").arg(number(all)));
}

void DeadLettersPage::updateOperation()
{
    const OperationsViewModel* operations = m_model->operations();
    using Phase = OperationsViewModel::Phase;
    const Phase phase = operations->phase();
    if (phase == Phase::Idle) {
        m_operation->dismiss();
    } else {
        const auto kind = phase == Phase::Failed    ? Banner::Kind::Error
                          : phase == Phase::Unknown ? Banner::Kind::Warning
                          : phase == Phase::Done    ? Banner::Kind::Success
                                                    : Banner::Kind::Hint;
        QString action;
        if (phase == Phase::Running)
            //: Button that ends a running replay or discard
            action = tr("Cancel");
        else if (operations->canUndo())
            //: Button that takes a discard back
            action = tr("Undo");
        m_operation->showText(kind, operations->sentence(), action, !operations->isBusy());
    }
    const message::OperationStatus& status = operations->status();
    m_progress->setVisible(operations->isBusy());
    m_progress->setRange(0, static_cast<int>(std::min<std::uint64_t>(status.total, 1'000'000'000)));
    m_progress->setValue(static_cast<int>(std::min<std::uint64_t>(status.moved + status.skipped, 1'000'000'000)));
    updateActions();
}

void DeadLettersPage::updateDetail()
{
    const auto& detail = m_model->detail();
    m_inspector->setCurrentIndex(detail ? 1 : 0);
    if (!detail) {
        m_body->clear();
        return;
    }
    m_title->setText(QString::fromStdString(detail->row.id));
    const QString text = QString::fromStdString(detail->row.errorText);
    const QString name = QString::fromStdString(detail->row.errorClass);
    //: Reason of death, class of the error and its text
    m_error->setText(tr("%1 · %2: %3").arg(reasonName(detail->row.reason), name, text));
    m_body->show(detail->body, detail->row.bodyBytes, detail->damage);
    updateActions();
}

void DeadLettersPage::updateViewport()
{
    const int first = m_table->rowAt(0);
    const int last = m_table->rowAt(m_table->viewport()->height() - 1);
    if (first >= 0)
        m_model->table()->setViewport(first, last >= 0 ? last : m_model->table()->rowCount() - 1);
}

void DeadLettersPage::selectFirst()
{
    if (m_model->table()->rowCount() == 0) {
        m_model->select({});
        return;
    }
    m_table->selectRow(0);
    onCurrentChanged(m_table->currentIndex());
}

message::MessageRef DeadLettersPage::currentRef() const
{
    const QModelIndex index = m_table->currentIndex();
    return {index.isValid() ? index.data(DeadLetterTableModel::RefRole).toString().toStdString() : std::string()};
}

void DeadLettersPage::onCurrentChanged(const QModelIndex& index)
{
    if (!index.isValid())
        return;
    const message::MessageRef ref = currentRef();
    if (!ref.value.empty())
        m_model->select(ref);
    updateActions();
}

void DeadLettersPage::moveBy(int rows)
{
    const int row = std::clamp(m_table->currentIndex().row() + rows, 0, std::max(0, m_model->table()->rowCount() - 1));
    m_table->selectRow(row);
}

void DeadLettersPage::act(Verb verb)
{
    if (m_model->operations()->isBusy() || !m_model->whyNot(verb).isEmpty())
        return;
    if (m_model->count(Scope::Checked) > 0)
        confirm(verb, Scope::Checked);
    else if (const message::MessageRef ref = currentRef(); !ref.value.empty())
        m_model->actOn(verb, ref);
}

void DeadLettersPage::actOnAll(Verb verb)
{
    confirm(verb, Scope::All);
}

void DeadLettersPage::confirm(Verb verb, Scope scope)
{
    const std::uint64_t count = m_model->count(scope);
    if (count <= kAskAbove) {
        m_model->act(verb, scope, {});
        return;
    }
    Question question;
    if (verb == Verb::Replay) {
        //: Title of a dialog
        question.title = tr("Replay %1 dead letters?").arg(number(count));
        question.text = tr("Each goes back to the queue it came from as a new message. What comes after this click is not in it, and "
                           "one that is no longer dead is skipped.");
        question.acceptLabel = tr("Replay");
    } else {
        //: Title of a dialog
        question.title = tr("Discard %1 dead letters?").arg(number(count));
        question.text = tr("They leave this list and are not tried again. It can be undone.");
        question.acceptLabel = tr("Discard");
        question.isDangerous = true;
    }
    //: Line in which a person says why, for the audit log
    question.reasonLabel = tr("Reason (kept in the audit log)");
    ask(this, question, [this, verb, scope](const QString& reason) { m_model->act(verb, scope, reason); });
}

void DeadLettersPage::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Undo)) {
        if (m_model->operations()->canUndo())
            m_model->operations()->undo();
        return;
    }
    switch (event->key()) {
    case Qt::Key_J: moveBy(1); return;
    case Qt::Key_K: moveBy(-1); return;
    case Qt::Key_X: {
        const message::MessageRef ref = currentRef();
        if (!ref.value.empty())
            m_model->table()->setChecked(ref, !m_model->table()->isChecked(ref));
        return;
    }
    case Qt::Key_F8:
        act(Verb::Replay);
        moveBy(1);
        return;
    case Qt::Key_Delete: act(Verb::Discard); return;
    case Qt::Key_Slash: m_text->setFocus(); return;
    case Qt::Key_F5: m_model->refresh(); return;
    default: Page::keyPressEvent(event);
    }
}

bool DeadLettersPage::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_table->viewport() && event->type() == QEvent::Resize)
        QMetaObject::invokeMethod(this, &DeadLettersPage::updateViewport, Qt::QueuedConnection);
    // The table would search for what is typed; here the letters are commands.
    if (watched == m_table && event->type() == QEvent::KeyPress) {
        auto* key = static_cast<QKeyEvent*>(event);
        const bool isOurs = key->matches(QKeySequence::Undo) || key->key() == Qt::Key_J || key->key() == Qt::Key_K
                            || key->key() == Qt::Key_X || key->key() == Qt::Key_F8 || key->key() == Qt::Key_Delete
                            || key->key() == Qt::Key_Slash || key->key() == Qt::Key_F5;
        if (isOurs) {
            keyPressEvent(key);
            return true;
        }
    }
    return Page::eventFilter(watched, event);
}

} // namespace millrace::desktop
