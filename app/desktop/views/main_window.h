// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/views/page.h"
#include "app/desktop/views/widgets/banner.h"
#include "app/handlers/workload.h"
#include "transport/client/pipeline.h"

#include <QMainWindow>

#include <memory>
#include <vector>

class QStackedWidget;
class QToolButton;

namespace millrace::desktop {

class Chip;
class DeadLettersPage;
class EmptyState;
class HelpOverlay;
class LoopWatchdog;
class Navigation;
class OverviewPage;
class PlainLabel;
class QueuesPage;
class SessionViewModel;
class StatusBar;
class WorkloadsPage;
class WorkloadsViewModel;

/// The window. It knows a pipeline and workloads, and not what is behind them.
///
/// Shown at once; a pipeline comes with openPipeline() when there is one and goes with closePipeline(), and until then the window says what
/// it waits for or what went wrong. Thread: gui.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    enum class PageId { Overview, Queues, DeadLetters, Workloads };
    static constexpr int kPageCount = 4;

    /// @param watchdog  shown in the status bar; null or outlives the window
    explicit MainWindow(LoopWatchdog* watchdog, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// Builds the pages. Pipeline and workloads must live until closePipeline() or the end of the window.
    void openPipeline(client::Pipeline* pipeline, const std::vector<handlers::Workload*>& workloads);
    /// Drops the pages and everything that refers to the pipeline.
    void closePipeline();
    void showConnecting(const QString& what);
    /// In place of the pages: what is wrong and what to do. Text may be hostile.
    void showProblem(const QString& title, const QString& text);
    /// Across the top, until it is dismissed.
    void showNotice(Banner::Kind kind, const QString& text);

    void goTo(PageId page);
    [[nodiscard]] PageId currentPage() const;
    [[nodiscard]] Page* page(PageId id) const;
    [[nodiscard]] OverviewPage* overview() const { return m_overview; }
    [[nodiscard]] QueuesPage* queues() const { return m_queues; }
    [[nodiscard]] DeadLettersPage* deadLetters() const { return m_deadLetters; }
    [[nodiscard]] WorkloadsPage* workloadsPage() const { return m_workloadsPage; }
    [[nodiscard]] WorkloadsViewModel* workloads() const { return m_workloads; }
    [[nodiscard]] SessionViewModel* session() const { return m_session; }
    [[nodiscard]] LoopWatchdog* watchdog() const { return m_watchdog; } ///< may be null
    [[nodiscard]] StatusBar* bar() const { return m_statusBar; }
    [[nodiscard]] Navigation* navigation() const { return m_navigation; }
    [[nodiscard]] Banner* banner() const { return m_banner; }
    [[nodiscard]] Chip* connectionChip() const { return m_connection; }

Q_SIGNALS:
    /// The person pressed “Try again” below a problem.
    void retryRequested();
    /// The window was closed by the person.
    void closed();

protected:
    void closeEvent(QCloseEvent* event) override;
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildTopBar();
    void buildShortcuts();
    void buildThemeButton();
    void onPageChosen(int index);
    void onSessionChanged();
    void showCounts();
    void setPageActive(bool active);
    void showHelp();
    void runDemo();
    void restoreState();
    void showThemeButton();
    [[nodiscard]] QString pageName(PageId id) const;

    LoopWatchdog* m_watchdog;
    Navigation* m_navigation = nullptr;
    QWidget* m_topBar = nullptr;
    PlainLabel* m_title = nullptr;
    Chip* m_connection = nullptr;
    QToolButton* m_themeButton = nullptr;
    QToolButton* m_helpButton = nullptr;
    Banner* m_notice = nullptr;
    Banner* m_banner = nullptr; ///< hints of the first start
    QStackedWidget* m_stack = nullptr;
    EmptyState* m_state = nullptr; ///< connecting, or a problem
    StatusBar* m_statusBar = nullptr;
    HelpOverlay* m_help = nullptr;

    // While a pipeline is open; children of m_scope.
    std::unique_ptr<QObject> m_scope;
    SessionViewModel* m_session = nullptr;
    WorkloadsViewModel* m_workloads = nullptr;
    OverviewPage* m_overview = nullptr;
    QueuesPage* m_queues = nullptr;
    DeadLettersPage* m_deadLetters = nullptr;
    WorkloadsPage* m_workloadsPage = nullptr;
    Page* m_active = nullptr;
};

} // namespace millrace::desktop
