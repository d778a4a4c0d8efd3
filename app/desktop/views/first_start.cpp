// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/first_start.h"

#include "app/desktop/viewmodels/workloads_view_model.h"
#include "app/desktop/views/settings.h"
#include "app/desktop/views/widgets/banner.h"

namespace millrace::desktop {

namespace {

const QString kDoneKey = QStringLiteral("firstStart/done");

} // namespace

FirstStart::FirstStart(WorkloadsViewModel* workloads, Banner* banner, QObject* parent)
    : QObject(parent)
    , m_workloads(workloads)
    , m_banner(banner)
{
    auto* checkout = workloads->card(QStringLiteral("checkout"));
    if (isDone() || !checkout)
        return;
    banner->showText(Banner::Kind::Hint,
                     //: %1 is the title of a workload.
                     tr("A pipeline is running in this window. “Run 200 orders” sends orders through %1, as its Start "
                        "on Workloads does. Watch Overview and Dead letters.")
                         .arg(checkout->workload()->title()),
                     tr("Run 200 orders"));
    connect(banner, &Banner::actionTriggered, this, [this] {
        m_workloads->startDemo();
        Q_EMIT demoStarted();
    });
    connect(banner, &Banner::dismissed, this, [] { keepSetting(kDoneKey, true); });
    connect(workloads, &WorkloadsViewModel::started, this, &FirstStart::onStarted);
}

bool FirstStart::isDone()
{
    return keptSetting(kDoneKey).toBool();
}

void FirstStart::onStarted()
{
    keepSetting(kDoneKey, true);
    m_banner->dismiss();
}

} // namespace millrace::desktop
