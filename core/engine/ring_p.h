// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

namespace millrace::engine {

/// First in, first out, in one block of memory: pushing and popping allocate nothing once it has grown.
template<typename T>
class Ring
{
public:
    [[nodiscard]] bool empty() const noexcept { return m_size == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return m_size; }
    [[nodiscard]] T& operator[](std::size_t index) { return m_items[place(index)]; }
    [[nodiscard]] const T& operator[](std::size_t index) const { return m_items[place(index)]; }
    [[nodiscard]] T& front() { return m_items[m_begin]; }
    [[nodiscard]] const T& front() const { return m_items[m_begin]; }
    [[nodiscard]] T& back() { return m_items[place(m_size - 1)]; }

    void push(T value)
    {
        if (m_size == m_items.size())
            grow();
        m_items[place(m_size)] = std::move(value);
        ++m_size;
    }
    T pop()
    {
        assert(m_size > 0);
        T value = std::exchange(m_items[m_begin], T{});
        m_begin = (m_begin + 1) & (m_items.size() - 1);
        if (--m_size == 0 && m_items.size() > kKeptWhenEmpty)
            clear();
        return value;
    }
    void clear()
    {
        std::vector<T>().swap(m_items);
        m_begin = 0;
        m_size = 0;
    }

private:
    static constexpr std::size_t kKeptWhenEmpty = 4096;

    [[nodiscard]] std::size_t place(std::size_t index) const noexcept
    {
        return (m_begin + index) & (m_items.size() - 1);
    }
    void grow()
    {
        std::vector<T> larger(m_items.empty() ? 16 : m_items.size() * 2);
        for (std::size_t i = 0; i < m_size; ++i)
            larger[i] = std::move(m_items[place(i)]);
        m_items = std::move(larger);
        m_begin = 0;
    }

    std::vector<T> m_items; ///< size is a power of two
    std::size_t m_begin = 0;
    std::size_t m_size = 0;
};

} // namespace millrace::engine
