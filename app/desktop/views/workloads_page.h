// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/viewmodels/workloads_view_model.h"
#include "app/desktop/views/page.h"

#include <vector>

namespace millrace::desktop {

class WorkloadCard;

/// The demo workloads, a card each. Thread: gui.
class WorkloadsPage : public Page
{
    Q_OBJECT

public:
    explicit WorkloadsPage(WorkloadsViewModel* model, QWidget* parent = nullptr);

    void activated() override;
    void deactivated() override;
    [[nodiscard]] const std::vector<WorkloadCard*>& cards() const { return m_cards; }

private:
    std::vector<WorkloadCard*> m_cards;
};

} // namespace millrace::desktop
