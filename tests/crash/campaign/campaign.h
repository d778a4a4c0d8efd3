// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/crash/campaign/life.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace millrace::crash {

struct Arguments
{
    std::uint64_t kills = 0;
    std::uint64_t seed = 0;
    bool usesPoints = false;
    std::chrono::milliseconds resumeWithin{1000}; ///< from the start of a node to the first delivery
    std::filesystem::path directory; ///< where the nodes' directories are made
};

/// What a campaign saw.
struct Figures
{
    std::map<std::string, std::uint64_t> kills;   ///< by kind or failure point
    std::map<std::string, std::uint64_t> missed;  ///< points that were not reached in time: killed then, counted as random
    std::uint64_t confirmed = 0;
    std::uint64_t redeliveries = 0;
    std::uint64_t leastUnsettled = UINT64_MAX;
    std::uint64_t replays = 0;
    std::vector<Clock::duration> resumed;         ///< from a start to the first delivery
    [[nodiscard]] std::uint64_t allKills() const
    {
        std::uint64_t sum = 0;
        for (const auto& [kind, count] : kills)
            sum += count;
        return sum;
    }
};

/// A directory of its own, gone at its end unless it is kept.
class Directory
{
public:
    explicit Directory(const std::filesystem::path& where);
    ~Directory();
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    void keep() noexcept { m_isKept = true; }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return m_path; }

private:
    std::filesystem::path m_path;
    bool m_isKept = false;
};

/// Kills nodes, and starts them again, and compares what came of it. Throws Violation.
class Campaign
{
public:
    explicit Campaign(const Arguments& arguments);
    void run();
    [[nodiscard]] const Figures& figures() const noexcept { return m_figures; }

private:
    struct Kill
    {
        std::string kind;      ///< "random", "while-starting", or a failure point
        std::string failpoint; ///< as MILLRACE_FAILPOINT; empty for none
    };
    void runRound(std::uint64_t until);
    [[nodiscard]] Kill choose(const Journal& journal);
    void killWhileStarting(NodeChild& node);
    void startServing(NodeChild& node, const Kill& kill);
    void liveAndDie(NodeChild& node, Journal& journal, const Kill& kill);
    void drain(NodeChild& node, Journal& journal);
    void noteKill(const std::string& kind, const Journal& journal);

    Arguments m_arguments;
    simulation::Chance m_chance;
    zmq::context_t m_context;
    Figures m_figures;
};

} // namespace millrace::crash
