// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/replace_file.h"

#include <QFile>
#include <QTemporaryFile>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace millrace::handlers {

namespace {

tl::unexpected<base::Error> cannotWrite(const QString& path, const std::string& why)
{
    return base::fail(base::ErrorCode::Io, "cannot write " + path.toStdString() + ": " + why);
}

} // namespace

base::Result<void> replaceFile(const QString& path, const QByteArray& bytes)
{
    QTemporaryFile file(path + QStringLiteral(".XXXXXX"));
    if (!file.open() || file.write(bytes) != bytes.size() || !file.flush())
        return cannotWrite(path, file.errorString().toStdString());
    // QFile::rename does not replace a file that exists.
    const QByteArray from = QFile::encodeName(file.fileName());
    if (std::rename(from.constData(), QFile::encodeName(path).constData()) != 0)
        return cannotWrite(path, std::strerror(errno));
    file.setAutoRemove(false);
    return {};
}

} // namespace millrace::handlers
