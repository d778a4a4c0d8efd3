// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace millrace::base {

/// 64-bit hash for row checksums and fingerprints (XXH3). Not for anything an attacker may choose.
[[nodiscard]] std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0) noexcept;
/// SHA-256 as 32 raw bytes; chains the audit log.
[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] std::string toHex(std::string_view bytes);
/// A random UUID (version 4) from the operating system's generator. Not for core/engine.
[[nodiscard]] std::string randomUuid();

} // namespace millrace::base
