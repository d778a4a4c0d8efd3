// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace millrace::terminal {

/// Prints rows under a row of headings. Columns are as wide as what was printed so far needs, so that pages of a long list stay
/// aligned; text from messages becomes printable. Thread: main.
class Table
{
public:
    enum class Align : std::uint8_t { Left, Right };
    struct Column
    {
        std::string heading;
        Align align = Align::Left;
    };

    explicit Table(std::vector<Column> columns);

    /// One cell for each column.
    void add(std::vector<std::string> cells);
    /// Prints what was added since the last call; the first time the headings too, also if there are no rows.
    void print();

private:
    [[nodiscard]] std::string line(const std::vector<std::string>& cells) const;
    void widen(const std::vector<std::string>& cells);

    std::vector<Column> m_columns;
    std::vector<std::size_t> m_widths; ///< in characters
    std::vector<std::vector<std::string>> m_rows;
    bool m_hasHeadings = false;
};

/// UTC as ISO 8601 with milliseconds; empty for 0.
[[nodiscard]] std::string timeText(std::int64_t us);
/// How far `us` is from `nowUs`, rounded: `3.2 s`, `12 min`, `5 h`, `3 d`; negative ones too.
[[nodiscard]] std::string spanText(std::int64_t us);

} // namespace millrace::terminal
