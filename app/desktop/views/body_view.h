// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <cstdint>
#include <string>

class QsciLexerJSON;
class QsciScintilla;

namespace millrace::desktop {

class PlainLabel;

/// A message body, read-only: JSON with folding, text, or a hex dump. Thread: gui.
class BodyView : public QWidget
{
    Q_OBJECT

public:
    explicit BodyView(QWidget* parent = nullptr);
    ~BodyView() override;

    /// @param damage  what is wrong with the stored bytes; empty = nothing
    void show(const std::string& body, std::uint64_t wholeBytes, const std::string& damage);
    void clear();
    [[nodiscard]] QString text() const;
    [[nodiscard]] QString note() const;

private:
    void applyTheme();
    QsciScintilla* m_editor = nullptr;
    QsciLexerJSON* m_lexer = nullptr;
    PlainLabel* m_note = nullptr;
};

} // namespace millrace::desktop
