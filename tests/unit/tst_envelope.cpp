// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/message/envelope.h"

#include <QtTest>

using namespace millrace;
using namespace millrace::message;
using base::ErrorCode;

class TstEnvelope : public QObject
{
    Q_OBJECT

private:
    static Envelope full()
    {
        Envelope envelope;
        envelope.id = "id-1";
        envelope.source = "/orders";
        envelope.type = "order.created";
        envelope.subject = "Öl";
        envelope.time = "2026-01-02T03:04:05.678Z";
        envelope.dataContentType = "application/json";
        envelope.dataSchema = "urn:s";
        envelope.correlationId = "corr";
        envelope.causationId = "cause";
        envelope.traceParent = "00-ab-cd-01";
        envelope.partitionKey = "customer-7";
        envelope.priority = 0;
        envelope.idempotencyKey = "key";
        envelope.deliverAtUs = 1'800'000'000'000'000;
        envelope.expiresAtUs = -5;
        envelope.attributes = {{"tenant", "blue"}, {"x", ""}};
        return envelope;
    }
    static ErrorCode codeOf(const std::string& bytes)
    {
        const auto decoded = decodeEnvelope(bytes);
        const auto viewed = viewEnvelope(bytes);
        if (decoded.has_value() != viewed.has_value()
            || (!decoded && decoded.error().code != viewed.error().code))
            return ErrorCode::Internal; // the two must agree
        return decoded ? ErrorCode::Unknown : decoded.error().code;
    }

private Q_SLOTS:
    void roundTrip()
    {
        const std::string bytes = encode(full());
        const auto decoded = decodeEnvelope(bytes);
        QVERIFY(decoded.has_value());
        QVERIFY(*decoded == full());
        QCOMPARE(encode(*decoded), bytes);
    }
    void viewShowsWhatTheNodeReads()
    {
        const std::string bytes = encode(full());
        const auto view = viewEnvelope(bytes);
        QVERIFY(view.has_value());
        QVERIFY(view->id == "id-1" && view->source == "/orders" && view->type == "order.created");
        QVERIFY(view->partitionKey == "customer-7" && view->idempotencyKey == "key");
        QVERIFY(view->correlationId == "corr" && view->subject == "Öl");
        QCOMPARE(static_cast<int>(view->priority), 0);
        QCOMPARE(view->deliverAtUs, 1'800'000'000'000'000);
        QCOMPARE(view->expiresAtUs, -5);
        QVERIFY(view->id.data() >= bytes.data() && view->id.data() < bytes.data() + bytes.size());
    }
    void defaultsAreLeftOut()
    {
        Envelope envelope;
        envelope.id = envelope.source = envelope.type = "a";
        QCOMPARE(encode(envelope).size(), 9U);
        QCOMPARE(static_cast<int>(decodeEnvelope(encode(envelope))->priority), 4);
    }
    void fieldNumbersAreThoseOfTheWire()
    {
        Envelope envelope;
        envelope.id = "i";
        envelope.source = "s";
        envelope.type = "t";
        envelope.priority = 9;
        QCOMPARE(encode(envelope), std::string("\x0a\x01i\x12\x01s\x1a\x01t\x60\x09"));
    }
    void missingAttributesAreNamed()
    {
        for (auto member : {&Envelope::id, &Envelope::source, &Envelope::type}) {
            Envelope envelope = full();
            envelope.*member = "";
            QVERIFY(codeOf(encode(envelope)) == ErrorCode::Invalid);
        }
        QVERIFY(codeOf("") == ErrorCode::Invalid);
    }
    void s5_limitsAndGarbageAreRefused()
    {
        Envelope envelope = full();
        envelope.subject = std::string(kMaxAttributeBytes, 'x');
        QVERIFY(codeOf(encode(envelope)) == ErrorCode::Unknown);
        envelope.subject += "x";
        QVERIFY(codeOf(encode(envelope)) == ErrorCode::Limit);
        envelope = full();
        envelope.attributes["a"] = std::string(kMaxAttributeBytes + 1, 'x');
        QVERIFY(codeOf(encode(envelope)) == ErrorCode::Limit);
        QVERIFY(codeOf(std::string(kMaxEnvelopeBytes + 1, 'x')) == ErrorCode::Limit);
        const std::string good = encode(full());
        QVERIFY(codeOf(good + std::string("\x60\x0a")) == ErrorCode::Protocol);     // priority 10
        QVERIFY(codeOf(good + std::string("\x08\x01")) == ErrorCode::Protocol);     // id as a number
        QVERIFY(codeOf(good + std::string("\x62\x01x")) == ErrorCode::Protocol);    // priority as text
        QVERIFY(codeOf(good + std::string("\x0b")) == ErrorCode::Protocol);         // a group
        QVERIFY(codeOf(good + std::string("\x0a\x7f")) == ErrorCode::Protocol);     // cut off
    }
    void unknownFieldsAreKept()
    {
        QVERIFY(codeOf(encode(full()) + std::string("\xfa\x07\x03new")) == ErrorCode::Unknown);
    }
    void invalidUtf8IsRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("valid");
        QTest::newRow("two bytes") << QByteArray("\xc3\xbc") << true;
        QTest::newRow("four bytes") << QByteArray("\xf0\x9f\x9a\x80") << true;
        QTest::newRow("last code point") << QByteArray("\xf4\x8f\xbf\xbf") << true;
        QTest::newRow("beyond it") << QByteArray("\xf4\x90\x80\x80") << false;
        QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80") << false;
        QTest::newRow("overlong 2") << QByteArray("\xc0\xaf") << false;
        QTest::newRow("overlong 3") << QByteArray("\xe0\x80\xaf") << false;
        QTest::newRow("overlong 4") << QByteArray("\xf0\x80\x80\xaf") << false;
        QTest::newRow("cut") << QByteArray("abcdefghij\xe2\x82") << false;
        QTest::newRow("continuation alone") << QByteArray("\x80") << false;
        QTest::newRow("not a lead byte") << QByteArray("\xff") << false;
    }
    void invalidUtf8IsRefused()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, valid);
        const ErrorCode expected = valid ? ErrorCode::Unknown : ErrorCode::Protocol;
        Envelope envelope = full();
        envelope.subject = text.toStdString();
        QVERIFY(codeOf(encode(envelope)) == expected);
        envelope = full();
        envelope.attributes[text.toStdString()] = "v";
        QVERIFY(codeOf(encode(envelope)) == expected);
    }
    void s5_everyCutAndFlippedByteGivesAValueOrAnError()
    {
        const std::string bytes = encode(full());
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            QVERIFY(codeOf(bytes.substr(0, i)) != ErrorCode::Internal);
            for (int bit = 0; bit < 8; ++bit) {
                std::string flipped = bytes;
                flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
                QVERIFY(codeOf(flipped) != ErrorCode::Internal);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TstEnvelope)
#include "tst_envelope.moc"
