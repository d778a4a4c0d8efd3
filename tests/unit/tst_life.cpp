// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.h"
#include "core/message/life.h"

#include <QtTest>

#include <set>

using namespace millrace;
using namespace millrace::message;

class TstLife : public QObject
{
    Q_OBJECT

private:
    static Attempt attempt(std::uint32_t number)
    {
        return {number,
                base::wallFromMicros(1'800'000'000'000'000 + number),
                base::wallFromMicros(1'800'000'000'000'500 + number),
                "worker",
                {"Class", "text\nmore"}};
    }

private Q_SLOTS:
    void fingerprintTakesTheFirstFrame()
    {
        const auto text = [](const char* errorText) { return fingerprintText({"Boom", errorText}); };
        QCOMPARE(text("order 17 broke\n    at Shop.pay (shop.js:12:3)\n    at main (a.js:1:1)"),
                 std::string("Boom: at Shop.pay (shop.js:#:#)"));
        QCOMPARE(text("order 17 broke\r\n#0  0x55aa in pay () at pay.cpp:12\n#1 main"),
                 std::string("Boom: ##  # in pay () at pay.cpp:#"));
        QCOMPARE(text("Traceback (most recent call last):\n  File \"a.py\", line 3, in main\n    pay()\n"
                      "  File \"b.py\", line 9, in pay\n    x\nValueError: 7"),
                 std::string("Boom: File #, line #, in pay"));
        QCOMPARE(text("no trace 5\nsecond line"), std::string("Boom: no trace #"));
        QCOMPARE(text("at the end 5"), std::string("Boom: at the end #"));
    }
    void namesRoundTrip()
    {
        for (int i = 0; i <= static_cast<int>(State::Discarded); ++i)
            QVERIFY(stateFromString(toString(static_cast<State>(i))) == static_cast<State>(i));
        for (int i = 0; i <= static_cast<int>(message::kLastReason); ++i)
            QVERIFY(reasonFromString(toString(static_cast<Reason>(i))) == static_cast<Reason>(i));
        QVERIFY(!stateFromString("Ready") && !reasonFromString(""));
        QVERIFY(toString(Reason::AttemptsExhausted) == "attempts-exhausted");
    }
    void r6_historyAppendsByConcatenation()
    {
        const std::string blob = encodeAttempt(attempt(1)) + encodeAttempt(attempt(2));
        const auto attempts = decodeHistory(blob);
        QCOMPARE(attempts.size(), 2U);
        QVERIFY(attempts[0] == attempt(1) && attempts[1] == attempt(2));
    }
    void damagedHistoryKeepsWhatCameBefore()
    {
        const std::string one = encodeAttempt(attempt(1));
        QCOMPARE(decodeHistory(one + encodeAttempt(attempt(2)).substr(0, 10)).size(), 1U);
        QCOMPARE(decodeHistory("\xff\xff").size(), 0U);
        std::string many;
        for (std::uint32_t i = 0; i < 1100; ++i)
            many += encodeAttempt(attempt(i));
        QCOMPARE(decodeHistory(many).size(), 1000U);
    }
    void fingerprintTextReplacesWhatVaries_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("expected");
        QTest::newRow("numbers") << QByteArray("order 4711 took 3.25 s") << QByteArray("E: order # took # s");
        QTest::newRow("first line") << QByteArray("a 1\r\nb") << QByteArray("E: a #");
        QTest::newRow("quoted") << QByteArray("no such file \"/a/b c\" here") << QByteArray("E: no such file # here");
        QTest::newRow("apostrophe") << QByteArray("can't open 'x y'") << QByteArray("E: can't open #");
        QTest::newRow("open quote") << QByteArray("say \"x") << QByteArray("E: say \"x");
        QTest::newRow("hexadecimal") << QByteArray("at 0xdeadBEEF and deadbeef01") << QByteArray("E: at # and #");
        QTest::newRow("a word is none") << QByteArray("defaced facade") << QByteArray("E: defaced facade");
        QTest::newRow("uuid") << QByteArray("id 3f2504e0-4f89-11d3-9a0c-0305e82c3301.") << QByteArray("E: id #.");
        QTest::newRow("empty") << QByteArray("") << QByteArray("E");
    }
    void fingerprintTextReplacesWhatVaries()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, expected);
        QCOMPARE(fingerprintText({"E", text.toStdString()}), expected.toStdString());
    }
    void fingerprintGroupsLikeFailures()
    {
        const auto of = [](Reason reason, const char* text) { return fingerprint(reason, {"E", text}); };
        QCOMPARE(of(Reason::Rejected, "order 1 failed"), of(Reason::Rejected, "order 22 failed"));
        QVERIFY(of(Reason::Rejected, "order 1") != of(Reason::Expired, "order 1"));
        QVERIFY(of(Reason::Rejected, "order 1") != of(Reason::Rejected, "stock 1"));
        QVERIFY(fingerprintText({std::string(500, 'c'), ""}).size() == 200);
    }
    void truncationSplitsNoCharacter()
    {
        QVERIFY(truncateUtf8("aüb", 4) == "aüb");
        QVERIFY(truncateUtf8("aüb", 3) == "aü");
        QVERIFY(truncateUtf8("aüb", 2) == "a");
        QVERIFY(truncateUtf8("🚀", 3).empty());
        QCOMPARE(truncateUtf8(std::string(10, '\x80'), 5).size(), 2U); // no UTF-8 at all: cut anyway
        QVERIFY(truncateUtf8("abc", 0).empty());
    }
    void hashes()
    {
        QCOMPARE(base::toHex(base::sha256("abc")),
                 std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QVERIFY(base::hash64("a", 1) != base::hash64("a", 2));
        QCOMPARE(base::hash64(""), 0x2d06800538d394c2ULL); // the published value of XXH3
        std::set<std::string> uuids;
        for (int i = 0; i < 1000; ++i) {
            const std::string uuid = base::randomUuid();
            QCOMPARE(uuid.size(), 36U);
            QVERIFY(uuid[14] == '4' && std::string("89ab").find(uuid[19]) != std::string::npos);
            uuids.insert(uuid);
        }
        QCOMPARE(uuids.size(), 1000U);
    }
};

QTEST_GUILESS_MAIN(TstLife)
#include "tst_life.moc"
