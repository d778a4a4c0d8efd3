// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/message/delivery.h"

#include <protozero/buffer_string.hpp>
#include <protozero/types.hpp>
#include <protozero/varint.hpp>

#include <span>
#include <string>
#include <string_view>

/// Writing for both directions of the data codec: sizes are computed first, so that nothing is moved once
/// it is written. Fields with their default value are left out, as proto3 asks. Not for other folders.
namespace millrace::wire::detail {

[[nodiscard]] inline std::size_t varintBytes(std::uint64_t value) noexcept
{
    return static_cast<std::size_t>(protozero::length_of_varint(value));
}
/// All field numbers here are below 16: their key is one byte.
[[nodiscard]] inline std::size_t numberBytes(std::uint64_t value) noexcept
{
    return value == 0 ? 0 : 1 + varintBytes(value);
}
[[nodiscard]] inline std::size_t nestedBytes(std::size_t content) noexcept
{
    return 1 + varintBytes(content) + content;
}
[[nodiscard]] inline std::size_t textBytes(std::string_view text) noexcept
{
    return text.empty() ? 0 : nestedBytes(text.size());
}

inline void addVarint(std::string& out, std::uint64_t value)
{
    protozero::add_varint_to_buffer(&out, value);
}
inline void addKey(std::string& out, std::uint32_t field, protozero::pbf_wire_type type)
{
    out.push_back(static_cast<char>((field << 3U) | static_cast<std::uint32_t>(type)));
}
inline void addNumber(std::string& out, std::uint32_t field, std::uint64_t value)
{
    if (value == 0)
        return;
    addKey(out, field, protozero::pbf_wire_type::varint);
    addVarint(out, value);
}
/// Written even if it is 0: for optional fields.
inline void addPresentNumber(std::string& out, std::uint32_t field, std::uint64_t value)
{
    addKey(out, field, protozero::pbf_wire_type::varint);
    addVarint(out, value);
}
/// Key and length of a nested message; its content must follow.
inline void beginNested(std::string& out, std::uint32_t field, std::size_t contentBytes)
{
    addKey(out, field, protozero::pbf_wire_type::length_delimited);
    addVarint(out, contentBytes);
}
inline void addNested(std::string& out, std::uint32_t field, std::string_view content)
{
    beginNested(out, field, content.size());
    out.append(content);
}
inline void addText(std::string& out, std::uint32_t field, std::string_view text)
{
    if (!text.empty())
        addNested(out, field, text);
}
template<typename Range, typename ValueOf>
void addPacked(std::string& out, std::uint32_t field, const Range& range, ValueOf&& valueOf)
{
    if (range.empty())
        return;
    std::size_t bytes = 0;
    for (const auto& item : range)
        bytes += varintBytes(valueOf(item));
    beginNested(out, field, bytes);
    for (const auto& item : range)
        addVarint(out, valueOf(item));
}
/// Sequences and tokens of leases, in two parallel lists.
inline void addLeases(std::string& out,
                      std::uint32_t sequenceField,
                      std::uint32_t tokenField,
                      std::span<const message::LeaseRef> leases)
{
    addPacked(out, sequenceField, leases, [](const message::LeaseRef& lease) { return lease.sequence; });
    addPacked(out, tokenField, leases, [](const message::LeaseRef& lease) { return lease.token; });
}
/// Puts a finished content into the oneof of a frame.
[[nodiscard]] inline std::string framed(std::uint32_t kind, std::string_view content)
{
    std::string out;
    out.reserve(nestedBytes(content.size()));
    addNested(out, kind, content);
    return out;
}

} // namespace millrace::wire::detail
