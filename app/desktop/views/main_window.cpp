// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/main_window.h"

#include "app/desktop/viewmodels/dead_letters_view_model.h"
#include "app/desktop/viewmodels/overview_view_model.h"
#include "app/desktop/viewmodels/queues_view_model.h"
#include "app/desktop/viewmodels/session_view_model.h"
#include "app/desktop/viewmodels/workloads_view_model.h"
#include "app/desktop/views/dead_letters_page.h"
#include "app/desktop/views/first_start.h"
#include "app/desktop/views/help_overlay.h"
#include "app/desktop/views/icons.h"
#include "app/desktop/views/navigation.h"
#include "app/desktop/views/overview_page.h"
#include "app/desktop/views/queues_page.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/settings.h"
#include "app/desktop/views/status_bar.h"
#include "app/desktop/views/widgets/chip.h"
#include "app/desktop/views/widgets/empty_state.h"
#include "app/desktop/views/workloads_page.h"

#include <QActionGroup>
#include <QCloseEvent>
#include <QMenu>
#include <QShortcut>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace millrace::desktop {

namespace {

const QString kGeometryKey = QStringLiteral("window/geometry");
const QString kPageKey = QStringLiteral("window/page");

} // namespace

MainWindow::MainWindow(LoopWatchdog* watchdog, QWidget* parent)
    : QMainWindow(parent)
    , m_watchdog(watchdog)
{
    setWindowTitle(QStringLiteral("Millrace"));
    setWindowIcon(icon(QLatin1String("millrace"), Token::Accent));
    auto* central = new QWidget(this);
    auto* row = new QHBoxLayout(central);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    m_navigation = new Navigation(central);
    row->addWidget(m_navigation);
    for (int index = 0; index < kPageCount; ++index) {
        static constexpr const char* kIcons[kPageCount] = {"overview", "queues", "dead-letters", "workloads"};
        m_navigation->addEntry(QLatin1String(kIcons[index]), pageName(static_cast<PageId>(index)),
                               QKeySequence(Qt::CTRL | Qt::Key(Qt::Key_1 + index)).toString(QKeySequence::NativeText));
    }

    auto* side = new QWidget(central);
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildTopBar());
    auto* notices = new QVBoxLayout;
    notices->setContentsMargins(2 * kGrid, 0, 2 * kGrid, 0);
    notices->setSpacing(kGrid);
    m_notice = new Banner(side);
    m_banner = new Banner(side);
    notices->addWidget(m_notice);
    notices->addWidget(m_banner);
    column->addLayout(notices);
    m_stack = new QStackedWidget(side);
    m_state = new EmptyState(m_stack);
    m_stack->addWidget(m_state);
    column->addWidget(m_stack, 1);
    m_statusBar = new StatusBar(watchdog, side);
    column->addWidget(m_statusBar);
    row->addWidget(side, 1);
    setCentralWidget(central);
    m_help = new HelpOverlay(central);

    connect(m_navigation, &Navigation::currentChanged, this, &MainWindow::onPageChosen);
    connect(m_state, &EmptyState::actionTriggered, this, &MainWindow::retryRequested);
    connect(&Theme::instance(), &Theme::themeChanged, this, &MainWindow::showThemeButton);
    buildShortcuts();
    setMinimumSize(960, 600);
    resize(1280, 800);
    restoreState();
    showConnecting(QString());
}

MainWindow::~MainWindow()
{
    closePipeline();
}

QString MainWindow::pageName(PageId id) const
{
    switch (id) {
    case PageId::Overview: return tr("Overview");
    case PageId::Queues: return tr("Queues");
    case PageId::DeadLetters: return tr("Dead letters");
    case PageId::Workloads: return tr("Workloads");
    }
    return {};
}

QWidget* MainWindow::buildTopBar()
{
    m_topBar = new QWidget(this);
    m_topBar->setFixedHeight(6 * kGrid);
    auto* row = new QHBoxLayout(m_topBar);
    row->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid - kHalfGrid, 0);
    row->setSpacing(kGrid);
    m_title = new PlainLabel(m_topBar);
    QFont font = Theme::font(TextSize::Figure);
    font.setPointSizeF(font.pointSizeF() * 0.82);
    font.setWeight(QFont::DemiBold);
    m_title->setFont(font);
    row->addWidget(m_title);
    row->addStretch(1);
    m_connection = new Chip(m_topBar);
    row->addWidget(m_connection);
    buildThemeButton();
    row->addWidget(m_themeButton);
    m_helpButton = new QToolButton(m_topBar);
    m_helpButton->setIcon(icon(QLatin1String("help")));
    m_helpButton->setIconSize(QSize(20, 20));
    m_helpButton->setProperty("look", QStringLiteral("quiet"));
    m_helpButton->setAccessibleName(tr("Keyboard shortcuts"));
    setPlainToolTip(m_helpButton, tr("Keyboard shortcuts (?)"));
    connect(m_helpButton, &QToolButton::clicked, this, &MainWindow::showHelp);
    row->addWidget(m_helpButton);
    return m_topBar;
}

void MainWindow::buildThemeButton()
{
    m_themeButton = new QToolButton(m_topBar);
    m_themeButton->setIconSize(QSize(20, 20));
    m_themeButton->setProperty("look", QStringLiteral("quiet"));
    m_themeButton->setPopupMode(QToolButton::InstantPopup);
    m_themeButton->setAccessibleName(tr("Colours"));
    setPlainToolTip(m_themeButton, tr("Colours"));
    auto* menu = new QMenu(m_themeButton);
    auto* group = new QActionGroup(menu);
    const auto add = [&](const QString& text, const char* name, Theme::Choice choice) {
        auto* action = menu->addAction(icon(QLatin1String(name)), text);
        action->setCheckable(true);
        action->setData(int(choice));
        group->addAction(action);
        connect(action, &QAction::triggered, this, [choice] { Theme::instance().setChoice(choice); });
    };
    add(tr("As the system"), "auto-theme", Theme::Choice::Auto);
    add(tr("Light"), "sun", Theme::Choice::Light);
    add(tr("Dark"), "moon", Theme::Choice::Dark);
    m_themeButton->setMenu(menu);
    showThemeButton();
}

void MainWindow::showThemeButton()
{
    const auto& theme = Theme::instance();
    m_themeButton->setIcon(icon(QLatin1String(theme.isDark() ? "moon" : "sun")));
    const auto actions = m_themeButton->menu()->actions();
    for (QAction* action : actions)
        action->setChecked(action->data().toInt() == int(theme.choice()));
}

void MainWindow::buildShortcuts()
{
    for (int index = 0; index < kPageCount; ++index) {
        auto* shortcut = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key(Qt::Key_1 + index)), this);
        connect(shortcut, &QShortcut::activated, this, [this, index] { m_navigation->setCurrent(index); });
    }
    auto* help = new QShortcut(this);
    // A layout may report the key with or without the Shift that it takes to type it.
    help->setKeys({QKeySequence(Qt::Key_Question), QKeySequence(Qt::SHIFT | Qt::Key_Question)});
    connect(help, &QShortcut::activated, this, &MainWindow::showHelp);
    auto* quit = new QShortcut(QKeySequence(QKeySequence::Quit), this);
    connect(quit, &QShortcut::activated, this, [this] { close(); });
}

void MainWindow::showHelp()
{
    const QList<ShortcutHelp> general{
        {QStringLiteral("Ctrl+1 … 4"), tr("Go to a page")},
        {QStringLiteral("Ctrl+Q"), tr("Close the window and stop the pipeline")},
        {QStringLiteral("?"), tr("This list")},
    };
    m_help->open(general, pageName(currentPage()), m_active ? m_active->shortcuts() : QList<ShortcutHelp>());
}

// ---- with and without a pipeline

void MainWindow::showConnecting(const QString& what)
{
    m_state->setContent(QLatin1String("millrace"), tr("Starting the pipeline…"), what);
    m_stack->setCurrentWidget(m_state);
    showFreshness(m_connection, client::Freshness::Connecting, freshnessWord(client::Freshness::Connecting));
}

void MainWindow::showProblem(const QString& title, const QString& text)
{
    closePipeline();
    m_state->setContent(QLatin1String("warning"), title, text, tr("Try again"));
    m_stack->setCurrentWidget(m_state);
    showFreshness(m_connection, client::Freshness::Lost, tr("no pipeline"));
}

void MainWindow::showNotice(Banner::Kind kind, const QString& text)
{
    m_notice->showText(kind, text);
}

void MainWindow::openPipeline(client::Pipeline* pipeline, const std::vector<handlers::Workload*>& workloads)
{
    closePipeline();
    m_scope = std::make_unique<QObject>();
    m_session = new SessionViewModel(pipeline, m_scope.get());
    m_workloads = new WorkloadsViewModel(pipeline, workloads, m_scope.get());
    auto* overview = new OverviewViewModel(pipeline, m_scope.get());
    auto* queues = new QueuesViewModel(pipeline, m_scope.get());
    auto* deadLetters = new DeadLettersViewModel(pipeline, m_scope.get());

    m_overview = new OverviewPage(overview, m_stack);
    auto* live = new LiveViewModel(pipeline, m_scope.get());
    m_queues = new QueuesPage(queues, live, m_stack);
    m_deadLetters = new DeadLettersPage(deadLetters, m_stack);
    m_workloadsPage = new WorkloadsPage(m_workloads, m_stack);
    for (int index = 0; index < kPageCount; ++index)
        m_stack->addWidget(page(static_cast<PageId>(index)));
    m_overview->setOffersDemo(m_workloads->card(QStringLiteral("checkout")) != nullptr);
    connect(m_overview, &OverviewPage::demoRequested, m_scope.get(), [this] { runDemo(); });
    connect(queues, &QueuesViewModel::showDeadLetters, m_scope.get(), [this, deadLetters](const QString& queue) {
        deadLetters->clearFilter();
        deadLetters->setQueueFilter(queue);
        goTo(PageId::DeadLetters);
    });
    connect(m_session, &SessionViewModel::changed, this, &MainWindow::onSessionChanged);
    connect(m_session, &SessionViewModel::countsChanged, this, &MainWindow::showCounts);
    auto* first = new FirstStart(m_workloads, m_banner, m_scope.get());
    connect(first, &FirstStart::demoStarted, this, [this] { goTo(PageId::Overview); });
    m_statusBar->setSession(m_session);
    onSessionChanged();
    onPageChosen(m_navigation->current());
}

void MainWindow::closePipeline()
{
    if (!m_scope)
        return;
    setPageActive(false);
    m_active = nullptr;
    m_statusBar->setSession(nullptr);
    m_banner->dismiss();
    m_stack->setCurrentWidget(m_state);
    for (int index = 0; index < kPageCount; ++index)
        delete page(static_cast<PageId>(index));
    m_overview = nullptr;
    m_queues = nullptr;
    m_deadLetters = nullptr;
    m_workloadsPage = nullptr;
    m_session = nullptr;
    m_workloads = nullptr;
    m_scope.reset();
    for (int index = 0; index < kPageCount; ++index)
        m_navigation->entry(index)->setBadge({}, false);
}

Page* MainWindow::page(PageId id) const
{
    switch (id) {
    case PageId::Overview: return m_overview;
    case PageId::Queues: return m_queues;
    case PageId::DeadLetters: return m_deadLetters;
    case PageId::Workloads: return m_workloadsPage;
    }
    return nullptr;
}

void MainWindow::runDemo()
{
    m_workloads->startDemo();
    goTo(PageId::Overview);
}

void MainWindow::onSessionChanged()
{
    // What it says of who holds the directory need not be so after the connection was lost.
    if (m_session->freshness() == client::Freshness::Lost)
        m_notice->dismiss();
    const QString word = freshnessWord(m_session->freshness());
    //: The connection: %1 how fresh its figures are, %2 its name.
    showFreshness(m_connection, m_session->freshness(), tr("%1 · %2").arg(m_session->displayName(), word));
    showCounts();
}

void MainWindow::showCounts()
{
    const auto dead = m_session->deadLetters();
    const bool hasDead = dead && *dead > 0;
    m_navigation->entry(int(PageId::DeadLetters))->setBadge(hasDead ? formatCompact(double(*dead)) : QString(), hasDead);
    const auto queues = m_session->queueCount();
    m_navigation->entry(int(PageId::Queues))->setBadge(queues ? formatCompact(double(*queues)) : QString(), false);
}

// ---- pages

void MainWindow::goTo(PageId id)
{
    m_navigation->setCurrent(int(id));
}

MainWindow::PageId MainWindow::currentPage() const
{
    return static_cast<PageId>(m_navigation->current());
}

void MainWindow::onPageChosen(int index)
{
    m_title->setText(pageName(static_cast<PageId>(index)));
    Page* chosen = page(static_cast<PageId>(index));
    if (!chosen)
        return;
    setPageActive(false);
    m_stack->setCurrentWidget(chosen);
    m_active = chosen;
    setPageActive(true);
}

void MainWindow::setPageActive(bool active)
{
    if (!m_active)
        return;
    if (active && isVisible() && !isMinimized())
        m_active->activated();
    else
        m_active->deactivated();
}

void MainWindow::changeEvent(QEvent* event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::WindowStateChange)
        setPageActive(!isMinimized());
}

void MainWindow::showEvent(QShowEvent* event)
{
    QMainWindow::showEvent(event);
    setPageActive(true);
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    keepSetting(kGeometryKey, saveGeometry());
    keepSetting(kPageKey, m_navigation->current());
    event->accept();
    hide();
    setPageActive(false);
    finishSettings();
    Q_EMIT closed();
}

void MainWindow::restoreState()
{
    restoreGeometry(keptSetting(kGeometryKey).toByteArray());
    const int index = keptSetting(kPageKey, 0).toInt();
    m_navigation->setCurrent(index >= 0 && index < kPageCount ? index : 0);
}

} // namespace millrace::desktop
