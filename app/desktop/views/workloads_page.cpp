// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/workloads_page.h"

#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/theme.h"
#include "app/desktop/views/widgets/empty_state.h"
#include "app/desktop/views/workloads_card.h"

#include <QHBoxLayout>
#include <QScrollArea>
#include <QVBoxLayout>

namespace millrace::desktop {

WorkloadsPage::WorkloadsPage(WorkloadsViewModel* model, QWidget* parent)
    : Page(parent)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    if (model->cards().empty()) {
        auto* empty = new EmptyState(this);
        empty->setContent(QLatin1String("workloads"),
                          tr("No workloads here"),
                          tr("This window watches a pipeline that runs elsewhere, and has no workloads of its own."));
        column->addWidget(empty);
        return;
    }
    auto* area = new QScrollArea(this);
    area->setWidgetResizable(true);
    auto* content = new QWidget(area);
    content->setObjectName(QStringLiteral("scrolled"));
    auto* inner = new QVBoxLayout(content);
    inner->setContentsMargins(2 * kGrid, kGrid + kHalfGrid, 2 * kGrid, 2 * kGrid);
    inner->setSpacing(kGrid + kHalfGrid);
    auto* lead = new PlainLabel(tr("Real input, real work, failures for real reasons. What you start here runs through "
                                   "the pipeline that the other pages show."),
                                content);
    lead->setProperty("look", QStringLiteral("muted"));
    lead->setWordWrap(true);
    inner->addWidget(lead);
    auto* row = new QHBoxLayout;
    row->setSpacing(kGrid + kHalfGrid);
    for (auto* cardModel : model->cards()) {
        auto* card = new WorkloadCard(cardModel, content);
        m_cards.push_back(card);
        row->addWidget(card, 1, Qt::AlignTop);
    }
    inner->addLayout(row);
    inner->addStretch(1);
    area->setWidget(content);
    column->addWidget(area);
}

void WorkloadsPage::activated()
{
    for (WorkloadCard* card : m_cards)
        card->setLive(true);
}

void WorkloadsPage::deactivated()
{
    for (WorkloadCard* card : m_cards)
        card->setLive(false);
}

} // namespace millrace::desktop
