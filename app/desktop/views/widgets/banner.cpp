// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/widgets/banner.h"

#include "app/desktop/views/icons.h"
#include "app/desktop/views/safe_text.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace millrace::desktop {

Banner::Banner(QWidget* parent)
    : QWidget(parent)
    , m_icon(new QLabel(this))
    , m_text(new PlainLabel(this))
    , m_action(new QPushButton(this))
    , m_close(new QToolButton(this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(2 * kGrid, kGrid, kGrid, kGrid);
    row->setSpacing(kGrid + kHalfGrid);
    row->addWidget(m_icon);
    m_text->setWordWrap(true);
    row->addWidget(m_text, 1);
    m_action->setProperty("look", QStringLiteral("primary"));
    row->addWidget(m_action);
    m_close->setIcon(icon(QLatin1String("close")));
    m_close->setProperty("look", QStringLiteral("quiet"));
    m_close->setAccessibleName(tr("Dismiss"));
    setPlainToolTip(m_close, tr("Dismiss"));
    row->addWidget(m_close);
    connect(m_action, &QPushButton::clicked, this, &Banner::actionTriggered);
    connect(m_close, &QToolButton::clicked, this, [this] {
        dismiss();
        Q_EMIT dismissed();
    });
    connect(&Theme::instance(), &Theme::themeChanged, this, &Banner::refreshIcon);
    hide();
}

void Banner::showText(Kind kind, const QString& text, const QString& action, bool closable)
{
    m_kind = kind;
    m_text->setText(text);
    setAccessibleName(m_text->fullText());
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
    m_close->setVisible(closable);
    refreshIcon();
    show();
    update();
}

void Banner::dismiss()
{
    hide();
}

QString Banner::text() const
{
    return m_text->fullText();
}

Token Banner::token() const
{
    switch (m_kind) {
    case Kind::Hint: return Token::Accent;
    case Kind::Success: return Token::Done;
    case Kind::Warning: return Token::Retrying;
    case Kind::Error: return Token::Dead;
    }
    return Token::Accent;
}

void Banner::refreshIcon()
{
    QLatin1String name("hint");
    if (m_kind == Kind::Success)
        name = QLatin1String("ok");
    else if (m_kind != Kind::Hint)
        name = QLatin1String("warning");
    m_icon->setPixmap(icon(name, token()).pixmap(QSize(20, 20), devicePixelRatioF()));
}

void Banner::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto& theme = Theme::instance();
    painter.setPen(theme.color(Token::Border));
    painter.setBrush(theme.color(Token::Raised));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), kRadius, kRadius);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.color(token()));
    painter.drawRoundedRect(QRectF(0, 0, kHalfGrid, height()), 2, 2);
}

} // namespace millrace::desktop
