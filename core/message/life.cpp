// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/life.h"

#include "core/base/hash.h"

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace millrace::message {

namespace {

using protozero::pbf_wire_type;
using protozero::tag_and_type;

constexpr std::array<std::string_view, 12> kStateNames{
    "ready", "scheduled", "retrying", "leased", "parked", "done",
    "cancelled", "expired", "dead", "archived", "replayed", "discarded",
};
constexpr std::array kReasonNames{
    std::string_view("attempts-exhausted"), std::string_view("rejected"), std::string_view("expired"),
    std::string_view("schema-invalid"), std::string_view("crashed-in-flight"),
    std::string_view("deadline-exceeded"), std::string_view("given-up"),
};
static_assert(kReasonNames.size() == static_cast<std::size_t>(kLastReason) + 1);
constexpr std::size_t kMaxAttempts = 1000;
constexpr int kMaxFrameLines = 64;

template<typename Enum, std::size_t N>
std::optional<Enum> fromName(const std::array<std::string_view, N>& names,
                             std::string_view text) noexcept
{
    for (std::size_t i = 0; i < N; ++i) {
        if (names[i] == text)
            return static_cast<Enum>(i);
    }
    return std::nullopt;
}

template<typename Enum, std::size_t N>
std::string_view nameOf(const std::array<std::string_view, N>& names, Enum value) noexcept
{
    const auto index = static_cast<std::size_t>(value);
    return index < N ? names[index] : "unknown";
}

std::string textOf(protozero::pbf_reader& reader)
{
    const protozero::data_view view = reader.get_view();
    return std::string(view.data(), view.size());
}

Attempt readAttempt(protozero::pbf_reader reader)
{
    Attempt attempt;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
        case tag_and_type(1, pbf_wire_type::varint): attempt.number = reader.get_uint32(); break;
        case tag_and_type(2, pbf_wire_type::varint):
            attempt.startedAt = base::wallFromMicros(reader.get_int64());
            break;
        case tag_and_type(3, pbf_wire_type::varint):
            attempt.endedAt = base::wallFromMicros(reader.get_int64());
            break;
        case tag_and_type(4, pbf_wire_type::length_delimited): attempt.worker = textOf(reader); break;
        case tag_and_type(5, pbf_wire_type::length_delimited):
            attempt.failure.errorClass = textOf(reader);
            break;
        case tag_and_type(6, pbf_wire_type::length_delimited):
            attempt.failure.errorText = textOf(reader);
            break;
        default: reader.skip();
        }
    }
    return attempt;
}

bool isDigit(char c) noexcept { return c >= '0' && c <= '9'; }
bool isHex(char c) noexcept
{
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool isWord(char c) noexcept
{
    return isHex(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
           || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

std::size_t lengthOfUuid(std::string_view text) noexcept
{
    constexpr std::size_t kLength = 36;
    if (text.size() < kLength || (text.size() > kLength && isWord(text[kLength])))
        return 0;
    for (std::size_t i = 0; i < kLength; ++i) {
        const bool isDash = i == 8 || i == 13 || i == 18 || i == 23;
        if (isDash ? text[i] != '-' : !isHex(text[i]))
            return 0;
    }
    return kLength;
}

/// Length of the quoted part that begins at `text`, both quotes included; 0 if it has no end.
std::size_t lengthOfQuoted(std::string_view text) noexcept
{
    const std::size_t end = text.find(text.front(), 1);
    return end == std::string_view::npos ? 0 : end + 1;
}

/// Length of the number at `text` (digits, with fraction or hexadecimal prefix); 0 if there is none.
std::size_t lengthOfNumber(std::string_view text) noexcept
{
    std::size_t i = 0;
    if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        i = 2;
        while (i < text.size() && isHex(text[i]))
            ++i;
        return i;
    }
    while (i < text.size()
           && (isDigit(text[i])
               || (i > 0 && text[i] == '.' && i + 1 < text.size() && isDigit(text[i + 1]))))
        ++i;
    return i;
}

/// A word of at least eight hexadecimal digits, one of them a digit: an address or a digest.
std::size_t lengthOfHexRun(std::string_view text) noexcept
{
    std::size_t i = 0;
    bool hasDigit = false;
    while (i < text.size() && isHex(text[i]))
        hasDigit = isDigit(text[i++]) || hasDigit;
    const bool isWhole = i == text.size() || !isWord(text[i]);
    return i >= 8 && hasDigit && isWhole ? i : 0;
}

/// The first frame of a stack trace, or the first line.
std::string_view tellingLine(std::string_view text) noexcept
{
    const std::string_view first = text.substr(0, text.find_first_of("\r\n"));
    const bool isPython = first.starts_with("Traceback");
    std::string_view found;
    for (int i = 0; i < kMaxFrameLines && !text.empty(); ++i) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (isPython && line.starts_with("File \""))
            found = line; // the innermost call comes last
        else if (i > 0 && !isPython && (line.starts_with("at ") || line.starts_with("#0 ")))
            return line;
    }
    return found.empty() ? first : found;
}

std::size_t lengthOfVariable(std::string_view text, bool atWordStart) noexcept
{
    const char c = text.front();
    const bool isApostrophe = c == '\'' && !atWordStart;
    if ((c == '"' || c == '\'' || c == '`') && !isApostrophe)
        return lengthOfQuoted(text);
    if (atWordStart) {
        if (const std::size_t length = lengthOfUuid(text); length > 0)
            return length;
        if (const std::size_t length = lengthOfHexRun(text); length > 0)
            return length;
    }
    return isDigit(c) ? lengthOfNumber(text) : 0;
}

} // namespace

std::string_view toString(State state) noexcept { return nameOf(kStateNames, state); }
std::optional<State> stateFromString(std::string_view text) noexcept
{
    return fromName<State>(kStateNames, text);
}
std::string_view toString(Reason reason) noexcept { return nameOf(kReasonNames, reason); }
std::optional<Reason> reasonFromString(std::string_view text) noexcept
{
    return fromName<Reason>(kReasonNames, text);
}

std::string encodeAttempt(const Attempt& attempt)
{
    std::string bytes;
    protozero::pbf_writer history(bytes);
    protozero::pbf_writer entry(history, 1);
    entry.add_uint32(1, attempt.number);
    entry.add_int64(2, base::toMicros(attempt.startedAt));
    entry.add_int64(3, base::toMicros(attempt.endedAt));
    entry.add_string(4, attempt.worker);
    entry.add_string(5, attempt.failure.errorClass);
    entry.add_string(6, attempt.failure.errorText);
    entry.commit();
    return bytes;
}

std::vector<Attempt> decodeHistory(std::string_view blob)
{
    std::vector<Attempt> attempts;
    try {
        protozero::pbf_reader reader(blob.data(), blob.size());
        while (attempts.size() < kMaxAttempts && reader.next()) {
            if (reader.tag_and_type() == tag_and_type(1, pbf_wire_type::length_delimited))
                attempts.push_back(readAttempt(reader.get_message()));
            else
                reader.skip();
        }
    } catch (const protozero::exception&) {
        // What came before the damage is still worth showing.
    }
    return attempts;
}

std::string fingerprintText(const Failure& failure)
{
    const std::string_view line = truncateUtf8(tellingLine(failure.errorText), 4 * kMaxFingerprintBytes);
    std::string text(failure.errorClass);
    if (!line.empty())
        text += ": ";
    bool atWordStart = true;
    for (std::size_t i = 0; i < line.size();) {
        const std::size_t length = lengthOfVariable(line.substr(i), atWordStart);
        if (length > 0) {
            text.push_back('#');
            i += length;
            atWordStart = false;
        } else {
            text.push_back(line[i]);
            atWordStart = !isWord(line[i]);
            ++i;
        }
    }
    text.resize(truncateUtf8(text, kMaxFingerprintBytes).size());
    return text;
}

std::uint64_t fingerprint(Reason reason, const Failure& failure)
{
    return fingerprintOf(reason, fingerprintText(failure));
}

std::uint64_t fingerprintOf(Reason reason, std::string_view text)
{
    const std::uint64_t hash = base::hash64(text, static_cast<std::uint64_t>(reason) + 1);
    return hash == 0 ? 1 : hash; // 0 means "every group" in a filter
}

std::string_view truncateUtf8(std::string_view text, std::size_t limit) noexcept
{
    if (text.size() <= limit)
        return text;
    std::size_t end = limit;
    // At most three steps back, so that bytes that are no UTF-8 at all are cut too.
    for (int steps = 0; steps < 3 && end > 0; ++steps) {
        if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U)
            break;
        --end;
    }
    return text.substr(0, end);
}

} // namespace millrace::message
