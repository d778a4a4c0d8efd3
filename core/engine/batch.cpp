// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/engine/batch.h"

#include "core/engine/engine.h"

namespace millrace::engine {

bool Batch::empty() const noexcept
{
    return queues.empty() && subscriptions.empty() && messages.empty() && failures.empty()
           && retryChanges.empty()
           && deadLetters.empty() && deadLetterChanges.empty() && removed.empty()
           && removedFailures.empty() && deduplications.empty() && expiredDeduplications.empty()
           && handouts.empty() && removedHandouts.empty() && keyBlocks.empty() && removedKeyBlocks.empty()
           && uniqueKeys.empty() && removedUniqueKeys.empty()
           && operations.empty() && audits.empty() && sequencesReservedThrough == 0 && suspects.empty()
           && removedSuspects.empty() && schedules.empty() && crashedHandoutsThrough == 0;
}

void Batch::clear() noexcept
{
    sync = false;
    queues.clear();
    subscriptions.clear();
    messages.clear();
    failures.clear();
    retryChanges.clear();
    deadLetters.clear();
    deadLetterChanges.clear();
    removed.clear();
    removedFailures.clear();
    deduplications.clear();
    expiredDeduplications.clear();
    handouts.clear();
    removedHandouts.clear();
    suspects.clear();
    removedSuspects.clear();
    crashedHandoutsThrough = 0;
    uniqueKeys.clear();
    removedUniqueKeys.clear();
    keyBlocks.clear();
    removedKeyBlocks.clear();
    operations.clear();
    schedules.clear();
    audits.clear();
    sequencesReservedThrough = 0;
}

void StepResult::clear() noexcept
{
    batch.clear();
    effects.clear();
}

} // namespace millrace::engine
