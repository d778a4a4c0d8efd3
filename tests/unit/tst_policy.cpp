// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/policy.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::message;
using std::chrono::milliseconds;

class TstPolicy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void r1_delayGrowsIsCappedAndJittered()
    {
        const RetryPolicy retry{milliseconds(500), 2.0, milliseconds(3000), 10};
        QCOMPARE(retry.next(1, 0.0)->count(), 0);
        QCOMPARE(retry.next(1, 0.5)->count(), 250'000);
        QCOMPARE(retry.next(2, 0.5)->count(), 500'000);
        QCOMPARE(retry.next(3, 0.5)->count(), 1'000'000);
        QCOMPARE(retry.next(4, 0.5)->count(), 1'500'000); // the cap
        QCOMPARE(retry.next(9, 0.5)->count(), 1'500'000);
    }
    void attemptsRunOut()
    {
        const RetryPolicy retry{milliseconds(1), 2.0, milliseconds(10), 3};
        QVERIFY(retry.next(2, 0.9).has_value());
        QVERIFY(!retry.next(3, 0.9).has_value());
        QVERIFY(!RetryPolicy({milliseconds(1), 2.0, milliseconds(1), 1}).next(1, 0.0));
    }
    void hugeFailureCountsDoNotOverflow()
    {
        const RetryPolicy retry{milliseconds(500), 100.0, milliseconds(60'000), UINT32_MAX};
        QCOMPARE(retry.next(UINT32_MAX - 1, 0.5)->count(), 30'000'000);
    }
    void fixedDelaysAreAlwaysTheSame()
    {
        RetryPolicy retry{milliseconds(700), 2.0, milliseconds(1), 4};
        retry.backoff = Backoff::Fixed;
        for (std::uint32_t failures = 1; failures < 4; ++failures)
            QCOMPARE(retry.next(failures, 0.1)->count(), 700'000);
        QVERIFY(!retry.next(4, 0.1));
        QVERIFY(validate(QueuePolicy{retry}).has_value());
    }
    void listedDelaysEndWithTheLast()
    {
        RetryPolicy retry;
        retry.backoff = Backoff::List;
        QVERIFY(!validate(QueuePolicy{retry}));
        retry.delays = {milliseconds(5), milliseconds(50), milliseconds(90'000)};
        retry.maxAttempts = 9;
        QVERIFY(validate(QueuePolicy{retry}).has_value());
        QCOMPARE(retry.next(1, 0.1)->count(), 5'000);
        QCOMPARE(retry.next(2, 0.1)->count(), 50'000);
        QCOMPARE(retry.next(3, 0.1)->count(), 90'000'000);
        QCOMPARE(retry.next(8, 0.1)->count(), 90'000'000);
        QCOMPARE(retry.longestDelay().count(), 90'000'000);
    }
    void rulesOfAClassComeFirst()
    {
        RetryPolicy retry{milliseconds(1), 1.0, milliseconds(1), 5};
        retry.rules = {{"CardDeclined", true, {}, 0}, {"Timeout", false, {milliseconds(200)}, 2}, {"Slow", false, {}, 9}};
        QVERIFY(validate(QueuePolicy{retry}).has_value());
        QVERIFY(retry.ruleFor("CardDeclined")->reject);
        QVERIFY(retry.ruleFor("carddeclined") == nullptr);
        QCOMPARE(retry.next(1, 0.5, "Timeout")->count(), 200'000);
        QVERIFY(!retry.next(2, 0.5, "Timeout"));
        QCOMPARE(retry.next(2, 0.5, "Other")->count(), 500);
        QVERIFY(retry.next(8, 0.5, "Slow"));
        QVERIFY(!retry.next(9, 0.5, "Slow"));
    }
    void jsonRoundTripAndDefaults()
    {
        QueuePolicy policy;
        policy.retry = {milliseconds(7), 1.5, milliseconds(70), 9};
        policy.retry.backoff = Backoff::List;
        policy.retry.delays = {milliseconds(1), milliseconds(2)};
        policy.retry.deadline = milliseconds(3'600'000);
        policy.retry.rules = {{"CardDeclined", true, {}, 0}, {"Timeout", false, {milliseconds(3)}, 4}};
        policy.lease = milliseconds(1234);
        policy.maxRunTime = milliseconds(5678);
        policy.maxDepth = 99;
        policy.maxDepthBytes = 9999;
        policy.whenFull = WhenFull::Defer;
        policy.maxBodyBytes = 512;
        policy.deduplicationWindow = milliseconds(0);
        policy.durability = Durability::Normal;
        policy.maxCrashes = 7;
        policy.maxDeadLetters = 12;
        policy.deadLetterMaxAge = milliseconds(86'400'000);
        policy.onKeyFailure = OnKeyFailure::Park;
        policy.maxConcurrency = 3;
        policy.rate = {12.5, 40};
        policy.keyRate = {0.5, 2};
        QVERIFY(*queuePolicyFromJson(toJson(policy)) == policy);
        QVERIFY(*queuePolicyFromJson("{}") == QueuePolicy{});
        QCOMPARE(queuePolicyFromJson(R"({"retry":{"max_attempts":2}})")->retry.maxAttempts, 2U);
    }
    void wrongJsonNamesTheMember_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("named");
        QTest::newRow("not JSON") << QByteArray("{") << QByteArray("JSON");
        QTest::newRow("not an object") << QByteArray("[]") << QByteArray("JSON object");
        QTest::newRow("unknown") << QByteArray(R"({"leese_ms":1})") << QByteArray("leese_ms");
        QTest::newRow("negative") << QByteArray(R"({"lease_ms":-1})") << QByteArray("lease_ms");
        QTest::newRow("text") << QByteArray(R"({"max_depth":"1"})") << QByteArray("max_depth");
        QTest::newRow("zero lease") << QByteArray(R"({"lease_ms":0})") << QByteArray("lease_ms");
        QTest::newRow("run time under lease")
            << QByteArray(R"({"lease_ms":5000,"max_run_time_ms":1})") << QByteArray("max_run_time_ms");
        QTest::newRow("huge lease")
            << QByteArray(R"({"lease_ms":18446744073709551615})") << QByteArray("lease_ms");
        QTest::newRow("no attempt")
            << QByteArray(R"({"retry":{"max_attempts":0}})") << QByteArray("retry.max_attempts");
        QTest::newRow("multiplier")
            << QByteArray(R"({"retry":{"multiplier":0.5}})") << QByteArray("retry.multiplier");
        QTest::newRow("nested unknown") << QByteArray(R"({"retry":{"x":1}})") << QByteArray("retry.x");
        QTest::newRow("retry is a number") << QByteArray(R"({"retry":1})") << QByteArray("retry");
        QTest::newRow("backoff")
            << QByteArray(R"({"retry":{"backoff":"linear"}})") << QByteArray("retry.backoff");
        QTest::newRow("delays missing")
            << QByteArray(R"({"retry":{"backoff":"list"}})") << QByteArray("retry.delays_ms");
        QTest::newRow("delay is text")
            << QByteArray(R"({"retry":{"delays_ms":["1"]}})") << QByteArray("retry.delays_ms");
        QTest::newRow("delay too long")
            << QByteArray(R"({"retry":{"delays_ms":[2592000001]}})") << QByteArray("retry.delays_ms");
        QTest::newRow("too many delays")
            << "{\"retry\":{\"delays_ms\":[1" + QByteArray(",1").repeated(100) + "]}}"
            << QByteArray("retry.delays_ms");
        QTest::newRow("deadline")
            << QByteArray(R"({"retry":{"deadline_ms":99999999999}})") << QByteArray("retry.deadline_ms");
        QTest::newRow("rule without class")
            << QByteArray(R"({"retry":{"rules":[{"reject":true}]}})") << QByteArray("retry.rules.class");
        QTest::newRow("rule twice")
            << QByteArray(R"({"retry":{"rules":[{"class":"a"},{"class":"a"}]}})") << QByteArray("retry.rules");
        QTest::newRow("rule rejects and delays")
            << QByteArray(R"({"retry":{"rules":[{"class":"a","reject":true,"delays_ms":[1]}]}})")
            << QByteArray("delays_ms");
        QTest::newRow("too many rules")
            << "{\"retry\":{\"rules\":[{}" + QByteArray(",{}").repeated(32) + "]}}"
            << QByteArray("retry.rules");
        QTest::newRow("crashes") << QByteArray(R"({"max_crashes":0})") << QByteArray("max_crashes");
        QTest::newRow("durability") << QByteArray(R"({"durability":"best"})") << QByteArray("durability");
        QTest::newRow("no dead letter")
            << QByteArray(R"({"max_dead_letters":0})") << QByteArray("max_dead_letters");
        QTest::newRow("old dead letters")
            << QByteArray(R"({"dead_letter_max_age_ms":999999999999})") << QByteArray("dead_letter_max_age_ms");
        QTest::newRow("key failure") << QByteArray(R"({"on_key_failure":"stop"})") << QByteArray("on_key_failure");
        QTest::newRow("rate") << QByteArray(R"({"rate":{"per_second":-1}})") << QByteArray("rate.per_second");
        QTest::newRow("burst") << QByteArray(R"({"key_rate":{"burst":0}})") << QByteArray("key_rate.burst");
        QTest::newRow("nested rate") << QByteArray(R"({"rate":{"x":0}})") << QByteArray("rate.x");
        QTest::newRow("when full") << QByteArray(R"({"when_full":"drop"})") << QByteArray("when_full");
        QTest::newRow("depth bytes") << QByteArray(R"({"max_depth_bytes":0})") << QByteArray("max_depth_bytes");
        QTest::newRow("body") << QByteArray(R"({"max_body_bytes":99999999})") << QByteArray("max_body_bytes");
    }
    void wrongJsonNamesTheMember()
    {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, named);
        const auto policy = queuePolicyFromJson(std::string_view(json.constData(), static_cast<std::size_t>(json.size())));
        QVERIFY(!policy);
        QVERIFY(policy.error().code == base::ErrorCode::Invalid);
        QVERIFY2(policy.error().context.find(named.toStdString()) != std::string::npos,
                 policy.error().context.c_str());
    }
    void names()
    {
        for (const char* good : {"a", "0", "quakes.alerts", "A-b_c.9"})
            QVERIFY(validateName(good).has_value());
        QVERIFY(validateName(std::string(128, 'a')).has_value());
        for (const char* bad : {"", ".a", "-a", "a b", "a/b", "<b>", "ü"})
            QVERIFY(!validateName(bad).has_value());
        QVERIFY(!validateName(std::string(129, 'a')).has_value());
    }
    void pipelines()
    {
        PipelineDefinition pipeline{{{"q", {}}, {"r", {}}}, {{"t", "q", ""}, {"t", "r", "a*"}}, {}};
        pipeline.schedules.push_back({"s", "@daily", "t", {}, {}, {}});
        pipeline.schedules[0].envelope.source = "/s";
        pipeline.schedules[0].envelope.type = "due";
        QVERIFY(validate(pipeline).has_value());
        const auto broken = [&](auto change) {
            PipelineDefinition copy = pipeline;
            change(copy);
            return !validate(copy).has_value();
        };
        QVERIFY(broken([](auto& p) { p.queues.push_back({"q", {}}); }));
        QVERIFY(broken([](auto& p) { p.queues.push_back({"t", {}}); }));
        QVERIFY(broken([](auto& p) { p.queues.push_back({"bad name", {}}); }));
        QVERIFY(broken([](auto& p) { p.queues[0].policy.maxDepth = 0; }));
        QVERIFY(broken([](auto& p) { p.subscriptions.push_back({"t", "q", "other"}); }));
        QVERIFY(broken([](auto& p) { p.subscriptions.push_back({"t", "nowhere", ""}); }));
        QVERIFY(broken([](auto& p) { p.schedules.push_back(p.schedules[0]); }));
        QVERIFY(broken([](auto& p) { p.schedules[0].target = "nowhere"; }));
        QVERIFY(broken([](auto& p) { p.schedules[0].cron = "every day"; }));
        QVERIFY(broken([](auto& p) { p.schedules[0].envelope.type.clear(); }));
        QVERIFY(broken([](auto& p) { p.subscriptions[0].typePattern = std::string(257, '*'); }));
        QVERIFY(broken([](auto& p) { p.subscriptions[0].sourcePattern = std::string(257, '*'); }));
        QVERIFY(broken([](auto& p) { p.subscriptions[0].attributes[""] = "x"; }));
        QVERIFY(broken([](auto& p) {
            for (int i = 0; i < 17; ++i)
                p.subscriptions[0].attributes["a" + std::to_string(i)] = "x";
        }));
        const std::map<std::string, std::string> attributes{{"region", "e\"u"}, {"subject", ""}};
        QVERIFY(*attributesFromJson(attributesToJson(attributes)) == attributes);
        QVERIFY(attributesFromJson("")->empty());
        QVERIFY(!attributesFromJson("[1]"));
        QVERIFY(!attributesFromJson("{\"a\":1}"));
    }
};

QTEST_GUILESS_MAIN(TstPolicy)
#include "tst_policy.moc"
