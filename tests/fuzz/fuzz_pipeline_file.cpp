// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "app/config/pipeline_file.h"
#include "tests/fuzz/fuzz_input.h"

using namespace millrace;

/// Any text is a pipeline or an error that names its place.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto pipeline = config::parsePipeline(fuzz::Input(data, size).rest(), "p.toml");
    if (pipeline)
        fuzz::require(message::validate(*pipeline).has_value(), "what was read is valid");
    else
        fuzz::require(pipeline.error().context.starts_with("p.toml:"), "an error names its place");
    return 0;
}
