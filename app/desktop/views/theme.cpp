// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/theme.h"

#include "app/desktop/views/settings.h"

#include <QApplication>
#include <QCoreApplication>
#include <QEvent>
#include <QFile>
#include <QFontDatabase>
#include <QFontMetricsF>
#include <QMetaEnum>
#include <QPalette>
#include <QStyleFactory>

#include <array>
#include <cmath>
#include <utility>

namespace millrace::desktop {

namespace {

struct Pair
{
    QRgb light;
    QRgb dark;
};

// By Token. Text and states reach a contrast of 4.5 on Surface and on Raised in both themes (tst_theme).
constexpr std::array<Pair, kTokenCount> kColors{{
    {0xfff4f5f8, 0xff12151a}, // Surface
    {0xffffffff, 0xff1b1f26}, // Raised
    {0xffeceef3, 0xff232831}, // Sunken
    {0xffdde1e8, 0xff2c323c}, // Border
    {0xff1a1f27, 0xffe7eaf0}, // Text
    {0xff596273, 0xff9ca6b5}, // Muted
    {0xff1f5fd1, 0xff77a7ff}, // Accent
    {0xffffffff, 0xff0d1522}, // OnAccent
    {0xffe9ecf2, 0xff262c36}, // Hover
    {0xffdbe7fd, 0xff27395a}, // Selection
    {0xffe8ebf0, 0xff282e38}, // Grid
    {0xff1f5fd1, 0xff77a7ff}, // Ready
    {0xff6f42c7, 0xffb898ff}, // Scheduled
    {0xff0b7772, 0xff43c4b8}, // Leased
    {0xff965800, 0xfff0b441}, // Retrying
    {0xffc1272f, 0xffff8078}, // Dead
    {0xff4a7054, 0xff97b8a1}, // Done
}};

const char* tokenName(int index)
{
    static constexpr std::array<const char*, kTokenCount> kNames{
        "surface", "raised", "sunken", "border", "text", "muted", "accent", "on-accent", "hover", "selection",
        "grid", "ready", "scheduled", "leased", "retrying", "dead", "done"};
    return kNames[std::size_t(index)];
}

QPalette buildPalette(bool dark)
{
    const auto color = [dark](Token token) { return Theme::color(token, dark); };
    QPalette palette;
    const auto set = [&](QPalette::ColorRole role, Token token) { palette.setColor(role, color(token)); };
    set(QPalette::Window, Token::Surface);
    set(QPalette::WindowText, Token::Text);
    set(QPalette::Base, Token::Raised);
    set(QPalette::AlternateBase, Token::Sunken);
    set(QPalette::Text, Token::Text);
    set(QPalette::PlaceholderText, Token::Muted);
    set(QPalette::Button, Token::Raised);
    set(QPalette::ButtonText, Token::Text);
    set(QPalette::BrightText, Token::Dead);
    set(QPalette::ToolTipBase, Token::Raised);
    set(QPalette::ToolTipText, Token::Text);
    set(QPalette::Highlight, Token::Selection);
    set(QPalette::HighlightedText, Token::Text);
    set(QPalette::Link, Token::Accent);
    set(QPalette::LinkVisited, Token::Accent);
    set(QPalette::Light, Token::Raised);
    set(QPalette::Midlight, Token::Hover);
    set(QPalette::Mid, Token::Border);
    set(QPalette::Dark, Token::Border);
    set(QPalette::Shadow, Token::Border);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, color(Token::Muted));
    return palette;
}

QString buildStyleSheet(bool dark)
{
    QFile file(QStringLiteral(":/desktop/styles/millrace.qss"));
    if (!file.open(QIODevice::ReadOnly)) {
        qWarning("the style sheet is missing from the program");
        return {};
    }
    QString sheet = QString::fromUtf8(file.readAll());
    for (int i = 0; i < kTokenCount; ++i)
        sheet.replace(QLatin1Char('@') + QLatin1String(tokenName(i)) + QLatin1Char('@'),
                      Theme::color(static_cast<Token>(i), dark).name());
    // A style sheet cannot colour an image.
    sheet.replace(QLatin1String("@scheme@"), dark ? QLatin1String("dark") : QLatin1String("light"));
    return sheet;
}

bool hasTabularFigures(const QFont& font)
{
    const QFontMetricsF metrics(font);
    const qreal zero = metrics.horizontalAdvance(QLatin1Char('0'));
    for (char digit = '1'; digit <= '9'; ++digit) {
        if (std::abs(metrics.horizontalAdvance(QLatin1Char(digit)) - zero) > 0.01)
            return false;
    }
    return true;
}

/// The system's font if its digits have one width, else the first common one whose digits have.
QFont figuresFont()
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
    if (hasTabularFigures(font))
        return font;
    for (const auto* family : {"Noto Sans", "DejaVu Sans", "Liberation Sans", "Segoe UI"}) {
        QFont other(QString::fromLatin1(family));
        if (QFontDatabase::hasFamily(other.family()) && hasTabularFigures(other))
            return other;
    }
    return font;
}

double channel(int value)
{
    const double part = value / 255.0;
    return part <= 0.03928 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& color)
{
    return 0.2126 * channel(color.red()) + 0.7152 * channel(color.green()) + 0.0722 * channel(color.blue());
}

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(millrace::desktop::StateName)
};

const QString kThemeKey = QStringLiteral("window/theme");

} // namespace

Theme& Theme::instance()
{
    static Theme theme;
    return theme;
}

Theme::Choice Theme::choiceFromString(const QString& text)
{
    if (text.compare(QLatin1String("light"), Qt::CaseInsensitive) == 0)
        return Choice::Light;
    if (text.compare(QLatin1String("dark"), Qt::CaseInsensitive) == 0)
        return Choice::Dark;
    return Choice::Auto;
}

void Theme::install(QApplication& application)
{
    m_application = &application;
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QApplication::setFont(font(TextSize::Body));
    m_choice = choiceFromString(keptSetting(kThemeKey).toString());
    application.installEventFilter(this);
    QObject::connect(&application, &QCoreApplication::aboutToQuit, this, [this] { m_application = nullptr; });
    apply();
}

void Theme::setChoice(Choice choice, bool keep)
{
    if (keep) {
        const auto* name = QMetaEnum::fromType<Choice>().valueToKey(static_cast<int>(choice));
        keepSetting(kThemeKey, QString::fromLatin1(name).toLower());
    }
    m_choice = choice;
    apply();
}

bool Theme::systemIsDark()
{
    // An empty palette brings back what the platform's theme says.
    QApplication::setPalette(QPalette());
    const QPalette palette = QGuiApplication::palette();
    return palette.color(QPalette::Window).lightness() < palette.color(QPalette::WindowText).lightness();
}

void Theme::apply()
{
    if (!m_application || m_applying)
        return;
    m_applying = true;
    m_dark = m_choice == Choice::Auto ? systemIsDark() : m_choice == Choice::Dark;
    QApplication::setPalette(buildPalette(m_dark));
    m_application->setStyleSheet(buildStyleSheet(m_dark));
    m_applying = false;
    Q_EMIT themeChanged();
}

bool Theme::eventFilter(QObject* watched, QEvent* event)
{
    const bool concerns = event->type() == QEvent::ThemeChange
        || (event->type() == QEvent::ApplicationPaletteChange && watched == m_application);
    if (concerns && !m_applying && m_choice == Choice::Auto) {
        // Not from within the event: the platform may still be busy with it.
        QMetaObject::invokeMethod(
            this,
            [this] {
                if (m_choice == Choice::Auto)
                    apply();
            },
            Qt::QueuedConnection);
    }
    return QObject::eventFilter(watched, event);
}

QColor Theme::color(Token token, bool dark)
{
    const Pair& pair = kColors[static_cast<std::size_t>(token)];
    return QColor::fromRgb(dark ? pair.dark : pair.light);
}

Token Theme::token(message::State state)
{
    using message::State;
    switch (state) {
    case State::Ready: return Token::Ready;
    case State::Scheduled: return Token::Scheduled;
    case State::Leased: return Token::Leased;
    case State::Retrying: return Token::Retrying;
    case State::Parked: return Token::Retrying;
    case State::Dead: return Token::Dead;
    case State::Expired: return Token::Dead;
    case State::Done: return Token::Done;
    case State::Replayed: return Token::Done;
    case State::Cancelled: return Token::Muted;
    case State::Archived: return Token::Muted;
    case State::Discarded: return Token::Muted;
    }
    return Token::Muted;
}

QFont Theme::font(TextSize size)
{
    static const QFont base = figuresFont();
    QFont font = base;
    switch (size) {
    case TextSize::Small: font.setPointSizeF(8.25); break;
    case TextSize::Body: font.setPointSizeF(9.75); break;
    case TextSize::Figure: font.setPointSizeF(16.5); break;
    }
    return font;
}

QFont Theme::codeFont()
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPointSizeF(9.0);
    return font;
}

double Theme::contrast(const QColor& first, const QColor& second)
{
    const double one = luminance(first), two = luminance(second);
    return (std::max(one, two) + 0.05) / (std::min(one, two) + 0.05);
}

QString stateName(message::State state)
{
    using message::State;
    switch (state) {
    //: States of a message; the same words everywhere.
    case State::Ready: return Words::tr("ready");
    case State::Scheduled: return Words::tr("scheduled");
    case State::Retrying: return Words::tr("retrying");
    case State::Leased: return Words::tr("leased");
    case State::Parked: return Words::tr("parked");
    case State::Done: return Words::tr("done");
    case State::Cancelled: return Words::tr("cancelled");
    case State::Expired: return Words::tr("expired");
    case State::Dead: return Words::tr("dead");
    case State::Archived: return Words::tr("archived");
    case State::Replayed: return Words::tr("replayed");
    case State::Discarded: return Words::tr("discarded");
    }
    return {};
}

} // namespace millrace::desktop
