// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/desktop/views/theme.h"

#include <QIcon>
#include <QLatin1String>
#include <QPixmap>

#include <optional>

namespace millrace::desktop {

/// Line icon by the name of its file in resources/icons. Drawn when it is painted, sharp at any scale, in the colour
/// of the text of the current theme (or of `token`); so it follows a change of theme by itself.
/// An unknown name gives an empty icon and a warning in the log. Thread: gui.
[[nodiscard]] QIcon icon(QLatin1String name, std::optional<Token> token = std::nullopt);

} // namespace millrace::desktop
