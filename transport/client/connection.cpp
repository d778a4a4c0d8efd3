// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/client/connection.h"

namespace millrace::client {

std::uint64_t BatchReceipt::accepted() const noexcept
{
    return sequences.size() < problems.size() ? 0 : sequences.size() - problems.size();
}

} // namespace millrace::client
