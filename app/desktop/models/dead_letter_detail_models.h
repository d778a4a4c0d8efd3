// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/message/dead_letter.h"

#include <QAbstractTableModel>
#include <QList>
#include <QString>

#include <utility>
#include <vector>

namespace millrace::desktop {

/// Name and value of everything that is known about one dead letter besides its body. Thread: gui.
class DeadLetterEnvelopeModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, Value };
    static constexpr int kWholeValueRole = Qt::UserRole + 1; ///< QString as the producer wrote it; for the clipboard
    explicit DeadLetterEnvelopeModel(QObject* parent = nullptr);
    void setDetail(const message::DeadLetterDetail& detail);
    void clear();

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Line
    {
        QString name, whole;
    };
    void add(const QString& name, const QString& value);
    void add(const QString& name, std::string_view value);
    void addLetter(const message::DeadLetterDetail& detail);
    void addEnvelope(const message::DeadLetterDetail& detail);
    std::vector<Line> m_lines;
};

/// Every attempt at one message, the newest first. Thread: gui.
class DeadLetterAttemptModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Number, Started, Duration, Worker, ErrorClass, ErrorText };
    static constexpr int kColumnCount = ErrorText + 1;
    static constexpr int kWholeTextRole = Qt::UserRole + 1; ///< QString, every line of the error
    explicit DeadLetterAttemptModel(QObject* parent = nullptr);
    void setAttempts(std::vector<message::Attempt> attempts, std::int64_t nowUs);
    void clear() { setAttempts({}, 0); }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    [[nodiscard]] QString text(const message::Attempt& attempt, int column) const;
    std::vector<message::Attempt> m_attempts;
    std::int64_t m_nowUs = 0;
};

} // namespace millrace::desktop
