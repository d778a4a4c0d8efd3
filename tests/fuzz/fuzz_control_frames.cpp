// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/policy.h"
#include "tests/fuzz/fuzz_input.h"
#include "transport/wire/control_codec.h"

using namespace millrace;

namespace {

void readRequest(std::string_view frame)
{
    const auto request = wire::parseRequest(frame);
    if (!request)
        return;
    if (request->has_start_operation()) {
        (void)wire::readSelection(request->start_operation());
        (void)wire::readVerb(request->start_operation().verb());
    }
    if (request->has_open_dead_letters())
        (void)wire::read(request->open_dead_letters().filter());
    if (request->has_define_queue())
        (void)message::queuePolicyFromJson(request->define_queue().policy());
}

void readResponse(std::string_view frame)
{
    const auto response = wire::parseResponse(frame);
    if (!response)
        return;
    (void)wire::read(response->error());
    for (const auto& row : response->rows().rows())
        (void)wire::read(row);
    for (const auto& group : response->groups().groups())
        (void)wire::read(group);
    (void)wire::read(response->detail());
    (void)wire::read(response->operation());
    (void)wire::read(response->series());
}

} // namespace

/// Any bytes are a request, or a response, or an error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::Input input(data, size);
    if ((input.byte() & 1U) != 0)
        readRequest(input.rest());
    else
        readResponse(input.rest());
    return 0;
}
