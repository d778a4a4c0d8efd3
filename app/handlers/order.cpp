// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/order.h"

#include <nlohmann/json.hpp>

#include "core/base/hash.h"

#include <array>
#include <random>

namespace millrace::handlers {

namespace {

using Json = nlohmann::json;

struct Article
{
    const char* name;
    std::int64_t cents;
};

constexpr std::array kArticles{Article{"oak-shelf", 8'990},
                               Article{"desk-lamp", 3'450},
                               Article{"notebook", 490},
                               Article{"fountain-pen", 5'200},
                               Article{"tea-kettle", 4'125},
                               Article{"wool-blanket", 7'980},
                               Article{"field-guide", 2'395},
                               Article{"enamel-mug", 1'250}};
constexpr std::array kCountries{"DE", "FR", "NL", "PL", "AT", "DK", "ES", "IT"};
constexpr std::array kCards{"4242", "1881", "0005", "5100", "9424", "0366"};
constexpr std::uint64_t kMaxLines = 4;
constexpr std::uint64_t kMaxQuantity = 3;

} // namespace

std::int64_t Order::totalCents() const
{
    std::int64_t total = 0;
    for (const OrderLine& line : lines)
        total += line.quantity * line.unitCents;
    return total;
}

Order makeOrder(std::string id)
{
    // The engine's sequence is fixed by the standard; distributions are not, so that plain
    // remainders are taken.
    std::mt19937_64 random(base::hash64(id));
    Order order;
    order.country = kCountries[random() % kCountries.size()];
    order.card = kCards[random() % kCards.size()];
    const std::uint64_t lines = 1 + random() % kMaxLines;
    for (std::uint64_t i = 0; i < lines; ++i) {
        const Article& article = kArticles[random() % kArticles.size()];
        order.lines.push_back(
            {article.name, static_cast<std::int64_t>(1 + random() % kMaxQuantity), article.cents});
    }
    order.id = std::move(id);
    return order;
}

std::string toJson(const Order& order)
{
    Json lines = Json::array();
    for (const OrderLine& line : order.lines)
        lines.push_back({{"article", line.article},
                         {"quantity", line.quantity},
                         {"unit_cents", line.unitCents}});
    const Json json{{"order", order.id},
                    {"country", order.country},
                    {"card", order.card},
                    {"currency", "EUR"},
                    {"total_cents", order.totalCents()},
                    {"lines", std::move(lines)}};
    return json.dump();
}

Result<Order> orderFromJson(std::string_view text)
{
    try {
        const Json json = Json::parse(text);
        Order order;
        order.id = json.at("order").get<std::string>();
        order.country = json.at("country").get<std::string>();
        order.card = json.at("card").get<std::string>();
        for (const Json& line : json.at("lines")) {
            order.lines.push_back({line.at("article").get<std::string>(),
                                   line.at("quantity").get<std::int64_t>(),
                                   line.at("unit_cents").get<std::int64_t>()});
        }
        if (json.at("total_cents").get<std::int64_t>() != order.totalCents())
            return base::fail(base::ErrorCode::Invalid,
                              "the order's total is not the sum of its lines");
        return order;
    } catch (const Json::exception& error) {
        return base::fail(base::ErrorCode::Invalid,
                          std::string("the body is not an order: ") + error.what());
    }
}

double luckOf(std::string_view orderId, std::string_view purpose)
{
    constexpr double kTwoTo53 = 9007199254740992.0;
    const std::uint64_t hash = base::hash64(orderId, base::hash64(purpose));
    return static_cast<double>(hash >> 11) / kTwoTo53;
}

} // namespace millrace::handlers
