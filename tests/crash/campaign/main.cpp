// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/campaign/campaign.h"

#include <charconv>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <random>
#include <span>
#include <sstream>

using namespace millrace::crash;

namespace {

constexpr const char* kUsage = "millrace-crash --kills N [--seed S] [--points] [--dir DIR] [--resume-within MS]\n"
                               "Kills a node N times, at random and at named failure points, while producers and workers\n"
                               "talk to it, and compares by value what they saw.\n";

std::optional<std::uint64_t> number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::optional<Arguments> parse(std::span<char*> words)
{
    Arguments arguments;
    arguments.seed = std::random_device()();
    arguments.directory = std::filesystem::temp_directory_path();
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string_view word = words[i];
        if (word == "--points") {
            arguments.usesPoints = true;
            continue;
        }
        if (++i == words.size())
            return std::nullopt;
        if (word == "--dir") {
            arguments.directory = words[i];
            continue;
        }
        const auto value = number(words[i]);
        if (value && word == "--resume-within")
            arguments.resumeWithin = std::chrono::milliseconds(*value);
        else if (value && (word == "--kills" || word == "--seed"))
            (word == "--kills" ? arguments.kills : arguments.seed) = *value;
        else
            return std::nullopt;
    }
    return arguments.kills > 0 ? std::optional(arguments) : std::nullopt;
}

double milliseconds(Clock::duration duration)
{
    return std::chrono::duration<double, std::milli>(duration).count();
}

std::string summaryOf(Figures figures, double seconds)
{
    std::ostringstream line;
    line << std::fixed << std::setprecision(1) << figures.allKills() << " kills in " << seconds << " s:";
    for (const auto& [kind, count] : figures.kills)
        line << ' ' << kind << ' ' << count;
    for (const auto& [kind, count] : figures.missed)
        line << ", " << kind << " was not reached " << count << " times";
    line << "; " << figures.confirmed << " messages confirmed, at least " << figures.leastUnsettled
         << " unsettled at each kill, " << figures.redeliveries << " delivered again; lost 0, twice 0";
    std::vector<Clock::duration>& resumed = figures.resumed;
    if (!resumed.empty()) {
        std::sort(resumed.begin(), resumed.end());
        line << "; first delivery after a start: " << milliseconds(resumed[resumed.size() / 2]) << " ms (median), "
             << milliseconds(resumed[resumed.size() * 999 / 1000]) << " ms (999 of 1,000), "
             << milliseconds(resumed.back()) << " ms (longest)";
    }
    return line.str();
}

} // namespace

int main(int count, char** words)
{
    const std::span all(words, static_cast<std::size_t>(count));
    if (all.size() == 4 && std::string_view(all[1]) == "--node")
        return runNode(all[2], std::stoi(all[3]));
    const auto arguments = parse(all);
    if (!arguments) {
        std::cerr << kUsage;
        return 2;
    }
    Campaign campaign(*arguments);
    const auto began = Clock::now();
    try {
        campaign.run();
    } catch (const Violation& violation) {
        std::cout << "FAILED after " << campaign.figures().allKills() << " kills, seed " << arguments->seed << ": "
                  << violation.what() << '\n';
        return 1;
    } catch (const std::exception& error) {
        std::cerr << "millrace-crash: " << error.what() << '\n';
        return 2;
    }
    const std::chrono::duration<double> took = Clock::now() - began;
    std::cout << summaryOf(campaign.figures(), took.count()) << "; seed " << arguments->seed << '\n';
    return 0;
}
