// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/safe_text.h"

#include "app/desktop/views/theme.h"

#include <QToolTip>
#include <QAction>
#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QEvent>
#include <QLineEdit>
#include <QPushButton>
#include <QResizeEvent>
#include <QTextLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace millrace::desktop {

namespace {

constexpr QChar kEllipsis(0x2026);

} // namespace

PlainLabel::PlainLabel(QWidget* parent)
    : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
}

PlainLabel::PlainLabel(const QString& text, QWidget* parent)
    : PlainLabel(parent)
{
    setText(text);
}

void PlainLabel::setText(const QString& text)
{
    QString visible = visibleText(text);
    if (visible == m_full)
        return;
    m_full = std::move(visible);
    setAccessibleName(m_full);
    updateGeometry();
    refresh();
}

void PlainLabel::setElide(Elide elide)
{
    m_elide = elide;
    updateGeometry();
    refresh();
}

void PlainLabel::setMaxLines(int lines)
{
    m_maxLines = lines;
    setElide(Elide::Right);
}

QSize PlainLabel::sizeHint() const
{
    if (m_elide == Elide::None)
        return QLabel::sizeHint();
    const QMargins margins = contentsMargins();
    return {fontMetrics().horizontalAdvance(m_full) + margins.left() + margins.right() + 2,
            QLabel::sizeHint().height()};
}

QSize PlainLabel::minimumSizeHint() const
{
    if (m_elide == Elide::None)
        return QLabel::minimumSizeHint();
    return {fontMetrics().averageCharWidth() * 4, QLabel::sizeHint().height()};
}

void PlainLabel::resizeEvent(QResizeEvent* event)
{
    QLabel::resizeEvent(event);
    if (m_elide != Elide::None)
        refresh();
}

void PlainLabel::changeEvent(QEvent* event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::FontChange && m_elide != Elide::None)
        refresh();
}

void PlainLabel::refresh()
{
    QString shown = m_full;
    if (m_elide != Elide::None) {
        shown = shortened(contentsRect().width());
        const bool isWhole = m_maxLines == 1 ? shown == m_full : !shown.endsWith(kEllipsis);
        setPlainToolTip(this, isWhole ? QString() : m_full);
    }
    if (shown != QLabel::text())
        QLabel::setText(shown);
}

QString PlainLabel::shortened(int width) const
{
    if (m_maxLines == 1)
        return fontMetrics().elidedText(m_full, m_elide == Elide::Right ? Qt::ElideRight : Qt::ElideMiddle, width);
    QString text = m_full;
    text.replace(QLatin1Char('\n'), QChar::LineSeparator);
    QTextLayout layout(text, font());
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    layout.setTextOption(option);
    layout.beginLayout();
    QStringList lines;
    while (lines.size() < m_maxLines) {
        QTextLine line = layout.createLine();
        if (!line.isValid())
            break;
        line.setLineWidth(std::max(width, 1));
        const bool isLast = lines.size() + 1 == m_maxLines;
        QString part = isLast ? text.mid(line.textStart()) : text.mid(line.textStart(), line.textLength());
        part.replace(QChar::LineSeparator, QLatin1Char(' '));
        while (part.endsWith(QLatin1Char(' ')))
            part.chop(1);
        lines.append(isLast ? fontMetrics().elidedText(part, Qt::ElideRight, width) : part);
    }
    layout.endLayout();
    return lines.join(QLatin1Char('\n'));
}

void showPlainToolTip(const QPoint& global, const QString& text, QWidget* widget)
{
    QToolTip::showText(global, toolTipText(text), widget);
}

QString toolTipText(const QString& text)
{
    if (text.isEmpty())
        return {};
    return QLatin1String("<div style=\"white-space:pre-wrap\">") + visibleText(text).toHtmlEscaped()
        + QLatin1String("</div>");
}

void setPlainToolTip(QWidget* widget, const QString& text)
{
    widget->setToolTip(toolTipText(text));
}

void setPlainToolTip(QAction* action, const QString& text)
{
    action->setToolTip(toolTipText(text));
}

namespace {

class QuestionDialog : public QDialog
{
    Q_DECLARE_TR_FUNCTIONS(millrace::desktop::QuestionDialog)

public:
    QuestionDialog(QWidget* parent, const Question& question, std::function<void(const QString&)> accepted)
        : QDialog(parent)
        , m_accepted(std::move(accepted))
    {
        setAttribute(Qt::WA_DeleteOnClose);
        setWindowModality(Qt::WindowModal);
        setWindowTitle(visibleText(question.title));
        auto* column = new QVBoxLayout(this);
        column->setContentsMargins(3 * kGrid, 3 * kGrid, 3 * kGrid, 2 * kGrid);
        column->setSpacing(kGrid + kHalfGrid);
        addLabel(column, question.title, true);
        addLabel(column, question.text, false);
        addInputs(column, question);
        addButtons(column, question);
    }

private:
    void addLabel(QVBoxLayout* column, const QString& text, bool isTitle)
    {
        if (text.isEmpty())
            return;
        auto* label = new PlainLabel(text, this);
        label->setWordWrap(true);
        label->setMinimumWidth(46 * kGrid);
        if (isTitle) {
            QFont font = Theme::font(TextSize::Body);
            font.setBold(true);
            label->setFont(font);
        }
        column->addWidget(label);
    }

    void addInputs(QVBoxLayout* column, const Question& question)
    {
        if (!question.reasonLabel.isEmpty()) {
            addLabel(column, question.reasonLabel, false);
            m_reason = new QLineEdit(this);
            m_reason->setMaxLength(500);
            m_reason->setAccessibleName(question.reasonLabel);
            column->addWidget(m_reason);
        }
        if (!question.typedWord.isEmpty()) {
            //: %1 is the word that must be typed before a dangerous action is possible.
            addLabel(column, tr("Type “%1” to go on.").arg(question.typedWord), false);
            m_word = new QLineEdit(this);
            m_word->setAccessibleName(question.typedWord);
            column->addWidget(m_word);
        }
    }

    void addButtons(QVBoxLayout* column, const Question& question)
    {
        auto* buttons = new QDialogButtonBox(this);
        auto* accept = buttons->addButton(question.acceptLabel, QDialogButtonBox::AcceptRole);
        accept->setProperty("look", question.isDangerous ? QStringLiteral("danger") : QStringLiteral("primary"));
        if (m_accepted)
            buttons->addButton(tr("Cancel"), QDialogButtonBox::RejectRole);
        column->addSpacing(kGrid);
        column->addWidget(buttons);
        connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
        connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
        connect(this, &QDialog::accepted, this, [this] {
            if (m_accepted)
                m_accepted(m_reason ? m_reason->text() : QString());
        });
        if (m_word) {
            accept->setEnabled(false);
            connect(m_word, &QLineEdit::textChanged, accept,
                    [accept, word = question.typedWord](const QString& text) { accept->setEnabled(text == word); });
        }
    }

    std::function<void(const QString&)> m_accepted;
    QLineEdit* m_reason = nullptr;
    QLineEdit* m_word = nullptr;
};

} // namespace

QWidget* ask(QWidget* parent, const Question& question, std::function<void(const QString& reason)> accepted)
{
    auto* dialog = new QuestionDialog(parent, question, std::move(accepted));
    dialog->open();
    return dialog;
}

QWidget* tell(QWidget* parent, const QString& title, const QString& text)
{
    Question question;
    question.title = title;
    question.text = text;
    question.acceptLabel = QuestionDialog::tr("OK");
    auto* dialog = new QuestionDialog(parent, question, {});
    dialog->open();
    return dialog;
}

} // namespace millrace::desktop
