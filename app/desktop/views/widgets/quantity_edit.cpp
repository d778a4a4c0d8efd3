// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/widgets/quantity_edit.h"

#include "app/desktop/views/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QLocale>

#include <cmath>

namespace millrace::desktop {

namespace {

constexpr int kLineWidth = 14 * kGrid;
constexpr int kUnitWidth = 10 * kGrid + kHalfGrid;

QLocale plainLocale()
{
    QLocale locale;
    locale.setNumberOptions(QLocale::OmitGroupSeparator);
    return locale;
}

} // namespace

std::vector<QuantityEdit::Unit> QuantityEdit::unitsOf(Kind kind)
{
    switch (kind) {
    case Kind::Time:
        //: Units of time in a form
        return {{tr("ms"), 1}, {tr("s"), 1000}, {tr("min"), 60'000}, {tr("h"), 3'600'000}, {tr("d"), 86'400'000}};
    case Kind::Size:
        //: Units of size in a form
        return {{tr("B"), 1},     {tr("kB"), 1e3},   {tr("KiB"), 1024.0},          {tr("MB"), 1e6},
                {tr("MiB"), 1048576.0}, {tr("GB"), 1e9}, {tr("GiB"), 1073741824.0}};
    default: return {};
    }
}

QuantityEdit::QuantityEdit(Kind kind, QWidget* parent)
    : QWidget(parent)
    , m_kind(kind)
    , m_choices(unitsOf(kind))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kHalfGrid);
    m_line = new QLineEdit(this);
    m_line->setFixedWidth(kLineWidth);
    m_line->setAlignment(Qt::AlignRight);
    m_line->setMaxLength(24);
    row->addWidget(m_line);
    if (!m_choices.empty()) {
        m_units = new QComboBox(this);
        for (const Unit& unit : m_choices)
            m_units->addItem(unit.name);
        m_units->setFixedWidth(kUnitWidth);
        row->addWidget(m_units);
        connect(m_units, &QComboBox::currentIndexChanged, this, &QuantityEdit::changed);
    }
    row->addStretch(1);
    setFocusProxy(m_line);
    connect(m_line, &QLineEdit::textChanged, this, &QuantityEdit::changed);
}

void QuantityEdit::setValue(double value)
{
    int best = 0;
    for (int i = 0; value > 0 && i < static_cast<int>(m_choices.size()); ++i) {
        if (std::fmod(value, m_choices[static_cast<std::size_t>(i)].size) == 0)
            best = i;
    }
    if (m_units != nullptr) {
        m_units->setCurrentIndex(best);
        value /= m_choices[static_cast<std::size_t>(best)].size;
    }
    m_line->setText(plainLocale().toString(value, 'f', QLocale::FloatingPointShortest));
}

std::optional<double> QuantityEdit::value() const
{
    bool isNumber = false;
    const double typed = plainLocale().toDouble(m_line->text().trimmed(), &isNumber);
    if (!isNumber || !std::isfinite(typed) || typed < 0)
        return std::nullopt;
    if (m_kind == Kind::Number)
        return typed;
    const double unit = m_units == nullptr ? 1.0 : m_choices[static_cast<std::size_t>(m_units->currentIndex())].size;
    const double value = std::round(typed * unit);
    // 1.5 min is a whole number of milliseconds, half a message is not one.
    if (std::fabs(value - typed * unit) > 1e-6 * unit || value > 9e15)
        return std::nullopt;
    return value;
}

void QuantityEdit::setWrong(bool isWrong)
{
    QPalette palette = m_line->palette();
    palette.setColor(QPalette::Text, Theme::instance().color(isWrong ? Token::Dead : Token::Text));
    m_line->setPalette(palette);
}

void QuantityEdit::setName(const QString& name)
{
    m_line->setAccessibleName(name);
    if (m_units != nullptr)
        //: Accessible name of a choice of units; %1 is what it is the unit of.
        m_units->setAccessibleName(tr("Unit of %1").arg(name));
}

} // namespace millrace::desktop
