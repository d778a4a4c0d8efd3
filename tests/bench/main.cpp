// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/pipeline_bench.h"
#include "tests/bench/window_bench.h"

#include <CLI/CLI.hpp>
#include <QApplication>
#include <QCoreApplication>
#include <QJsonDocument>

#include <cstdio>
#include <memory>

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

void addLoadOptions(CLI::App& command, bench::Settings& settings)
{
    command.add_option("--count", settings.count, "Messages of the throughput phase")
        ->capture_default_str()
        ->check(CLI::Range(1, 100'000'000));
    command.add_option("--size", settings.size, "Bytes of a body")->capture_default_str()->check(CLI::Range(16, 1 << 20));
    command.add_option("--latency-rate", settings.latencyRate, "Messages a second of the latency phase")
        ->capture_default_str()
        ->check(CLI::Range(1.0, 1e6));
    command.add_option("--latency-count", settings.latencyCount, "Messages of the latency phase; 0 leaves it out")
        ->capture_default_str()
        ->check(CLI::Range(0, 10'000'000));
}

} // namespace

int main(int argc, char* argv[])
{
    CLI::App app("Measures Millrace: one JSON object a line on standard output, with what was measured and how. "
                 "Exit code 0 only if every message was accounted for and every limit held.");
    app.require_subcommand(1);
    bench::Settings settings;
    bench::WindowSettings window;

    auto* embedded = app.add_subcommand("embedded", "Producer, node and worker in one process, durability full");
    addLoadOptions(*embedded, settings);
    auto* processes = app.add_subcommand("processes", "Producer, node and worker as three processes over ipc, durability full");
    addLoadOptions(*processes, settings);
    auto* desktop = app.add_subcommand("window", "The desktop with Overview open, offscreen, while messages pass");
    desktop->add_option("--rate", window.ratePerSecond, "Messages a second")->capture_default_str()->check(CLI::Range(1, 1'000'000));
    desktop->add_option("--seconds", window.seconds, "How long")->capture_default_str()->check(CLI::Range(1, 3600));

    auto* role = app.add_subcommand("role", "One of the processes of `processes`")->group("");
    std::string roleName;
    std::string where;
    role->add_option("role", roleName)->required()->check(CLI::IsMember({"node", "producer", "worker"}));
    role->add_option("where", where)->required();
    addLoadOptions(*role, settings);

    CLI11_PARSE(app, argc, argv);
    if (desktop->parsed()) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
        const QApplication application(argc, argv);
        return print(bench::runWindow(window));
    }
    const QCoreApplication application(argc, argv);
    if (role->parsed())
        return bench::runRole(QString::fromStdString(roleName), QString::fromStdString(where), settings);
    return print(embedded->parsed() ? bench::runEmbedded(settings) : bench::runProcesses(settings));
}
