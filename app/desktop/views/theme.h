// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/message/life.h"

#include <QColor>
#include <QFont>
#include <QObject>
#include <QString>

class QApplication;

namespace millrace::desktop {

/// What a colour is for; every widget takes its colours from here.
enum class Token {
    Surface,  ///< behind everything
    Raised,   ///< cards, tables, the side bar
    Sunken,   ///< input fields' hover, code
    Border,
    Text,
    Muted,    ///< captions, axis labels
    Accent,   ///< what can be pressed or is selected
    OnAccent, ///< text on Accent
    Hover,
    Selection,
    Grid,     ///< lines inside charts
    // one per message state
    Ready,
    Scheduled,
    Leased,
    Retrying, ///< also: warning
    Dead,     ///< also: error
    Done,     ///< also: all is well
};
inline constexpr int kTokenCount = static_cast<int>(Token::Done) + 1;

/// The three text sizes.
enum class TextSize { Small, Body, Figure };

/// Everything is placed on a grid of 8 px; half steps inside small things.
inline constexpr int kGrid = 8;
inline constexpr int kHalfGrid = 4;
inline constexpr int kRadius = 6;

/// Light and dark look of the whole program. Sets palette, style sheet and font of the application, follows the
/// system while the choice is Auto. Thread: gui; one per application.
class Theme : public QObject
{
    Q_OBJECT

public:
    enum class Choice { Auto, Light, Dark };
    Q_ENUM(Choice)

    static Theme& instance();

    /// Takes over the look of `application` with the stored choice; call once, after it was constructed.
    void install(QApplication& application);
    /// Stored in QSettings unless `keep` is false.
    void setChoice(Choice choice, bool keep = true);
    [[nodiscard]] Choice choice() const { return m_choice; }
    [[nodiscard]] bool isDark() const { return m_dark; }
    /// `auto`, `light`, `dark`; Auto for anything else.
    [[nodiscard]] static Choice choiceFromString(const QString& text);

    [[nodiscard]] QColor color(Token token) const { return color(token, m_dark); }
    [[nodiscard]] static QColor color(Token token, bool dark);
    /// The one colour of a message state; states without one of their own take the nearest.
    [[nodiscard]] QColor color(message::State state) const { return color(token(state)); }
    [[nodiscard]] static Token token(message::State state);

    /// Digits have one width, so that figures do not jiggle.
    [[nodiscard]] static QFont font(TextSize size);
    /// For bodies and ids.
    [[nodiscard]] static QFont codeFont();
    /// WCAG 2 contrast ratio of two opaque colours, 1 to 21.
    [[nodiscard]] static double contrast(const QColor& first, const QColor& second);

Q_SIGNALS:
    /// Colours changed; palette and style sheet are already applied. Widgets that paint themselves repaint.
    void themeChanged();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    Theme() = default;
    void apply();
    [[nodiscard]] bool systemIsDark();

    QApplication* m_application = nullptr;
    Choice m_choice = Choice::Auto;
    bool m_dark = false;
    bool m_applying = false;
};

/// The word for a state as people read it, translated: `ready`, `leased`, …
[[nodiscard]] QString stateName(message::State state);

} // namespace millrace::desktop
