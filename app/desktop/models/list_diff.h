// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace millrace::desktop {

/// How one list of keyed rows becomes another, in batches that a model can announce one by one.
///
/// Apply in this order: removals as listed (from the end to the beginning, in indexes of the old list), then
/// insertions as listed (ascending, in indexes of the new list). Rows that are kept keep their order;
/// a row that moved is removed and inserted. Pure values; thread: any.
struct ListDiff
{
    struct Range
    {
        int first = 0;
        int count = 0;
        friend bool operator==(const Range&, const Range&) = default;
    };
    struct Kept
    {
        int before = 0; ///< index in the old list
        int after = 0;  ///< index in the new list
        friend bool operator==(const Kept&, const Kept&) = default;
    };
    std::vector<Range> removals;
    std::vector<Range> insertions;
    std::vector<Kept> kept; ///< ascending in both indexes
    [[nodiscard]] bool isIdentity() const { return removals.empty() && insertions.empty(); }
};

/// Keys are unique within each list. Keeps as many rows as possible. Complexity: O(n log n).
[[nodiscard]] ListDiff diffLists(const std::vector<std::string>& before, const std::vector<std::string>& after);

/// A rectangle of cells that changed.
struct CellRange
{
    int firstRow = 0, lastRow = 0;
    int firstColumn = 0, lastColumn = 0;
    friend bool operator==(const CellRange&, const CellRange&) = default;
};

/// Rectangles that cover exactly the changed cells: neighbouring rows that changed in the same columns share one.
/// @param changed  one mask per row; bit c = column c changed
[[nodiscard]] std::vector<CellRange> mergeCells(std::span<const std::uint32_t> changed);

} // namespace millrace::desktop
