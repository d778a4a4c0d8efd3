// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/icons.h"

#include <QFile>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace millrace::desktop {

namespace {

QByteArray loadSvg(const QString& name)
{
    static QHash<QString, QByteArray> loaded;
    const auto found = loaded.constFind(name);
    if (found != loaded.constEnd())
        return *found;
    QFile file(QStringLiteral(":/desktop/icons/%1.svg").arg(name));
    QByteArray svg;
    if (file.open(QIODevice::ReadOnly))
        svg = file.readAll();
    else
        qWarning("there is no icon %s", qUtf8Printable(name));
    loaded.insert(name, svg);
    return svg;
}

class LineIconEngine : public QIconEngine
{
public:
    LineIconEngine(QString name, std::optional<Token> token)
        : m_name(std::move(name))
        , m_token(token)
    {
    }

    void paint(QPainter* painter, const QRect& area, QIcon::Mode mode, QIcon::State) override
    {
        QByteArray svg = loadSvg(m_name);
        if (svg.isEmpty())
            return;
        svg.replace("currentColor", color(mode).name().toLatin1());
        QSvgRenderer renderer(svg);
        painter->save();
        if (mode == QIcon::Disabled)
            painter->setOpacity(painter->opacity() * 0.5);
        renderer.render(painter, area);
        painter->restore();
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        const QString key = QStringLiteral("mr-icon/%1/%2/%3x%4/%5")
                                .arg(m_name, color(mode).name())
                                .arg(size.width())
                                .arg(size.height())
                                .arg(int(mode));
        QPixmap pixmap;
        if (QPixmapCache::find(key, &pixmap))
            return pixmap;
        pixmap = QPixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        painter.end();
        QPixmapCache::insert(key, pixmap);
        return pixmap;
    }

    QIconEngine* clone() const override { return new LineIconEngine(m_name, m_token); }
    bool isNull() override { return loadSvg(m_name).isEmpty(); }

private:
    [[nodiscard]] QColor color(QIcon::Mode mode) const
    {
        const Token token = m_token.value_or(mode == QIcon::Disabled ? Token::Muted : Token::Text);
        return Theme::instance().color(token);
    }

    QString m_name;
    std::optional<Token> m_token;
};

} // namespace

QIcon icon(QLatin1String name, std::optional<Token> token)
{
    return QIcon(new LineIconEngine(name, token));
}

} // namespace millrace::desktop
