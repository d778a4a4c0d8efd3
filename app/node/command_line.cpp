// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/node/command_line.h"

#include "app/terminal/console.h"

namespace millrace::node {

namespace {

constexpr const char* kRefsHelp = "References, as `running`, `retrying` and a producer's confirms name them";

void addQueueName(CLI::App& command, std::string& queue)
{
    command.add_option("queue", queue, "Name of the queue")->required()->check(notEmpty());
}

void addQueues(CLI::App& app, Options& options, Choice& choice)
{
    auto* const group = app.add_subcommand("queues", "Look at queues, change their policies");
    group->require_subcommand(1);

    auto* const list = group->add_subcommand("list", "List queues with their figures");
    addTarget(*list, options.target);
    list->callback([&] { choice.command = [&] { return listQueues(options.target); }; });

    auto* const show = group->add_subcommand("show", "Show the policy of a queue and its parked keys");
    addQueueName(*show, options.queue);
    addTarget(*show, options.target);
    show->callback([&] { choice.command = [&] { return showQueue(options.target, options.queue); }; });

    addPause(*group, options, choice);

    auto* const set = group->add_subcommand("set", "Change settings of a queue while it runs; wins over the pipeline file");
    addQueueName(*set, options.change.queue);
    set->add_option("settings",
                    options.change.settings,
                    "KEY=VALUE as in a pipeline file, for example max-depth=1000 rate.per-second=50 retry.max-attempts=3")
        ->required()
        ->check(CLI::Validator(
            [](const std::string& text) {
                return text.find('=') == std::string::npos || text.front() == '='
                           ? '"' + printable(text) + "\" is not KEY=VALUE"
                           : std::string();
            },
            {}));
    addTarget(*set, options.target);
    set->callback([&] { choice.command = [&] { return setPolicy(options.target, options.change); }; });

    auto* const reset = group->add_subcommand("reset", "Take the pipeline file's policy again");
    addQueueName(*reset, options.queue);
    addTarget(*reset, options.target);
    reset->callback([&] { choice.command = [&] { return resetPolicy(options.target, options.queue); }; });

    auto* const key = group->add_subcommand("resume-key", "Let go on what is parked behind dead letters of a partition key");
    addQueueName(*key, options.change.queue);
    key->add_option("key", options.change.key, "The partition key, as `queues show` lists it")->required()->check(notEmpty());
    addTarget(*key, options.target);
    key->callback([&] { choice.command = [&] { return resumeKey(options.target, options.change); }; });
}

void addLists(CLI::App& app, Options& options, Choice& choice)
{
    const auto add = [&](const char* name, const char* help, auto list) {
        auto* const command = app.add_subcommand(name, help);
        addQueueName(*command, options.messages.queue);
        command->add_option("--limit", options.messages.limit, "At most so many rows; default 100")
            ->check(wholeNumber(1, message::kMaxRunningShown));
        addTarget(*command, options.target);
        command->callback([&options, &choice, list] {
            choice.command = [&options, list] { return list(options.target, options.messages); };
        });
    };
    add("running", "List what workers hold of a queue, the longest first", &listRunning);
    add("retrying", "List what waits for its next attempt, the soonest first", &listRetrying);
}

void addMessages(CLI::App& app, Options& options, Choice& choice)
{
    auto* const group = app.add_subcommand("messages", "Cancel messages, try them now, or give them up");
    group->require_subcommand(1);
    const auto add = [&](message::LiveAct act, const char* name, const char* help) {
        auto* const command = group->add_subcommand(name, help);
        addQueueName(*command, options.messages.queue);
        command->add_option("ref", options.messages.refs, kRefsHelp)->required()->check(notEmpty());
        command->add_option("--note", options.messages.note, "Why; kept in the audit log");
        addTarget(*command, options.target);
        command->callback([&options, &choice, act] {
            choice.command = [&options, act] { return actOnMessages(options.target, act, options.messages); };
        });
    };
    add(message::LiveAct::Cancel, "cancel", "They are not wanted any more; the worker of one that runs is told");
    add(message::LiveAct::RetryNow, "try-now", "Those that wait for their next attempt are ready at once");
    add(message::LiveAct::GiveUp, "give-up", "They become dead letters with the reason given-up");
}

void addSchedules(CLI::App& app, Options& options, Choice& choice)
{
    auto* const group = app.add_subcommand("schedules", "Look at schedules, pause and run them");
    group->require_subcommand(1);
    auto* const list = group->add_subcommand("list", "List schedules with their last and next runs");
    addTarget(*list, options.target);
    list->callback([&] { choice.command = [&] { return listSchedules(options.target); }; });
    const auto add = [&](const char* name, const char* help, auto act) {
        auto* const command = group->add_subcommand(name, help);
        command->add_option("name", options.name, "Name of the schedule")->required()->check(notEmpty());
        addTarget(*command, options.target);
        command->callback([&options, &choice, act] {
            choice.command = [&options, act] { return act(options.target, options.name); };
        });
    };
    add("pause", "What falls due meanwhile is not made up for",
        +[](Target target, std::string name) { return pauseSchedule(std::move(target), std::move(name), true); });
    add("resume", "Submit what falls due from now on",
        +[](Target target, std::string name) { return pauseSchedule(std::move(target), std::move(name), false); });
    add("run", "Submit the run of this second now, beside those that are due: once, however often it is asked for", &runSchedule);
}

void addPipeline(CLI::App& app, Options& options, Choice& choice)
{
    auto* const group = app.add_subcommand("pipeline", "The pipeline as a file");
    group->require_subcommand(1);
    auto* const write = group->add_subcommand(
        "export", "Write queues, subscriptions and schedules as they are now as a pipeline file");
    write->add_option("--output", options.file, "File to write; default is standard output")
        ->type_name("FILE")
        ->check(notEmpty());
    addTarget(*write, options.target);
    write->callback([&] { choice.command = [&] { return exportPipeline(options.target, options.file); }; });
}

} // namespace

void addTarget(CLI::App& command, Target& target)
{
    auto* const data =
        command.add_option("--data", target.data, "The node that holds this data directory")
            ->type_name("DIR")
            ->check(notEmpty());
    command
        .add_option("--endpoint",
                    target.endpoint,
                    "The node at this endpoint, for example ipc:///run/user/1000/millrace/orders")
        ->type_name("ENDPOINT")
        ->check(notEmpty())
        ->excludes(data);
    command.add_flag("--json", target.json, "Print JSON");
}

void addPause(CLI::App& app, Options& options, Choice& choice)
{
    for (const bool paused : {true, false}) {
        auto* const change =
            app.add_subcommand(paused ? "pause" : "resume",
                               paused ? "Stop handing out the messages of a queue; submits go on"
                                      : "Hand out the messages of a queue again");
        addQueueName(*change, options.queue);
        addTarget(*change, options.target);
        change->callback([&options, &choice, paused] {
            choice.command = [&options, paused] {
                return setPaused(options.target, options.queue, paused);
            };
        });
    }
}

void addLiveCommands(CLI::App& app, Options& options, Choice& choice)
{
    addQueues(app, options, choice);
    addLists(app, options, choice);
    addMessages(app, options, choice);
    addSchedules(app, options, choice);
    addPipeline(app, options, choice);
}

} // namespace millrace::node
