// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/desktop/command_line.h"
#include "app/desktop/host/connect_host.h"
#include "app/desktop/viewmodels/loop_watchdog.h"
#include "app/desktop/views/language.h"
#include "app/desktop/views/main_window.h"
#include "app/desktop/views/screenshots.h"
#include "app/desktop/views/theme.h"
#include "app/process/signal_watcher.h"
#include "transport/client/async.h"

#include <QApplication>
#include <QLocale>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <memory>

namespace {

using namespace millrace;
using namespace millrace::desktop;

void setUpLog()
{
    auto log = spdlog::stderr_color_mt("millrace");
    log->set_pattern("%H:%M:%S.%e %^%l%$ %v");
    spdlog::set_default_logger(log);
    spdlog::set_level(qEnvironmentVariableIsSet("MILLRACE_VERBOSE") ? spdlog::level::info : spdlog::level::warn);
}

/// A signal that asks the program to end closes the window, so that the store is closed as well.
void closeOnSignal(process::SignalWatcher& watcher, MainWindow& window)
{
    QObject::connect(&watcher, &process::SignalWatcher::stopRequested, &window, [&window] { window.close(); });
}

int runWindow(const CommandLine& line)
{
    // Before the node's threads start: a signal during the start stops it right after.
    process::SignalWatcher watcher;
    LoopWatchdog watchdog;
    PipelineHost host(line.host);
    MainWindow window(&watchdog);
    connectHost(window, host);
    closeOnSignal(watcher, window);
    QObject::connect(&host, &PipelineHost::stopped, qApp, &QCoreApplication::quit);
    window.show();
    host.start();
    // What the start costs is not the event loop's lateness.
    QTimer::singleShot(0, &watchdog, &LoopWatchdog::start);
    return QApplication::exec();
}

int runScreenshots(CommandLine line)
{
    process::SignalWatcher watcher;
    const QTemporaryDir scratch;
    if (line.host.directory.empty())
        line.host.directory = scratch.path().toStdString();
    LoopWatchdog watchdog;
    PipelineHost host(line.host);
    MainWindow window(&watchdog);
    connectHost(window, host);
    QObject::connect(&host, &PipelineHost::stopped, qApp, &QCoreApplication::quit);
    closeOnSignal(watcher, window);
    window.resize(1280, 800);
    window.show();
    int exitCode = 1;
    QObject::connect(&host, &PipelineHost::ready, &window, [&] {
        client::spawn(&window, "take screenshots",
                      [](MainWindow* seen, QString directory, int* code) -> QCoro::Task<base::Result<void>> {
                          auto tour = takeScreenshots(seen, std::move(directory));
                          const auto taken = co_await tour;
                          if (taken)
                              *code = 0;
                          else
                              std::fprintf(stderr, "millrace: %s\n", taken.error().context.c_str());
                          seen->close();
                          co_return base::Result<void>();
                      }(&window, line.screenshots, &exitCode));
    });
    QObject::connect(&host, &PipelineHost::failed, &window, [&](const QString& title, const QString& text) {
        std::fprintf(stderr, "millrace: %s. %s\n", qUtf8Printable(title), qUtf8Printable(text));
        window.close();
    });
    host.start();
    watchdog.start();
    QApplication::exec();
    return exitCode;
}

} // namespace

int main(int argc, char** argv)
{
    const bool isOffscreen = needsNoDisplay(argc, argv);
    const QTemporaryDir settings;
    if (isOffscreen) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
    }
    setUpLog();
    auto guard = std::make_unique<DisplayGuard>();
    QApplication application(argc, argv);
    guard.reset();
    QApplication::setApplicationName(QStringLiteral("millrace"));
    QApplication::setApplicationDisplayName(QStringLiteral("Millrace"));
    QApplication::setOrganizationName(QStringLiteral("millrace"));
    QApplication::setApplicationVersion(QStringLiteral(MR_VERSION));
    QApplication::setQuitOnLastWindowClosed(false);
    if (const QString language = languageOf(QApplication::arguments()); !language.isEmpty())
        QLocale::setDefault(QLocale(language));
    installLanguage(application);
    int exitCode = 0;
    const auto line = parseCommandLine(QApplication::arguments(), exitCode);
    if (!line)
        return exitCode;
    Theme::instance().install(application);
    if (!line->theme.isEmpty())
        Theme::instance().setChoice(Theme::choiceFromString(line->theme), false);
    return line->screenshots.isEmpty() ? runWindow(*line) : runScreenshots(*line);
}
