// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/node_state_p.h"

#include "transport/wire/error_names.h"

#include <algorithm>
#include <utility>

namespace millrace::zeromq {

namespace {

constexpr std::size_t kMaxActorBytes = 128;
constexpr std::uint32_t kRefusedLinesPerSecond = 10;

} // namespace

std::string oneLine(std::string_view text, std::size_t limit)
{
    std::string line = wire::cleanText(text, limit);
    std::replace_if(
        line.begin(),
        line.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
        ' ');
    return line;
}

std::string actorOf(std::string_view text)
{
    std::string actor = oneLine(text, kMaxActorBytes);
    return actor.empty() ? "unknown" : actor;
}

std::string nodeVersion()
{
    return MR_VERSION;
}

Log::Log(Sink sink)
    : m_sink(std::move(sink))
{
}

void Log::write(char level, const std::string& line) const
{
    if (m_sink)
        m_sink(level, line);
}

void Log::tick(base::SteadyTime now)
{
    if (now - m_secondBegan < std::chrono::seconds(1))
        return;
    if (m_suppressed > 0)
        warn(std::to_string(m_suppressed) + " more frames were refused");
    m_secondBegan = now;
    m_inSecond = 0;
    m_suppressed = 0;
}

void Log::refused(const std::string& line, base::SteadyTime now)
{
    tick(now);
    if (++m_inSecond <= kRefusedLinesPerSecond)
        warn(line);
    else
        ++m_suppressed;
}

NodeState::NodeState(const NodeOptions& nodeOptions)
    : options(nodeOptions)
    , log(nodeOptions.log)
{
}

wire::Welcome NodeState::welcome() const
{
    wire::Welcome welcome;
    welcome.epoch = epoch;
    welcome.node = options.name;
    welcome.version = options.program;
    welcome.heartbeatMs = static_cast<std::uint32_t>(options.heartbeat.count());
    welcome.sessionTimeoutMs = static_cast<std::uint32_t>(options.sessionTimeout.count());
    return welcome;
}

std::string NodeState::encodeWelcome() const
{
    return wire::encode(welcome());
}

base::Result<void> NodeState::check(const wire::Hello& hello) const
{
    if (hello.major != wire::kMajor) {
        return base::fail(base::ErrorCode::Unsupported,
                          "the client speaks wire version " + std::to_string(hello.major) + "."
                              + std::to_string(hello.minor) + ", this node speaks "
                              + std::to_string(wire::kMajor) + "." + std::to_string(wire::kMinor)
                              + ": use versions of Millrace with the same major wire version");
    }
    if (hello.session.size() != wire::kSessionBytes) {
        return base::fail(base::ErrorCode::Protocol,
                          "field `session` of a hello must be 16 random bytes, not "
                              + std::to_string(hello.session.size()));
    }
    return {};
}

void NodeState::countRefused(const base::Error& error,
                             std::string_view plane,
                             std::string_view who,
                             base::SteadyTime now)
{
    ++framesRefused;
    log.refused("refused a frame on the " + std::string(plane) + " socket from "
                    + (who.empty() ? std::string("a peer without a session") : "\"" + std::string(who) + "\"") + ": "
                    + oneLine(error.context, 500),
                now);
}

} // namespace millrace::zeromq
