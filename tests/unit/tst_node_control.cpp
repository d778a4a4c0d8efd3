// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/node_harness.h"

#include <set>

using namespace millrace;
using namespace millrace::testing;
using Request = wire::v1::Request;
using Response = wire::v1::Response;

namespace {

/// Submits `count` messages to `queue` and rejects them all.
void makeDeadLetters(NodeHarness& harness, const std::string& queue, std::size_t count)
{
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    QVERIFY(client.submit(queue, makeMessages(count, queue)));
    const auto attached = client.attach(queue);
    QVERIFY(attached && attached->ok);
    client.grant(attached->queue, static_cast<std::uint32_t>(count));
    const auto deliveries = client.deliveries(count);
    QCOMPARE(deliveries.size(), count);
    std::vector<message::FailedDelivery> failed;
    for (const wire::Delivery& delivery : deliveries)
        failed.push_back(rejection(delivery.lease, "card 4711 declined"));
    const auto settled = client.settle({}, failed);
    QVERIFY(settled && settled->lost.empty());
    client.send(wire::encode(wire::Goodbye{}));
}

wire::v1::View openView(ControlClient& control)
{
    Request request;
    request.mutable_open_dead_letters()->mutable_filter();
    const Response response = control.call(request);
    if (response.has_error())
        qFatal("%s", response.error().text().c_str());
    return response.view();
}

Response rowsOf(ControlClient& control, std::uint64_t view, std::uint64_t first, std::uint32_t count)
{
    Request request;
    request.mutable_dead_letter_rows()->set_view(view);
    request.mutable_dead_letter_rows()->set_first(first);
    request.mutable_dead_letter_rows()->set_count(count);
    return control.call(request);
}

wire::v1::OperationStatus whenDone(ControlClient& control, std::uint64_t id)
{
    const auto until = Clock::now() + kPatience;
    Response response;
    do {
        Request request;
        request.mutable_operation()->set_id(id);
        response = control.call(request);
    } while (response.operation().state() == 0 && !response.has_error() && Clock::now() < until);
    return response.operation();
}

} // namespace

class TstNodeControl : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hello();
    void helloOfAnotherVersionIsRefused();
    void requestsWithoutSessionAreRefused();
    void unknownKindIsUnsupported();
    void garbageAndOversizeAreRefused();
    void defineQueueAndSubmit();
    void definitionsAreChecked();
    void subscriptionCopies();
    void pauseStopsDeliveries();
    void schedulesAreDefinedShownAndRemoved();
    void aKeyIsResumed();
    void snapshotShowsQueues();
    void series();
    void browseDeadLetters();
    void viewsBelongToTheirSession();
    void viewsAreLimited();
    void p2_replayOfAView();
    void p3_selectionIsFrozen();
    void discardAndRestoreWhatItClosed();
    void policiesChangeWhileTheNodeRuns();
    void d8_cancelledDeliveryIsToldToItsWorker();
    void runningMessagesAreListed();
    void topicFiltersTravel();
    void unknownThingsAreNotFound();
    void deadlineCutsTheWait();
};

void TstNodeControl::hello()
{
    NodeHarness harness;
    harness.start();
    ControlClient control(*harness.context, harness.ipc());
    Request request;
    request.mutable_hello()->set_major(1);
    request.mutable_hello()->set_session(control.token());
    const Response response = control.call(request);
    QVERIFY(response.has_welcome());
    QCOMPARE(response.welcome().epoch(), harness.node->epoch());
    QCOMPARE(response.welcome().max_frame_bytes(), wire::kMaxControlFrameBytes);
}

void TstNodeControl::helloOfAnotherVersionIsRefused()
{
    NodeHarness harness;
    harness.start();
    ControlClient control(*harness.context, harness.ipc());
    Request request;
    request.mutable_hello()->set_major(2);
    request.mutable_hello()->set_session(control.token());
    const Response response = control.call(request);
    QCOMPARE(response.error().code(), std::string("unsupported"));
    QVERIFY(response.error().text().find("2.0") != std::string::npos);
    QVERIFY(response.error().text().find("1.0") != std::string::npos);
}

void TstNodeControl::requestsWithoutSessionAreRefused()
{
    NodeHarness harness;
    harness.start();
    ControlClient control(*harness.context, harness.ipc());
    control.useToken("short");
    Request request;
    request.mutable_snapshot();
    QCOMPARE(control.call(request).error().code(), std::string("protocol"));
}

void TstNodeControl::unknownKindIsUnsupported()
{
    NodeHarness harness;
    harness.start();
    ControlClient control(*harness.context, harness.ipc());
    QCOMPARE(control.call(Request()).error().code(), std::string("unsupported"));
}

void TstNodeControl::garbageAndOversizeAreRefused()
{
    NodeHarness harness;
    harness.start();
    ControlClient control(*harness.context, harness.ipc());
    control.sendBytes("\xff\xff");
    QCOMPARE(control.receive().error().code(), std::string("protocol"));
    control.sendBytes(std::string(wire::kMaxControlFrameBytes + 1, 'x'));
    QCOMPARE(control.receive().error().code(), std::string("limit"));
    QTRY_COMPARE(control.snapshot().node().frames_refused(), std::uint64_t{2});
}

void TstNodeControl::defineQueueAndSubmit()
{
    NodeHarness harness;
    harness.start();
    ControlClient control(*harness.context, harness.ipc());
    QVERIFY(control.defineQueue("orders").has_done());
    QVERIFY(control.defineQueue("orders").has_done());
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    const auto confirm = client.submit("orders", makeMessages(5));
    QVERIFY(confirm && confirm->problems.empty());
}

void TstNodeControl::definitionsAreChecked()
{
    NodeHarness harness;
    harness.start();
    ControlClient control(*harness.context, harness.ipc());
    QCOMPARE(control.defineQueue("no/slash").error().code(), std::string("invalid"));
    QCOMPARE(control.defineQueue("orders", "{\"maxDepth\": -1}").error().code(), std::string("invalid"));
    QCOMPARE(control.defineQueue("orders", "not json").error().code(), std::string("invalid"));
}

void TstNodeControl::subscriptionCopies()
{
    NodeHarness harness;
    harness.start();
    ControlClient control(*harness.context, harness.ipc());
    QVERIFY(control.defineQueue("all").has_done());
    QVERIFY(control.defineQueue("some").has_done());
    for (const auto& [queue, pattern] : {std::pair{"all", ""}, std::pair{"some", "test.*"}}) {
        Request request;
        request.mutable_define_subscription()->set_topic("events");
        request.mutable_define_subscription()->set_queue(queue);
        request.mutable_define_subscription()->set_type_pattern(pattern);
        QVERIFY(control.call(request).has_done());
    }
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    auto messages = makeMessages(2);
    messages[1].envelope.type = "other";
    const auto confirm = client.submit("events", messages);
    QVERIFY(confirm && confirm->problems.empty());
    const auto snapshot = control.snapshot();
    QCOMPARE(snapshot.subscriptions_size(), 2);
    QTRY_COMPARE(control.snapshot().total().ready(), std::uint64_t{3});
}

void TstNodeControl::schedulesAreDefinedShownAndRemoved()
{
    NodeHarness harness;
    harness.declare("orders");
    message::ScheduleDefinition fromFile;
    fromFile.name = "from-file";
    fromFile.cron = "@yearly";
    fromFile.target = "orders";
    fromFile.envelope.source = "/file";
    fromFile.envelope.type = "year.over";
    harness.options.definition.schedules = {fromFile};
    harness.start();
    ControlClient control(*harness.context, harness.inproc());
    message::ScheduleDefinition definition = fromFile;
    definition.name = "nightly";
    definition.cron = "30 2 * * *";
    definition.missed = message::Missed::Skip;
    definition.body = "hello";
    Request define;
    wire::write(definition, define.mutable_define_schedule()->mutable_schedule());
    QVERIFY(control.call(define).has_done());

    Request ask;
    ask.mutable_schedules();
    auto shown = control.call(ask).schedules();
    QCOMPARE(shown.schedules_size(), 2);
    QVERIFY(!shown.schedules(0).by_operator());
    const auto status = wire::read(shown.schedules(1));
    QVERIFY(status.has_value());
    QCOMPARE(status->definition.cron, definition.cron);
    QVERIFY(status->definition.missed == message::Missed::Skip);
    QCOMPARE(status->definition.envelope.type, std::string("year.over"));
    QCOMPARE(status->bodyBytes, std::uint64_t{5});
    QVERIFY(status->isByOperator);
    QCOMPARE(status->nextUs.size(), std::size_t{5});
    QVERIFY(status->nextUs[0] > base::toMicros(base::systemNow().wall));
    QCOMPARE(status->nextUs[1] - status->nextUs[0], std::int64_t{86'400'000'000});

    Request pause;
    pause.mutable_pause_schedule()->set_name("nightly");
    pause.mutable_pause_schedule()->set_paused(true);
    QVERIFY(control.call(pause).has_done());
    harness.stop();
    harness.start(); // durable
    ControlClient again(*harness.context, harness.inproc());
    shown = again.call(ask).schedules();
    QVERIFY(shown.schedules(1).paused());
    QCOMPARE(shown.schedules(1).next_us_size(), 0);

    Request remove;
    remove.mutable_remove_schedule()->set_name("nightly");
    QVERIFY(again.call(remove).has_done());
    QCOMPARE(QByteArray::fromStdString(again.call(remove).error().code()), QByteArray("not-found"));
    QCOMPARE(again.call(ask).schedules().schedules_size(), 1);

    define.mutable_define_schedule()->mutable_schedule()->set_cron("0 0 31 2 *");
    const auto refused = again.call(define).error();
    QCOMPARE(QByteArray::fromStdString(refused.code()), QByteArray("invalid"));
    QVERIFY(refused.text().find("never") != std::string::npos);
    define.mutable_define_schedule()->mutable_schedule()->set_missed(9);
    QCOMPARE(QByteArray::fromStdString(again.call(define).error().code()), QByteArray("protocol"));
}

void TstNodeControl::pauseStopsDeliveries()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    ControlClient control(*harness.context, harness.inproc());
    Request request;
    request.mutable_set_paused()->set_queue("orders");
    request.mutable_set_paused()->set_paused(true);
    QVERIFY(control.call(request).has_done());
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    QVERIFY(client.submit("orders", makeMessages(1)));
    client.grant(client.attach("orders")->queue, 1);
    client.send(wire::encode(wire::Heartbeat{1}, false));
    QVERIFY(client.await<wire::Heartbeat>());
    QVERIFY(!client.await<wire::Deliver>(0ms));
    QTRY_VERIFY(control.snapshot().queues(0).paused());
    request.mutable_set_paused()->set_paused(false);
    QVERIFY(control.call(request).has_done());
    QCOMPARE(client.deliveries(1).size(), std::size_t{1});
}

void TstNodeControl::aKeyIsResumed()
{
    NodeHarness harness;
    message::QueuePolicy policy;
    policy.onKeyFailure = message::OnKeyFailure::Park;
    harness.declare("orders", policy);
    harness.start();
    ControlClient control(*harness.context, harness.inproc());
    Request request;
    request.mutable_resume_key()->set_queue("orders");
    request.mutable_resume_key()->set_key("customer-1");
    QCOMPARE(control.call(request).error().code(), std::string("not-found"));
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    auto messages = makeMessages(2);
    for (auto& each : messages)
        each.envelope.partitionKey = "customer-1";
    QVERIFY(client.submit("orders", std::move(messages)));
    client.grant(client.attach("orders")->queue, 10);
    const auto first = client.deliveries(1);
    QCOMPARE(first.size(), std::size_t{1});
    QVERIFY(client.settle({}, {{first[0].lease, message::Ending::Reject, message::Reason::Rejected, {"Broken", "x"}, {}}}));
    QTRY_COMPARE(control.snapshot().total().parked(), std::uint64_t{1});
    QVERIFY(control.call(request).has_done());
    QCOMPARE(client.deliveries(1).size(), std::size_t{1});
}

void TstNodeControl::snapshotShowsQueues()
{
    NodeHarness harness;
    harness.declare("b");
    harness.declare("a");
    harness.start();
    ControlClient control(*harness.context, harness.inproc());
    QTRY_COMPARE(control.snapshot().queues_size(), 2);
    const auto snapshot = control.snapshot();
    QCOMPARE(snapshot.queues(0).name(), std::string("a"));
    QVERIFY(message::queuePolicyFromJson(snapshot.queues(0).policy()).value() == message::QueuePolicy{});
    QCOMPARE(snapshot.node().pid(), std::int64_t{QCoreApplication::applicationPid()});
    QVERIFY(snapshot.node().resident_bytes() > 1'000'000);
    QVERIFY(snapshot.node().database_bytes() > 0);
    QVERIFY(snapshot.node().trouble().empty());
    QCOMPARE(snapshot.epoch(), harness.node->epoch());
}

void TstNodeControl::series()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    QVERIFY(client.submit("orders", makeMessages(10)));
    ControlClient control(*harness.context, harness.inproc());
    const auto ask = [&control](const std::string& queue) {
        Request request;
        request.mutable_series()->set_queue(queue);
        request.mutable_series()->set_until_us(INT64_MAX);
        return control.call(request);
    };
    QTRY_VERIFY(wire::read(ask("").series()).value().size() >= 2);
    const auto points = wire::read(ask("orders").series()).value();
    QVERIFY(!points.empty());
    QCOMPARE(points.back().ready, 10.0F);
    QCOMPARE(ask("nowhere").error().code(), std::string("not-found"));
}

void TstNodeControl::browseDeadLetters()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    makeDeadLetters(harness, "orders", 30);
    ControlClient control(*harness.context, harness.ipc());
    const auto view = openView(control);
    QCOMPARE(view.total(), std::uint64_t{30});
    std::set<std::string> ids;
    for (std::uint64_t first = 0; first < 30; first += 10) {
        const Response rows = rowsOf(control, view.id(), first, 10);
        QCOMPARE(rows.rows().rows_size(), 10);
        for (const auto& row : rows.rows().rows())
            ids.insert(wire::read(row).value().id);
    }
    QCOMPARE(ids.size(), std::size_t{30});

    Request detail;
    detail.mutable_dead_letter()->set_ref(rowsOf(control, view.id(), 0, 1).rows().rows(0).ref());
    const auto read = wire::read(control.call(detail).detail()).value();
    QCOMPARE(read.errorText, std::string("card 4711 declined"));
    QCOMPARE(read.attempts.size(), std::size_t{1});
    QCOMPARE(read.attempts[0].worker, std::string("raw worker"));
    QVERIFY(read.body.starts_with("body "));

    Request groups;
    groups.mutable_dead_letter_groups()->mutable_filter();
    const Response grouped = control.call(groups);
    QCOMPARE(grouped.groups().groups_size(), 1);
    QCOMPARE(grouped.groups().groups(0).count(), std::uint64_t{30});

    Request close;
    close.mutable_close_dead_letters()->set_id(view.id());
    QVERIFY(control.call(close).has_done());
    QCOMPARE(rowsOf(control, view.id(), 0, 10).error().code(), std::string("not-found"));
    QCOMPARE(rowsOf(control, openView(control).id(), 0, 1001).error().code(), std::string("limit"));
}

void TstNodeControl::viewsBelongToTheirSession()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    makeDeadLetters(harness, "orders", 1);
    ControlClient mine(*harness.context, harness.ipc());
    ControlClient other(*harness.context, harness.ipc());
    const auto view = openView(mine);
    QCOMPARE(rowsOf(other, view.id(), 0, 1).error().code(), std::string("not-found"));
    QCOMPARE(rowsOf(mine, view.id(), 0, 1).rows().rows_size(), 1);
    // The data session of the same token ends: so do the views.
    DataClient data(*harness.context, harness.ipc());
    data.useToken(mine.token());
    QVERIFY(data.hello());
    data.send(wire::encode(wire::Goodbye{}));
    QTRY_COMPARE(rowsOf(mine, view.id(), 0, 1).error().code(), std::string("not-found"));
}

void TstNodeControl::viewsAreLimited()
{
    NodeHarness harness;
    harness.start();
    ControlClient control(*harness.context, harness.ipc());
    for (int i = 0; i < 64; ++i)
        QVERIFY(openView(control).id() != 0);
    Request request;
    request.mutable_open_dead_letters();
    QCOMPARE(control.call(request).error().code(), std::string("limit"));
}

void TstNodeControl::p2_replayOfAView()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    makeDeadLetters(harness, "orders", 600);
    ControlClient control(*harness.context, harness.ipc());
    Request request;
    request.set_actor("tester\nwith a second line");
    request.mutable_start_operation()->set_verb(0);
    request.mutable_start_operation()->set_reason("the card service is back");
    request.mutable_start_operation()->set_view(openView(control).id());
    const Response started = control.call(request);
    QVERIFY2(started.has_operation(), started.error().text().c_str());
    const auto done = whenDone(control, started.operation().id());
    QCOMPARE(done.state(), 1U);
    QCOMPARE(done.moved(), std::uint64_t{600});
    QCOMPARE(done.actor(), std::string("tester with a second line"));
    QCOMPARE(done.reason(), std::string("the card service is back"));
    QCOMPARE(openView(control).total(), std::uint64_t{0});
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    client.grant(client.attach("orders")->queue, 600);
    const auto deliveries = client.deliveries(600);
    QCOMPARE(deliveries.size(), std::size_t{600});
    QVERIFY(client.settle(leasesOf(deliveries)));
}

void TstNodeControl::p3_selectionIsFrozen()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.declare("later");
    harness.start();
    makeDeadLetters(harness, "orders", 5);
    ControlClient control(*harness.context, harness.ipc());
    const auto view = openView(control);
    makeDeadLetters(harness, "later", 3);
    Request request;
    request.mutable_start_operation()->set_view(view.id());
    const auto done = whenDone(control, control.call(request).operation().id());
    QCOMPARE(done.total(), std::uint64_t{5});
    QCOMPARE(done.moved(), std::uint64_t{5});
    QCOMPARE(openView(control).total(), std::uint64_t{3});
}

void TstNodeControl::discardAndRestoreWhatItClosed()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    makeDeadLetters(harness, "orders", 8);
    ControlClient control(*harness.context, harness.ipc());
    const auto rows = rowsOf(control, openView(control).id(), 0, 3);
    Request discard;
    discard.mutable_start_operation()->set_verb(1);
    for (const auto& row : rows.rows().rows())
        discard.mutable_start_operation()->mutable_refs()->add_refs(row.ref());
    const auto discarded = whenDone(control, control.call(discard).operation().id());
    QCOMPARE(discarded.moved(), std::uint64_t{3});
    QCOMPARE(openView(control).total(), std::uint64_t{5});
    Request restore;
    restore.mutable_start_operation()->set_verb(2);
    restore.mutable_start_operation()->set_closed_by(discarded.id());
    const auto restored = whenDone(control, control.call(restore).operation().id());
    QCOMPARE(restored.moved(), std::uint64_t{3});
    QCOMPARE(openView(control).total(), std::uint64_t{8});
    Request all;
    all.mutable_start_operation()->set_verb(1);
    all.mutable_start_operation()->mutable_filter()->set_text("declined");
    QCOMPARE(whenDone(control, control.call(all).operation().id()).moved(), std::uint64_t{8});
}

void TstNodeControl::policiesChangeWhileTheNodeRuns()
{
    NodeHarness harness;
    harness.declare("q");
    harness.start();
    const auto update = [](ControlClient& control, const std::string& policy, bool resets) {
        Request request;
        request.mutable_update_queue()->set_name("q");
        request.mutable_update_queue()->set_policy(policy);
        request.mutable_update_queue()->set_reset_to_file(resets);
        return control.call(request);
    };
    {
        ControlClient control(*harness.context, harness.ipc());
        QVERIFY(!control.snapshot().queues(0).differs_from_file());
        QVERIFY(update(control, R"({"max_depth":7})", false).has_done());
        QVERIFY(control.snapshot().queues(0).differs_from_file());
        QCOMPARE(update(control, R"({"max_depth":0})", false).error().code(), std::string("invalid"));
    }
    harness.stop();
    harness.start();
    ControlClient control(*harness.context, harness.ipc());
    QVERIFY(control.snapshot().queues(0).differs_from_file());
    QCOMPARE(message::queuePolicyFromJson(control.snapshot().queues(0).policy())->maxDepth, std::uint64_t{7});
    QVERIFY(update(control, {}, true).has_done());
    QVERIFY(!control.snapshot().queues(0).differs_from_file());
    QVERIFY(*message::queuePolicyFromJson(control.snapshot().queues(0).policy()) == message::QueuePolicy());
}

void TstNodeControl::d8_cancelledDeliveryIsToldToItsWorker()
{
    NodeHarness harness;
    harness.declare("q");
    harness.start();
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    QVERIFY(client.submit("q", makeMessages(2)));
    const auto attached = client.attach("q");
    QVERIFY(attached && attached->ok);
    client.grant(attached->queue, 1);
    const auto held = leasesOf(client.deliveries(1));
    QCOMPARE(held.size(), std::size_t{1});

    ControlClient control(*harness.context, harness.ipc());
    const auto act = [&](std::uint32_t what, const std::vector<std::string>& refs) {
        Request request;
        request.mutable_act_on_messages()->set_queue("q");
        request.mutable_act_on_messages()->set_act(what);
        for (const std::string& ref : refs)
            request.mutable_act_on_messages()->add_refs(ref);
        return control.call(request);
    };
    const Response done = act(0, {std::to_string(held[0].sequence), "999999"});
    QCOMPARE(done.done().moved(), std::uint64_t{1});
    QCOMPARE(done.done().skipped(), std::uint64_t{1});
    const auto stop = client.await<wire::StopDeliveries>();
    QVERIFY(stop.has_value());
    QCOMPARE(stop->queue, attached->queue);
    QVERIFY(stop->leases == held);
    const auto settled = client.settle(held);
    QVERIFY(settled && settled->lost == held);
    QCOMPARE(control.snapshot().queues(0).sample().cancelled(), std::uint64_t{1});
    QCOMPARE(act(0, {std::to_string(held[0].sequence)}).error().code(), std::string("not-found"));
    QCOMPARE(act(0, {"x"}).error().code(), std::string("invalid"));
    QCOMPARE(act(3, {"1"}).error().code(), std::string("protocol"));
    QCOMPARE(act(1, {std::to_string(held[0].sequence + 1)}).error().code(), std::string("conflict"));
    QCOMPARE(act(2, {std::to_string(held[0].sequence + 1)}).done().moved(), std::uint64_t{1});
    QCOMPARE(control.snapshot().queues(0).sample().dead(), std::uint64_t{1});
}

void TstNodeControl::runningMessagesAreListed()
{
    NodeHarness harness;
    harness.declare("q");
    harness.start();
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    QVERIFY(client.submit("q", makeMessages(3)));
    const auto attached = client.attach("q");
    QVERIFY(attached && attached->ok);
    client.grant(attached->queue, 3);
    const auto held = leasesOf(client.deliveries(3));
    client.send(wire::encode(wire::Extend{77, held, {{held.at(1), {55, "half way"}}}}));
    QVERIFY(client.await<wire::Settled>());

    ControlClient control(*harness.context, harness.ipc());
    Request request;
    request.mutable_running()->set_queue("q");
    const auto all = control.call(request).running();
    QCOMPARE(all.messages_size(), 3);
    QCOMPARE(all.messages(0).worker(), std::string("raw worker"));
    QCOMPARE(all.messages(0).attempt(), 1U);
    QVERIFY(all.messages(0).leased_until_us() > all.messages(0).started_at_us());
    QCOMPARE(all.messages(0).progress_at_us(), 0);
    QCOMPARE(all.messages(1).ref(), std::to_string(held[1].sequence));
    QCOMPARE(all.messages(1).percent(), 55U);
    QCOMPARE(all.messages(1).note(), std::string("half way"));
    request.mutable_running()->set_limit(1);
    QCOMPARE(control.call(request).running().messages_size(), 1);
    request.mutable_running()->set_queue("nowhere");
    QCOMPARE(control.call(request).error().code(), std::string("not-found"));
}

void TstNodeControl::topicFiltersTravel()
{
    NodeHarness harness;
    harness.declare("q");
    harness.start();
    ControlClient control(*harness.context, harness.ipc());
    Request request;
    auto* define = request.mutable_define_subscription();
    define->set_topic("t");
    define->set_queue("q");
    define->set_source_pattern("/tests*");
    (*define->mutable_attributes())["region"] = "eu";
    QVERIFY(control.call(request).has_done());
    const auto snapshot = control.snapshot();
    QCOMPARE(snapshot.subscriptions(0).source_pattern(), std::string("/tests*"));
    QCOMPARE(snapshot.subscriptions(0).attributes().at("region"), std::string("eu"));
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    message::Message fits = makeMessage("fits");
    fits.envelope.attributes["region"] = "eu";
    const auto confirm = client.submit("t", {makeMessage("other"), fits});
    QVERIFY(confirm.has_value());
    QCOMPARE(confirm->sequences.at(0), std::uint64_t{0});
    QVERIFY(confirm->sequences.at(1) != 0);
}

void TstNodeControl::unknownThingsAreNotFound()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    ControlClient control(*harness.context, harness.ipc());
    Request pause;
    pause.mutable_set_paused()->set_queue("nowhere");
    QCOMPARE(control.call(pause).error().code(), std::string("not-found"));
    Request operation;
    operation.mutable_operation()->set_id(99);
    QCOMPARE(control.call(operation).error().code(), std::string("not-found"));
    Request cancel;
    cancel.mutable_cancel_operation()->set_id(99);
    QCOMPARE(control.call(cancel).error().code(), std::string("not-found"));
    for (const char* ref : {"99", "", "abc", "-1", "99999999999999999999999"}) {
        Request detail;
        detail.mutable_dead_letter()->set_ref(ref);
        QCOMPARE(control.call(detail).error().code(), std::string("not-found"));
    }
    Request start;
    start.mutable_start_operation()->set_view(12345);
    QCOMPARE(control.call(start).error().code(), std::string("not-found"));
    start.mutable_start_operation()->set_verb(4);
    QCOMPARE(control.call(start).error().code(), std::string("protocol"));
    start.mutable_start_operation()->set_verb(0);
    start.mutable_start_operation()->clear_members();
    QCOMPARE(control.call(start).error().code(), std::string("protocol"));
}

void TstNodeControl::deadlineCutsTheWait()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    makeDeadLetters(harness, "orders", 100);
    ControlClient control(*harness.context, harness.ipc());
    // A burst of searches with a deadline of 1 ms: each is answered, and those that come too late say so.
    int late = 0, answered = 0;
    for (int i = 0; i < 200; ++i) {
        Request request;
        request.mutable_open_dead_letters()->mutable_filter()->set_text("nothing like this");
        request.set_request(1000 + static_cast<std::uint64_t>(i));
        request.set_deadline_ms(1);
        request.set_session(control.token());
        control.sendBytes(request.SerializeAsString());
    }
    for (; answered < 200; ++answered)
        late += control.receive().error().code() == "timeout" ? 1 : 0;
    QCOMPARE(answered, 200);
    QVERIFY(late > 0);
}

QTEST_GUILESS_MAIN(TstNodeControl)
#include "tst_node_control.moc"
