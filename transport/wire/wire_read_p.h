// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/slice.h"
#include "core/message/delivery.h"
#include "core/message/utf8_p.h"

#include <protozero/pbf_reader.hpp>

#include <string>
#include <string_view>
#include <vector>

/// What both directions of the data codec share for reading. Not for other folders.
namespace millrace::wire::detail {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

/// Leaves a reader from any depth; never leaves the codec.
struct Refusal
{
    base::Error error;
};
[[noreturn]] inline void refuse(base::ErrorCode code, std::string context)
{
    throw Refusal{base::Error{code, std::move(context)}};
}

[[nodiscard]] constexpr std::uint32_t varintField(std::uint32_t number) noexcept
{
    return protozero::tag_and_type(number, pbf_wire_type::varint);
}
[[nodiscard]] constexpr std::uint32_t bytesField(std::uint32_t number) noexcept
{
    return protozero::tag_and_type(number, pbf_wire_type::length_delimited);
}

[[nodiscard]] inline std::string_view viewOf(pbf_reader& reader)
{
    const protozero::data_view view = reader.get_view();
    return {view.data(), view.size()};
}
[[nodiscard]] inline pbf_reader readerOf(std::string_view bytes)
{
    return pbf_reader(bytes.data(), bytes.size());
}

/// A text field; longer than `limit` is refused.
[[nodiscard]] inline std::string_view textOf(pbf_reader& reader, const char* name, std::size_t limit)
{
    const std::string_view text = viewOf(reader);
    if (text.size() > limit) {
        refuse(base::ErrorCode::Limit,
               "field `" + std::string(name) + "` has " + std::to_string(text.size())
                   + " bytes; at most " + std::to_string(limit) + " are allowed");
    }
    if (!message::isUtf8(text))
        refuse(base::ErrorCode::Protocol, "field `" + std::string(name) + "` is not valid UTF-8");
    return text;
}

/// Takes a repeated number in either of its encodings, packed or one by one. True if it was that field.
[[nodiscard]] inline bool takeNumbers(pbf_reader& reader,
                                      std::uint32_t number,
                                      std::size_t limit,
                                      std::vector<std::uint64_t>& out)
{
    const auto add = [&](std::uint64_t value) {
        if (out.size() >= limit) {
            refuse(base::ErrorCode::Limit,
                   "a list in the frame has more than " + std::to_string(limit)
                       + " entries: send several frames");
        }
        out.push_back(value);
    };
    if (reader.tag() != number)
        return false;
    if (reader.wire_type() == pbf_wire_type::varint) {
        add(reader.get_uint64());
        return true;
    }
    if (reader.wire_type() != pbf_wire_type::length_delimited)
        return false;
    for (const std::uint64_t value : reader.get_packed_uint64())
        add(value);
    return true;
}

[[nodiscard]] inline std::vector<message::LeaseRef> toLeases(const std::vector<std::uint64_t>& sequences,
                                                             const std::vector<std::uint64_t>& tokens)
{
    if (sequences.size() != tokens.size()) {
        refuse(base::ErrorCode::Protocol,
               "the frame names " + std::to_string(sequences.size()) + " sequences but "
                   + std::to_string(tokens.size()) + " tokens; they go in pairs");
    }
    std::vector<message::LeaseRef> leases(sequences.size());
    for (std::size_t i = 0; i < leases.size(); ++i)
        leases[i] = {sequences[i], tokens[i]};
    return leases;
}

/// Finds the one member of the oneof that a frame is. Fields above `highest` are ignored if a known one is there.
struct Kind
{
    std::uint32_t number = 0;
    std::string_view content;
};
[[nodiscard]] inline Kind kindOf(std::string_view frame, std::uint32_t highest)
{
    Kind kind;
    std::uint32_t unknown = 0;
    pbf_reader reader = readerOf(frame);
    while (reader.next()) {
        const std::uint32_t number = reader.tag();
        if (number > highest || reader.wire_type() != pbf_wire_type::length_delimited) {
            unknown = number;
            reader.skip();
            continue;
        }
        if (kind.number != 0)
            refuse(base::ErrorCode::Protocol, "the frame is of two kinds at once");
        kind = {number, viewOf(reader)};
    }
    if (kind.number != 0)
        return kind;
    if (unknown == 0)
        refuse(base::ErrorCode::Protocol, "the frame is empty");
    refuse(base::ErrorCode::Unsupported,
           "frames of kind " + std::to_string(unknown) + " are not known to this version (1.0)");
}

/// Runs `decode`, turning whatever it throws into an error.
template<typename Frame, typename Decode>
[[nodiscard]] base::Result<Frame> guarded(std::size_t frameBytes, std::uint64_t limit, Decode&& decode)
{
    if (frameBytes > limit) {
        return base::fail(base::ErrorCode::Limit,
                          "the frame has " + std::to_string(frameBytes) + " bytes; at most "
                              + std::to_string(limit) + " are allowed");
    }
    try {
        return decode();
    } catch (const Refusal& refusal) {
        return tl::unexpected<base::Error>(refusal.error);
    } catch (const protozero::exception& error) {
        return base::fail(base::ErrorCode::Protocol,
                          std::string("the frame is not in the wire format: ") + error.what());
    }
}

} // namespace millrace::wire::detail
