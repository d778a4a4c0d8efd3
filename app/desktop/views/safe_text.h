// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/models/text_format.h"

#include <QLabel>
#include <QString>

#include <functional>

class QAbstractButton;
class QAction;
class QPoint;
class QWidget;

/// The one path by which text from messages, names and errors enters widgets. Nothing here interprets markup.
/// Thread: gui.
namespace millrace::desktop {

/// Shows plain text only: no markup, no mnemonics, invisible characters made visible; shortened with `…` to the
/// room it has, the whole text then in the tooltip.
class PlainLabel : public QLabel
{
    Q_OBJECT

public:
    enum class Elide { None, Right, Middle };
    explicit PlainLabel(QWidget* parent = nullptr);
    explicit PlainLabel(const QString& text, QWidget* parent = nullptr);

    /// Hides QLabel's: goes through visibleText().
    void setText(const QString& text);
    /// As given to setText(), made visible; not shortened.
    [[nodiscard]] QString fullText() const { return m_full; }
    void setElide(Elide elide);
    /// Wraps over up to so many lines, and shortens the last.
    void setMaxLines(int lines);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void refresh();
    [[nodiscard]] QString shortened(int width) const;
    QString m_full;
    Elide m_elide = Elide::None;
    int m_maxLines = 1;
};

/// Tooltip that shows exactly this text. Newlines stay.
void setPlainToolTip(QWidget* widget, const QString& text);
void setPlainToolTip(QAction* action, const QString& text);
/// Shows it now, at `global`, for delegates whose models keep plain text; an empty text hides what is shown.
void showPlainToolTip(const QPoint& global, const QString& text, QWidget* widget);
/// The value for Qt::ToolTipRole: markup escaped, so that Qt cannot take the text for HTML.
[[nodiscard]] QString toolTipText(const QString& text);

/// A question before something is done. Texts may contain names from messages.
struct Question
{
    QString title;       ///< for example `Replay 21 dead letters?`
    QString text;        ///< what it will do, and what it will skip
    QString acceptLabel; ///< the verb
    bool isDangerous = false;
    QString typedWord;   ///< must be typed first; empty = not needed
    /// When set, the dialog has a line for a reason and hands it to accepted().
    QString reasonLabel;
};
/// Opens a window-modal dialog and returns at once; `accepted` runs with the reason when the person agrees.
/// @returns the dialog, which deletes itself
QWidget* ask(QWidget* parent, const Question& question, std::function<void(const QString& reason)> accepted);
/// Says something that needs an answer of one button; returns at once.
QWidget* tell(QWidget* parent, const QString& title, const QString& text);

} // namespace millrace::desktop
