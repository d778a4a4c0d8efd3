// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace millrace::base {

/// Immutable bytes that share ownership of the buffer they lie in, so that the messages of one
/// received frame reach the store and the workers without being copied.
///
/// A copy costs one reference count. Holding one Slice keeps its whole frame (at most 17 MiB) alive.
/// Thread: any (immutable after construction).
class Slice
{
public:
    Slice() = default;
    /// `view` must lie in memory that `owner` keeps alive.
    Slice(std::shared_ptr<const void> owner, std::string_view view) noexcept
        : m_owner(std::move(owner))
        , m_view(view)
    {
    }
    /// Takes over a string as a buffer of its own.
    [[nodiscard]] static Slice own(std::string bytes)
    {
        auto buffer = std::make_shared<const std::string>(std::move(bytes));
        const std::string_view view = *buffer;
        return Slice(std::move(buffer), view);
    }

    [[nodiscard]] std::string_view view() const noexcept { return m_view; }
    [[nodiscard]] std::size_t size() const noexcept { return m_view.size(); }
    [[nodiscard]] bool empty() const noexcept { return m_view.empty(); }
    /// True if this slice refers to a buffer at all; an empty body held by a buffer is not null.
    [[nodiscard]] bool isNull() const noexcept { return m_owner == nullptr; }
    /// A piece of this buffer; `view` must lie in it.
    [[nodiscard]] Slice part(std::string_view view) const noexcept { return Slice(m_owner, view); }
    [[nodiscard]] std::string toString() const { return std::string(m_view); }
    void reset() noexcept
    {
        m_owner.reset();
        m_view = {};
    }
    friend bool operator==(const Slice& left, const Slice& right) noexcept
    {
        return left.m_view == right.m_view;
    }

private:
    std::shared_ptr<const void> m_owner;
    std::string_view m_view;
};

} // namespace millrace::base
