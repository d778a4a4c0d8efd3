// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/screenshots.h"

#include "app/desktop/viewmodels/loop_watchdog.h"
#include "app/desktop/viewmodels/session_view_model.h"
#include "app/desktop/viewmodels/workloads_view_model.h"
#include "app/desktop/views/dead_letters_page.h"
#include "app/desktop/views/main_window.h"
#include "app/desktop/views/overview_page.h"
#include "app/desktop/views/queues_page.h"
#include "app/desktop/views/theme.h"

#include <QCoroFuture>
#include <QCoroTimer>
#include <QDir>
#include <QImage>
#include <QPointer>
#include <QTableView>
#include <QtConcurrentRun>

#include <array>
#include <chrono>
#include <functional>

namespace millrace::desktop {

using namespace std::chrono_literals;
using base::Result;

namespace {

constexpr auto kPatience = 90s;
/// A page is left alone this long before its picture.
constexpr auto kMeasure = 2s;
/// The charts show at least this much before they are taken.
constexpr double kChartSeconds = 30;

using Condition = bool (*)(MainWindow*);

struct Shot
{
    MainWindow::PageId page;
    const char* name;
    Condition isReady;
};

bool chartsAreFull(MainWindow* window)
{
    const auto runs = window->overview()->charts().front()->drawnRuns(0);
    return !runs.isEmpty() && runs.constLast().constLast().x() - runs.constFirst().constFirst().x() >= kChartSeconds;
}

/// True once the table has rows and one is chosen; chooses the first.
bool rowIsChosen(QTableView* table)
{
    if (table->model()->rowCount() == 0)
        return false;
    if (!table->currentIndex().isValid()) {
        table->setCurrentIndex(table->model()->index(0, 0));
        return false;
    }
    return true;
}

bool queueIsChosen(MainWindow* window)
{
    return rowIsChosen(window->queues()->table());
}

bool deadLetterIsChosen(MainWindow* window)
{
    const auto* model = window->deadLetters()->model();
    return rowIsChosen(window->deadLetters()->table()) && model->detail().has_value();
}

bool workloadsMove(MainWindow* window)
{
    for (const auto* card : window->workloads()->cards()) {
        if (card->counts().acknowledged == 0)
            return false;
    }
    return true;
}

constexpr std::array<Shot, MainWindow::kPageCount> kShots{{
    {MainWindow::PageId::Overview, "overview", &chartsAreFull},
    {MainWindow::PageId::Queues, "queues", &queueIsChosen},
    {MainWindow::PageId::DeadLetters, "dead-letters", &deadLetterIsChosen},
    {MainWindow::PageId::Workloads, "workloads", &workloadsMove},
}};

void startDemo(MainWindow* window)
{
    const auto start = [&](const char* id, std::uint64_t count, double rate) {
        auto* card = window->workloads()->card(QString::fromLatin1(id));
        if (!card)
            return;
        handlers::LoadProfile profile = card->profile();
        profile.count = count;
        profile.ratePerSecond = rate;
        card->setProfile(profile);
        card->start();
    };
    start("checkout", 1200, 25);
    start("images", 90, 2);
    start("earthquakes", 1500, 30);
}

QCoro::Task<Result<void>> waitFor(QPointer<MainWindow> window, Condition condition, std::string what)
{
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (window && window->page(MainWindow::PageId::Overview)) {
        if (condition(window))
            co_return Result<void>();
        if (std::chrono::steady_clock::now() > deadline)
            co_return base::fail(base::ErrorCode::Timeout, "the page " + what + " was not ready within 90 s");
        auto pause = QCoro::sleepFor(50ms);
        co_await pause; // void
    }
    co_return base::fail(base::ErrorCode::Closed, "the pipeline ended before the picture of " + what);
}

QCoro::Task<Result<void>> takePicture(QPointer<MainWindow> window, QString path)
{
    // What the tour itself costs, a new theme and the picture before, is not what the window costs while somebody
    // looks at it: its lateness is measured anew, over the time in which nothing is done to it.
    auto settling = QCoro::sleepFor(100ms);
    co_await settling; // void
    if (window && window->watchdog())
        window->watchdog()->reset();
    auto measuring = QCoro::sleepFor(kMeasure);
    co_await measuring; // void
    if (!window)
        co_return base::fail(base::ErrorCode::Closed, "the window was closed");
    const QImage picture = window->grab().toImage();
    auto saving = QtConcurrent::run([picture, path] { return picture.save(path, "PNG"); });
    const bool isSaved = co_await saving;
    if (!isSaved)
        co_return base::fail(base::ErrorCode::Io, "cannot write \"" + path.toStdString() + "\": check that the directory can be written");
    co_return Result<void>();
}

QCoro::Task<Result<void>> takePage(QPointer<MainWindow> window, Shot shot, QString directory)
{
    window->goTo(shot.page);
    auto waiting = waitFor(window, shot.isReady, shot.name);
    const auto ready = co_await waiting;
    if (!ready)
        co_return ready;
    for (const auto choice : {Theme::Choice::Light, Theme::Choice::Dark}) {
        Theme::instance().setChoice(choice, false);
        const QString theme = choice == Theme::Choice::Light ? QStringLiteral("light") : QStringLiteral("dark");
        const QString name = QString::fromLatin1(shot.name) + QLatin1Char('-') + theme + QLatin1String(".png");
        auto taking = takePicture(window, QDir(directory).filePath(name));
        const auto taken = co_await taking;
        if (!taken)
            co_return taken;
    }
    co_return Result<void>();
}

} // namespace

QCoro::Task<Result<void>> takeScreenshots(MainWindow* window, QString directory)
{
    const QPointer<MainWindow> seen(window);
    if (!QDir().mkpath(directory))
        co_return base::fail(base::ErrorCode::Io, "cannot create the directory \"" + directory.toStdString() + "\"");
    auto connecting = waitFor(seen, [](MainWindow* w) { return w->session()->freshness() == client::Freshness::Fresh; }, "overview");
    const auto connected = co_await connecting;
    if (!connected)
        co_return connected;
    startDemo(seen);
    for (const Shot& shot : kShots) {
        auto taking = takePage(seen, shot, directory);
        const auto taken = co_await taking;
        if (!taken)
            co_return taken;
    }
    co_return Result<void>();
}

} // namespace millrace::desktop
