// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/widgets/empty_state.h"

#include "app/desktop/views/icons.h"
#include "app/desktop/views/safe_text.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace millrace::desktop {

EmptyState::EmptyState(QWidget* parent)
    : QWidget(parent)
    , m_icon(new QLabel(this))
    , m_title(new PlainLabel(this))
    , m_text(new PlainLabel(this))
    , m_action(new QPushButton(this))
{
    auto* column = new QVBoxLayout(this);
    column->setSpacing(kGrid);
    column->addStretch(2);
    column->addWidget(m_icon, 0, Qt::AlignHCenter);
    QFont bold = Theme::font(TextSize::Body);
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_title->setAlignment(Qt::AlignHCenter);
    column->addWidget(m_title);
    m_text->setWordWrap(true);
    m_text->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    m_text->setProperty("look", QStringLiteral("muted"));
    m_text->setMaximumWidth(60 * kGrid);
    m_text->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    // Not aligned in the column: an aligned label gets one line, however many it wraps to.
    auto* row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(m_text, 1000); // all there is, up to its maximum
    row->addStretch(1);
    column->addLayout(row);
    column->addSpacing(kGrid);
    m_action->setProperty("look", QStringLiteral("primary"));
    column->addWidget(m_action, 0, Qt::AlignHCenter);
    column->addStretch(3);
    m_action->hide();
    connect(m_action, &QPushButton::clicked, this, &EmptyState::actionTriggered);
    connect(&Theme::instance(), &Theme::themeChanged, this, &EmptyState::refreshIcon);
}

void EmptyState::setContent(QLatin1String iconName, const QString& title, const QString& text, const QString& action)
{
    m_iconName = iconName;
    refreshIcon();
    m_title->setText(title);
    m_text->setText(text);
    m_text->setVisible(!text.isEmpty());
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
}

QString EmptyState::title() const
{
    return m_title->fullText();
}

QString EmptyState::text() const
{
    return m_text->fullText();
}

void EmptyState::refreshIcon()
{
    if (m_iconName.size() > 0)
        m_icon->setPixmap(icon(m_iconName, Token::Muted).pixmap(QSize(40, 40), devicePixelRatioF()));
}

} // namespace millrace::desktop
