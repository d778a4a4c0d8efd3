// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/terminal/options.h"

#include "app/terminal/console.h"

#include <charconv>
#include <cmath>
#include <string>

namespace millrace::terminal {

CLI::Validator wholeNumber(std::uint64_t least, std::uint64_t most)
{
    return {[least, most](const std::string& text) {
                std::uint64_t number = 0;
                const char* const end = text.data() + text.size();
                const auto [rest, error] = std::from_chars(text.data(), end, number);
                if (error == std::errc() && rest == end && number >= least && number <= most)
                    return std::string();
                return "must be a whole number from " + std::to_string(least) + " to "
                       + std::to_string(most) + ", not \"" + printable(text) + '"';
            },
            {}};
}

CLI::Validator notEmpty()
{
    return {[](const std::string& text) {
                return text.empty() ? std::string("must not be empty: name one, or leave the option out")
                                    : std::string();
            },
            {}};
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

} // namespace millrace::terminal
