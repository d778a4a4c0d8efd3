// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/status_bar.h"

#include "app/desktop/viewmodels/loop_watchdog.h"
#include "app/desktop/viewmodels/session_view_model.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/widgets/chip.h"

#include <QHBoxLayout>
#include <QPainter>

namespace millrace::desktop {

QString freshnessWord(client::Freshness freshness)
{
    switch (freshness) {
    //: How fresh the figures of the window are.
    case client::Freshness::Connecting: return StatusBar::tr("connecting");
    case client::Freshness::Fresh: return StatusBar::tr("fresh");
    case client::Freshness::Stale: return StatusBar::tr("stale");
    case client::Freshness::Lost: return StatusBar::tr("connection lost");
    }
    return {};
}

void showFreshness(Chip* chip, client::Freshness freshness, const QString& word)
{
    switch (freshness) {
    case client::Freshness::Connecting: chip->setLook(Shape::Ring, Token::Muted, word); break;
    case client::Freshness::Fresh: chip->setLook(Shape::Dot, Token::Done, word); break;
    case client::Freshness::Stale: chip->setLook(Shape::Triangle, Token::Retrying, word); break;
    case client::Freshness::Lost: chip->setLook(Shape::Cross, Token::Dead, word); break;
    }
}

StatusBar::StatusBar(LoopWatchdog* watchdog, QWidget* parent)
    : QWidget(parent)
    , m_watchdog(watchdog)
    , m_freshness(new Chip(this))
    , m_rate(new PlainLabel(this))
    , m_late(new PlainLabel(this))
    , m_workers(new PlainLabel(this))
    , m_store(new PlainLabel(this))
    , m_trouble(new PlainLabel(this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(2 * kGrid, 0, 2 * kGrid, 0);
    row->setSpacing(3 * kGrid);
    m_freshness->setFlat(true);
    row->addWidget(m_freshness);
    for (PlainLabel* label : {m_rate, m_late, m_workers, m_store}) {
        label->setFont(Theme::font(TextSize::Small));
        label->setProperty("look", QStringLiteral("muted"));
        row->addWidget(label);
    }
    row->addStretch(1);
    m_trouble->setFont(Theme::font(TextSize::Small));
    m_trouble->setProperty("look", QStringLiteral("error"));
    m_trouble->setElide(PlainLabel::Elide::Right);
    m_trouble->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    row->addWidget(m_trouble);
    setPlainToolTip(m_late, tr("How late the window's event loop ran in the last minute, measured every 10 ms."));
    setFixedHeight(3 * kGrid + kHalfGrid);
    m_timer.setInterval(250);
    connect(&m_timer, &QTimer::timeout, this, &StatusBar::refresh);
    m_timer.start();
    refresh();
}

void StatusBar::setSession(SessionViewModel* session)
{
    if (m_session)
        m_session->disconnect(this);
    m_session = session;
    if (session) {
        connect(session, &SessionViewModel::changed, this, &StatusBar::refresh);
        connect(session, &QObject::destroyed, this, [this] { m_session = nullptr; });
    }
    refresh();
}

QString StatusBar::freshnessText() const
{
    const QString word = freshnessWord(m_session->freshness());
    const auto age = m_session->age();
    if (!age || m_session->freshness() == client::Freshness::Connecting)
        return word;
    const double seconds = double(age->count()) / 1000;
    //: %1 is "fresh", "stale" or "connection lost", %2 the age of the figures in seconds.
    return tr("%1 %2 s").arg(word, QLocale().toString(seconds, 'f', seconds < 10 ? 1 : 0));
}

void StatusBar::refresh()
{
    const auto late = m_watchdog ? m_watchdog->figures() : LoopWatchdog::Figures();
    m_late->setText(late.probes == 0 ? tr("window late %1").arg(notAvailable())
                                     : tr("window late p99 %1, worst %2")
                                           .arg(formatDuration(late.p99Us), formatDuration(late.maxUs)));
    if (!m_session) {
        showFreshness(m_freshness, client::Freshness::Connecting, tr("no pipeline"));
        for (PlainLabel* label : {m_rate, m_workers, m_store, m_trouble})
            label->hide();
        return;
    }
    for (PlainLabel* label : {m_rate, m_workers, m_store, m_trouble})
        label->show();
    showFreshness(m_freshness, m_session->freshness(), freshnessText());
    //: msg/s = messages per second
    m_rate->setText(tr("%1 msg/s").arg(formatCompact(m_session->messagesPerSecond())));
    const auto workers = m_session->workers();
    m_workers->setText(tr("workers %1").arg(formatCount(workers)));
    const auto bytes = m_session->storeBytes();
    m_store->setText(tr("store %1").arg(bytes ? formatBytes(*bytes) : notAvailable()));
    m_trouble->setText(m_session->trouble());
}

QString StatusBar::text() const
{
    QStringList parts{m_freshness->word()};
    for (const PlainLabel* label : {m_rate, m_late, m_workers, m_store, m_trouble}) {
        if (!label->isHidden() && !label->fullText().isEmpty())
            parts << label->fullText();
    }
    return parts.join(QStringLiteral(" · "));
}

void StatusBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), Theme::instance().color(Token::Raised));
    painter.fillRect(QRect(0, 0, width(), 1), Theme::instance().color(Token::Border));
}

} // namespace millrace::desktop
