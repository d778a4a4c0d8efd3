// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/policy_dialog.h"

#include "app/desktop/models/text_format.h"
#include "app/desktop/viewmodels/queues_view_model.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/widgets/quantity_edit.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <cmath>
#include <type_traits>

namespace millrace::desktop {

using message::QueuePolicy;

namespace {

constexpr QSize kSize{88 * kGrid, 84 * kGrid};
constexpr int kSummaryHeight = 10 * kGrid;

} // namespace

PolicyDialog::PolicyDialog(const QString& queue, QueuePolicy policy, QWidget* parent)
    : QDialog(parent)
    , m_before(std::move(policy))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowModality(Qt::WindowModal);
    //: Title of a dialog; %1 is a queue's name.
    setWindowTitle(tr("Policy of %1").arg(queue));
    resize(kSize);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
    column->setSpacing(kGrid);
    auto* area = new QScrollArea(this);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    auto* page = new QWidget(area);
    m_form = new QFormLayout(page);
    m_form->setContentsMargins(0, 0, kGrid, 0);
    m_form->setHorizontalSpacing(2 * kGrid);
    m_form->setVerticalSpacing(kHalfGrid + 2);
    m_form->setLabelAlignment(Qt::AlignLeft);
    addDelivery();
    addRetries();
    addLimits();
    addDurability();
    area->setWidget(page);
    column->addWidget(area, 1);
    buildSummary(column);
    check();
}

void PolicyDialog::buildSummary(QVBoxLayout* column)
{
    auto* line = new QFrame(this);
    line->setProperty("look", QStringLiteral("line"));
    line->setFixedHeight(1);
    column->addWidget(line);
    m_problem = new PlainLabel(this);
    m_problem->setProperty("look", QStringLiteral("error"));
    m_problem->setWordWrap(true);
    column->addWidget(m_problem);
    auto* area = new QScrollArea(this);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setFixedHeight(kSummaryHeight);
    m_changes = new PlainLabel(area);
    m_changes->setWordWrap(true);
    m_changes->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    area->setWidget(m_changes);
    column->addWidget(area);
    auto* buttons = new QDialogButtonBox(this);
    //: Button: the policy is changed
    m_apply = new QPushButton(tr("Change policy"), this);
    m_apply->setProperty("look", QStringLiteral("primary")); // before the box looks at its size
    buttons->addButton(m_apply, QDialogButtonBox::AcceptRole);
    buttons->addButton(tr("Cancel"), QDialogButtonBox::RejectRole);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        if (const auto wanted = policy())
            Q_EMIT applied(*wanted);
        accept();
    });
}

// ---- fields

void PolicyDialog::addHeading(const QString& text)
{
    auto* label = new PlainLabel(text, this);
    QFont font = Theme::font(TextSize::Body);
    font.setWeight(QFont::DemiBold);
    label->setFont(font);
    if (m_form->rowCount() > 0)
        label->setContentsMargins(0, kGrid, 0, 0);
    m_form->addRow(label);
}

void PolicyDialog::addField(Field field, const QString& hint)
{
    auto* row = new QWidget(this);
    auto* box = new QHBoxLayout(row);
    box->setContentsMargins(0, 0, 0, 0);
    box->setSpacing(kGrid);
    box->addWidget(field.widget);
    auto* note = new PlainLabel(hint, row);
    note->setProperty("look", QStringLiteral("muted"));
    note->setElide(PlainLabel::Elide::Right);
    box->addWidget(note, 1);
    m_form->addRow(new PlainLabel(field.caption, this), row);
    m_fields.push_back(std::move(field));
}

QuantityEdit* PolicyDialog::makeEdit(int kind, double value)
{
    auto* edit = new QuantityEdit(QuantityEdit::Kind(kind), this);
    edit->setValue(value);
    connect(edit, &QuantityEdit::changed, this, &PolicyDialog::check);
    return edit;
}

template<typename Member>
void PolicyDialog::addTime(const char* name, const QString& caption, const QString& hint, Member member)
{
    QueuePolicy policy = m_before;
    auto* edit = makeEdit(int(QuantityEdit::Kind::Time), static_cast<double>(member(policy).count()));
    edit->setName(caption);
    const auto read = [edit, member](QueuePolicy& into) {
        const auto value = edit->value();
        if (value)
            member(into) = std::chrono::milliseconds(std::llround(*value));
        return value.has_value();
    };
    addField({name, caption, edit, read}, hint);
}

template<typename Member>
void PolicyDialog::addCount(const char* name, const QString& caption, const QString& hint, Member member)
{
    QueuePolicy policy = m_before;
    using Value = std::remove_reference_t<decltype(member(policy))>;
    constexpr auto kKind = std::is_floating_point_v<Value> ? QuantityEdit::Kind::Number : QuantityEdit::Kind::Count;
    auto* edit = makeEdit(int(kKind), static_cast<double>(member(policy)));
    edit->setName(caption);
    const auto read = [edit, member](QueuePolicy& into) {
        const auto value = edit->value();
        const bool fits = value && *value <= static_cast<double>(std::numeric_limits<Value>::max());
        if (fits)
            member(into) = static_cast<Value>(*value);
        return fits;
    };
    addField({name, caption, edit, read}, hint);
}

template<typename Member>
void PolicyDialog::addSize(const char* name, const QString& caption, Member member)
{
    QueuePolicy policy = m_before;
    auto* edit = makeEdit(int(QuantityEdit::Kind::Size), static_cast<double>(member(policy)));
    edit->setName(caption);
    const auto read = [edit, member](QueuePolicy& into) {
        const auto value = edit->value();
        if (value)
            member(into) = static_cast<std::uint64_t>(*value);
        return value.has_value();
    };
    addField({name, caption, edit, read}, {});
}

template<typename Value, typename Member>
void PolicyDialog::addChoice(const char* name,
                             const QString& caption,
                             std::vector<std::pair<QString, Value>> choices,
                             Member member)
{
    QueuePolicy policy = m_before;
    auto* box = new QComboBox(this);
    box->setAccessibleName(caption);
    for (const auto& [text, value] : choices)
        box->addItem(text, static_cast<int>(value));
    box->setCurrentIndex(box->findData(static_cast<int>(member(policy))));
    connect(box, &QComboBox::currentIndexChanged, this, &PolicyDialog::check);
    const auto read = [box, member](QueuePolicy& into) {
        member(into) = static_cast<Value>(box->currentData().toInt());
        return true;
    };
    addField({name, caption, box, read}, {});
}

template<typename Member>
void PolicyDialog::addRate(const char* name, const QString& caption, Member member)
{
    //: Hint beside a rate limit
    const QString hint = tr("messages per second; 0 = no limit");
    addCount((std::string(name) + ".per_second").c_str(), caption, hint,
             [member](QueuePolicy& policy) -> double& { return member(policy).perSecond; });
    //: Caption below a rate limit: how many may come at once
    addCount((std::string(name) + ".burst").c_str(), tr("… at once"), tr("messages after a pause"),
             [member](QueuePolicy& policy) -> std::uint32_t& { return member(policy).burst; });
}

void PolicyDialog::addDelays()
{
    QStringList delays;
    for (const auto delay : m_before.retry.delays)
        delays.append(QString::number(delay.count()));
    auto* line = new QLineEdit(delays.join(QStringLiteral(", ")), this);
    //: Caption: the delays of a list, in a form
    const QString caption = tr("Delays of the list");
    line->setAccessibleName(caption);
    line->setMinimumWidth(28 * kGrid);
    connect(line, &QLineEdit::textChanged, this, &PolicyDialog::check);
    const auto read = [line](QueuePolicy& into) {
        into.retry.delays.clear();
        for (const QString& part : line->text().split(QLatin1Char(','), Qt::SkipEmptyParts)) {
            bool isNumber = false;
            const qlonglong delay = part.trimmed().toLongLong(&isNumber);
            if (!isNumber || delay < 0)
                return false;
            into.retry.delays.emplace_back(delay);
        }
        return true;
    };
    addField({"retry.delays_ms", caption, line, read}, tr("milliseconds, with commas between"));
}

void PolicyDialog::addDelivery()
{
    //: Heading in a form
    addHeading(tr("Delivery"));
    addTime("lease_ms", tr("Lease"), tr("to acknowledge or extend"), [](QueuePolicy& p) -> auto& { return p.lease; });
    addTime("max_run_time_ms", tr("Run time"), tr("then a handler counts as hung"),
            [](QueuePolicy& p) -> auto& { return p.maxRunTime; });
    addCount("max_concurrency", tr("Concurrency"), tr("messages at once, over all workers; 0 = no limit"),
             [](QueuePolicy& p) -> auto& { return p.maxConcurrency; });
    addRate("rate", tr("Rate limit"), [](QueuePolicy& p) -> auto& { return p.rate; });
    addRate("key_rate", tr("Rate limit of a key"), [](QueuePolicy& p) -> auto& { return p.keyRate; });
    using message::OnKeyFailure;
    addChoice<OnKeyFailure>("on_key_failure", tr("When a message of a key dies"),
                            //: Choices: what becomes of the later messages of a partition key
                            {{tr("the others of its key go on"), OnKeyFailure::Continue},
                             {tr("the others of its key wait behind it"), OnKeyFailure::Park}},
                            [](QueuePolicy& p) -> auto& { return p.onKeyFailure; });
    addCount("max_crashes", tr("Crashes"), tr("of the node while it was alone in hand"),
             [](QueuePolicy& p) -> auto& { return p.maxCrashes; });
}

void PolicyDialog::addRetries()
{
    //: Heading in a form
    addHeading(tr("Retries"));
    addCount("retry.max_attempts", tr("Attempts"), tr("then it is a dead letter"),
             [](QueuePolicy& p) -> auto& { return p.retry.maxAttempts; });
    using message::Backoff;
    addChoice<Backoff>("retry.backoff", tr("Backoff"),
                       //: Choices: how the delay before the next attempt grows
                       {{tr("grows, at random"), Backoff::Exponential},
                        {tr("always the first delay"), Backoff::Fixed},
                        {tr("a list of delays"), Backoff::List}},
                       [](QueuePolicy& p) -> auto& { return p.retry.backoff; });
    addTime("retry.initial_delay_ms", tr("First delay"), {}, [](QueuePolicy& p) -> auto& { return p.retry.initialDelay; });
    addCount("retry.multiplier", tr("Growth"), tr("times, after each failure"),
             [](QueuePolicy& p) -> auto& { return p.retry.multiplier; });
    addTime("retry.max_delay_ms", tr("Longest delay"), {}, [](QueuePolicy& p) -> auto& { return p.retry.maxDelay; });
    addDelays();
    addTime("retry.deadline_ms", tr("Retry deadline"), tr("after the first attempt; 0 = none"),
            [](QueuePolicy& p) -> auto& { return p.retry.deadline; });
}

void PolicyDialog::addLimits()
{
    //: Heading in a form
    addHeading(tr("Limits"));
    addCount("max_depth", tr("Depth limit"), tr("messages that are not settled"),
             [](QueuePolicy& p) -> auto& { return p.maxDepth; });
    addSize("max_depth_bytes", tr("Depth limit in bytes"), [](QueuePolicy& p) -> auto& { return p.maxDepthBytes; });
    using message::WhenFull;
    addChoice<WhenFull>("when_full", tr("When it is full"),
                        //: Choices: what a submit meets in a full queue
                        {{tr("submits are refused"), WhenFull::Refuse}, {tr("producers wait for room"), WhenFull::Defer}},
                        [](QueuePolicy& p) -> auto& { return p.whenFull; });
    addSize("max_body_bytes", tr("Body limit"), [](QueuePolicy& p) -> auto& { return p.maxBodyBytes; });
    addCount("max_dead_letters", tr("Dead letters"), tr("at so many nothing more is delivered"),
             [](QueuePolicy& p) -> auto& { return p.maxDeadLetters; });
    addTime("dead_letter_max_age_ms", tr("Retention"), tr("then dead letters are archived; 0 = they stay"),
            [](QueuePolicy& p) -> auto& { return p.deadLetterMaxAge; });
}

void PolicyDialog::addDurability()
{
    //: Heading in a form: what a confirm is worth
    addHeading(tr("Promises"));
    using message::Durability;
    addChoice<Durability>("durability", tr("Durability"),
                          //: Choices: what it means that a message is confirmed
                          {{tr("full: on disk"), Durability::Full},
                           {tr("normal: survives a killed process"), Durability::Normal},
                           {tr("memory: gone when the node stops"), Durability::Memory}},
                          [](QueuePolicy& p) -> auto& { return p.durability; });
    addTime("deduplication_window_ms", tr("Deduplication"), tr("an idempotency key is remembered; 0 = off"),
            [](QueuePolicy& p) -> auto& { return p.deduplicationWindow; });
}

// ---- what is in them

QWidget* PolicyDialog::field(const std::string& name) const
{
    for (const Field& each : m_fields) {
        if (each.name == name)
            return each.widget;
    }
    return nullptr;
}

std::optional<QueuePolicy> PolicyDialog::policy() const
{
    QueuePolicy wanted = m_before; // also what no field is for
    for (const Field& each : m_fields) {
        if (!each.read(wanted))
            return std::nullopt;
    }
    if (!message::validate(wanted))
        return std::nullopt;
    return wanted;
}

QString PolicyDialog::problem() const
{
    return m_problem->fullText();
}

QString PolicyDialog::changes() const
{
    return m_changes->fullText();
}

void PolicyDialog::check()
{
    if (m_apply == nullptr)
        return;
    QueuePolicy wanted = m_before;
    QString problem;
    std::string wrong;
    for (const Field& each : m_fields) {
        if (!each.read(wanted) && problem.isEmpty()) {
            wrong = each.name;
            //: %1 is the caption of a field.
            problem = tr("%1: this is no number that it can be.").arg(each.caption);
        }
    }
    if (problem.isEmpty()) {
        if (const auto valid = message::validate(wanted); !valid) {
            problem = describeError(valid.error());
            for (const Field& each : m_fields) {
                // The longest name that occurs: `rate.burst` is also in `key_rate.burst`.
                if (valid.error().context.find(each.name) != std::string::npos && each.name.size() > wrong.size()) {
                    wrong = each.name;
                    problem = each.caption + QStringLiteral(": ") + describeError(valid.error());
                }
            }
        }
    }
    for (const Field& each : m_fields) {
        if (auto* edit = qobject_cast<QuantityEdit*>(each.widget))
            edit->setWrong(each.name == wrong);
    }
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
    QStringList lines;
    if (problem.isEmpty()) {
        for (const QueuesViewModel::PolicyChange& change : QueuesViewModel::changesInWords(m_before, wanted))
            //: One change of a policy: what, as it was, as it will be
            lines.append(tr("%1: %2 → %3").arg(change.caption, change.before, change.after));
        if (lines.isEmpty())
            lines.append(tr("Nothing is different yet. Messages that wait now are treated by the new policy too."));
    }
    m_changes->setText(lines.join(QLatin1Char('\n')));
    m_apply->setEnabled(problem.isEmpty() && wanted != m_before);
}

} // namespace millrace::desktop
