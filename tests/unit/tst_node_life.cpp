// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/counting_vfs.h"
#include "tests/unit/node_harness.h"
#include "transport/zeromq/node/failpoint_p.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

using namespace millrace;
using namespace millrace::testing;
using base::ErrorCode;
using zeromq::Failpoint;

namespace {

mode_t modeOf(const std::string& path)
{
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0U;
}

} // namespace

namespace {

ControlClient::Response openDeadLetters(ControlClient& control)
{
    ControlClient::Request request;
    request.mutable_open_dead_letters()->mutable_filter();
    return control.call(request);
}

} // namespace

class TstNodeLife : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cleanup();
    void d1_restartKeepsMessages();
    void memoryQueueEndsWithTheNodeButNotItsDeadLetters();
    void d20_secondNodeSaysWhoHoldsTheDirectory();
    void socketsArePrivate();
    void runtimeDirectoryThatIsNotPrivateIsRefused();
    void staleSocketFilesAreReplaced();
    void socketsOfALivingNodeAreNotTaken();
    void tooLongSocketPathIsRefused();
    void directoryThatCannotBeWrittenIsRefused();
    void wrongDefinitionIsRefused();
    void policyOfTheFileReplacesTheOldOne();
    void s6_subscriberSeesGrowingNumbers();
    void stopTellsSessions();
    void stopGivesLeasesBackWithoutSuspects();
    void stopIsQuickWithManyClients();
    void d4_failedCommitIsUnknownAndTheStoreIsOpenedAgain();
    void d4_openViewsDoNotHinderTheReopening();
    void d4_failedReopenIsTriedAgainAndTold();
    void d1_eachConfirmFollowsASync();
    void d17_fullDiskLosesNothingAndEnds();
};

void TstNodeLife::cleanup()
{
    zeromq::armFailpoint(Failpoint::None);
}

void TstNodeLife::d1_restartKeepsMessages()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    const std::uint64_t before = harness.node->epoch();
    {
        DataClient client(*harness.context, harness.ipc());
        QVERIFY(client.hello());
        QVERIFY(client.submit("orders", makeMessages(500)));
    }
    harness.stop();
    harness.start();
    QVERIFY(harness.node->epoch() > before);
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    client.grant(client.attach("orders")->queue, 500);
    const auto deliveries = client.deliveries(500);
    QCOMPARE(deliveries.size(), std::size_t{500});
    for (std::size_t i = 0; i < deliveries.size(); ++i)
        QCOMPARE(deliveries[i].body.toString(), "body " + std::to_string(i));
}

void TstNodeLife::memoryQueueEndsWithTheNodeButNotItsDeadLetters()
{
    NodeHarness harness;
    message::QueuePolicy policy;
    policy.durability = message::Durability::Memory;
    policy.retry.initialDelay = policy.retry.maxDelay = 0ms;
    harness.declare("fast", policy);
    harness.declare("orders");
    harness.start();
    std::vector<std::uint64_t> sequences;
    {
        DataClient client(*harness.context, harness.ipc());
        QVERIFY(client.hello());
        QVERIFY(client.submit("orders", makeMessages(3))->problems.empty());
        const auto confirm = client.submit("fast", makeMessages(20));
        QVERIFY(confirm && confirm->problems.empty());
        sequences = confirm->sequences;
        const auto queue = client.attach("fast")->queue;
        client.grant(queue, 2);
        const auto deliveries = client.deliveries(2);
        QVERIFY(client.settle({deliveries[0].lease}, {{deliveries[1].lease, message::Ending::Retry, {}, {"First", "one"}, {}}}));
        client.grant(queue, 19); // all that are left, and it among them
        const auto rest = client.deliveries(19);
        const auto again = std::find_if(rest.begin(), rest.end(), [](const auto& each) { return each.attempt == 2; });
        QVERIFY(again != rest.end());
        QCOMPARE(again->lease.sequence, sequences[1]);
        QVERIFY(client.settle({}, {{again->lease, message::Ending::Reject, message::Reason::Rejected, {"No", "two"}, {}}}));
    }
    harness.stop();
    harness.start();
    ControlClient control(*harness.context, harness.ipc());
    const auto snapshot = control.snapshot();
    QCOMPARE(snapshot.total().ready(), 3U);
    QCOMPARE(snapshot.total().dead(), 1U);
    ControlClient::Request request;
    request.mutable_dead_letter()->set_ref(std::to_string(sequences[1]));
    const auto detail = control.call(request).detail();
    QCOMPARE(detail.body(), std::string("body 1"));
    wire::v1::History history;
    QVERIFY(history.ParseFromString(detail.history()));
    QCOMPARE(history.attempts_size(), 2);
    QCOMPARE(history.attempts(0).error_class(), std::string("First"));
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    const auto confirm = client.submit("fast", makeMessages(1));
    QVERIFY(confirm && confirm->problems.empty());
    QVERIFY(confirm->sequences[0] > sequences.back());
}

void TstNodeLife::d20_secondNodeSaysWhoHoldsTheDirectory()
{
    NodeHarness harness;
    harness.start();
    zeromq::NodeOptions options = harness.options;
    options.name = "other";
    options.inprocName = "other";
    const auto second = zeromq::Node::start(harness.context, options);
    QVERIFY(!second);
    QVERIFY(second.error().code == ErrorCode::Busy);
    QVERIFY(second.error().context.find(std::to_string(::getpid())) != std::string::npos);
    const auto holder = store::DirectoryLock::holder(harness.options.store.directory);
    QVERIFY(holder.has_value());
    QCOMPARE(holder->endpoints, harness.ipc());
    harness.stop();
    auto third = zeromq::Node::start(harness.context, options);
    QVERIFY(third.has_value());
}

void TstNodeLife::socketsArePrivate()
{
    NodeHarness harness;
    harness.start();
    QCOMPARE(modeOf(harness.options.runtimeDirectory), mode_t{0700});
    for (const char* suffix : {"/node-data", "/node-control", "/node-telemetry"})
        QCOMPARE(modeOf(harness.options.runtimeDirectory + suffix), mode_t{0600});
    harness.stop();
    QVERIFY(std::filesystem::is_empty(harness.options.runtimeDirectory));
}

void TstNodeLife::runtimeDirectoryThatIsNotPrivateIsRefused()
{
    NodeHarness harness;
    std::filesystem::create_directory(harness.options.runtimeDirectory);
    ::chmod(harness.options.runtimeDirectory.c_str(), 0755);
    const auto node = zeromq::Node::start(harness.context, harness.options);
    QVERIFY(!node && node.error().code == ErrorCode::Io);
    QVERIFY(node.error().context.find("chmod 700") != std::string::npos);
}

void TstNodeLife::staleSocketFilesAreReplaced()
{
    NodeHarness harness;
    harness.start();
    const std::string path = harness.options.runtimeDirectory + "/node-data";
    harness.stop();
    // A socket file that nobody listens at, as a killed node leaves it.
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof(address.sun_path), "%s", path.c_str());
    QCOMPARE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    ::close(fd);
    QVERIFY(std::filesystem::exists(path));
    harness.start();
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
}

void TstNodeLife::socketsOfALivingNodeAreNotTaken()
{
    NodeHarness harness;
    harness.start();
    zeromq::NodeOptions options = harness.options;
    options.store.directory = harness.directory.path().toStdString() + "/elsewhere";
    options.inprocName = "elsewhere";
    const auto second = zeromq::Node::start(harness.context, options);
    QVERIFY(!second && second.error().code == ErrorCode::Busy);
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
}

void TstNodeLife::tooLongSocketPathIsRefused()
{
    NodeHarness harness;
    harness.options.runtimeDirectory = harness.directory.path().toStdString() + "/" + std::string(60, 'd');
    harness.options.name = std::string(60, 'n');
    const auto node = zeromq::Node::start(harness.context, harness.options);
    QVERIFY(!node && node.error().code == ErrorCode::Limit);
    QVERIFY(node.error().context.find("107") != std::string::npos);
}

void TstNodeLife::directoryThatCannotBeWrittenIsRefused()
{
    NodeHarness harness;
    // A file where the directory should be: refused for root, too.
    std::ofstream(harness.options.store.directory) << "not a directory";
    const auto node = zeromq::Node::start(harness.context, harness.options);
    QVERIFY(!node && node.error().code == ErrorCode::Io);
    QVERIFY(node.error().context.find(harness.options.store.directory.string()) != std::string::npos);
}

void TstNodeLife::wrongDefinitionIsRefused()
{
    NodeHarness harness;
    harness.declare("no/slash");
    const auto node = zeromq::Node::start(harness.context, harness.options);
    QVERIFY(!node && node.error().code == ErrorCode::Invalid);
}

void TstNodeLife::policyOfTheFileReplacesTheOldOne()
{
    NodeHarness harness;
    message::QueuePolicy policy;
    policy.maxDepth = 5;
    harness.declare("orders", policy);
    harness.start();
    harness.stop();
    harness.options.definition.queues[0].policy.maxDepth = 7;
    for (int start = 0; start < 2; ++start) {
        harness.start();
        ControlClient control(*harness.context, harness.inproc());
        QTRY_COMPARE(control.snapshot().queues_size(), 1);
        const auto found = message::queuePolicyFromJson(control.snapshot().queues(0).policy());
        QVERIFY(found && found->maxDepth == 7);
        // Whoever declares it later, without a file, changes nothing.
        QVERIFY(!control.defineQueue("orders", message::toJson(policy)).has_error());
        harness.stop();
        harness.options.definition.queues.clear();
    }
    QVERIFY(store::verifyAudit(harness.options.store).has_value());
}

void TstNodeLife::s6_subscriberSeesGrowingNumbers()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    zmq::socket_t subscriber(*harness.context, zmq::socket_type::sub);
    subscriber.set(zmq::sockopt::linger, 0);
    subscriber.set(zmq::sockopt::subscribe, "snapshot");
    subscriber.connect(harness.ipc() + "-telemetry");
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    QVERIFY(client.submit("orders", makeMessages(3)));
    std::uint64_t last = 0;
    bool sawMessages = false;
    for (int i = 0; i < 10 || !sawMessages; ++i) {
        QVERIFY(i < 500);
        QVERIFY(readable(subscriber, Clock::now() + kPatience));
        zmq::message_t topic, body;
        QVERIFY(subscriber.recv(topic) && subscriber.recv(body));
        QCOMPARE(topic.to_string(), std::string("snapshot"));
        const auto snapshot = wire::parseSnapshot(body.to_string_view());
        QVERIFY(snapshot.has_value());
        QVERIFY(last == 0 || snapshot->number() == last + 1);
        last = snapshot->number();
        sawMessages = sawMessages || snapshot->total().submitted() == 3;
        QCOMPARE(snapshot->node().name(), std::string("node"));
    }
}

void TstNodeLife::stopTellsSessions()
{
    NodeHarness harness;
    harness.start();
    DataClient overIpc(*harness.context, harness.ipc());
    DataClient overInproc(*harness.context, harness.inproc());
    QVERIFY(overIpc.hello());
    QVERIFY(overInproc.hello());
    harness.stop();
    for (DataClient* client : {&overIpc, &overInproc}) {
        const auto refused = client->await<wire::Refused>();
        QVERIFY(refused && refused->error.code == ErrorCode::Closed);
    }
}

void TstNodeLife::stopGivesLeasesBackWithoutSuspects()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    {
        DataClient client(*harness.context, harness.inproc());
        QVERIFY(client.hello());
        QVERIFY(client.submit("orders", makeMessages(20)));
        client.grant(client.attach("orders")->queue, 20);
        QCOMPARE(client.deliveries(20).size(), std::size_t{20});
        harness.stop();
    }
    harness.start();
    DataClient client(*harness.context, harness.inproc());
    QVERIFY(client.hello());
    client.grant(client.attach("orders")->queue, 20);
    // Suspects would come one at a time; these were given back in order.
    QCOMPARE(client.deliveries(20).size(), std::size_t{20});
}

void TstNodeLife::stopIsQuickWithManyClients()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    std::vector<std::unique_ptr<DataClient>> clients;
    for (int i = 0; i < 50; ++i) {
        clients.push_back(std::make_unique<DataClient>(*harness.context, harness.ipc()));
        QVERIFY(clients.back()->hello());
        QVERIFY(clients.back()->submit("orders", makeMessages(10)));
    }
    const auto began = Clock::now();
    harness.stop();
    QVERIFY(Clock::now() - began < 5s);
}

void TstNodeLife::d4_failedCommitIsUnknownAndTheStoreIsOpenedAgain()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    QVERIFY(client.submit("orders", makeMessages(10)));
    const std::uint64_t before = harness.node->epoch();

    zeromq::armFailpoint(Failpoint::CommitFails);
    client.setRequest(100);
    const std::string envelope = message::encode(makeMessage("lost").envelope);
    const std::vector<wire::OutgoingView> messages{{envelope, "body"}};
    client.send(wire::encodeSubmit(101, "orders", messages));
    const auto lost = client.await<wire::Lost>();
    QVERIFY(lost.has_value());
    QVERIFY((lost->requests == std::vector<std::uint64_t>{101}));
    QVERIFY(lost->error.code == ErrorCode::Unknown);
    const auto closed = client.await<wire::Refused>();
    QVERIFY(closed && closed->error.code == ErrorCode::Closed);

    const auto welcome = client.hello();
    QVERIFY(welcome.has_value());
    QVERIFY(welcome->epoch > before);
    client.setRequest(200);
    QVERIFY(client.submit("orders", makeMessages(1, "after")));
    client.grant(client.attach("orders")->queue, 20);
    // The ten of before and the one of after; the one whose commit failed is not among them.
    QCOMPARE(client.deliveries(11).size(), std::size_t{11});
    ControlClient control(*harness.context, harness.ipc());
    QTRY_VERIFY(control.snapshot().node().trouble().find("opened again") != std::string::npos);
    QVERIFY(harness.hasLogged("E a commit failed"));
}

void TstNodeLife::d4_openViewsDoNotHinderTheReopening()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    ControlClient control(*harness.context, harness.ipc());
    // From now on a second connection reads the database.
    QVERIFY(!openDeadLetters(control).has_error());
    zeromq::armFailpoint(Failpoint::CommitFails);
    const std::string envelope = message::encode(makeMessage("lost").envelope);
    client.send(wire::encodeSubmit(1, "orders", std::vector<wire::OutgoingView>{{envelope, "body"}}));
    QVERIFY(client.await<wire::Lost>());
    QVERIFY(client.await<wire::Refused>());
    QVERIFY(client.hello());
    QVERIFY(client.submit("orders", makeMessages(1)));
    QVERIFY(!harness.hasLogged("cannot be opened again"));
    QVERIFY(!openDeadLetters(control).has_error());
}

void TstNodeLife::d1_eachConfirmFollowsASync()
{
    using File = test::CountingVfs::File;
    test::CountingVfs vfs("node-life");
    NodeHarness harness;
    harness.options.store.vfs = vfs.name();
    harness.declare("orders");
    harness.start();
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    client.grant(client.attach("orders")->queue, 1000);
    // One at a time, so that nothing else is on its way to the log when the answer is here.
    for (int i = 0; i < 100; ++i) {
        const auto before = vfs.counts(File::Log).syncs;
        QVERIFY(client.submit("orders", makeMessages(1, "m" + std::to_string(i) + "-")));
        QVERIFY(vfs.counts(File::Log).syncs > before);
        QVERIFY(!vfs.logIsUnsynced());
        QCOMPARE(client.settle(leasesOf(client.deliveries(1)))->lost.size(), std::size_t{0});
    }
    harness.stop();
}

void TstNodeLife::d17_fullDiskLosesNothingAndEnds()
{
    test::CountingVfs vfs("node-full");
    NodeHarness harness;
    harness.options.store.vfs = vfs.name();
    harness.declare("orders");
    harness.start();
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    QVERIFY(client.submit("orders", makeMessages(10)));
    vfs.failAt(1, test::CountingVfs::Fault::NoSpace, test::CountingVfs::Lasts::ForEver);
    const std::string envelope = message::encode(makeMessage("lost").envelope);
    client.send(wire::encodeSubmit(100, "orders", std::vector<wire::OutgoingView>{{envelope, "body"}}));
    const auto lost = client.await<wire::Lost>();
    QVERIFY(lost && lost->error.code == ErrorCode::Unknown);
    ControlClient control(*harness.context, harness.ipc());
    QTRY_VERIFY(control.snapshot().node().trouble().find("tried again every second") != std::string::npos);
    vfs.heal();
    std::optional<wire::Welcome> welcome;
    for (const auto until = Clock::now() + kPatience; !welcome && Clock::now() < until;) {
        client.send(wire::encode(wire::Hello{1, 0, "worker", "again", client.token()}));
        welcome = client.await<wire::Welcome>(100ms);
    }
    QVERIFY(welcome.has_value());
    QVERIFY(client.submit("orders", makeMessages(1, "after")));
    client.grant(client.attach("orders")->queue, 100);
    std::set<std::string> bodies;
    for (const auto& delivery : client.deliveries(11))
        bodies.insert(delivery.body.toString());
    QVERIFY(bodies.size() >= 10); // "after0" and "m0" have the same body
    for (int i = 0; i < 10; ++i)
        QVERIFY(bodies.contains("body " + std::to_string(i)));
    harness.stop();
}

void TstNodeLife::d4_failedReopenIsTriedAgainAndTold()
{
    NodeHarness harness;
    harness.declare("orders");
    harness.start();
    DataClient client(*harness.context, harness.ipc());
    QVERIFY(client.hello());
    ControlClient control(*harness.context, harness.ipc());

    zeromq::armFailpoint(Failpoint::CommitFailsThenOpen);
    const std::string envelope = message::encode(makeMessage("lost").envelope);
    const std::vector<wire::OutgoingView> messages{{envelope, "body"}};
    client.send(wire::encodeSubmit(1, "orders", messages));
    QVERIFY(client.await<wire::Lost>());
    QVERIFY(client.await<wire::Refused>());
    client.send(wire::encode(wire::Hello{1, 0, "worker", "again", client.token()}));
    const auto refused = client.await<wire::Refused>();
    QVERIFY(refused && refused->error.code == ErrorCode::Io);
    QTRY_VERIFY(control.snapshot().node().trouble().find("cannot be opened") != std::string::npos);
    QCOMPARE(control.defineQueue("new").error().code(), std::string("io"));

    // The second try succeeds.
    std::optional<wire::Welcome> welcome;
    const auto until = Clock::now() + kPatience;
    while (!welcome && Clock::now() < until) {
        client.send(wire::encode(wire::Hello{1, 0, "worker", "again", client.token()}));
        welcome = client.await<wire::Welcome>(100ms);
    }
    QVERIFY(welcome.has_value());
    QVERIFY(client.submit("orders", makeMessages(1)));
}

QTEST_GUILESS_MAIN(TstNodeLife)
#include "tst_node_life.moc"
