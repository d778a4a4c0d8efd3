// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/message/policy.h"
#include "transport/client/pipeline.h"

#include <QCoroTask>

namespace millrace::client {

/// What a pipeline consists of now: its queues with the policies that count, subscriptions, and schedules with their bodies.
/// Errors: those of Pipeline's reads. Thread: the one that owns the pipeline, which must outlive the task or cancel its calls.
[[nodiscard]] QCoro::Task<base::Result<message::PipelineDefinition>> currentDefinition(Pipeline* pipeline);

} // namespace millrace::client
