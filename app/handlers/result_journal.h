// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QFuture>
#include <QHash>
#include <QJsonObject>
#include <QString>

#include <memory>
#include <vector>

namespace millrace::handlers {

using base::Result;

/// Where handlers leave their results: a JSON Lines file, one object a row, each with an `id`. Rows
/// are only ever appended, by one thread; a row whose id is there already counts once.
///
/// A process that dies may leave half a row at the end; it is closed off at the next open and
/// skipped by readers. Thread: any. Destruction writes what was appended.
class ResultJournal
{
public:
    /// Creates the file and its folder if missing. Errors: Io, naming the file and why.
    [[nodiscard]] static Result<std::shared_ptr<ResultJournal>> open(const QString& path);
    ~ResultJournal();
    ResultJournal(const ResultJournal&) = delete;
    ResultJournal& operator=(const ResultJournal&) = delete;

    /// Finishes when the row was handed to the operating system. Errors: Io.
    [[nodiscard]] QFuture<Result<void>> append(QByteArray id, const QJsonObject& row);
    /// True if this process wrote a row of that id.
    [[nodiscard]] bool contains(const QByteArray& id) const;
    [[nodiscard]] QString path() const;

private:
    class Impl;
    explicit ResultJournal(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// The rows of a journal whose id begins with `prefix`, by id. Rows that are no JSON object or have
/// no id are skipped. A file that does not exist has no rows. Reads the whole file: not for the gui
/// thread. Errors: Io.
[[nodiscard]] Result<QHash<QByteArray, QJsonObject>> readJournal(const QString& path,
                                                                 const QByteArray& prefix);

} // namespace millrace::handlers
