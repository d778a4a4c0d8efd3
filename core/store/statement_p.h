// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/slice.h"

#include <sqlite3.h>

#include <cassert>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace millrace::store {

/// Bytes for a BLOB parameter; the default one is NULL.
struct Blob
{
    std::string_view bytes;
    bool isNull = true;

    Blob() = default;
    explicit Blob(std::string_view view) noexcept
        : bytes(view)
        , isNull(false)
    {
    }
};

/// Text for a parameter that is NULL when the text is empty.
struct OptionalText
{
    std::string_view text;
};

/// Hands the error of one result on as the error of another.
template<typename T>
[[nodiscard]] tl::unexpected<base::Error> errorOf(const base::Result<T>& result)
{
    return tl::unexpected<base::Error>(result.error());
}

/// What went wrong in the last call on `database`, as an error value that names the file.
[[nodiscard]] base::Error sqliteError(sqlite3* database, std::string_view what);

/// A prepared statement. Values are bound without copying: they must live until the statement is
/// reset. Thread: the one of its connection.
class Statement
{
public:
    Statement() = default;
    Statement(sqlite3* database, sqlite3_stmt* statement) noexcept
        : m_database(database)
        , m_statement(statement)
    {
    }
    ~Statement() { sqlite3_finalize(m_statement); }
    Statement(Statement&& other) noexcept
        : m_database(std::exchange(other.m_database, nullptr))
        , m_statement(std::exchange(other.m_statement, nullptr))
    {
    }
    Statement& operator=(Statement&& other) noexcept
    {
        std::swap(m_database, other.m_database);
        std::swap(m_statement, other.m_statement);
        return *this;
    }

    /// Binds `values` to the parameters 1, 2, …
    template<typename... Values>
    void bind(const Values&... values)
    {
        int index = 0;
        (bindAt(++index, values), ...);
        assert(index == sqlite3_bind_parameter_count(m_statement));
    }
    /// @returns true if there is a row to read. After false or an error the statement is reset.
    [[nodiscard]] base::Result<bool> step()
    {
        const int code = sqlite3_step(m_statement);
        if (code == SQLITE_ROW)
            return true;
        if (code == SQLITE_DONE) {
            reset();
            return false;
        }
        return stepFailed();
    }
    /// For statements that yield no rows: binds, runs to the end, resets.
    template<typename... Values>
    [[nodiscard]] base::Result<void> run(const Values&... values)
    {
        bind(values...);
        if (sqlite3_step(m_statement) != SQLITE_DONE)
            return errorOf(stepFailed());
        reset();
        return {};
    }
    void reset() noexcept { sqlite3_reset(m_statement); }

    [[nodiscard]] bool isNull(int column) const noexcept
    {
        return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
    }
    [[nodiscard]] std::int64_t integer(int column) const noexcept
    {
        return sqlite3_column_int64(m_statement, column);
    }
    /// Columns that hold one of our unsigned types, stored by its bits.
    template<std::unsigned_integral Number>
    [[nodiscard]] Number number(int column) const noexcept
    {
        return static_cast<Number>(sqlite3_column_int64(m_statement, column));
    }
    /// Valid until the next step or reset.
    [[nodiscard]] std::string_view text(int column) const noexcept
    {
        const auto* data = sqlite3_column_text(m_statement, column);
        return bytesAt(data, column);
    }
    /// Valid until the next step or reset.
    [[nodiscard]] std::string_view blob(int column) const noexcept
    {
        const void* data = sqlite3_column_blob(m_statement, column);
        return bytesAt(data, column);
    }
    [[nodiscard]] sqlite3_stmt* handle() const noexcept { return m_statement; }

private:
    template<std::integral Number>
    void bindAt(int index, Number value) noexcept
    {
        sqlite3_bind_int64(m_statement, index, static_cast<sqlite3_int64>(value));
    }
    template<typename Enum>
        requires std::is_enum_v<Enum>
    void bindAt(int index, Enum value) noexcept
    {
        bindAt(index, static_cast<std::underlying_type_t<Enum>>(value));
    }
    template<typename Number>
    void bindAt(int index, const std::optional<Number>& value) noexcept
    {
        if (value)
            bindAt(index, *value);
        else
            sqlite3_bind_null(m_statement, index);
    }
    void bindAt(int index, std::string_view text) noexcept
    {
        sqlite3_bind_text64(m_statement, index, orEmpty(text), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    void bindAt(int index, OptionalText value) noexcept
    {
        if (value.text.empty())
            sqlite3_bind_null(m_statement, index);
        else
            bindAt(index, value.text);
    }
    void bindAt(int index, const Blob& blob) noexcept
    {
        if (blob.isNull)
            sqlite3_bind_null(m_statement, index);
        else
            sqlite3_bind_blob64(m_statement, index, orEmpty(blob.bytes), blob.bytes.size(), SQLITE_STATIC);
    }

    /// SQLite takes a null pointer for NULL, also when the length is 0.
    [[nodiscard]] static const char* orEmpty(std::string_view bytes) noexcept
    {
        return bytes.data() != nullptr ? bytes.data() : "";
    }
    [[nodiscard]] std::string_view bytesAt(const void* data, int column) const noexcept
    {
        if (data == nullptr)
            return {};
        const int size = sqlite3_column_bytes(m_statement, column);
        return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
    }
    [[nodiscard]] base::Result<bool> stepFailed();

    sqlite3* m_database = nullptr;
    sqlite3_stmt* m_statement = nullptr;
};

} // namespace millrace::store
