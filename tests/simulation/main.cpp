// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/sqlite_store.h"
#include "tests/simulation/world.h"

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>
#include <string_view>

using namespace millrace;
using namespace millrace::simulation;

namespace {

constexpr const char* kUsage
    = "usage: millrace-simulation --seeds A..B [--steps N] [--seconds N] [--verbose]\n"
      "  --seeds    first and last seed, or one\n"
      "  --steps    steps with faults for each seed (300)\n"
      "  --seconds  begin no seed after this time\n"
      "  --verbose  tell what goes wrong on the way\n";
constexpr std::uint64_t kSeedsThatMustHitAll = 1'000;
constexpr std::uint64_t kLeastOfEach = 100;
constexpr std::uint64_t kRepeatedEvery = 100; ///< seeds that run twice: the same run must come out

struct Arguments
{
    std::uint64_t first = 0, last = 0, steps = 300, seconds = UINT64_MAX;
    bool isVerbose = false;
};

std::optional<std::uint64_t> number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::optional<Arguments> parse(std::span<char*> words)
{
    Arguments arguments;
    bool hasSeeds = false;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string_view word = words[i];
        if (word == "--verbose") {
            arguments.isVerbose = true;
            continue;
        }
        if (i + 1 == words.size())
            return std::nullopt;
        const std::string_view value = words[++i];
        const auto dots = value.find("..");
        const auto first = number(value.substr(0, dots));
        const auto last = dots == std::string_view::npos ? first : number(value.substr(dots + 2));
        if (!first || !last || *last < *first)
            return std::nullopt;
        if (word == "--seeds") {
            hasSeeds = true;
            arguments.first = *first;
            arguments.last = *last;
        } else if (word == "--steps") {
            arguments.steps = *first;
        } else if (word == "--seconds") {
            arguments.seconds = *first;
        } else {
            return std::nullopt;
        }
    }
    return hasSeeds ? std::optional(arguments) : std::nullopt;
}

/// A data directory of this process, gone at its end.
class Directory
{
public:
    Directory()
    {
        std::string name = (std::filesystem::temp_directory_path() / "millrace-simulation-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("cannot create " + name);
        origin.directory = name;
        store::StoreOptions options;
        options.directory = name;
        if (auto created = store::SqliteStore::open(options); !created)
            throw std::runtime_error(created.error().context);
        std::ifstream file(name + "/millrace.db", std::ios::binary);
        origin.content.assign(std::istreambuf_iterator<char>(file), {});
    }
    ~Directory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(origin.directory, ignored);
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    Template origin;
};

class Campaign
{
public:
    explicit Campaign(const Arguments& arguments)
        : m_arguments(arguments)
    {
    }
    /// @returns the exit code
    int run()
    {
        const auto began = std::chrono::steady_clock::now();
        for (std::uint64_t seed = m_arguments.first; seed <= m_arguments.last; ++seed) {
            if (std::chrono::steady_clock::now() - began >= std::chrono::seconds(std::min<std::uint64_t>(
                    m_arguments.seconds, 1'000'000'000)))
                break;
            const Outcome outcome = play(seed, m_arguments.steps);
            if (!outcome.violation.empty())
                return report(seed, outcome);
            if (seed % kRepeatedEvery == 0 && play(seed, m_arguments.steps).traceHash != outcome.traceHash) {
                std::cout << "FAILED seed " << seed << ": two runs of it differ\n";
                return 1;
            }
            ++m_seeds;
            m_total.steps += outcome.steps;
            m_total.messages += outcome.messages;
            m_total.faults.add(outcome.faults);
            m_total.events.add(outcome.events);
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        return summary(took.count());
    }

private:
    Outcome play(std::uint64_t seed, std::uint64_t steps)
    {
        World world(m_disk, m_directory.origin, seed, m_arguments.isVerbose);
        return world.run(steps);
    }
    /// Halves the steps as long as the seed still fails: faults stop earlier, what follows is the same.
    int report(std::uint64_t seed, const Outcome& outcome)
    {
        std::uint64_t fails = m_arguments.steps;
        std::uint64_t passes = 0;
        std::string why = outcome.violation;
        while (passes + 1 < fails) {
            const std::uint64_t middle = passes + (fails - passes) / 2;
            const Outcome shorter = play(seed, middle);
            if (shorter.violation.empty()) {
                passes = middle;
            } else {
                fails = middle;
                why = shorter.violation;
            }
        }
        std::cout << "FAILED seed " << seed << " with " << fails << " steps, " << why
                  << "\n  again: millrace-simulation --seeds " << seed << " --steps " << fails << " --verbose\n  with " << m_arguments.steps << " steps, "
                  << outcome.violation << '\n';
        return 1;
    }
    int summary(double seconds) const
    {
        std::ostringstream line;
        line << m_seeds << " seeds, " << m_total.steps << " steps, " << m_total.messages << " messages, " << std::fixed
             << std::setprecision(1) << seconds << " s;";
        std::string rare;
        const auto tell = [&](std::string_view name, std::uint64_t count) {
            line << ' ' << name << ' ' << count;
            if (count < kLeastOfEach && m_seeds >= kSeedsThatMustHitAll)
                rare += (rare.empty() ? "" : ", ") + std::string(name);
        };
        for (std::size_t i = 0; i < kFaultNames.size(); ++i)
            tell(kFaultNames.at(i), m_total.faults.at(i));
        line << ';';
        for (std::size_t i = 0; i < kEventNames.size(); ++i)
            tell(kEventNames.at(i), m_total.events.at(i));
        std::cout << line.str() << '\n';
        if (rare.empty())
            return 0;
        std::cout << "FAILED: fewer than " << kLeastOfEach << " of " << rare << '\n';
        return 1;
    }

    Arguments m_arguments;
    Directory m_directory;
    CrashVfs m_disk{"millrace-crash"};
    Outcome m_total;
    std::uint64_t m_seeds = 0;
};

} // namespace

int main(int count, char** words)
{
    const auto arguments = parse({words, static_cast<std::size_t>(count)});
    if (!arguments) {
        std::cerr << kUsage;
        return 2;
    }
    try {
        return Campaign(*arguments).run();
    } catch (const std::exception& error) {
        std::cerr << "millrace-simulation: " << error.what() << '\n';
        return 2;
    }
}
