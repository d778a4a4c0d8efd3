// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/engine_harness.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::test;

/// Topics: which copies a submit makes, and that it makes all of them or none.
class TstEngineTopics : public QObject
{
    Q_OBJECT

private:
    static void subscribe(Harness& harness, message::SubscriptionDefinition definition)
    {
        harness.run({DefineSubscription{1, harness.nextRequest++, "ada", std::move(definition)}});
        if (auto outcome = harness.take<Reply>().at(0).outcome; !outcome)
            qFatal("%s", outcome.error().context.c_str());
    }
    static Submission of(const std::string& type,
                         const std::string& source,
                         std::map<std::string, std::string> attributes = {},
                         const std::string& subject = {})
    {
        auto envelope = Harness::envelope("m");
        envelope.type = type;
        envelope.source = source;
        envelope.subject = subject;
        envelope.attributes = std::move(attributes);
        return Harness::item(envelope);
    }
    static std::string gotBy(Harness& harness)
    {
        std::string queues;
        for (const char* queue : {"a", "b", "c", "d"}) {
            if (harness.figures(queue).ready > 0)
                queues += queue;
        }
        std::vector<Sequence> all;
        for (const auto& [sequence, live] : harness.ledger.live)
            all.push_back(sequence);
        for (const char* queue : {"a", "b", "c", "d"})
            harness.run({ActOnMessages{1, 1, "ada", queue, message::LiveAct::Cancel, all, {}}});
        return queues;
    }

private Q_SLOTS:
    void filtersOnTypeSourceAndAttributes()
    {
        Harness harness;
        for (const char* queue : {"a", "b", "c", "d"})
            harness.define(queue);
        subscribe(harness, {"t", "a", "order.*"});
        subscribe(harness, {"t", "b", "", "/shop/*"});
        subscribe(harness, {"t", "c", "", "", {{"region", "eu"}, {"tier", "gold"}}});
        subscribe(harness, {"t", "d", "order.*", "/shop/*", {{"subject", "s1"}}});
        const auto got = [&](Submission item) {
            harness.submit("t", {std::move(item)});
            return gotBy(harness);
        };
        QCOMPARE(got(of("order.created", "/x")), std::string("a"));
        QCOMPARE(got(of("mail", "/shop/1")), std::string("b"));
        QCOMPARE(got(of("mail", "/x", {{"region", "eu"}, {"tier", "gold"}, {"more", "1"}})), std::string("c"));
        QCOMPARE(got(of("mail", "/x", {{"region", "eu"}})), std::string());
        QCOMPARE(got(of("mail", "/x", {{"region", "EU"}, {"tier", "gold"}})), std::string());
        QCOMPARE(got(of("order.paid", "/shop/2", {{"region", "eu"}, {"tier", "gold"}}, "s1")), std::string("abcd"));
        harness.restart();
        QCOMPARE(got(of("order.paid", "/shop/2", {{"region", "eu"}, {"tier", "gold"}}, "s1")), std::string("abcd"));
        QCOMPARE(harness.imbalance(), std::string());
    }
    void d3_allCopiesAreAcceptedOrNone()
    {
        Harness harness;
        message::QueuePolicy full;
        full.maxDepth = 1;
        harness.define("a");
        harness.define("b", full);
        subscribe(harness, {"t", "a", ""});
        subscribe(harness, {"t", "b", ""});
        QCOMPARE(harness.submit("t", {of("x", "/x")}).problems.size(), 0U);
        QCOMPARE(harness.submit("t", {of("x", "/x")}).problems.size(), 1U);
        QCOMPARE(harness.figures("a").ready, 1U);
        QCOMPARE(harness.figures("b").ready, 1U);
        QCOMPARE(harness.imbalance(), std::string());
    }
    void newFilterReplacesTheOldOne()
    {
        Harness harness;
        for (const char* queue : {"a", "b", "c", "d"})
            harness.define(queue);
        subscribe(harness, {"t", "a", "order.*"});
        subscribe(harness, {"t", "a", "mail.*"});
        QCOMPARE(harness.ledger.audits.back().verb, std::string("change-subscription"));
        const auto commits = harness.ledger.commits;
        subscribe(harness, {"t", "a", "mail.*"});
        QCOMPARE(harness.ledger.commits, commits);
        harness.restart();
        QCOMPARE(harness.engine->subscriptions().size(), 1U);
        harness.submit("t", {of("order.created", "/x")});
        QCOMPARE(gotBy(harness), std::string());
        harness.submit("t", {of("mail.sent", "/x")});
        QCOMPARE(gotBy(harness), std::string("a"));
    }
    void filterIsBounded()
    {
        Harness harness;
        harness.define("a");
        message::SubscriptionDefinition definition{"t", "a", "", std::string(257, '*')};
        harness.run({DefineSubscription{1, 1, "ada", definition}});
        QVERIFY(harness.take<Reply>().at(0).outcome.error().code == base::ErrorCode::Invalid);
    }
};

QTEST_GUILESS_MAIN(TstEngineTopics)
#include "tst_engine_topics.moc"
