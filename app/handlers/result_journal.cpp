// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/handlers/result_journal.h"

#include "transport/client/async.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QSet>

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace millrace::handlers {

namespace {

constexpr qint64 kRotateBytes = 64LL * 1024 * 1024;

tl::unexpected<base::Error> fileError(const QFile& file, const char* what)
{
    return base::fail(base::ErrorCode::Io,
                      std::string("cannot ") + what + " the results file "
                          + file.fileName().toStdString() + ": "
                          + file.errorString().toStdString());
}

QByteArray idOf(const QJsonObject& row)
{
    return row.value(QLatin1String("id")).toString().toUtf8();
}

} // namespace

class ResultJournal::Impl
{
public:
    struct Row
    {
        QByteArray id;
        QByteArray line;
        client::Resolver<void> written;
    };

    QFile file;
    mutable std::mutex lock;
    std::condition_variable_any wake;
    std::vector<Row> waiting; // guarded by lock
    QSet<QByteArray> known;   // guarded by lock: rows that are in the file
    bool torn = false;        // writer thread: the last write may have ended within a row
    std::jthread writer;      // declared last: stops first

    Result<void> prepare();
    void run(std::stop_token stop);
    void write(std::vector<Row> rows);
};

Result<void> ResultJournal::Impl::prepare()
{
    const QFileInfo info(file.fileName());
    if (!QDir().mkpath(info.absolutePath())) {
        return base::fail(base::ErrorCode::Io,
                          "cannot create the folder " + info.absolutePath().toStdString()
                              + ": check that it can be written");
    }
    if (info.exists() && info.size() > kRotateBytes) {
        const QString old = file.fileName() + QStringLiteral(".old");
        QFile::remove(old);
        QFile::rename(file.fileName(), old);
    }
    if (!file.open(QIODevice::ReadWrite | QIODevice::Append))
        return fileError(file, "open");
    if (file.size() > 0) {
        file.seek(file.size() - 1);
        if (file.read(1) != "\n" && file.write("\n") != 1)
            return fileError(file, "write");
    }
    return {};
}

void ResultJournal::Impl::run(std::stop_token stop)
{
    for (;;) {
        std::vector<Row> rows;
        {
            std::unique_lock guard(lock);
            wake.wait(guard, stop, [this] { return !waiting.empty(); });
            if (waiting.empty())
                return;
            rows.swap(waiting);
        }
        write(std::move(rows));
    }
}

void ResultJournal::Impl::write(std::vector<Row> rows)
{
    QByteArray bytes(torn ? "\n" : "");
    for (const Row& row : rows)
        bytes += row.line;
    const bool ok = file.write(bytes) == bytes.size() && file.flush();
    torn = !ok;
    if (ok) {
        const std::lock_guard guard(lock);
        for (const Row& row : rows)
            known.insert(row.id);
    }
    for (Row& row : rows) {
        if (ok)
            row.written.resolve({});
        else
            row.written.resolve(fileError(file, "write"));
    }
}

ResultJournal::ResultJournal(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

ResultJournal::~ResultJournal() = default;

Result<std::shared_ptr<ResultJournal>> ResultJournal::open(const QString& path)
{
    auto impl = std::make_unique<Impl>();
    impl->file.setFileName(path);
    if (auto ready = impl->prepare(); !ready)
        return tl::unexpected(ready.error());
    Impl* const raw = impl.get();
    impl->writer = std::jthread([raw](std::stop_token stop) { raw->run(std::move(stop)); });
    return std::shared_ptr<ResultJournal>(new ResultJournal(std::move(impl)));
}

QFuture<Result<void>> ResultJournal::append(QByteArray id, const QJsonObject& row)
{
    QJsonObject whole = row;
    whole.insert(QLatin1String("id"), QString::fromUtf8(id));
    Impl::Row next{std::move(id), QJsonDocument(whole).toJson(QJsonDocument::Compact) + '\n', {}};
    auto written = next.written.future();
    {
        const std::lock_guard guard(m_impl->lock);
        m_impl->waiting.push_back(std::move(next));
    }
    m_impl->wake.notify_one();
    return written;
}

bool ResultJournal::contains(const QByteArray& id) const
{
    const std::lock_guard guard(m_impl->lock);
    return m_impl->known.contains(id);
}

QString ResultJournal::path() const
{
    return m_impl->file.fileName();
}

Result<QHash<QByteArray, QJsonObject>> readJournal(const QString& path, const QByteArray& prefix)
{
    QHash<QByteArray, QJsonObject> rows;
    QFile file(path);
    if (!file.exists())
        return rows;
    if (!file.open(QIODevice::ReadOnly))
        return fileError(file, "read");
    while (!file.atEnd()) {
        const QByteArray line = file.readLine();
        // Without its end of line a row is not whole, even if it happens to parse.
        if (!line.endsWith('\n'))
            break;
        if (!line.contains(prefix))
            continue;
        const QJsonObject row = QJsonDocument::fromJson(line).object();
        const QByteArray id = idOf(row);
        if (!id.isEmpty() && id.startsWith(prefix))
            rows.insert(id, row);
    }
    return rows;
}

} // namespace millrace::handlers
