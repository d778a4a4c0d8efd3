// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/checkout_workload.h"
#include "app/handlers/earthquakes_workload.h"
#include "app/handlers/images_workload.h"

namespace millrace::handlers {

std::vector<std::unique_ptr<Workload>> createWorkloads(const WorkloadContext& context,
                                                       QObject* parent)
{
    std::vector<std::unique_ptr<Workload>> workloads;
    workloads.push_back(std::make_unique<CheckoutWorkload>(context, parent));
    workloads.push_back(std::make_unique<ImagesWorkload>(context, parent));
    workloads.push_back(std::make_unique<EarthquakesWorkload>(context, parent));
    return workloads;
}

} // namespace millrace::handlers
