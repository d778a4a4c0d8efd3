// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include <CLI/CLI.hpp>

#include "tests/bench/commands.h"
#include "tests/bench/role_process.h"
#include "tests/bench/window_bench.h"

#include <QApplication>
#include <QCoreApplication>
#include <QDir>
#include <QJsonDocument>

#include <cstdio>
#include <functional>
#include <vector>

using namespace millrace;

namespace {

int print(const QJsonObject& line)
{
    std::puts(QJsonDocument(line).toJson(QJsonDocument::Compact).constData());
    const bool failed = line.contains(QStringLiteral("error"))
                        || line.value(QStringLiteral("complete")) == QJsonValue(false)
                        || line.value(QStringLiteral("within_limits")) == QJsonValue(false);
    return failed ? 1 : 0;
}

/// What the command line says, as text where the settings have another type.
struct Arguments
{
    bench::Settings settings;
    std::string durability = "full";
    std::string node = MR_NODE_PROGRAM;
    std::string directory = QDir::tempPath().toStdString();
    std::string ratios = MR_RATIOS_FILE;
    bool isUpdate = false;
};

using Run = std::function<QJsonObject(const bench::Settings&)>;

struct Command
{
    CLI::App* parser;
    Arguments arguments;
    Run run;
};

/// The options of every measurement.
void addCommon(CLI::App& parser, Arguments& arguments)
{
    bench::Settings& settings = arguments.settings;
    parser.add_option("--runs", settings.runs, "How often")->capture_default_str()->check(CLI::Range(1, 1000));
    parser.add_option("--directory", arguments.directory, "Where stores are made, and removed again")
        ->capture_default_str()
        ->check(CLI::ExistingDirectory);
}

void addLoad(CLI::App& parser, Arguments& arguments)
{
    bench::Settings& settings = arguments.settings;
    addCommon(parser, arguments);
    parser.add_option("--count", settings.count, "Messages of a run")
        ->capture_default_str()
        ->check(CLI::Range(1, 100'000'000));
    parser.add_option("--size", settings.shape.size, "Bytes of a body")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{bench::kHeadBytes}, std::size_t{1} << 20));
    parser.add_option("--durability", arguments.durability, "What a confirm promises")
        ->capture_default_str()
        ->check(CLI::IsMember({"full", "normal", "memory"}));
    parser.add_option("--node", arguments.node, "The program `millrace-node`")->capture_default_str();
}

void addPace(CLI::App& parser, Arguments& arguments)
{
    parser.add_option("--rate", arguments.settings.perSecond, "Messages a second, when latency is measured")
        ->capture_default_str()
        ->check(CLI::Range(1.0, 1e6));
}

void addWaiting(CLI::App& parser, Arguments& arguments, const char* what)
{
    parser.add_option("--waiting", arguments.settings.waiting, what)
        ->capture_default_str()
        ->check(CLI::Range(0, 100'000'000));
}

class CommandLine
{
public:
    explicit CommandLine(CLI::App& app)
        : m_app(app)
    {
        m_commands.reserve(kMostCommands); // the parsers point into it
        add("embedded",
            "Producer, node and worker in one process: throughput and latency",
            bench::runEmbedded,
            400'000,
            [](auto& parser, auto& arguments) {
                addPace(parser, arguments);
                parser.add_option("--paced", arguments.settings.paced, "Messages at that rate")
                    ->capture_default_str()
                    ->check(CLI::Range(1, 1'000'000));
            });
        add("submit", "Confirmed submits, no worker", bench::runSubmit, 500'000);
        add("processes", "End to end through three processes", bench::runProcesses, 500'000);
        add("latency", "From due to delivered and settled, at a fixed rate", bench::runLatency, 5'000, addPace);
        add("backlog", "Many messages wait: memory, then the rate at which they drain", bench::runBacklog, 1'000'000);
        add("redrive", "Dead letters replayed", bench::runRedrive, 100'000);
        add("cold",
            "From the start of the node to the first message",
            bench::runCold,
            1,
            [](auto& parser, auto& arguments) {
                addWaiting(parser, arguments, "Messages that the store holds; 0 = it is made at the start");
                parser.add_flag(
                    "--killed", arguments.settings.isKilled, "The node before was killed instead of stopped");
            });
        add("growth",
            "Cost of a message while many others wait",
            bench::runGrowth,
            50'000,
            [](auto& parser, auto& arguments) {
                arguments.settings.waiting = 10'000'000;
                addWaiting(parser, arguments, "Messages that wait meanwhile");
                parser.add_option("--queues", arguments.settings.queues, "Queues that they wait in")
                    ->capture_default_str()
                    ->check(CLI::Range(1, 100'000));
                parser.add_option("--keys", arguments.settings.shape.keys, "Partition keys of the messages; 0 = none")
                    ->capture_default_str()
                    ->check(CLI::Range(0, 999'999));
            });
        add("regression",
            "Speed in parts of the reference's, against what is stored",
            {},
            150'000,
            [](auto& parser, auto& arguments) {
                parser.add_option("--ratios", arguments.ratios, "The file that holds it")->capture_default_str();
                parser.add_flag("--update", arguments.isUpdate, "Store what is measured now instead of comparing");
            });
        Command& regression = m_commands.back();
        regression.run = [&regression](const bench::Settings& settings) {
            return bench::runRegression(
                settings, QString::fromStdString(regression.arguments.ratios), regression.arguments.isUpdate);
        };
        Command& reference = begin("reference", "A fixed workload of bare SQLite, for ratios", bench::runReference);
        addCommon(*reference.parser, reference.arguments);
    }

    [[nodiscard]] int run()
    {
        for (Command& command : m_commands) {
            if (!command.parser->parsed())
                continue;
            Arguments& arguments = command.arguments;
            bench::Settings& settings = arguments.settings;
            settings.command = QString::fromStdString(command.parser->get_name());
            settings.durability =
                message::durabilityFromString(arguments.durability).value_or(message::Durability::Full);
            settings.nodeProgram = QString::fromStdString(arguments.node);
            settings.directory = QString::fromStdString(arguments.directory);
            return print(command.run(settings));
        }
        return 2;
    }

private:
    static constexpr std::size_t kMostCommands = 16;

    Command& begin(const char* name, const char* help, Run run)
    {
        m_commands.push_back({m_app.add_subcommand(name, help), {}, std::move(run)});
        return m_commands.back();
    }

    void add(const char* name,
             const char* help,
             Run run,
             std::uint64_t count,
             const std::function<void(CLI::App&, Arguments&)>& more = {})
    {
        Command& command = begin(name, help, std::move(run));
        command.arguments.settings.count = count;
        addLoad(*command.parser, command.arguments);
        if (more)
            more(*command.parser, command.arguments);
    }

    CLI::App& m_app;
    std::vector<Command> m_commands;
};

} // namespace

int main(int argc, char* argv[])
{
    CLI::App app("Measures Millrace: one JSON object a line on standard output, with what was measured and how. "
                 "Exit code 0 only if every message was accounted for and every limit held.");
    app.require_subcommand(1);
    CommandLine commands(app);

    bench::WindowSettings window;
    auto* desktop = app.add_subcommand("window", "The desktop with Overview open, offscreen, while messages pass");
    desktop->add_option("--rate", window.ratePerSecond, "Messages a second")
        ->capture_default_str()
        ->check(CLI::Range(1, 1'000'000));
    desktop->add_option("--seconds", window.seconds, "How long")->capture_default_str()->check(CLI::Range(1, 3600));

    auto* role = app.add_subcommand("role", "One of the clients of a measurement")->group("");
    bench::RoleOptions roleOptions;
    std::string endpoint;
    std::string roleName;
    role->add_option("endpoint", endpoint)->required();
    role->add_option("--name", roleName)->required();
    role->add_option("--size", roleOptions.shape.size)->required();
    role->add_option("--keys", roleOptions.shape.keys)->required();
    role->add_option("--numbers", roleOptions.numbers)->required();
    role->add_option("--node-pid", roleOptions.node)->required();

    CLI11_PARSE(app, argc, argv);
    if (desktop->parsed()) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
        const QApplication application(argc, argv);
        return print(bench::runWindow(window));
    }
    const QCoreApplication application(argc, argv);
    if (role->parsed()) {
        roleOptions.endpoint = QString::fromStdString(endpoint);
        roleOptions.name = QString::fromStdString(roleName);
        return bench::runRole(roleOptions);
    }
    return commands.run();
}
