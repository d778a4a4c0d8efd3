// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <optional>
#include <vector>

class QComboBox;
class QLineEdit;

namespace millrace::desktop {

/// A number with its unit, typed by a person. Thread: gui.
class QuantityEdit : public QWidget
{
    Q_OBJECT

public:
    enum class Kind {
        Count, ///< whole; the unit is the caption's
        Number,
        Time,  ///< in milliseconds, with a choice of units
        Size,  ///< in bytes, with a choice of units
    };
    explicit QuantityEdit(Kind kind, QWidget* parent = nullptr);

    /// In the largest unit in which it is whole.
    void setValue(double value);
    /// Nullopt if the text is no such number.
    [[nodiscard]] std::optional<double> value() const;
    /// What is wrong is framed.
    void setWrong(bool isWrong);
    [[nodiscard]] QLineEdit* line() const { return m_line; }
    [[nodiscard]] QComboBox* units() const { return m_units; } ///< null where there is no choice
    /// For people who do not see the caption beside it.
    void setName(const QString& name);

Q_SIGNALS:
    void changed();

private:
    struct Unit
    {
        QString name;
        double size = 1;
    };
    static std::vector<Unit> unitsOf(Kind kind);
    Kind m_kind;
    std::vector<Unit> m_choices;
    QLineEdit* m_line = nullptr;
    QComboBox* m_units = nullptr;
};

} // namespace millrace::desktop
