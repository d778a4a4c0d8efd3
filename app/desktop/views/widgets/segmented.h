// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

class QButtonGroup;
class QHBoxLayout;

namespace millrace::desktop {

/// A row of joined buttons of which exactly one is down. Arrow keys move.
class Segmented : public QWidget
{
    Q_OBJECT

public:
    explicit Segmented(const QStringList& labels, QWidget* parent = nullptr);

    void setCurrent(int index);
    [[nodiscard]] int current() const;
    void setLabel(int index, const QString& label);

Q_SIGNALS:
    /// A person chose, or setCurrent() changed it.
    void currentChanged(int index);

private:
    QHBoxLayout* m_row = nullptr;
    QButtonGroup* m_group = nullptr;
};

} // namespace millrace::desktop
