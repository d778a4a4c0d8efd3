// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/message/policy.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace millrace::config {

inline constexpr std::size_t kMaxPipelineFileBytes = 1024 * 1024;

/// Reads a pipeline file: TOML with `[[queue]]` and `[[subscription]]` tables; resources/pipelines/
/// has examples with every key. Keys that are left out keep their default. Errors name file, line
/// and column, what is wrong and what to do: NotFound, Io, Limit (larger than
/// kMaxPipelineFileBytes), Invalid (syntax, unknown keys, values out of range).
[[nodiscard]] base::Result<message::PipelineDefinition>
readPipelineFile(const std::filesystem::path& path);

/// The same for text. @param name  stands for the file in errors
[[nodiscard]] base::Result<message::PipelineDefinition> parsePipeline(std::string_view text,
                                                                      const std::string& name);

/// A pipeline file that parsePipeline() reads as exactly this, every key of each queue written out. Errors: Invalid (something in it
/// cannot be written: names what), Limit (it would be larger than kMaxPipelineFileBytes).
[[nodiscard]] base::Result<std::string> writePipeline(const message::PipelineDefinition& definition);

/// Why a pipeline file cannot hold this schedule; empty = it can.
[[nodiscard]] std::string whyNotInFile(const message::ScheduleDefinition& schedule);

} // namespace millrace::config
