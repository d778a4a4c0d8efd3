// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <nlohmann/json.hpp>

#include "app/config/pipeline_file.h"
#include "app/node/commands.h"
#include "app/node/session.h"
#include "app/terminal/console.h"
#include "app/terminal/table.h"
#include "transport/client/definition.h"

#include <QCoroFuture>
#include <QFileInfo>
#include <QSaveFile>

/// Schedules, and the pipeline as a file.
namespace millrace::node {

namespace {

using base::Result;

nlohmann::json toJson(const message::ScheduleStatus& schedule)
{
    nlohmann::json next = nlohmann::json::array();
    for (const std::int64_t us : schedule.nextUs)
        next.push_back(timeText(us));
    return {{"name", schedule.definition.name},
            {"cron", schedule.definition.cron},
            {"target", schedule.definition.target},
            {"type", schedule.definition.envelope.type},
            {"missed", message::toString(schedule.definition.missed)},
            {"body_bytes", schedule.bodyBytes},
            {"paused", schedule.isPaused},
            {"by_operator", schedule.isByOperator},
            {"last_due", timeText(schedule.lastDueUs)},
            {"next", std::move(next)},
            {"trouble", schedule.trouble}};
}

std::string stateOf(const message::ScheduleStatus& schedule)
{
    if (!schedule.trouble.empty())
        return "cannot submit: " + schedule.trouble;
    return schedule.isPaused ? "paused" : "";
}

Result<void> writeFile(const std::string& name, const std::string& text)
{
    // What takes its place is a file: a device or a pipe would be gone.
    const QFileInfo before(QString::fromStdString(name));
    if (before.exists() && !before.isFile())
        return base::fail(base::ErrorCode::Invalid, name + " is not a regular file: name one, or leave --output out");
    QSaveFile file(before.filePath());
    const auto size = static_cast<qint64>(text.size());
    if (file.open(QIODevice::WriteOnly) && file.write(text.data(), size) == size && file.commit())
        return {};
    return base::fail(base::ErrorCode::Io, "cannot write " + name + ": " + file.errorString().toStdString());
}

} // namespace

QCoro::Task<int> listSchedules(Target target)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    auto reading = (*session)->pipeline().schedules();
    const Result<std::vector<message::ScheduleStatus>> schedules = co_await reading;
    if (!schedules)
        co_return fail(schedules.error());
    Table table({{"schedule"}, {"cron (UTC)"}, {"target"}, {"type"}, {"last run"}, {"next run"}, {"state"}});
    for (const message::ScheduleStatus& each : *schedules) {
        if (target.json)
            printJson(toJson(each));
        else
            table.add({each.definition.name,
                       each.definition.cron,
                       each.definition.target,
                       each.definition.envelope.type,
                       timeText(each.lastDueUs),
                       each.nextUs.empty() ? std::string() : timeText(each.nextUs.front()),
                       stateOf(each)});
    }
    if (!target.json)
        table.print();
    co_return kDone;
}

QCoro::Task<int> pauseSchedule(Target target, std::string name, bool isPaused)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    auto changing = (*session)->pipeline().pauseSchedule(name, isPaused);
    const Result<void> changed = co_await changing;
    if (!changed)
        co_return fail(changed.error());
    if (target.json)
        printJson({{"schedule", name}, {"paused", isPaused}});
    else
        printLine(printable(name) + (isPaused ? " is paused" : " is resumed"));
    co_return kDone;
}

QCoro::Task<int> runSchedule(Target target, std::string name)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    auto running = (*session)->pipeline().runSchedule(name);
    const Result<void> ran = co_await running;
    if (!ran)
        co_return fail(ran.error());
    if (target.json)
        printJson({{"schedule", name}, {"submitted", true}});
    else
        printLine(printable(name) + ": the run of this second is submitted");
    co_return kDone;
}

QCoro::Task<int> exportPipeline(Target target, std::string file)
{
    const auto session = openSession(target);
    if (!session)
        co_return fail(session.error());
    auto gathering = client::currentDefinition(&(*session)->pipeline());
    Result<message::PipelineDefinition> definition = co_await gathering;
    if (!definition)
        co_return fail(definition.error());
    nlohmann::json leftOut = nlohmann::json::array();
    std::erase_if(definition->schedules, [&](const message::ScheduleDefinition& schedule) {
        const std::string why = config::whyNotInFile(schedule);
        if (!why.empty()) {
            printError(printable(why));
            leftOut.push_back(schedule.name);
        }
        return !why.empty();
    });
    const Result<std::string> text = config::writePipeline(*definition);
    if (!text)
        co_return fail(text.error());
    if (!file.empty()) {
        if (const Result<void> written = writeFile(file, *text); !written)
            co_return fail(written.error());
    }
    const int code = leftOut.empty() ? kDone : kNotAll;
    if (target.json)
        printJson({{"file", file}, {"pipeline", *text}, {"left_out", std::move(leftOut)}});
    else if (file.empty())
        printLine(text->substr(0, text->find_last_not_of('\n') + 1));
    else
        printLine(printable(file) + ": " + std::to_string(definition->queues.size()) + " queues, "
                  + std::to_string(definition->subscriptions.size()) + " subscriptions, "
                  + std::to_string(definition->schedules.size()) + " schedules");
    co_return code;
}

} // namespace millrace::node
