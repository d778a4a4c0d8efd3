// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/terminal/table.h"

#include "app/terminal/console.h"

#include <QDateTime>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace millrace::terminal {

namespace {

/// A cell that is longer moves the rest of its line only.
constexpr std::size_t kWidestColumn = 48;

std::size_t charactersOf(const std::string& text)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

} // namespace

Table::Table(std::vector<Column> columns)
    : m_columns(std::move(columns))
    , m_widths(m_columns.size(), 0)
{
    std::vector<std::string> headings;
    for (const Column& column : m_columns)
        headings.push_back(column.heading);
    widen(headings);
}

void Table::add(std::vector<std::string> cells)
{
    for (std::string& cell : cells)
        cell = printable(cell);
    cells.resize(m_columns.size());
    widen(cells);
    m_rows.push_back(std::move(cells));
}

void Table::print()
{
    if (!std::exchange(m_hasHeadings, true)) {
        std::vector<std::string> headings;
        for (const Column& column : m_columns)
            headings.push_back(column.heading);
        printLine(line(headings));
    }
    for (const std::vector<std::string>& row : std::exchange(m_rows, {}))
        printLine(line(row));
}

void Table::widen(const std::vector<std::string>& cells)
{
    for (std::size_t i = 0; i < m_columns.size(); ++i)
        m_widths[i] = std::max(m_widths[i], std::min(charactersOf(cells[i]), kWidestColumn));
}

std::string Table::line(const std::vector<std::string>& cells) const
{
    std::string text;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        const std::size_t length = charactersOf(cells[i]);
        const std::string padding(m_widths[i] - std::min(m_widths[i], length), ' ');
        text += i == 0 ? "" : "  ";
        if (m_columns[i].align == Align::Right)
            text += padding + cells[i];
        else
            text += cells[i] + (i + 1 < m_columns.size() ? padding : std::string());
    }
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::string timeText(std::int64_t us)
{
    return us == 0 ? std::string()
                   : QDateTime::fromMSecsSinceEpoch(us / 1000, Qt::UTC)
                         .toString(Qt::ISODateWithMs)
                         .toStdString();
}

std::string spanText(std::int64_t us)
{
    const double seconds = static_cast<double>(us) / 1e6;
    const double size = std::fabs(seconds);
    std::array<char, 32> text{};
    if (size < 99.95)
        std::snprintf(text.data(), text.size(), "%.1f s", seconds);
    else if (size < 5400)
        std::snprintf(text.data(), text.size(), "%.0f min", seconds / 60);
    else if (size < 129'600)
        std::snprintf(text.data(), text.size(), "%.0f h", seconds / 3600);
    else
        std::snprintf(text.data(), text.size(), "%.0f d", seconds / 86'400);
    return text.data();
}

} // namespace millrace::terminal
