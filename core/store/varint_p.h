// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/message/life.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::store {

/// Sequences in their order as varints of zigzag-coded differences: one byte each where they run.
/// Replaces the content of `out`, so that its capacity serves again.
void encodeSequences(std::span<const message::Sequence> sequences, std::string& out);
/// Errors: Corrupt (a varint is cut off or longer than 64 bits).
[[nodiscard]] base::Result<std::vector<message::Sequence>> decodeSequences(std::string_view bytes);

} // namespace millrace::store
