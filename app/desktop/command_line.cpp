// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/command_line.h"

#include "app/config/paths.h"

#include <QCommandLineParser>
#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace millrace::desktop {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(millrace::desktop::CommandLine)
};

/// Options of Qt itself, which only QApplication takes out of the line.
constexpr std::array<std::string_view, 18> kQtOptions{
    "platform",     "platformpluginpath", "platformtheme", "plugin", "qwindowgeometry", "geometry",    "qwindowtitle", "title",   "qwindowicon",
    "icon",         "display",            "session",       "style",  "stylesheet",      "widgetcount", "reverse",      "dograb",  "nograb"};

bool isQtOption(std::string_view argument)
{
    if (!argument.starts_with('-'))
        return false;
    argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
    return std::ranges::find(kQtOptions, argument.substr(0, argument.find('='))) != kQtOptions.end();
}

/// What a command line says. One of the three.
struct Reading
{
    std::optional<CommandLine> line;
    QString answer;  ///< help or version
    QString mistake;
};

Reading refuse(const QString& why)
{
    return {std::nullopt, {}, why};
}

Reading read(const QStringList& arguments)
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
    // Not addHelpOption(): it adds --help-all, which only process() answers.
    const QCommandLineOption help({QStringLiteral("h"), QStringLiteral("help")}, Text::tr("Show this help."));
    parser.addOption(help);
    const auto version = parser.addVersionOption();
    if (!parser.parse(arguments))
        return refuse(parser.errorText());
    if (parser.isSet(help))
        return {std::nullopt, parser.helpText(), {}};
    if (parser.isSet(version))
        return {std::nullopt, QStringLiteral("millrace %1\n").arg(QCoreApplication::applicationVersion()), {}};
    if (!parser.positionalArguments().isEmpty())
        return refuse(Text::tr("unknown argument “%1”; see --help").arg(parser.positionalArguments().constFirst()));
    for (const auto& each : {data, file, attach, theme, language, screenshots}) {
        if (parser.isSet(each) && parser.value(each).isEmpty())
            //: %1 is the name of an option
            return refuse(Text::tr("--%1 needs a value; see --help").arg(each.names().constFirst()));
    }

    CommandLine line;
    line.theme = parser.value(theme);
    if (!line.theme.isEmpty() && !QStringList{QStringLiteral("auto"), QStringLiteral("light"), QStringLiteral("dark")}.contains(line.theme))
        return refuse(Text::tr("--theme must be auto, light or dark, not “%1”").arg(line.theme));
    line.screenshots = parser.value(screenshots);
    line.host.pipelineFile = parser.value(file);
    line.host.attachEndpoint = parser.value(attach);
    if (parser.isSet(data)) {
        line.host.directory = parser.value(data).toStdString();
    } else if (line.screenshots.isEmpty() && line.host.attachEndpoint.isEmpty()) {
        const auto standard = config::defaultDataDirectory();
        if (!standard)
            return refuse(Text::tr("there is no place for the data (%1); name one with --data").arg(QString::fromStdString(standard.error().context)));
        line.host.directory = *standard;
    }
    return {line, {}, {}};
}

/// What Qt says while it looks for a display; it would abort after the last of it. There is no translator yet.
void endWithoutDisplay(QtMsgType type, const QMessageLogContext& context, const QString& text)
{
    const QLatin1String category(context.category == nullptr ? "" : context.category);
    if (type == QtFatalMsg) {
        std::fprintf(stderr,
                     "millrace: there is no display to open a window on (DISPLAY and WAYLAND_DISPLAY name none that answers). "
                     "packaging/run or `millrace-node demo` runs the same pipeline in the terminal, `millrace-node serve` as a service.\n");
        std::_Exit(DisplayGuard::kNoDisplay);
    }
    if (!category.startsWith(QLatin1String("qt.qpa")))
        std::fprintf(stderr, "%s\n", qUtf8Printable(text));
}

} // namespace

bool needsNoDisplay(int argc, char** argv)
{
    QStringList arguments;
    for (int i = 0; i < argc; ++i) {
        const std::string_view argument(argv[i]);
        if (argument.starts_with("--screenshots"))
            return true;
        if (isQtOption(argument))
            return false;
        arguments.append(QString::fromLocal8Bit(argv[i]));
    }
    return !read(arguments).line;
}

DisplayGuard::DisplayGuard()
{
    qInstallMessageHandler(&endWithoutDisplay);
}

DisplayGuard::~DisplayGuard()
{
    qInstallMessageHandler(nullptr);
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
    auto reading = read(arguments);
    exitCode = 0;
    if (!reading.mistake.isEmpty()) {
        std::fprintf(stderr, "millrace: %s\n", qUtf8Printable(reading.mistake));
        exitCode = 2;
    }
    std::fputs(qUtf8Printable(reading.answer), stdout);
    return std::move(reading.line);
}

} // namespace millrace::desktop
