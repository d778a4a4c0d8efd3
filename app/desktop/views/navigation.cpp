// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/navigation.h"

#include "app/desktop/views/icons.h"
#include "app/desktop/views/safe_text.h"

#include <QButtonGroup>
#include <QFocusEvent>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace millrace::desktop {

namespace {

constexpr int kIconSide = 20;
constexpr int kIconLeft = 2 * kGrid - 2;

} // namespace

NavigationButton::NavigationButton(QLatin1String iconName, const QString& name, QWidget* parent)
    : QAbstractButton(parent)
{
    setText(name);
    setIcon(desktop::icon(iconName));
    setCheckable(true);
    setCursor(Qt::PointingHandCursor);
    setAccessibleName(name);
    connect(&Theme::instance(), &Theme::themeChanged, this, [this] { update(); });
}

void NavigationButton::setBadge(const QString& badge, bool isAlert)
{
    if (badge == m_badge && isAlert == m_isAlert)
        return;
    m_badge = badge;
    m_isAlert = isAlert;
    //: For screen readers: %1 the name of a page, %2 a count.
    setAccessibleName(badge.isEmpty() ? text() : tr("%1, %2").arg(text(), badge));
    update();
}

QSize NavigationButton::sizeHint() const
{
    return {23 * kGrid, 5 * kGrid - 2};
}

void NavigationButton::enterEvent(QEnterEvent*)
{
    update();
}

void NavigationButton::leaveEvent(QEvent*)
{
    update();
}

void NavigationButton::focusInEvent(QFocusEvent* event)
{
    m_showsFocus = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason;
    QAbstractButton::focusInEvent(event);
}

QRectF NavigationButton::badgeArea() const
{
    const int textWidth = QFontMetrics(Theme::font(TextSize::Small)).horizontalAdvance(m_badge);
    const int badgeWidth = std::max(textWidth + kGrid + 2, 22);
    return {double(width() - kGrid - kHalfGrid - badgeWidth), (height() - 18) / 2.0, double(badgeWidth), 18};
}

QRect NavigationButton::textArea() const
{
    const int left = kIconLeft + kIconSide + kGrid;
    const int right = m_badge.isEmpty() ? width() - kGrid - kHalfGrid : int(badgeArea().left()) - kHalfGrid;
    return {left, 0, right - left, height()};
}

void NavigationButton::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto& theme = Theme::instance();
    const QRectF area = QRectF(rect()).adjusted(kGrid, 1, -kGrid, -1);
    painter.setPen(Qt::NoPen);
    if (isChecked()) {
        painter.setBrush(theme.color(Token::Selection));
        painter.drawRoundedRect(area, kRadius, kRadius);
    } else if (underMouse() && isEnabled()) {
        painter.setBrush(theme.color(Token::Hover));
        painter.drawRoundedRect(area, kRadius, kRadius);
    }
    if (hasFocus() && m_showsFocus) {
        painter.setPen(theme.color(Token::Accent));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), kRadius, kRadius);
    }
    const QRect iconArea(kIconLeft, (height() - kIconSide) / 2, kIconSide, kIconSide);
    QAbstractButton::icon().paint(&painter, iconArea, Qt::AlignCenter, isEnabled() ? QIcon::Normal : QIcon::Disabled);

    QFont font = Theme::font(TextSize::Body);
    font.setWeight(isChecked() ? QFont::DemiBold : QFont::Normal);
    painter.setFont(font);
    painter.setPen(theme.color(isEnabled() ? Token::Text : Token::Muted));
    const QRect name = textArea();
    painter.drawText(name, Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(text(), Qt::ElideRight, name.width()));

    if (m_badge.isEmpty())
        return;
    const QRectF badge = badgeArea();
    painter.setFont(Theme::font(TextSize::Small));
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.color(m_isAlert ? Token::Dead : Token::Sunken));
    painter.drawRoundedRect(badge, 9, 9);
    painter.setPen(m_isAlert ? theme.color(Token::OnAccent) : theme.color(Token::Muted));
    painter.drawText(badge, Qt::AlignCenter, m_badge);
}

Navigation::Navigation(QWidget* parent)
    : QWidget(parent)
    , m_column(new QVBoxLayout(this))
    , m_group(new QButtonGroup(this))
{
    setFixedWidth(23 * kGrid);
    setAttribute(Qt::WA_StyledBackground, false);
    m_column->setContentsMargins(0, kGrid, 0, kGrid);
    m_column->setSpacing(2);

    auto* brand = new QWidget(this);
    auto* row = new QHBoxLayout(brand);
    row->setContentsMargins(2 * kGrid, kHalfGrid, kGrid, kGrid + kHalfGrid);
    row->setSpacing(kGrid + 2);
    auto* sign = new QLabel(brand);
    const auto drawSign = [sign] {
        sign->setPixmap(icon(QLatin1String("millrace"), Token::Accent).pixmap(QSize(24, 24), sign->devicePixelRatioF()));
    };
    drawSign();
    connect(&Theme::instance(), &Theme::themeChanged, sign, drawSign);
    row->addWidget(sign);
    auto* name = new PlainLabel(QStringLiteral("Millrace"), brand);
    QFont bold = Theme::font(TextSize::Body);
    bold.setPointSizeF(bold.pointSizeF() + 1.5);
    bold.setBold(true);
    name->setFont(bold);
    row->addWidget(name, 1);
    m_column->addWidget(brand);
    m_column->addStretch(1);
    m_group->setExclusive(true);
    connect(m_group, &QButtonGroup::idToggled, this, [this](int index, bool checked) {
        if (checked)
            Q_EMIT currentChanged(index);
    });
}

int Navigation::addEntry(QLatin1String iconName, const QString& name, const QString& shortcut)
{
    const int index = int(m_group->buttons().size());
    auto* button = new NavigationButton(iconName, name, this);
    setPlainToolTip(button, name + QLatin1String("  ") + shortcut);
    m_group->addButton(button, index);
    m_column->insertWidget(m_column->count() - 1, button);
    return index;
}

void Navigation::setCurrent(int index)
{
    if (auto* button = m_group->button(index))
        button->setChecked(true);
}

int Navigation::current() const
{
    return m_group->checkedId();
}

NavigationButton* Navigation::entry(int index) const
{
    return qobject_cast<NavigationButton*>(m_group->button(index));
}

void Navigation::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), Theme::instance().color(Token::Raised));
    painter.fillRect(QRect(width() - 1, 0, 1, height()), Theme::instance().color(Token::Border));
}

} // namespace millrace::desktop
