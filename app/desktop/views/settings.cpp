// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/settings.h"

#include <QHash>
#include <QMutex>
#include <QSettings>
#include <QThreadPool>

#include <utility>

namespace millrace::desktop {

namespace {

class Keeper
{
public:
    Keeper() { m_writer.setMaxThreadCount(1); }

    void keep(const QString& key, const QVariant& value)
    {
        const QMutexLocker guard(&m_lock);
        m_waiting.insert(key, value);
        m_writer.start([this] { write(); });
    }

    QVariant kept(const QString& key, const QVariant& otherwise)
    {
        {
            const QMutexLocker guard(&m_lock);
            const auto found = m_waiting.constFind(key);
            if (found != m_waiting.constEnd())
                return *found;
        }
        return QSettings().value(key, otherwise);
    }

    void finish() { m_writer.waitForDone(); }

private:
    void write()
    {
        QSettings settings;
        {
            // Values enter QSettings under the lock, so that kept() always finds one of the two.
            const QMutexLocker guard(&m_lock);
            const auto waiting = std::exchange(m_waiting, {});
            for (auto value = waiting.constBegin(); value != waiting.constEnd(); ++value)
                settings.setValue(value.key(), value.value());
        }
        settings.sync();
    }

    QMutex m_lock;
    QHash<QString, QVariant> m_waiting; ///< guarded by m_lock
    QThreadPool m_writer;               ///< declared last: ends before what it uses
};

Keeper& keeper()
{
    static Keeper instance;
    return instance;
}

} // namespace

void keepSetting(const QString& key, const QVariant& value)
{
    keeper().keep(key, value);
}

QVariant keptSetting(const QString& key, const QVariant& otherwise)
{
    return keeper().kept(key, otherwise);
}

void finishSettings()
{
    keeper().finish();
}

} // namespace millrace::desktop
