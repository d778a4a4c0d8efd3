// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/wire/control_codec.h"

#include <array>

namespace millrace::wire {

namespace {

using telemetry::Point;
using Column = google::protobuf::RepeatedField<float>;

/// One chart figure and its column on the wire.
struct Figure
{
    const char* name;
    float Point::*member;
    Column* (v1::Series::*mutableColumn)();
    const Column& (v1::Series::*column)() const;
};
constexpr std::array<Figure, 16> kFigures = {{
    {"ready", &Point::ready, &v1::Series::mutable_ready, &v1::Series::ready},
    {"scheduled", &Point::scheduled, &v1::Series::mutable_scheduled, &v1::Series::scheduled},
    {"retrying", &Point::retrying, &v1::Series::mutable_retrying, &v1::Series::retrying},
    {"leased", &Point::leased, &v1::Series::mutable_leased, &v1::Series::leased},
    {"dead", &Point::dead, &v1::Series::mutable_dead, &v1::Series::dead},
    {"lag_seconds", &Point::lagSeconds, &v1::Series::mutable_lag_seconds, &v1::Series::lag_seconds},
    {"in_rate", &Point::inRate, &v1::Series::mutable_in_rate, &v1::Series::in_rate},
    {"out_rate", &Point::outRate, &v1::Series::mutable_out_rate, &v1::Series::out_rate},
    {"retry_rate", &Point::retryRate, &v1::Series::mutable_retry_rate, &v1::Series::retry_rate},
    {"dead_rate", &Point::deadRate, &v1::Series::mutable_dead_rate, &v1::Series::dead_rate},
    {"waiting_p50", &Point::waitingP50, &v1::Series::mutable_waiting_p50, &v1::Series::waiting_p50},
    {"waiting_p95", &Point::waitingP95, &v1::Series::mutable_waiting_p95, &v1::Series::waiting_p95},
    {"waiting_p99", &Point::waitingP99, &v1::Series::mutable_waiting_p99, &v1::Series::waiting_p99},
    {"running_p50", &Point::runningP50, &v1::Series::mutable_running_p50, &v1::Series::running_p50},
    {"running_p95", &Point::runningP95, &v1::Series::mutable_running_p95, &v1::Series::running_p95},
    {"running_p99", &Point::runningP99, &v1::Series::mutable_running_p99, &v1::Series::running_p99},
}};

void writeQuantiles(const telemetry::Quantiles& quantiles, v1::Quantiles* out)
{
    out->set_p50_us(quantiles.p50Us);
    out->set_p95_us(quantiles.p95Us);
    out->set_p99_us(quantiles.p99Us);
    out->set_count(quantiles.count);
}

telemetry::Quantiles readQuantiles(const v1::Quantiles& in)
{
    return {in.p50_us(), in.p95_us(), in.p99_us(), in.count()};
}

} // namespace

void write(const std::vector<Point>& points, v1::Series* out)
{
    const int count = static_cast<int>(points.size());
    out->mutable_at_us()->Reserve(count);
    for (const Point& point : points)
        out->add_at_us(point.atUs);
    for (const Figure& figure : kFigures) {
        Column* column = (out->*figure.mutableColumn)();
        column->Reserve(count);
        for (const Point& point : points)
            column->Add(point.*figure.member);
    }
}

base::Result<std::vector<Point>> read(const v1::Series& in)
{
    const int count = in.at_us_size();
    std::vector<Point> points(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
        points[static_cast<std::size_t>(i)].atUs = in.at_us(i);
    for (const Figure& figure : kFigures) {
        const Column& column = (in.*figure.column)();
        if (column.size() != count) {
            return base::fail(base::ErrorCode::Protocol,
                              "field `" + std::string(figure.name) + "` has "
                                  + std::to_string(column.size()) + " points, `at_us` has "
                                  + std::to_string(count));
        }
        for (int i = 0; i < count; ++i)
            points[static_cast<std::size_t>(i)].*figure.member = column[i];
    }
    return points;
}

void write(const telemetry::QueueSample& sample, v1::Sample* out)
{
    out->set_ready(sample.ready);
    out->set_scheduled(sample.scheduled);
    out->set_retrying(sample.retrying);
    out->set_leased(sample.leased);
    out->set_parked(sample.parked);
    out->set_dead(sample.dead);
    out->set_lag_us(sample.lagUs);
    out->set_workers(sample.workers);
    out->set_submitted(sample.submitted);
    out->set_delivered(sample.delivered);
    out->set_acknowledged(sample.acknowledged);
    out->set_retried(sample.retried);
    out->set_dead_lettered(sample.deadLettered);
    out->set_replayed(sample.replayed);
    out->set_refused(sample.refused);
    out->set_duplicates(sample.duplicates);
    out->set_leases_lost(sample.leasesLost);
    out->set_cancelled(sample.cancelled);
    out->set_expired(sample.expired);
    writeQuantiles(sample.waiting, out->mutable_waiting());
    writeQuantiles(sample.running, out->mutable_running());
}

telemetry::QueueSample read(const v1::Sample& in)
{
    telemetry::QueueSample sample;
    sample.ready = in.ready();
    sample.scheduled = in.scheduled();
    sample.retrying = in.retrying();
    sample.leased = in.leased();
    sample.parked = in.parked();
    sample.dead = in.dead();
    sample.lagUs = in.lag_us();
    sample.workers = in.workers();
    sample.submitted = in.submitted();
    sample.delivered = in.delivered();
    sample.acknowledged = in.acknowledged();
    sample.retried = in.retried();
    sample.deadLettered = in.dead_lettered();
    sample.replayed = in.replayed();
    sample.refused = in.refused();
    sample.duplicates = in.duplicates();
    sample.leasesLost = in.leases_lost();
    sample.cancelled = in.cancelled();
    sample.expired = in.expired();
    sample.waiting = readQuantiles(in.waiting());
    sample.running = readQuantiles(in.running());
    return sample;
}

} // namespace millrace::wire
