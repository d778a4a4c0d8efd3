// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/node/command_line.h"
#include "app/node/commands.h"
#include "app/terminal/console.h"
#include "app/terminal/run.h"

#include <QCoreApplication>

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace millrace::node {
namespace {

constexpr const char* kFooter = R"(Exit codes:
  0    done
  1    not all: the demo could not account for every message, messages were skipped, or schedules left out of an export
  2    the command line is wrong, or a setting of a queue
  3    no node could be started or reached, or it refused
  130  interrupted)";

void addFilter(CLI::App& command, DeadLetterQuery& query)
{
    command.add_option("--queue", query.queues, "Only of this queue; may be repeated")
        ->type_name("NAME");
    command.add_option("--reason", query.reasons, "Only with this reason; may be repeated")
        ->check(CLI::IsMember({"attempts-exhausted",
                               "rejected",
                               "expired",
                               "schema-invalid",
                               "crashed-in-flight",
                               "deadline-exceeded",
                               "given-up"}));
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

/// The workloads link what a node does not need: pictures, a web server. A program of their own has them, so that a node
/// starts fast and stays small.
void addDemo(CLI::App& app, Choice& choice)
{
    auto* const command =
        app.add_subcommand("demo", "Run the demo workloads and account for every message");
    command->prefix_command();
    command->set_help_flag();
    command->callback([command, &choice] { choice.demo = command->remaining(); });
}

/// Becomes the program of the demo. @returns an ExitCode only if it cannot
int runDemo(std::vector<std::string> arguments, bool verbose)
{
    std::string program = QCoreApplication::applicationDirPath().toStdString() + "/millrace-demo";
    if (verbose)
        arguments.insert(arguments.begin(), "--verbose");
    arguments.insert(arguments.begin(), program);
    std::vector<char*> pointers;
    for (std::string& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    ::execv(program.c_str(), pointers.data());
    return fail({base::ErrorCode::Io,
                 "the demo cannot be started: \"" + program + "\" " + std::strerror(errno),
                 errno});
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
    list->add_option("--state", options.query.state, "Those that are `dead` (default), `archived`, `replayed` or `discarded`")
        ->check(CLI::IsMember({"dead", "archived", "replayed", "discarded"}));
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
    addChange(*group,
              options,
              choice,
              message::Verb::Restore,
              "restore",
              "Take back what was archived or discarded: name references, --all finds what is dead");
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
    addDemo(app, choice);
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
    if (choice.demo)
        return runDemo(std::move(*choice.demo), options.verbose);
    // A node that serves tells what it does; the other commands print their own lines.
    const LogLevel level = choice.serve ? LogLevel::Information : LogLevel::Warnings;
    setUpLog(options.verbose ? LogLevel::Everything : level);
    return outputWritten(choice.serve ? serve(*choice.serve) : runToEnd(choice.command));
}

} // namespace
} // namespace millrace::node

int main(int argc, char** argv)
{
    return millrace::node::runProgram(argc, argv);
}
