// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaType>

#include <array>
#include <cstddef>
#include <cstdint>

namespace millrace::desktop {

/// The last 60 values of one figure, one a second: what a table cell draws as a line. A value type; thread: any.
class Sparkline
{
public:
    static constexpr std::size_t kCapacity = 60;

    void add(float value) noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return m_size; }
    [[nodiscard]] bool isEmpty() const noexcept { return m_size == 0; }
    /// 0 = the oldest.
    [[nodiscard]] float at(std::size_t index) const noexcept;
    [[nodiscard]] float newest() const noexcept { return isEmpty() ? 0 : at(m_size - 1); }
    [[nodiscard]] float highest() const noexcept;
    friend bool operator==(const Sparkline& left, const Sparkline& right) noexcept;

private:
    std::array<float, kCapacity> m_values{};
    std::size_t m_begin = 0, m_size = 0;
};

} // namespace millrace::desktop

Q_DECLARE_METATYPE(millrace::desktop::Sparkline)
