// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stdexcept>

namespace millrace::crash {

using Clock = std::chrono::steady_clock;

/// A promise was broken: the text says which.
class Violation : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

} // namespace millrace::crash
