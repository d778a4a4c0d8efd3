// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/viewmodels/queues_view_model.h"

#include "app/config/pipeline_file.h"
#include "app/desktop/models/text_format.h"
#include "transport/client/async.h"
#include "transport/client/definition.h"

#include <QCoroFuture>
#include <QSaveFile>

/// Changing the policy of a queue, and the pipeline as a file.
namespace millrace::desktop {

namespace {

/// @returns an empty text, or what is wrong
QString writeFile(const QString& path, const std::string& text)
{
    QSaveFile file(path);
    const auto size = static_cast<qint64>(text.size());
    if (file.open(QIODevice::WriteOnly) && file.write(text.data(), size) == size && file.commit())
        return {};
    return file.errorString();
}

} // namespace

QList<QueuesViewModel::PolicyChange> QueuesViewModel::changesInWords(const message::QueuePolicy& before,
                                                                     const message::QueuePolicy& after)
{
    const auto from = policyInWords(before);
    const auto to = policyInWords(after);
    const auto valueOf = [](const QList<std::pair<QString, QString>>& lines, const QString& caption) {
        for (const auto& [each, value] : lines) {
            if (each == caption)
                return value;
        }
        //: A limit or rule that a policy does not have
        return tr("none");
    };
    QList<PolicyChange> changes;
    for (const auto& [caption, value] : to) {
        if (const QString was = valueOf(from, caption); was != value)
            changes.append({caption, was, value});
    }
    for (const auto& [caption, value] : from) {
        if (const QString is = valueOf(to, caption); is == tr("none") && is != value)
            changes.append({caption, value, is});
    }
    return changes;
}

std::optional<message::QueuePolicy> QueuesViewModel::policy() const
{
    const client::QueueStatus* queue = status(m_selected);
    return queue == nullptr ? std::nullopt : std::optional(queue->policy);
}

QString QueuesViewModel::whyNotUpdate() const
{
    if (!m_pipeline)
        return describeErrorCode(base::ErrorCode::Closed);
    return visibleText(m_pipeline->capabilities().why(client::Capability::UpdateQueue));
}

void QueuesViewModel::setPolicyBusy(bool isBusy)
{
    m_isPolicyBusy = isBusy;
    Q_EMIT policyBusyChanged();
}

void QueuesViewModel::updatePolicy(const QString& queue, const message::QueuePolicy& policy)
{
    if (m_isPolicyBusy || !whyNotUpdate().isEmpty())
        return;
    setPolicyBusy(true);
    const std::string name = nameOf(queue);
    const QString shown = visibleLine(name);
    client::spawn(this, "update policy",
                  changePolicy(m_pipeline->updateQueue({name, policy}),
                               //: %1 is a queue's name.
                               tr("%1 has its new policy.").arg(shown),
                               shown));
}

void QueuesViewModel::resetPolicy(const QString& queue)
{
    if (m_isPolicyBusy || !whyNotUpdate().isEmpty())
        return;
    setPolicyBusy(true);
    const std::string name = nameOf(queue);
    const QString shown = visibleLine(name);
    client::spawn(this, "reset policy",
                  changePolicy(m_pipeline->resetQueue(name),
                               //: %1 is a queue's name.
                               tr("%1 has the policy of the pipeline file again.").arg(shown),
                               shown));
}

QCoro::Task<> QueuesViewModel::changePolicy(QFuture<base::Result<void>> pending, QString done, QString queue)
{
    const QPointer<QueuesViewModel> self(this);
    const base::Result<void> result = co_await pending;
    if (!self)
        co_return;
    self->setPolicyBusy(false);
    if (!self)
        co_return;
    if (result)
        Q_EMIT self->succeeded(done);
    else
        //: %1 is a queue's name, %2 the reason.
        Q_EMIT self->failed(tr("The policy of %1 was not changed. %2").arg(queue, describeError(result.error())));
}

void QueuesViewModel::exportTo(const QString& path)
{
    if (m_isPolicyBusy || !m_pipeline || path.isEmpty())
        return;
    setPolicyBusy(true);
    client::spawn(this, "export pipeline", writeTo(path));
}

QCoro::Task<> QueuesViewModel::writeTo(QString path)
{
    const QPointer<QueuesViewModel> self(this);
    auto gathering = client::currentDefinition(m_pipeline);
    base::Result<message::PipelineDefinition> definition = co_await gathering;
    if (!self)
        co_return;
    QStringList leftOut;
    if (definition) {
        std::erase_if(definition->schedules, [&](const message::ScheduleDefinition& schedule) {
            const bool isOut = !config::whyNotInFile(schedule).empty();
            if (isOut)
                leftOut.append(visibleLine(schedule.name));
            return isOut;
        });
    }
    const base::Result<std::string> text =
        definition ? config::writePipeline(*definition) : base::Result<std::string>(tl::unexpected(definition.error()));
    // A file of at most a megabyte: writing it takes no time that a person sees.
    const QString problem = text ? writeFile(path, *text) : describeError(text.error());
    self->setPolicyBusy(false);
    if (!self)
        co_return;
    if (!problem.isEmpty())
        //: %1 is the reason.
        Q_EMIT self->failed(tr("The pipeline was not exported. %1").arg(visibleText(problem)));
    else if (!leftOut.isEmpty())
        //: %1 are names of schedules.
        Q_EMIT self->failed(tr("Exported without what a pipeline file cannot hold: %1").arg(leftOut.join(QStringLiteral(", "))));
    else
        //: %1 is a path.
        Q_EMIT self->succeeded(tr("Exported to %1").arg(visibleLine(path)));
}

} // namespace millrace::desktop
