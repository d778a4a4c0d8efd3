// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/models/list_diff.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <unordered_map>

namespace millrace::desktop {

namespace {

/// Indexes into `values` of a longest strictly increasing run; values below zero do not take part.
std::vector<int> longestIncreasing(const std::vector<int>& values)
{
    std::vector<int> tails; // tails[n]: index of the smallest end of a run of length n+1
    std::vector<int> previous(values.size(), -1);
    for (int i = 0; i < static_cast<int>(values.size()); ++i) {
        const int value = values[static_cast<std::size_t>(i)];
        if (value < 0)
            continue;
        const auto place = std::lower_bound(tails.begin(), tails.end(), value, [&](int index, int wanted) {
            return values[static_cast<std::size_t>(index)] < wanted;
        });
        if (place != tails.begin())
            previous[static_cast<std::size_t>(i)] = *std::prev(place);
        if (place == tails.end())
            tails.push_back(i);
        else
            *place = i;
    }
    std::vector<int> run;
    for (int i = tails.empty() ? -1 : tails.back(); i >= 0; i = previous[static_cast<std::size_t>(i)])
        run.push_back(i);
    std::reverse(run.begin(), run.end());
    return run;
}

/// Ranges of the indexes below `count` that are not among `kept` (ascending).
std::vector<ListDiff::Range> gaps(const std::vector<int>& kept, int count)
{
    std::vector<ListDiff::Range> ranges;
    int next = 0;
    for (const int index : kept) {
        if (index > next)
            ranges.push_back({next, index - next});
        next = index + 1;
    }
    if (count > next)
        ranges.push_back({next, count - next});
    return ranges;
}

} // namespace

ListDiff diffLists(const std::vector<std::string>& before, const std::vector<std::string>& after)
{
    std::unordered_map<std::string_view, int> places;
    places.reserve(before.size());
    for (int i = 0; i < static_cast<int>(before.size()); ++i)
        places.emplace(before[static_cast<std::size_t>(i)], i);
    std::vector<int> origins;
    origins.reserve(after.size());
    for (const std::string& key : after) {
        const auto found = places.find(key);
        origins.push_back(found == places.end() ? -1 : found->second);
    }

    ListDiff diff;
    const std::vector<int> keptAfter = longestIncreasing(origins);
    std::vector<int> keptBefore;
    for (const int index : keptAfter) {
        keptBefore.push_back(origins[static_cast<std::size_t>(index)]);
        diff.kept.push_back({keptBefore.back(), index});
    }
    diff.removals = gaps(keptBefore, static_cast<int>(before.size()));
    std::reverse(diff.removals.begin(), diff.removals.end());
    diff.insertions = gaps(keptAfter, static_cast<int>(after.size()));
    return diff;
}

std::vector<CellRange> mergeCells(std::span<const std::uint32_t> changed)
{
    std::vector<CellRange> ranges;
    for (std::size_t row = 0; row < changed.size();) {
        std::size_t end = row + 1;
        while (end < changed.size() && changed[end] == changed[row])
            ++end;
        for (std::uint32_t mask = changed[row]; mask != 0;) {
            const int first = std::countr_zero(mask);
            const int length = std::countr_one(mask >> first);
            ranges.push_back({static_cast<int>(row), static_cast<int>(end) - 1, first, first + length - 1});
            mask &= length >= 32 ? 0U : ~(((1U << length) - 1U) << first);
        }
        row = end;
    }
    return ranges;
}

} // namespace millrace::desktop
