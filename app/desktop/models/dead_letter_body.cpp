// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/models/dead_letter_body.h"

#include "app/desktop/models/text_format.h"
#include "core/message/life.h"
#include "core/message/utf8_p.h"

#include <algorithm>

namespace millrace::desktop {

namespace {

constexpr int kMaxDepth = 200;
constexpr std::size_t kMaxHexBytes = 64 * 1024;
constexpr std::size_t kMaxTextBytes = 1024 * 1024;

/// A checking reader of JSON that copies tokens and writes its own white space.
class JsonPrinter
{
public:
    explicit JsonPrinter(std::string_view json)
        : m_json(json)
    {
        m_out.reserve(json.size() * 2);
    }
    std::optional<std::string> run()
    {
        skipSpace();
        if (!value(0))
            return std::nullopt;
        skipSpace();
        if (m_at != m_json.size())
            return std::nullopt;
        return std::move(m_out);
    }

private:
    [[nodiscard]] char peek() const { return m_at < m_json.size() ? m_json[m_at] : '\0'; }
    [[nodiscard]] bool isDigit() const { return peek() >= '0' && peek() <= '9'; }
    void skipSpace()
    {
        while (m_at < m_json.size() && std::string_view(" \t\r\n").find(m_json[m_at]) != std::string_view::npos)
            ++m_at;
    }
    bool take(char c)
    {
        if (peek() != c)
            return false;
        ++m_at;
        return true;
    }
    void newLine(int depth)
    {
        m_out += '\n';
        m_out.append(static_cast<std::size_t>(depth) * 2, ' ');
    }
    bool digits()
    {
        const std::size_t before = m_at;
        while (isDigit())
            ++m_at;
        return m_at > before;
    }

    bool value(int depth)
    {
        switch (peek()) {
        case '{':
            return container(depth, '}', true);
        case '[':
            return container(depth, ']', false);
        case '"':
            return string();
        case 't':
            return word("true");
        case 'f':
            return word("false");
        case 'n':
            return word("null");
        default:
            return number();
        }
    }

    bool container(int depth, char close, bool named)
    {
        if (depth >= kMaxDepth)
            return false;
        m_out += m_json[m_at++];
        skipSpace();
        if (take(close)) {
            m_out += close;
            return true;
        }
        while (true) {
            newLine(depth + 1);
            skipSpace();
            if (named && !name())
                return false;
            if (!value(depth + 1))
                return false;
            skipSpace();
            if (take(close))
                break;
            if (!take(','))
                return false;
            m_out += ',';
        }
        newLine(depth);
        m_out += close;
        return true;
    }

    bool name()
    {
        if (!string())
            return false;
        skipSpace();
        if (!take(':'))
            return false;
        m_out += ": ";
        skipSpace();
        return true;
    }

    bool string()
    {
        const std::size_t begin = m_at;
        if (!take('"'))
            return false;
        while (m_at < m_json.size()) {
            const char c = m_json[m_at++];
            if (c == '"') {
                m_out.append(m_json.substr(begin, m_at - begin));
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20)
                return false;
            if (c == '\\' && !escape())
                return false;
        }
        return false;
    }

    bool escape()
    {
        const char c = peek();
        if (std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos && c != '\0') {
            ++m_at;
            return true;
        }
        if (!take('u'))
            return false;
        for (int i = 0; i < 4; ++i, ++m_at) {
            const char h = peek();
            if (!isDigit() && !(h >= 'a' && h <= 'f') && !(h >= 'A' && h <= 'F'))
                return false;
        }
        return true;
    }

    bool word(std::string_view wanted)
    {
        if (m_json.substr(m_at, wanted.size()) != wanted)
            return false;
        m_out.append(wanted);
        m_at += wanted.size();
        return true;
    }

    bool number()
    {
        const std::size_t begin = m_at;
        take('-');
        if (!take('0') && !digits())
            return false;
        if (take('.') && !digits())
            return false;
        if (peek() == 'e' || peek() == 'E') {
            ++m_at;
            if (!take('+'))
                take('-');
            if (!digits())
                return false;
        }
        m_out.append(m_json.substr(begin, m_at - begin));
        return true;
    }

    std::string_view m_json;
    std::size_t m_at = 0;
    std::string m_out;
};

bool isReadable(std::string_view bytes)
{
    if (!message::isUtf8(bytes))
        return false;
    return std::none_of(bytes.begin(), bytes.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7F;
    });
}

} // namespace

std::optional<std::string> prettyJson(std::string_view json)
{
    return JsonPrinter(json).run();
}

QString hexDump(std::string_view bytes)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    QByteArray out;
    out.reserve(static_cast<qsizetype>(bytes.size() / 16 + 1) * 76);
    for (std::size_t line = 0; line < bytes.size(); line += 16) {
        for (int shift = 28; shift >= 0; shift -= 4)
            out += kDigits[(line >> shift) & 0xF];
        out += "  ";
        QByteArray signs;
        for (std::size_t i = line; i < line + 16; ++i) {
            if (i == line + 8)
                out += ' ';
            if (i >= bytes.size()) {
                out += "   ";
                continue;
            }
            const auto byte = static_cast<unsigned char>(bytes[i]);
            out += kDigits[byte >> 4];
            out += kDigits[byte & 0xF];
            out += ' ';
            signs += byte >= 0x20 && byte < 0x7F ? static_cast<char>(byte) : '.';
        }
        out += ' ' + signs + '\n';
    }
    return QString::fromLatin1(out);
}

BodyText readableBody(std::string_view body, std::uint64_t wholeBytes)
{
    BodyText shown;
    shown.cut = wholeBytes > body.size();
    if (body.empty())
        return shown;

    if (const auto json = shown.cut ? std::nullopt : prettyJson(body); json && message::isUtf8(*json)) {
        shown.kind = BodyText::Kind::Json;
        shown.text = visibleText(*json, json->size());
        return shown;
    }
    // A cut at the border of the display must not turn text into bytes.
    const std::size_t limit = std::min(shown.cut ? body.size() - 1 : body.size(), kMaxTextBytes);
    const std::string_view head = message::truncateUtf8(body, limit);
    if (isReadable(head)) {
        shown.kind = BodyText::Kind::Text;
        std::string text(head);
        std::erase(text, '\r');
        shown.text = visibleText(text, text.size());
        shown.cut = shown.cut || head.size() < body.size();
        return shown;
    }
    shown.kind = BodyText::Kind::Hex;
    shown.text = hexDump(body.substr(0, kMaxHexBytes));
    shown.cut = shown.cut || body.size() > kMaxHexBytes;
    return shown;
}

} // namespace millrace::desktop
