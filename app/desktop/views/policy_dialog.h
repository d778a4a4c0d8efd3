// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/message/policy.h"

#include <QDialog>
#include <QString>

#include <functional>
#include <optional>
#include <string>
#include <vector>

class QComboBox;
class QFormLayout;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace millrace::desktop {

class PlainLabel;
class QuantityEdit;

/// Changes the policy of a queue. Checks what is typed at once, and shows what will be different before it is sent. Closes
/// itself; deletes itself when closed. Thread: gui.
class PolicyDialog : public QDialog
{
    Q_OBJECT

public:
    /// @param queue  its name, plain text
    PolicyDialog(const QString& queue, message::QueuePolicy policy, QWidget* parent = nullptr);

    /// Nullopt while something typed is not valid.
    [[nodiscard]] std::optional<message::QueuePolicy> policy() const;
    [[nodiscard]] QString problem() const;
    /// What will be different, a line each.
    [[nodiscard]] QString changes() const;
    [[nodiscard]] QPushButton* applyButton() const { return m_apply; }
    /// By the name that the field has in a policy's JSON, such as `retry.max_attempts`; null = none.
    [[nodiscard]] QWidget* field(const std::string& name) const;

Q_SIGNALS:
    /// The person wants this.
    void applied(const millrace::message::QueuePolicy& policy);

private:
    struct Field
    {
        std::string name;
        QString caption;
        QWidget* widget = nullptr;
        /// @returns false if what is in the widget is not valid
        std::function<bool(message::QueuePolicy&)> read;
    };
    template<typename Member>
    void addTime(const char* name, const QString& caption, const QString& hint, Member member);
    template<typename Member>
    void addCount(const char* name, const QString& caption, const QString& hint, Member member);
    template<typename Member>
    void addSize(const char* name, const QString& caption, Member member);
    template<typename Value, typename Member>
    void addChoice(const char* name, const QString& caption, std::vector<std::pair<QString, Value>> choices, Member member);
    template<typename Member>
    void addRate(const char* name, const QString& caption, Member member);
    void addDelays();
    void addField(Field field, const QString& hint);
    void addHeading(const QString& text);
    void addDelivery();
    void addRetries();
    void addLimits();
    void addDurability();
    [[nodiscard]] QuantityEdit* makeEdit(int kind, double value);
    void buildSummary(QVBoxLayout* column);
    void check();

    const message::QueuePolicy m_before;
    std::vector<Field> m_fields;
    QFormLayout* m_form = nullptr;
    PlainLabel *m_problem = nullptr, *m_changes = nullptr;
    QPushButton* m_apply = nullptr;
};

} // namespace millrace::desktop
