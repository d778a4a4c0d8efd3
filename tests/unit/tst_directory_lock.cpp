// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "core/store/sqlite_store.h"

#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace millrace;
using base::ErrorCode;
using store::DirectoryLock;
namespace fs = std::filesystem;

namespace {

store::Holder me() { return {::getpid(), "millrace-node 1.0", "desk", 1'700'000'000'000'000, {}}; }

unsigned modeOf(const fs::path& path)
{
    struct stat facts{};
    ::stat(path.c_str(), &facts);
    return facts.st_mode & 0777U;
}

} // namespace

class TstDirectoryLock : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_directory = fs::path(m_temporary.filePath(QString::number(++m_count)).toStdString()); }
    void makesAPrivateDirectory();
    void d20_aSecondOneIsToldWhoHoldsIt();
    void holderIsKnownOnlyWhileItHolds();
    void announcesEndpoints();
    void d20_aKilledProcessLeavesNoLock();
    void aTextWithLineBreaksForgesNothing();
    void saysWhyADirectoryCannotBeUsed();

private:
    QTemporaryDir m_temporary;
    fs::path m_directory;
    int m_count = 0;
};

void TstDirectoryLock::makesAPrivateDirectory()
{
    const fs::path nested = m_directory / "a" / "b";
    const auto lock = DirectoryLock::acquire(nested, me());
    QVERIFY(lock);
    QCOMPARE(modeOf(nested), 0700U);
    QCOMPARE(modeOf(nested / "millrace.lock"), 0600U);
}

void TstDirectoryLock::d20_aSecondOneIsToldWhoHoldsIt()
{
    const auto first = DirectoryLock::acquire(m_directory, me());
    QVERIFY(first);
    const auto second = DirectoryLock::acquire(m_directory, {1, "other", "elsewhere", 0, {}});
    QVERIFY(!second);
    QVERIFY(second.error().code == ErrorCode::Busy);
    const std::string& context = second.error().context;
    QVERIFY(context.find("millrace-node 1.0") != std::string::npos);
    QVERIFY(context.find(std::to_string(::getpid())) != std::string::npos);
    QVERIFY(context.find(m_directory.string()) != std::string::npos);
}

void TstDirectoryLock::holderIsKnownOnlyWhileItHolds()
{
    const auto nobody = DirectoryLock::holder(m_directory);
    QVERIFY(!nobody);
    QVERIFY(nobody.error().code == ErrorCode::NotFound);
    {
        const auto lock = DirectoryLock::acquire(m_directory, me());
        QVERIFY(lock);
        const auto found = DirectoryLock::holder(m_directory);
        QVERIFY(found);
        QCOMPARE(found->pid, std::int64_t{::getpid()});
        QCOMPARE(found->program, std::string("millrace-node 1.0"));
        QCOMPARE(found->host, std::string("desk"));
        QCOMPARE(found->sinceUs, me().sinceUs);
        QVERIFY(found->endpoints.empty());
        // Asking did not take the lock, nor drop it.
        QVERIFY(!DirectoryLock::acquire(m_directory, me()));
    }
    QVERIFY(DirectoryLock::holder(m_directory).error().code == ErrorCode::NotFound);
    QVERIFY(DirectoryLock::acquire(m_directory, me()));
}

void TstDirectoryLock::announcesEndpoints()
{
    const auto lock = DirectoryLock::acquire(m_directory, me());
    QVERIFY(lock);
    QVERIFY((*lock)->announce("ipc:///run/user/1000/millrace/a-rather-long-name"));
    QVERIFY((*lock)->announce("ipc:///run/millrace"));
    const auto found = DirectoryLock::holder(m_directory);
    QVERIFY(found);
    QCOMPARE(found->endpoints, std::string("ipc:///run/millrace"));
    QCOMPARE(found->pid, std::int64_t{::getpid()});
}

void TstDirectoryLock::d20_aKilledProcessLeavesNoLock()
{
    int pipe[2] = {};
    QCOMPARE(::pipe(pipe), 0);
    const pid_t child = ::fork();
    QVERIFY(child >= 0);
    if (child == 0) {
        const auto lock = DirectoryLock::acquire(m_directory, {::getpid(), "child", "desk", 0, {}});
        const char answer = lock ? 'y' : 'n';
        if (::write(pipe[1], &answer, 1) != 1)
            ::_exit(1);
        for (;;)
            ::pause();
    }
    char answer = 0;
    QCOMPARE(::read(pipe[0], &answer, 1), ssize_t{1});
    QCOMPARE(answer, 'y');
    const auto refused = DirectoryLock::acquire(m_directory, me());
    QVERIFY(!refused);
    QVERIFY(refused.error().context.find(std::to_string(child)) != std::string::npos);

    QCOMPARE(::kill(child, SIGKILL), 0);
    QCOMPARE(::waitpid(child, nullptr, 0), child);
    ::close(pipe[0]);
    ::close(pipe[1]);
    QVERIFY(fs::exists(m_directory / "millrace.lock")); // the file stays, its lock does not
    QVERIFY(DirectoryLock::acquire(m_directory, me()));
}

void TstDirectoryLock::aTextWithLineBreaksForgesNothing()
{
    store::Holder self = me();
    self.program = "evil\npid=1\nendpoints=tcp://evil";
    const auto lock = DirectoryLock::acquire(m_directory, self);
    QVERIFY(lock);
    const auto found = DirectoryLock::holder(m_directory);
    QVERIFY(found);
    QCOMPARE(found->pid, std::int64_t{::getpid()});
    QVERIFY(found->endpoints.empty());
}

void TstDirectoryLock::saysWhyADirectoryCannotBeUsed()
{
    std::ofstream(m_directory) << "a file";
    const auto lock = DirectoryLock::acquire(m_directory / "below", me());
    QVERIFY(!lock);
    QVERIFY(lock.error().code == ErrorCode::Io);
    QVERIFY(lock.error().native != 0);
    QVERIFY(lock.error().context.find(m_directory.string()) != std::string::npos);
}

QTEST_GUILESS_MAIN(TstDirectoryLock)
#include "tst_directory_lock.moc"
