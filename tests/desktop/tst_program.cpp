// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/views/language.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QProcessEnvironment>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace millrace::desktop;

namespace {

constexpr int kDeadlineMs = 30'000;

/// The program as a process, with settings, data and runtime directory of its own.
struct Program
{
    Program()
    {
        environment = QProcessEnvironment::systemEnvironment();
        for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANGUAGE", "DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
            environment.remove(QLatin1String(name));
        environment.insert(QStringLiteral("LANG"), QStringLiteral("C.UTF-8"));
        for (const char* name : {"XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"})
            environment.insert(QLatin1String(name), scratch.path());
    }
    void start(const QStringList& arguments)
    {
        process.setProcessEnvironment(environment);
        process.start(QStringLiteral(MR_DESKTOP_PROGRAM), arguments);
    }
    /// @returns the exit code; -1 if it was killed by a signal or did not end
    int wait()
    {
        const bool ended = process.waitForFinished(kDeadlineMs);
        output = process.readAllStandardOutput();
        errors = process.readAllStandardError();
        if (!ended) {
            process.kill();
            process.waitForFinished(kDeadlineMs);
            return -1;
        }
        return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    }
    int run(const QStringList& arguments)
    {
        start(arguments);
        return wait();
    }
    QTemporaryDir scratch;
    QProcessEnvironment environment;
    QProcess process;
    QByteArray output, errors;
};

} // namespace

/// The program as a person or a script starts it.
class TstProgram : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void speaksTheFirstLanguageThatItKnows_data()
    {
        QTest::addColumn<QStringList>("wanted");
        QTest::addColumn<QString>("chosen");
        const auto list = [](const char* text) { return QString::fromLatin1(text).split(QLatin1Char(' ')); };
        QTest::newRow("nothing") << QStringList() << QString();
        QTest::newRow("English, then German") << list("en-US en de") << QString();
        QTest::newRow("German") << list("de-DE de") << QStringLiteral("de");
        QTest::newRow("German of Austria, then English") << list("de-AT en-GB") << QStringLiteral("de");
        QTest::newRow("neither, then German") << list("fr-FR fr de en") << QStringLiteral("de");
        QTest::newRow("neither, then English") << list("fr en de") << QString();
        QTest::newRow("none that is known") << list("fr ja") << QString();
        QTest::newRow("the C locale") << list("C de") << QString();
    }
    void speaksTheFirstLanguageThatItKnows()
    {
        QFETCH(QStringList, wanted);
        QFETCH(QString, chosen);
        QCOMPARE(chooseLanguage(wanted), chosen);
    }

    void whoReadsEnglishThenGermanGetsEnglish()
    {
        Program program;
        program.environment.insert(QStringLiteral("LANG"), QStringLiteral("en_US.UTF-8"));
        program.environment.insert(QStringLiteral("LANGUAGE"), QStringLiteral("en_US:de"));
        QCOMPARE(program.run({QStringLiteral("--help")}), 0);
        QVERIFY2(program.output.contains("Keep the pipeline's data in"), program.output.constData());
        QVERIFY2(program.output.contains("Usage:"), program.output.constData());
    }

    void germanIsWholeOnTheCommandLine()
    {
        Program program;
        QCOMPARE(program.run({QStringLiteral("--help"), QStringLiteral("--lang"), QStringLiteral("de")}), 0);
        QVERIFY2(program.output.contains("Daten der Pipeline in"), program.output.constData());
        QVERIFY2(program.output.contains("Diese Hilfe anzeigen"), program.output.constData());
        QVERIFY2(program.output.contains("Aufruf:") && program.output.contains("Optionen:"), program.output.constData());
        QCOMPARE(program.run({QStringLiteral("--lang=de"), QStringLiteral("--foo")}), 2);
        QVERIFY2(program.errors.contains("Unbekannte Option"), program.errors.constData());
        QCOMPARE(program.run({QStringLiteral("--lang=de"), QStringLiteral("foo")}), 2);
        QVERIFY2(program.errors.contains("unbekanntes Argument"), program.errors.constData());
    }

    void mistakesNeedNoDisplay_data()
    {
        QTest::addColumn<QStringList>("arguments");
        for (const char* line : {"foo", "--foo", "--help-all", "--theme=green", "--screenshots=", "--data=", "--data", "--attach="})
            QTest::newRow(line) << QStringList{QString::fromLatin1(line)};
        QTest::newRow("--screenshots and nothing") << QStringList{QStringLiteral("--screenshots"), QString()};
    }
    void mistakesNeedNoDisplay()
    {
        QFETCH(QStringList, arguments);
        Program program;
        QCOMPARE(program.run(arguments), 2);
        QVERIFY2(program.errors.startsWith("millrace: "), program.errors.constData());
        QVERIFY(program.output.isEmpty());
    }

    void withoutADisplayASentenceSaysSo()
    {
        Program program;
        QCOMPARE(program.run({}), 3);
        QVERIFY2(program.errors.startsWith("millrace: there is no display"), program.errors.constData());
        QVERIFY2(program.errors.contains("packaging/run") && program.errors.contains("millrace-node"), program.errors.constData());
        QCOMPARE(program.errors.count('\n'), 1); // and nothing of Qt's
        program.environment.insert(QStringLiteral("DISPLAY"), QStringLiteral(":987"));
        program.environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("xcb"));
        QCOMPARE(program.run({QStringLiteral("--lang=de")}), 3);
        QVERIFY2(program.errors.startsWith("millrace: there is no display"), program.errors.constData());
    }

    void signalsEndItAsItsWindowDoes_data()
    {
        QTest::addColumn<int>("number");
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGINT") << SIGINT;
    }
    void signalsEndItAsItsWindowDoes()
    {
        QFETCH(int, number);
        Program program;
        const QString data = program.scratch.filePath(QStringLiteral("data"));
        program.environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        program.start({QStringLiteral("--data"), data});
        const auto walIsThere = [&] { return !QDir(data).entryList({QStringLiteral("*-wal")}).isEmpty(); };
        QTRY_VERIFY_WITH_TIMEOUT(walIsThere(), kDeadlineMs);
        QTest::qWait(300);
        QVERIFY(::kill(pid_t(program.process.processId()), number) == 0);
        QCOMPARE(program.wait(), 0);
        QVERIFY2(!walIsThere(), "the store was not closed");
    }
};

QTEST_GUILESS_MAIN(TstProgram)
#include "tst_program.moc"
