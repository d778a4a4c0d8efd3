// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/command_line.h"

#include "app/config/paths.h"

#include <QCommandLineParser>
#include <QCoreApplication>

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace millrace::desktop {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(millrace::desktop::CommandLine)
};

std::optional<CommandLine> refuse(const QString& why, int& exitCode)
{
    std::fprintf(stderr, "millrace: %s\n", qUtf8Printable(why));
    exitCode = 2;
    return std::nullopt;
}

} // namespace

bool needsNoDisplay(int argc, char** argv)
{
    return std::any_of(argv + 1, argv + std::max(argc, 1), [](const char* text) {
        const std::string_view argument(text);
        return argument.starts_with("--screenshots") || argument.starts_with("--help") || argument == "-h"
            || argument == "--version" || argument == "-v";
    });
}

QString languageOf(const QStringList& arguments)
{
    const QLatin1String name("--lang");
    for (qsizetype i = 1; i < arguments.size(); ++i) {
        if (arguments[i] == name)
            return arguments.value(i + 1);
        if (arguments[i].startsWith(name + QLatin1Char('=')))
            return arguments[i].mid(name.size() + 1);
    }
    return {};
}

std::optional<CommandLine> parseCommandLine(const QStringList& arguments, int& exitCode)
{
    const auto option = [](const char* name, const QString& help, const QString& value) {
        return QCommandLineOption(QString::fromLatin1(name), help, value);
    };
    const auto data = option("data", Text::tr("Keep the pipeline's data in <dir>."), QStringLiteral("dir"));
    const auto file = option("pipeline", Text::tr("Declare the queues of the pipeline file <file>."), QStringLiteral("file"));
    const auto attach = option("attach", Text::tr("Watch the node at <endpoint> instead of running one."), QStringLiteral("endpoint"));
    const auto theme = option("theme", Text::tr("Colours: auto, light or dark."), QStringLiteral("theme"));
    const auto language = option("lang", Text::tr("Language, for example en or de."), QStringLiteral("code"));
    const auto screenshots = option("screenshots", Text::tr("Run the demo without a display, write a picture of each page into <dir>, and end."),
                                    QStringLiteral("dir"));
    QCommandLineParser parser;
    parser.setApplicationDescription(Text::tr("A durable message pipeline, and the window in which you see it work."));
    parser.addOptions({data, file, attach, theme, language, screenshots});
    const auto help = parser.addHelpOption();
    const auto version = parser.addVersionOption();
    if (!parser.parse(arguments))
        return refuse(parser.errorText(), exitCode);
    exitCode = 0;
    if (parser.isSet(help) || parser.isSet(version)) {
        const QString text = parser.isSet(help) ? parser.helpText()
                                                : QStringLiteral("millrace %1\n").arg(QCoreApplication::applicationVersion());
        std::fputs(qUtf8Printable(text), stdout);
        return std::nullopt;
    }
    if (!parser.positionalArguments().isEmpty())
        return refuse(Text::tr("unknown argument “%1”; see --help").arg(parser.positionalArguments().constFirst()), exitCode);

    CommandLine line;
    line.theme = parser.value(theme);
    if (!line.theme.isEmpty() && !QStringList{QStringLiteral("auto"), QStringLiteral("light"), QStringLiteral("dark")}.contains(line.theme))
        return refuse(Text::tr("--theme must be auto, light or dark, not “%1”").arg(line.theme), exitCode);
    line.screenshots = parser.value(screenshots);
    line.host.pipelineFile = parser.value(file);
    line.host.attachEndpoint = parser.value(attach);
    if (parser.isSet(data)) {
        line.host.directory = parser.value(data).toStdString();
    } else if (line.screenshots.isEmpty() && line.host.attachEndpoint.isEmpty()) {
        const auto standard = config::defaultDataDirectory();
        if (!standard)
            return refuse(Text::tr("there is no place for the data (%1); name one with --data").arg(QString::fromStdString(standard.error().context)), exitCode);
        line.host.directory = *standard;
    }
    return line;
}

} // namespace millrace::desktop
