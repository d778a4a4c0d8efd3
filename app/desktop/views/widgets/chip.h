// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/views/theme.h"
#include "core/message/life.h"

#include <QString>
#include <QWidget>

class QPainter;

namespace millrace::desktop {

/// The shape that stands beside a colour, so that colour is never the only sign.
enum class Shape { Dot, Ring, Square, Triangle, Diamond, Cross, Bar };

[[nodiscard]] Shape shapeOf(message::State state);
void paintShape(QPainter& painter, Shape shape, const QRectF& area, const QColor& color);
/// Paints shape and word as in a Chip, left-aligned in `area`; for delegates. @returns the width it took
int paintChip(QPainter& painter, const QRect& area, Shape shape, const QColor& color, const QString& word);

/// A word with a shape in the colour of what it means, optionally with a count. Plain text.
class Chip : public QWidget
{
    Q_OBJECT

public:
    explicit Chip(QWidget* parent = nullptr);
    Chip(message::State state, QWidget* parent = nullptr);

    void setState(message::State state);
    void setLook(Shape shape, Token token, const QString& word);
    [[nodiscard]] QString word() const { return m_word; }
    /// Without border and background, for use inside of cards and legends.
    void setFlat(bool flat);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Shape m_shape = Shape::Dot;
    Token m_token = Token::Muted;
    QString m_word;
    bool m_flat = false;
};

} // namespace millrace::desktop
