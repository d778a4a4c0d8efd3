// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/models/dead_letter_text.h"

#include "app/desktop/models/text_format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

namespace millrace::desktop {

namespace {

struct Letter
{
    Q_DECLARE_TR_FUNCTIONS(millrace::desktop::Letter)
};

} // namespace

QString reasonName(message::Reason reason)
{
    switch (reason) {
    //: Why a message became a dead letter: it was tried as often as its queue allows.
    case message::Reason::AttemptsExhausted: return Letter::tr("attempts exhausted");
    //: Why a message became a dead letter: its worker refused it for good.
    case message::Reason::Rejected: return Letter::tr("rejected");
    //: Why a message became a dead letter: its time was over before it was delivered.
    case message::Reason::Expired: return Letter::tr("expired");
    //: Why a message became a dead letter: its body does not fit its schema.
    case message::Reason::SchemaInvalid: return Letter::tr("schema invalid");
    //: Why a message became a dead letter: the process died while it worked on it.
    case message::Reason::CrashedInFlight: return Letter::tr("crashed in flight");
    //: Why a message became a dead letter: its queue allows no attempt so late.
    case message::Reason::DeadlineExceeded: return Letter::tr("deadline exceeded");
    //: Why a message became a dead letter: a person ended it.
    case message::Reason::GivenUp: return Letter::tr("given up");
    }
    return notAvailable();
}

QString letterStateName(message::State state)
{
    switch (state) {
    //: State of a dead letter that nobody has dealt with.
    case message::State::Dead: return Letter::tr("dead");
    //: State of a dead letter that was put away.
    case message::State::Archived: return Letter::tr("archived");
    //: State of a dead letter that was put back to work.
    case message::State::Replayed: return Letter::tr("replayed");
    //: State of a dead letter that was thrown away.
    case message::State::Discarded: return Letter::tr("discarded");
    default: break;
    }
    return visibleLine(message::toString(state));
}

QString formatClock(std::int64_t atUs, std::int64_t nowUs)
{
    if (atUs == 0)
        return notAvailable();
    const QDateTime at = QDateTime::fromMSecsSinceEpoch(atUs / 1000);
    if (at.date() == QDateTime::fromMSecsSinceEpoch(nowUs / 1000).date())
        return at.toString(QStringLiteral("HH:mm:ss"));
    return QLocale().toString(at, QStringLiteral("d MMM HH:mm"));
}

} // namespace millrace::desktop
