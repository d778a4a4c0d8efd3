// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/message/dead_letter.h"

#include <QAbstractTableModel>
#include <QList>
#include <QTimer>

#include <cstdint>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace millrace::desktop {

/// A frozen list of dead letters of any length, of which only pages near the viewport are in memory.
///
/// rowCount() is the length of the list. A cell whose page is absent shows a placeholder and its page is noted; once an
/// event-loop turn pagesWanted() names the pages that are missing, and the view model answers each with setPage() or
/// pageFailed(). What the viewport shows replaces what was wanted before. Thread: gui.
class DeadLetterTableModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Check, Time, Queue, Type, Error, Attempts, Status };
    static constexpr int kColumnCount = Status + 1;
    enum Role {
        RefRole = Qt::UserRole + 1, ///< QString; empty while the page is absent
        StateRole,                  ///< int of message::State
        LoadedRole,                 ///< bool
        CheckedRole,                ///< bool
    };
    static constexpr int kPageRows = 256;
    static constexpr std::size_t kMaxPages = 32;
    static constexpr std::size_t kMaxWanted = 4; ///< pages asked for in one turn

    explicit DeadLetterTableModel(QObject* parent = nullptr);

    /// Begins a new list; all pages are dropped, the checked rows stay checked.
    void reset(std::uint64_t total, std::int64_t nowUs);
    /// The rows of this list may have changed their state: those on the screen are asked for again and shown as they
    /// were until the answer comes.
    void reload(std::int64_t nowUs);
    /// @param generation  of the list that the page was asked for; a page of an earlier list is dropped
    void setPage(std::uint64_t generation, std::uint64_t page, std::vector<message::DeadLetterRow> rows);
    void pageFailed(std::uint64_t generation, std::uint64_t page);
    [[nodiscard]] std::uint64_t generation() const { return m_generation; }
    /// Asks again for pages that failed.
    void retryFailed();
    /// Rows that can be seen, inclusive; replaces what was wanted before.
    void setViewport(int firstRow, int lastRow);

    [[nodiscard]] std::uint64_t total() const { return m_total; }
    /// Null while its page is absent.
    [[nodiscard]] const message::DeadLetterRow* row(int index) const;
    /// Row of a reference among the pages that are loaded; -1 = none.
    [[nodiscard]] int rowOf(const message::MessageRef& ref) const;
    [[nodiscard]] std::size_t loadedPages() const { return m_pages.size(); }

    // ---- checked rows, by reference: they survive a new list

    void setChecked(const message::MessageRef& ref, bool checked);
    void check(const std::vector<message::MessageRef>& refs);
    [[nodiscard]] bool isChecked(const message::MessageRef& ref) const { return m_checked.contains(ref); }
    void clearChecked();
    [[nodiscard]] const std::set<message::MessageRef>& checked() const { return m_checked; }
    /// Everything in the list is meant, loaded or not. Ends when one row is unchecked.
    void setAllChecked(bool all);
    [[nodiscard]] bool isAllChecked() const { return m_allChecked; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

Q_SIGNALS:
    void pagesWanted(quint64 generation, const QList<quint64>& pages);
    void checkedChanged();
    /// Some rows could not be fetched; retryFailed() asks for them again.
    void rowsFailed();

private:
    struct Page
    {
        std::vector<message::DeadLetterRow> rows;
        std::list<std::uint64_t>::iterator use;
    };
    [[nodiscard]] QString text(const message::DeadLetterRow& row, int column) const;
    [[nodiscard]] QString toolTip(const message::DeadLetterRow& row, int column) const;
    void want(std::uint64_t page) const;
    void askForWanted();
    void evict();
    void announceColumn(int column);

    std::uint64_t m_total = 0;
    std::uint64_t m_generation = 0;
    std::int64_t m_nowUs = 0;
    mutable std::unordered_map<std::uint64_t, Page> m_pages;
    mutable std::list<std::uint64_t> m_uses; ///< newest first
    mutable std::vector<std::uint64_t> m_wanted;
    std::set<std::uint64_t> m_asked, m_failed, m_stale;
    std::uint64_t m_firstVisible = 0, m_lastVisible = 0; ///< pages
    std::set<message::MessageRef> m_checked;
    bool m_allChecked = false;
    mutable QTimer m_askTimer;
};

} // namespace millrace::desktop
