// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/config/nearest_key.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace millrace::config {

namespace {

/// Longer keys differ from every known one anyway.
constexpr std::size_t kMaxCompared = 128;

std::size_t distance(std::string_view from, std::string_view to)
{
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t k = 0; k < to.size(); ++k) {
            const std::size_t replaced = diagonal + (from[i] == to[k] ? 0 : 1);
            diagonal = row[k + 1];
            row[k + 1] = std::min({replaced, row[k] + 1, diagonal + 1});
        }
    }
    return row.back();
}

} // namespace

std::string_view nearestKey(std::string_view key, std::span<const std::string_view> known)
{
    const std::string_view compared = key.substr(0, kMaxCompared);
    return *std::ranges::min_element(known, {}, [compared](std::string_view candidate) {
        return distance(compared, candidate);
    });
}

} // namespace millrace::config
