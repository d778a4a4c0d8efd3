// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/handlers/checkout_desk.h"
#include "app/handlers/checkout_workload.h"
#include "app/handlers/http_answer.h"
#include "app/handlers/order.h"
#include "app/handlers/workload_base.h"
#include "tests/integration/embedded_bed.h"

#include <QHostAddress>
#include <QHttpServer>
#include <QHttpServerResponse>
#include <QTest>

#include <algorithm>
#include <array>
#include <set>

using namespace millrace;
using namespace millrace::handlers;
using namespace millrace::tests;

namespace {

using Kind = message::Outcome::Kind;

/// Three services in the test's own thread that say what the test wants.
class ScriptedShop
{
public:
    using Answer = std::function<QHttpServerResponse(Service)>;

    /// Answers once `together` requests wait.
    explicit ScriptedShop(Answer answer, std::size_t together = 1)
        : m_answer(std::move(answer))
        , m_together(together)
    {
        for (const Service service : kServices) {
            QHttpServer& server = m_servers[static_cast<std::size_t>(service)];
            server.route(QStringLiteral("/"), [this, service] { return take(service); });
            const quint16 port = server.listen(QHostAddress::LocalHost, 0);
            urls[static_cast<std::size_t>(service)] =
                QUrl(QStringLiteral("http://127.0.0.1:%1/").arg(port));
        }
    }

    CheckoutDesk::Urls urls;
    std::size_t mostAtOnce = 0;

private:
    QFuture<QHttpServerResponse> take(Service service)
    {
        HttpAnswer pending;
        auto future = pending.future();
        m_waiting.emplace_back(service, pending);
        mostAtOnce = std::max(mostAtOnce, m_waiting.size());
        if (m_waiting.size() >= m_together) {
            for (auto& [asked, waiting] : std::exchange(m_waiting, {}))
                waiting.give(m_answer(asked));
        }
        return future;
    }

    Answer m_answer;
    std::size_t m_together;
    std::array<QHttpServer, kServices.size()> m_servers;
    std::vector<std::pair<Service, HttpAnswer>> m_waiting;
};

QHttpServerResponse ok(Service /*service*/)
{
    return QJsonObject{{QStringLiteral("fine"), true}};
}

client::Delivery deliveryOf(const Order& order)
{
    message::Envelope envelope;
    envelope.id = "m-" + order.id;
    envelope.source = "/test";
    envelope.type = "order.placed";
    client::IncomingDelivery incoming;
    incoming.envelope = base::Slice::own(message::encode(envelope));
    incoming.body = base::Slice::own(toJson(order));
    return {std::move(incoming), {}};
}

message::Outcome checkOutAt(const CheckoutDesk::Urls& urls,
                            std::shared_ptr<ResultJournal> journal,
                            const Order& order)
{
    auto desk = std::make_shared<CheckoutDesk>(urls, std::move(journal));
    const auto task = [](std::shared_ptr<CheckoutDesk> at,
                         client::Delivery delivery) -> QCoro::Task<base::Result<message::Outcome>> {
        auto checking = checkOut(std::move(at), std::move(delivery));
        const message::Outcome outcome = co_await checking;
        co_return outcome;
    };
    return resultOf(task(desk, deliveryOf(order))).value_or(message::Outcome::release());
}

} // namespace

class TstCheckout : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void ordersSurviveTheirJson();
    void malformedOrderIsRejected();
    void servicesAreAskedAtTheSameTime();
    void completedOrderLeavesARow();
    void completedOrderIsNotAskedAgain();
    void retryAfterIsHonoured();
    void declinedCardIsFinalWithTheServicesText();
    void silentServiceTimesOut();
    void goneServiceRetries();
    void halfARowIsSkipped();
    void anIdForgesNoRow();
    void eachNumberHasOneSpelling();
    void everyMessageIsAccountedFor();
    void lowerRefusalShareLetsReplaysSucceed();

private:
    std::unique_ptr<QTemporaryDir> m_directory;
    std::shared_ptr<ResultJournal> m_journal;
    Order m_order = makeOrder("order-1");
};

void TstCheckout::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_journal = ResultJournal::open(m_directory->filePath(QStringLiteral("orders.jsonl"))).value();
}

void TstCheckout::ordersSurviveTheirJson()
{
    std::set<std::int64_t> totals;
    for (int i = 0; i < 50; ++i) {
        const Order order = makeOrder("order-" + std::to_string(i));
        const auto read = orderFromJson(toJson(order));
        QVERIFY(read.has_value());
        QVERIFY(*read == order);
        QVERIFY(order.totalCents() > 0);
        totals.insert(order.totalCents());
    }
    QCOMPARE_GT(totals.size(), std::size_t{20});
}

void TstCheckout::malformedOrderIsRejected()
{
    QCOMPARE(codeOf(orderFromJson("{")), QByteArrayLiteral("invalid"));
    QCOMPARE(codeOf(orderFromJson("[]")), QByteArrayLiteral("invalid"));
    std::string wrongTotal = toJson(m_order);
    wrongTotal.replace(wrongTotal.find("\"total_cents\":"), 14, "\"total_cents\":1");
    QCOMPARE(codeOf(orderFromJson(wrongTotal)), QByteArrayLiteral("invalid"));
}

void TstCheckout::servicesAreAskedAtTheSameTime()
{
    // Each service answers only once all three were asked: who asks one after the other gets no
    // answer.
    ScriptedShop shop(&ok, kServices.size());
    const auto outcome = checkOutAt(shop.urls, m_journal, m_order);
    QVERIFY(outcome.kind == Kind::Acknowledge);
    QCOMPARE(shop.mostAtOnce, kServices.size());
}

void TstCheckout::completedOrderLeavesARow()
{
    ScriptedShop shop(&ok);
    QVERIFY(checkOutAt(shop.urls, m_journal, m_order).kind == Kind::Acknowledge);
    const auto rows = readJournal(m_journal->path(), "m-order-1");
    QVERIFY(rows.has_value());
    QCOMPARE(rows->size(), 1);
    QCOMPARE(rows->begin()->value(QLatin1String("total_cents")).toInteger(), m_order.totalCents());
}

void TstCheckout::completedOrderIsNotAskedAgain()
{
    int asked = 0;
    ScriptedShop shop([&asked](Service service) {
        ++asked;
        return ok(service);
    });
    QVERIFY(checkOutAt(shop.urls, m_journal, m_order).kind == Kind::Acknowledge);
    QVERIFY(checkOutAt(shop.urls, m_journal, m_order).kind == Kind::Acknowledge);
    QCOMPARE(asked, 3);
}

void TstCheckout::retryAfterIsHonoured()
{
    ScriptedShop shop([](Service service) {
        if (service != Service::Stock)
            return ok(service);
        QHttpServerResponse response(QHttpServerResponse::StatusCode::ServiceUnavailable);
        response.addHeader("Retry-After", "7");
        return response;
    });
    const auto outcome = checkOutAt(shop.urls, m_journal, m_order);
    QVERIFY(outcome.kind == Kind::Retry);
    QCOMPARE(outcome.failure.errorClass, std::string("ServiceUnavailable"));
    QVERIFY(outcome.failure.errorText.starts_with("stock: 503"));
    QVERIFY(outcome.delay == std::chrono::seconds(7));
    QVERIFY(readJournal(m_journal->path(), {})->isEmpty());
}

void TstCheckout::declinedCardIsFinalWithTheServicesText()
{
    auto conditions = std::make_shared<ShopConditions>();
    conditions->latencyMs = 1;
    conditions->unavailableShare = 0;
    conditions->refusalShare = 1;
    ShopServices services(conditions);
    const auto started = waitForResult(services.start());
    QVERIFY(started && *started);
    const CheckoutDesk::Urls urls{services.url(Service::Shipping),
                                  services.url(Service::Payment),
                                  services.url(Service::Stock)};
    const auto outcome = checkOutAt(urls, m_journal, m_order);
    QVERIFY(outcome.kind == Kind::Reject);
    QCOMPARE(outcome.failure.errorClass, std::string("CardDeclined"));
    QVERIFY2(outcome.failure.errorText.starts_with("card ending " + m_order.card + " declined: "),
             outcome.failure.errorText.c_str());
    conditions->refusalShare = 0;
    QVERIFY(checkOutAt(urls, m_journal, m_order).kind == Kind::Acknowledge);
}

void TstCheckout::silentServiceTimesOut()
{
    ScriptedShop shop(&ok, 1000);
    const auto outcome = checkOutAt(shop.urls, m_journal, m_order);
    QVERIFY(outcome.kind == Kind::Retry);
    QCOMPARE(outcome.failure.errorClass, std::string("ServiceTimeout"));
}

void TstCheckout::goneServiceRetries()
{
    CheckoutDesk::Urls urls;
    {
        const ScriptedShop shop(&ok);
        urls = shop.urls;
    }
    const auto outcome = checkOutAt(urls, m_journal, m_order);
    QVERIFY(outcome.kind == Kind::Retry);
    QCOMPARE(outcome.failure.errorClass, std::string("ServiceUnavailable"));
}

void TstCheckout::halfARowIsSkipped()
{
    const QString path = m_directory->filePath(QStringLiteral("torn.jsonl"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("{\"id\":\"run-000001\",\"a\":1}\nnot json run-\n{\"id\":\"run-000002\"");
    file.close();
    QCOMPARE(readJournal(path, "run-")->size(), 1);
    {
        const auto journal = ResultJournal::open(path).value();
        const auto written = waitForResult(journal->append("run-000003", {}));
        QVERIFY(written && *written);
        QVERIFY(journal->contains("run-000003"));
        QVERIFY(!journal->contains("run-000001"));
    }
    const auto rows = readJournal(path, "run-");
    QCOMPARE(rows->size(), 2);
    QVERIFY(rows->contains("run-000003"));
}

void TstCheckout::anIdForgesNoRow()
{
    const QByteArray hostile = "x\",\"a\":1}\n{\"id\":\"run-000001\",\"order\":\"o\"}\n\r\xE2\x80\xA8";
    const QString path = m_directory->filePath(QStringLiteral("hostile.jsonl"));
    {
        const auto journal = ResultJournal::open(path).value();
        const auto written = waitForResult(journal->append(hostile, {}));
        QVERIFY(written && *written);
    }
    const auto rows = readJournal(path, {});
    QVERIFY(rows.has_value());
    QCOMPARE(rows->keys(), QList<QByteArray>{hostile});
    QVERIFY(readJournal(path, "run-")->isEmpty());
}

void TstCheckout::eachNumberHasOneSpelling()
{
    QVERIFY(numberOfMessage("run", "run-000001") == std::uint64_t{1});
    QVERIFY(numberOfMessage("run", "run-1234567") == std::uint64_t{1234567});
    for (const char* const id : {"run-1", "run-0000001", "run-+00001", "run- 00001", "run-", "run", "ru-000001", "run-00000a"})
        QVERIFY2(!numberOfMessage("run", id), id);
}

void TstCheckout::everyMessageIsAccountedFor()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    CheckoutWorkload workload(bed.workloadContext());
    workload.setKnob(QStringLiteral("latency-ms"), 5);
    workload.setKnob(QStringLiteral("unavailable-share"), 0.15);
    workload.setKnob(QStringLiteral("refusal-share"), 0.1);
    QString error;
    const Accounting sum =
        runWorkload(bed, workload, {.count = 150, .ratePerSecond = 0, .burst = 1}, &error);
    QCOMPARE(error, QString());
    QVERIFY2(sum.isComplete(), qPrintable(sum.examples.join(QLatin1Char(' '))));
    QCOMPARE(sum.expected, std::uint64_t{150});
    QCOMPARE(sum.done + sum.dead, sum.expected);
    QCOMPARE_GT(workload.progress().retried, std::uint64_t{0});
    QCOMPARE_GT(sum.dead, std::uint64_t{0});
}

void TstCheckout::lowerRefusalShareLetsReplaysSucceed()
{
    EmbeddedBed bed;
    QCOMPARE(bed.start(), QString());
    CheckoutWorkload workload(bed.workloadContext());
    workload.setKnob(QStringLiteral("latency-ms"), 2);
    workload.setKnob(QStringLiteral("unavailable-share"), 0);
    workload.setKnob(QStringLiteral("refusal-share"), 0.5);
    QVERIFY(resultOf(workload.attach()).has_value());
    QVERIFY(resultOf(workload.submit({.count = 40, .ratePerSecond = 0, .burst = 1})).has_value());
    QVERIFY(bed.waitUntilSettled(std::chrono::seconds(30)));
    const auto before = resultOf(workload.account());
    QVERIFY(before && before->isComplete());
    QCOMPARE_GT(before->dead, std::uint64_t{5});
    for (const auto& row : bed.deadLetters())
        QCOMPARE(row.errorClass, std::string("CardDeclined"));

    workload.setKnob(QStringLiteral("refusal-share"), -3);
    QCOMPARE(bed.replayAll(), before->dead);
    QVERIFY(bed.waitUntilSettled(std::chrono::seconds(30)));
    const auto after = resultOf(workload.account());
    QVERIFY(after && after->isComplete());
    QCOMPARE(after->dead, std::uint64_t{0});
    QCOMPARE(after->done, std::uint64_t{40});
    QVERIFY(resultOf(workload.detach()).has_value());
}

QTEST_GUILESS_MAIN(TstCheckout)
#include "tst_checkout.moc"
