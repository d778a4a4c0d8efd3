// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz_input.h"
#include "transport/wire/data_codec.h"

using namespace millrace;

namespace {

void readClientFrame(const base::Slice& frame)
{
    std::uint64_t request = 0;
    const auto decoded = wire::decodeClientFrame(frame, &request);
    if (!decoded)
        return;
    if (const auto* submit = std::get_if<wire::Submit>(&*decoded)) {
        fuzz::require(submit->messages.size() <= wire::kMaxBatchMessages, "a batch keeps to its limit");
        std::vector<wire::OutgoingView> views;
        for (const engine::Submission& item : submit->messages) {
            fuzz::require(message::viewEnvelope(item.envelope.view()).has_value(), "an accepted envelope can be read");
            views.push_back({item.envelope.view(), item.body.view()});
        }
        const auto again = wire::decodeClientFrame(
            base::Slice::own(wire::encodeSubmit(submit->request, submit->target, views)));
        const auto* same = again ? std::get_if<wire::Submit>(&*again) : nullptr;
        fuzz::require(same != nullptr && same->target == submit->target
                          && same->messages.size() == submit->messages.size(),
                      "what was read can be written and read again");
    }
    if (const auto* settle = std::get_if<wire::Settle>(&*decoded))
        fuzz::require(settle->acknowledged.size() + settle->failed.size() <= wire::kMaxLeasesPerFrame,
                      "a settle keeps to its limit");
}

} // namespace

/// Any bytes are a frame of a client, or of a node, or an error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::Input input(data, size);
    const bool fromClient = (input.byte() & 1U) != 0;
    const base::Slice frame = base::Slice::own(std::string(input.rest()));
    if (fromClient)
        readClientFrame(frame);
    else
        (void)wire::decodeNodeFrame(frame);
    return 0;
}
