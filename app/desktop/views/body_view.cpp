// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/body_view.h"

#include "app/desktop/models/dead_letter_body.h"
#include "app/desktop/models/text_format.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/theme.h"

#include <Qsci/qscilexerjson.h>
#include <Qsci/qsciscintilla.h>
#include <QVBoxLayout>

namespace millrace::desktop {

BodyView::BodyView(QWidget* parent)
    : QWidget(parent)
    , m_editor(new QsciScintilla(this))
    , m_lexer(new QsciLexerJSON(this))
    , m_note(new PlainLabel(this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kHalfGrid);
    column->addWidget(m_note);
    column->addWidget(m_editor, 1);
    m_note->setFont(Theme::font(TextSize::Small));
    m_note->setElide(PlainLabel::Elide::Right);
    m_editor->setReadOnly(true);
    m_editor->setUtf8(true);
    m_editor->setFrameShape(QFrame::NoFrame);
    m_editor->setMarginWidth(1, 0);
    m_editor->setWrapMode(QsciScintilla::WrapNone);
    m_editor->SendScintilla(QsciScintillaBase::SCI_SETSCROLLWIDTH, 1UL);
    m_editor->SendScintilla(QsciScintillaBase::SCI_SETSCROLLWIDTHTRACKING, 1UL);
    //: Accessible name of the pane with a message's body
    m_editor->setAccessibleName(tr("Message body"));
    connect(&Theme::instance(), &Theme::themeChanged, this, &BodyView::applyTheme);
    applyTheme();
    clear();
}

BodyView::~BodyView() = default;

void BodyView::show(const std::string& body, std::uint64_t wholeBytes, const std::string& damage)
{
    const BodyText readable = readableBody(body, wholeBytes);
    const bool isJson = readable.kind == BodyText::Kind::Json;
    m_editor->setLexer(isJson ? m_lexer : nullptr);
    m_editor->setFolding(isJson ? QsciScintilla::PlainFoldStyle : QsciScintilla::NoFoldStyle);
    m_editor->setText(readable.text);
    applyTheme();
    QString kind;
    switch (readable.kind) {
    //: What a message body is
    case BodyText::Kind::Empty: kind = tr("Empty body"); break;
    //: What a message body is; %1 is its size
    case BodyText::Kind::Json: kind = tr("JSON, %1").arg(formatBytes(wholeBytes)); break;
    //: What a message body is; %1 is its size
    case BodyText::Kind::Text: kind = tr("Text, %1").arg(formatBytes(wholeBytes)); break;
    //: What a message body is; %1 is its size
    case BodyText::Kind::Hex: kind = tr("Bytes, %1").arg(formatBytes(wholeBytes)); break;
    }
    if (readable.cut)
        //: After the kind of a body
        kind += tr("; only the beginning is shown");
    if (!damage.empty())
        kind = visibleText(damage);
    m_note->setText(kind);
}

void BodyView::clear()
{
    m_editor->setLexer(nullptr);
    m_editor->setText({});
    m_note->setText({});
    applyTheme();
}

QString BodyView::text() const
{
    return m_editor->text();
}

QString BodyView::note() const
{
    return m_note->fullText();
}

void BodyView::applyTheme()
{
    const Theme& theme = Theme::instance();
    const QColor paper = theme.color(Token::Raised);
    const QColor text = theme.color(Token::Text);
    const QFont font = Theme::codeFont();
    m_lexer->setDefaultFont(font);
    m_lexer->setDefaultPaper(paper);
    m_lexer->setDefaultColor(text);
    for (int style = 0; style <= QsciLexerJSON::Error; ++style) {
        m_lexer->setFont(font, style);
        m_lexer->setPaper(paper, style);
        m_lexer->setColor(text, style);
    }
    m_lexer->setColor(theme.color(Token::Accent), QsciLexerJSON::Property);
    m_lexer->setColor(theme.color(Token::Done), QsciLexerJSON::String);
    m_lexer->setColor(theme.color(Token::Scheduled), QsciLexerJSON::Number);
    m_lexer->setColor(theme.color(Token::Retrying), QsciLexerJSON::Keyword);
    m_lexer->setColor(theme.color(Token::Muted), QsciLexerJSON::Operator);
    m_editor->setFont(font);
    m_editor->setPaper(paper);
    m_editor->setColor(text);
    m_editor->setCaretForegroundColor(text);
    m_editor->setSelectionBackgroundColor(theme.color(Token::Selection));
    m_editor->setSelectionForegroundColor(text);
    m_editor->setFoldMarginColors(paper, paper);
    // Its own are white and black, whatever the paper.
    const QColor marker = theme.color(Token::Muted);
    const int lastMark = QsciScintillaBase::SC_MARKNUM_FOLDEROPEN;
    for (int mark = QsciScintillaBase::SC_MARKNUM_FOLDEREND; mark <= lastMark; ++mark) {
        // The functions with names only know markers that they defined.
        m_editor->SendScintilla(QsciScintillaBase::SCI_MARKERSETFORE, static_cast<unsigned long>(mark), marker);
        m_editor->SendScintilla(QsciScintillaBase::SCI_MARKERSETBACK, static_cast<unsigned long>(mark), marker);
    }
    m_editor->setMarginsBackgroundColor(paper);
    m_editor->setMarginsForegroundColor(theme.color(Token::Muted));
}

} // namespace millrace::desktop
