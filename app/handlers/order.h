// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::handlers {

using base::Result;

struct OrderLine
{
    std::string article;
    std::int64_t quantity = 0;
    std::int64_t unitCents = 0;
    friend bool operator==(const OrderLine&, const OrderLine&) = default;
};

/// What the demo shop sells: the body of an `order.placed` message.
struct Order
{
    std::string id;
    std::string country; ///< where it goes, two letters
    std::string card;    ///< last four digits
    std::vector<OrderLine> lines;
    [[nodiscard]] std::int64_t totalCents() const;
    friend bool operator==(const Order&, const Order&) = default;
};

/// The order of that id: the same id yields the same order.
[[nodiscard]] Order makeOrder(std::string id);
[[nodiscard]] std::string toJson(const Order& order);
/// Errors: Invalid, saying what is wrong.
[[nodiscard]] Result<Order> orderFromJson(std::string_view json);

/// A number in [0, 1) that depends on the order and on what it is for: two services judge an order
/// independently, and each judges it the same way every time.
[[nodiscard]] double luckOf(std::string_view orderId, std::string_view purpose);

} // namespace millrace::handlers
