// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/terminal/console.h"

#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <QString>
#include <QStringDecoder>
#include <QtGlobal>

#include <array>
#include <cstdio>
#include <cstring>

namespace millrace::terminal {

namespace {

void logFromQt(QtMsgType type, const QMessageLogContext& context, const QString& text)
{
    const std::string line = printable(text.toStdString());
    // What a decoder says of a damaged picture is the text of the dead letter already.
    const bool isDecoder =
        context.category != nullptr && std::strncmp(context.category, "qt.gui", 6) == 0;
    const bool isLibrary = text.startsWith(QLatin1String("libpng"));
    if (type == QtFatalMsg)
        spdlog::critical(line);
    else if (type == QtDebugMsg || isDecoder || isLibrary)
        spdlog::debug(line);
    else if (type == QtInfoMsg)
        spdlog::info(line);
    else if (type == QtWarningMsg)
        spdlog::warn(line);
    else
        spdlog::error(line);
}

void appendEscaped(std::string& into, unsigned char byte)
{
    std::array<char, 5> text{};
    std::snprintf(text.data(), text.size(), "\\x%02x", byte);
    into += text.data();
}

/// C1 controls are two bytes in UTF-8: 0xC2 0x80 to 0xC2 0x9F.
bool isC1Control(std::string_view text, std::size_t at)
{
    return text[at] == '\xC2' && at + 1 < text.size()
           && static_cast<unsigned char>(text[at + 1]) < 0xA0;
}

bool isWellFormed(std::string_view text)
{
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString decoded =
        decoder(QByteArrayView(text.data(), static_cast<qsizetype>(text.size())));
    return !decoder.hasError() && !decoded.isNull();
}

} // namespace

void printLine(std::string_view line)
{
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
}

void printJson(const nlohmann::json& object)
{
    printLine(object.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
}

void printError(std::string_view text)
{
    std::fprintf(stderr, "millrace-node: %.*s\n", static_cast<int>(text.size()), text.data());
}

int outputWritten(int code)
{
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)
        return code;
    printError("the output could not be written");
    return kCannot;
}

int fail(const base::Error& error)
{
    printError(printable(error.context));
    return kCannot;
}

std::string printable(std::string_view text)
{
    const bool isText = isWellFormed(text);
    std::string shown;
    shown.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !isText)) {
            appendEscaped(shown, byte);
        } else if (isC1Control(text, i)) {
            appendEscaped(shown, byte);
            appendEscaped(shown, static_cast<unsigned char>(text[++i]));
        } else {
            shown += text[i];
        }
    }
    return shown;
}

void setUpLog(LogLevel level)
{
    spdlog::set_default_logger(spdlog::stderr_logger_mt("millrace-node"));
    spdlog::set_pattern("%Y-%m-%d %H:%M:%S.%e %L %v");
    spdlog::set_level(level == LogLevel::Everything    ? spdlog::level::debug
                      : level == LogLevel::Information ? spdlog::level::info
                                                       : spdlog::level::warn);
    spdlog::flush_on(spdlog::level::warn);
    qInstallMessageHandler(&logFromQt);
}

void logFromNode(char level, const std::string& line)
{
    const std::string shown = printable(line);
    if (level == 'E')
        spdlog::error(shown);
    else if (level == 'W')
        spdlog::warn(shown);
    else
        spdlog::info(shown);
}

} // namespace millrace::terminal
