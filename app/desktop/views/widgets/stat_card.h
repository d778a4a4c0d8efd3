// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/views/theme.h"

#include <QList>
#include <QString>
#include <QWidget>

namespace millrace::desktop {

/// One figure with its name, a line of its last minute and a note (what is normal, what is new). The figure is
/// painted, so a change costs one small repaint and no layout.
class StatCard : public QWidget
{
    Q_OBJECT

public:
    StatCard(const QString& label, Token token, QWidget* parent = nullptr);

    void setFigure(const QString& figure);
    /// Under the figure, in small text; `token` says whether it is news.
    void setNote(const QString& note, Token token = Token::Muted);
    /// Oldest first; NaN = no figure.
    void setTrend(const QList<double>& values);
    [[nodiscard]] QString figure() const { return m_figure; }
    [[nodiscard]] QString note() const { return m_note; }
    [[nodiscard]] QString label() const { return m_label; }

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void refreshAccessible();
    QString m_label, m_figure, m_note;
    Token m_token;
    Token m_noteToken = Token::Muted;
    QList<double> m_trend;
};

} // namespace millrace::desktop
