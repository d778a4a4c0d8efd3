// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/demo/demo.h"
#include "app/terminal/console.h"
#include "app/terminal/options.h"
#include "app/terminal/run.h"

#include <CLI/CLI.hpp>
#include <QCoreApplication>

namespace {

using namespace millrace;
using namespace millrace::terminal;

constexpr std::uint64_t kMostMessages = 10'000'000;

constexpr const char* kFooter = R"(Exit codes:
  0    every message is accounted for
  1    not every message is
  2    the command line is wrong
  3    no node could be started
  130  interrupted)";

void addOptions(CLI::App& app, demo::DemoOptions& options)
{
    app.add_option("--workload", options.workload, "Only this one")
        ->check(CLI::IsMember({"images", "checkout", "earthquakes"}));
    app
        .add_option(
            "--count", options.count, "Messages of each workload; 0 = its natural number")
        ->type_name("N")
        ->check(wholeNumber(0, kMostMessages));
    app
        .add_option("--rate",
                     options.rate,
                     "Messages per second of each workload; 0 = as fast as they are confirmed")
        ->type_name("R")
        ->check(rateOrZero());
    app.add_flag("--json", options.json, "Print JSON objects, one a line");
    app
        .add_option("--data",
                     options.data,
                     "Directory of the data; default is a temporary one that is removed")
        ->type_name("DIR")
        ->check(notEmpty());
}

} // namespace

/// `millrace-node demo` starts this.
int main(int argc, char** argv)
{
    const QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("millrace-node"));
    QCoreApplication::setApplicationVersion(QStringLiteral(MR_VERSION));

    CLI::App app("Runs the demo workloads and accounts for every message", "millrace-node demo");
    demo::DemoOptions options;
    bool verbose = false;
    app.set_version_flag("--version", "millrace-node " MR_VERSION);
    app.add_flag("--verbose", verbose, "Log more");
    app.footer(kFooter);
    addOptions(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kDone : kUsage;
    }
    setUpLog(verbose ? LogLevel::Everything : LogLevel::Warnings);
    return outputWritten(runToEnd([&options] { return demo::run(options); }));
}
