// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/message/dead_letter.h"

#include <QAbstractListModel>

#include <cstdint>
#include <vector>

namespace millrace::desktop {

/// Groups of like failures, the largest first, below a first row for all together. Thread: gui.
class DeadLetterGroupModel final : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role {
        FingerprintRole = Qt::UserRole + 1, ///< quint64; 0 = all
        CountRole,                          ///< quint64
        TitleRole,                          ///< error class, or the reason where there is none
        TextRole,                           ///< what the members have in common
        SpanRole,                           ///< first and last time, in words
    };
    explicit DeadLetterGroupModel(QObject* parent = nullptr);

    void update(std::vector<message::DeadLetterGroup> groups, std::int64_t nowUs);
    /// The times in words, as of now.
    void setNow(std::int64_t nowUs);
    /// Null for the row of all, or if there is none.
    [[nodiscard]] const message::DeadLetterGroup* group(int row) const;
    [[nodiscard]] const message::DeadLetterGroup* groupOf(std::uint64_t fingerprint) const;
    [[nodiscard]] int rowOf(std::uint64_t fingerprint) const; ///< 0 if it is gone: all
    [[nodiscard]] std::uint64_t totalCount() const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

private:
    [[nodiscard]] QString span(const message::DeadLetterGroup& group) const;
    [[nodiscard]] QString title(const message::DeadLetterGroup& group) const;
    [[nodiscard]] QString toolTip(const message::DeadLetterGroup& group) const;
    std::vector<message::DeadLetterGroup> m_groups;
    std::int64_t m_nowUs = 0;
};

} // namespace millrace::desktop
