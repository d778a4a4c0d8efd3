// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/message/dead_letter.h"
#include "core/message/schedule.h"
#include "core/telemetry/sample.h"
#include "core/telemetry/time_series.h"
#include "transport/wire/error_names.h"
#include "transport/wire/millrace.pb.h"

#include <string_view>
#include <vector>

/// Between the generated classes of the control and telemetry planes and the values of core. Reading checks every
/// enumeration and number; errors are Protocol and name the field.
namespace millrace::wire {

/// Parses with the frame limit. Errors: Protocol, Limit.
[[nodiscard]] base::Result<v1::Request> parseRequest(std::string_view frame);
[[nodiscard]] base::Result<v1::Response> parseResponse(std::string_view frame);
[[nodiscard]] base::Result<v1::Snapshot> parseSnapshot(std::string_view frame);

void write(const base::Error& error, v1::Error* out);
[[nodiscard]] base::Error read(const v1::Error& in);

void write(const message::DeadLetterFilter& filter, v1::Filter* out);
[[nodiscard]] base::Result<message::DeadLetterFilter> read(const v1::Filter& in);
void write(const message::DeadLetterRow& row, v1::Row* out);
[[nodiscard]] base::Result<message::DeadLetterRow> read(const v1::Row& in);
void write(const message::DeadLetterDetail& detail, v1::Detail* out);
[[nodiscard]] base::Result<message::DeadLetterDetail> read(const v1::Detail& in);
void write(const message::DeadLetterGroup& group, v1::Group* out);
[[nodiscard]] base::Result<message::DeadLetterGroup> read(const v1::Group& in);
void write(const message::OperationStatus& status, v1::OperationStatus* out);
[[nodiscard]] base::Result<message::OperationStatus> read(const v1::OperationStatus& in);
[[nodiscard]] base::Result<message::Verb> readVerb(std::uint32_t value);
[[nodiscard]] base::Result<message::LiveAct> readLiveAct(std::uint32_t value);
/// Sequences of refs as this backend writes them. Errors: Invalid.
[[nodiscard]] base::Result<std::vector<message::Sequence>> readRefs(const google::protobuf::RepeatedPtrField<std::string>& refs);
void write(const message::RunningMessage& running, v1::RunningMessage* out);
[[nodiscard]] base::Result<message::RunningMessage> read(const v1::RunningMessage& in);
void write(const message::RetryingMessage& retrying, v1::RetryingMessage* out);
[[nodiscard]] base::Result<message::RetryingMessage> read(const v1::RetryingMessage& in);
void write(const message::ParkedKey& parked, v1::ParkedKey* out);
[[nodiscard]] base::Result<message::ParkedKey> read(const v1::ParkedKey& in);
void write(const message::Selection& selection, v1::StartOperation* out);
[[nodiscard]] base::Result<message::Selection> readSelection(const v1::StartOperation& in);
void write(const message::ScheduleDefinition& definition, v1::Schedule* out);
[[nodiscard]] base::Result<message::ScheduleDefinition> read(const v1::Schedule& in);
/// Without the body.
void write(const message::ScheduleStatus& status, v1::ScheduleStatus* out);
[[nodiscard]] base::Result<message::ScheduleStatus> read(const v1::ScheduleStatus& in);
void write(const std::vector<telemetry::Point>& points, v1::Series* out);
[[nodiscard]] base::Result<std::vector<telemetry::Point>> read(const v1::Series& in);
void write(const telemetry::QueueSample& sample, v1::Sample* out);
[[nodiscard]] telemetry::QueueSample read(const v1::Sample& in);

} // namespace millrace::wire
