// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"

#include <QMetaObject>
#include <QString>

#include <mutex>
#include <string_view>
#include <utility>

namespace millrace::client {

/// For signals: the error's name and text in plain text.
[[nodiscard]] inline QString describe(const base::Error& error)
{
    const std::string_view name = base::toString(error.code);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())) + QStringLiteral(": ")
        + QString::fromStdString(error.context);
}

/// Runs functions on the thread of an object that may be destroyed at any time; then they are dropped.
/// Thread of post: any; of detach: the owner's.
template<typename Owner>
class OwnerPost
{
public:
    explicit OwnerPost(Owner* owner)
        : m_owner(owner)
    {
    }
    void detach()
    {
        const std::scoped_lock lock(m_mutex);
        m_owner = nullptr;
    }
    template<typename Function>
    void post(Function function)
    {
        const std::scoped_lock lock(m_mutex);
        if (m_owner == nullptr)
            return;
        QMetaObject::invokeMethod(
            m_owner,
            [owner = m_owner, function = std::move(function)]() mutable { function(*owner); },
            Qt::QueuedConnection);
    }

private:
    std::mutex m_mutex;
    Owner* m_owner;
};

} // namespace millrace::client
