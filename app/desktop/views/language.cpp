// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/language.h"

#include <QCoreApplication>
#include <QFile>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

namespace millrace::desktop {

namespace {

const QString kCatalogues = QStringLiteral(":/i18n");

bool hasCatalogue(const QString& language)
{
    return QFile::exists(kCatalogues + QLatin1String("/millrace_") + language + QLatin1String(".qm"));
}

} // namespace

// QTranslator::load(QLocale, …) goes on to the next language when there is no catalogue for one. English has none, so
// that somebody who reads English, then German, would get German.
QString chooseLanguage(const QStringList& wanted)
{
    for (QString language : wanted) {
        language.replace(QLatin1Char('-'), QLatin1Char('_'));
        const QString code = language.section(QLatin1Char('_'), 0, 0);
        if (code == QLatin1String("en") || code == QLatin1String("C") || code == QLatin1String("POSIX"))
            return {};
        for (const QString& candidate : {language, code}) {
            if (hasCatalogue(candidate))
                return candidate;
        }
    }
    return {};
}

void installLanguage(QCoreApplication& application)
{
    const QString language = chooseLanguage(QLocale().uiLanguages());
    if (language.isEmpty())
        return;
    // Qt's own texts only in the language of all the others.
    const auto install = [&](const QString& name, const QString& folder) {
        auto* translator = new QTranslator(&application);
        if (translator->load(name + QLatin1Char('_') + language, folder))
            QCoreApplication::installTranslator(translator);
    };
    install(QStringLiteral("qtbase"), QLibraryInfo::path(QLibraryInfo::TranslationsPath));
    install(QStringLiteral("millrace"), kCatalogues);
}

} // namespace millrace::desktop
