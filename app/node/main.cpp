// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/node/command_line.h"
#include "app/node/commands.h"
#include "app/node/console.h"
#include "transport/client/async.h"

#include <QCoreApplication>
#include <QTimer>

#include <charconv>
#include <cmath>

namespace millrace::node {
namespace {

constexpr std::uint64_t kMostMessages = 10'000'000;

constexpr const char* kFooter = R"(Exit codes:
  0    done
  1    not all: the demo could not account for every message, messages were skipped, or schedules left out of an export
  2    the command line is wrong, or a setting of a queue
  3    no node could be started or reached, or it refused
  130  interrupted)";

QCoro::Task<> finish(QCoro::Task<int> task)
{
    const int code = co_await task;
    QCoreApplication::exit(code);
}

int runToEnd(const Command& command)
{
    QTimer::singleShot(0, QCoreApplication::instance(), [&command] {
        client::spawn(QCoreApplication::instance(), "command", finish(command()));
    });
    return QCoreApplication::exec();
}

CLI::Validator rateOrZero()
{
    return {[](const std::string& text) {
                double rate = -1;
                const char* const end = text.data() + text.size();
                const auto [rest, error] = std::from_chars(text.data(), end, rate);
                if (error == std::errc() && rest == end && std::isfinite(rate) && rate >= 0)
                    return std::string();
                return "must be a number of messages per second, or 0, not \"" + printable(text) + '"';
            },
            {}};
}

void addFilter(CLI::App& command, DeadLetterQuery& query)
{
    command.add_option("--queue", query.queues, "Only of this queue; may be repeated")
        ->type_name("NAME");
    command.add_option("--reason", query.reasons, "Only with this reason; may be repeated")
        ->check(CLI::IsMember(
            {"attempts-exhausted", "rejected", "expired", "schema-invalid", "crashed-in-flight"}));
    command.add_option(
        "--text", query.text, "Only with all of these words in id, type, source, error or body");
}

void addServe(CLI::App& app, Options& options, Choice& choice)
{
    auto* const command = app.add_subcommand("serve", "Run a node until Ctrl-C or SIGTERM");
    command->add_option("--data", options.serve.data, "Directory of the data; created if missing")
        ->type_name("DIR")
        ->check(notEmpty());
    command
        ->add_option("--pipeline",
                     options.serve.pipeline,
                     "Pipeline file (TOML) with the queues that must exist")
        ->type_name("FILE")
        ->check(notEmpty());
    command->add_option("--name", options.serve.name, "Name of the node and of its sockets")
        ->type_name("NAME")
        ->check(notEmpty());
    command->callback([&] { choice.serve = options.serve; });
}

void addDemo(CLI::App& app, Options& options, Choice& choice)
{
    auto* const command =
        app.add_subcommand("demo", "Run the demo workloads and account for every message");
    command->add_option("--workload", options.demo.workload, "Only this one")
        ->check(CLI::IsMember({"images", "checkout", "earthquakes"}));
    command
        ->add_option(
            "--count", options.demo.count, "Messages of each workload; 0 = its natural number")
        ->type_name("N")
        ->check(wholeNumber(0, kMostMessages));
    command
        ->add_option("--rate",
                     options.demo.rate,
                     "Messages per second of each workload; 0 = as fast as they are confirmed")
        ->type_name("R")
        ->check(rateOrZero());
    command->add_flag("--json", options.demo.json, "Print JSON objects, one a line");
    command
        ->add_option("--data",
                     options.demo.data,
                     "Directory of the data; default is a temporary one that is removed")
        ->type_name("DIR")
        ->check(notEmpty());
    command->callback([&] { choice.command = [&] { return demo(options.demo); }; });
}

void addStatus(CLI::App& app, Options& options, Choice& choice)
{
    auto* const command = app.add_subcommand("status", "Show a node and its queues");
    addTarget(*command, options.target);
    command->callback([&] { choice.command = [&] { return status(options.target); }; });

    addPause(app, options, choice);
}

void addChange(CLI::App& group,
               Options& options,
               Choice& choice,
               message::Verb verb,
               const char* name,
               const char* help)
{
    auto* const command = group.add_subcommand(name, help);
    auto* const refs =
        command->add_option("ref", options.query.refs, "References, as `list` prints them");
    command->add_flag("--all", options.query.all, "All that match the filter")->excludes(refs);
    addFilter(*command, options.query);
    command->add_option("--note", options.query.note, "Why; kept in the audit log");
    addTarget(*command, options.target);
    command->callback([&options, &choice, verb] {
        if (options.query.refs.empty() && !options.query.all)
            throw CLI::ValidationError("name at least one reference, or --all with a filter");
        choice.command = [&options, verb] {
            return changeDeadLetters(options.target, verb, options.query);
        };
    });
}

void addDeadLetters(CLI::App& app, Options& options, Choice& choice)
{
    auto* const group =
        app.add_subcommand("dead-letters", "Look at dead letters, replay or discard them");
    group->require_subcommand(1);

    auto* const list = group->add_subcommand("list", "List dead letters, the newest first");
    addFilter(*list, options.query);
    list->add_option("--state", options.query.state, "Those that are `dead` (default), `replayed` or `discarded`")
        ->check(CLI::IsMember({"dead", "replayed", "discarded"}));
    list->add_option("--limit", options.query.limit, "At most so many rows; default 50")
        ->check(wholeNumber(1, kMostRows));
    addTarget(*list, options.target);
    list->callback(
        [&] { choice.command = [&] { return listDeadLetters(options.target, options.query); }; });

    auto* const show =
        group->add_subcommand("show", "Show one dead letter with its attempts and body");
    show->add_option("ref", options.ref, "Reference, as `list` prints it")->required();
    addTarget(*show, options.target);
    show->callback(
        [&] { choice.command = [&] { return showDeadLetter(options.target, options.ref); }; });

    addChange(
        *group, options, choice, message::Verb::Replay, "replay", "Put dead letters back to work");
    addChange(
        *group, options, choice, message::Verb::Discard, "discard", "Close dead letters for good");
    addChange(*group,
              options,
              choice,
              message::Verb::Archive,
              "archive",
              "Put dead letters away: they no longer count, and can be restored");
}

/// CLI11 says only that a command is missing.
std::string unknownCommand(const CLI::App& app, int argc, char** argv)
{
    if (argc < 2 || argv[1][0] == '-')
        return {};
    const std::string_view word = argv[1];
    std::string known;
    for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (each->get_name() == word)
            return {};
        known += (known.empty() ? "" : ", ") + each->get_name();
    }
    return "there is no command \"" + printable(word) + "\"; there are " + known;
}

int runProgram(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("millrace-node"));
    QCoreApplication::setApplicationVersion(QStringLiteral(MR_VERSION));

    CLI::App app(
        "Millrace without a window: runs a durable message pipeline, or looks at one that runs");
    Options options;
    Choice choice;
    app.set_version_flag("--version", "millrace-node " MR_VERSION);
    app.add_flag("--verbose", options.verbose, "Log more");
    app.require_subcommand(1);
    app.footer(kFooter);
    addServe(app, options, choice);
    addDemo(app, options, choice);
    addStatus(app, options, choice);
    addLiveCommands(app, options, choice);
    addDeadLetters(app, options, choice);
    if (const std::string problem = unknownCommand(app, argc, argv); !problem.empty()) {
        printError(problem);
        return kUsage;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kDone : kUsage;
    }
    // A node that serves tells what it does; the other commands print their own lines.
    const LogLevel level = choice.serve ? LogLevel::Information : LogLevel::Warnings;
    setUpLog(options.verbose ? LogLevel::Everything : level);
    return choice.serve ? serve(*choice.serve) : runToEnd(choice.command);
}

} // namespace
} // namespace millrace::node

int main(int argc, char** argv)
{
    return millrace::node::runProgram(argc, argv);
}
