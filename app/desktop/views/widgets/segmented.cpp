// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/widgets/segmented.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPushButton>

namespace millrace::desktop {

Segmented::Segmented(const QStringList& labels, QWidget* parent)
    : QWidget(parent)
    , m_row(new QHBoxLayout(this))
    , m_group(new QButtonGroup(this))
{
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(0);
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    m_group->setExclusive(true);
    for (qsizetype i = 0; i < labels.size(); ++i) {
        auto* button = new QPushButton(labels[i], this);
        button->setCheckable(true);
        const QString place = i == 0 ? QStringLiteral("first")
            : i + 1 == labels.size() ? QStringLiteral("last")
                                     : QStringLiteral("middle");
        button->setProperty("segment", place);
        m_group->addButton(button, int(i));
        m_row->addWidget(button);
    }
    if (auto* first = m_group->button(0))
        first->setChecked(true);
    connect(m_group, &QButtonGroup::idToggled, this, [this](int index, bool checked) {
        if (checked)
            Q_EMIT currentChanged(index);
    });
}

void Segmented::setCurrent(int index)
{
    if (auto* button = m_group->button(index))
        button->setChecked(true);
}

int Segmented::current() const
{
    return m_group->checkedId();
}

void Segmented::setLabel(int index, const QString& label)
{
    if (auto* button = m_group->button(index))
        button->setText(label);
}

} // namespace millrace::desktop
