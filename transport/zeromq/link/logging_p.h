// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QLoggingCategory>

namespace millrace::zeromq {

Q_DECLARE_LOGGING_CATEGORY(linkLog)

} // namespace millrace::zeromq
