#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Millrace authors
# SPDX-License-Identifier: Apache-2.0

# text_check.sh <root>
# Text that comes from messages must never be read as rich text. The calls that guess or accept markup are allowed
# in app/desktop/views/safe_text.{h,cpp} only.

set -euo pipefail
cd "$1"

pattern='(\.|->|[^A-Za-z_:])(setToolTip|setWhatsThis|setHtml|insertHtml|appendHtml)[[:space:]]*\('
pattern+='|QToolTip::showText|QMessageBox::(about|critical|information|question|warning)[[:space:]]*\('
hits=$(grep -rnE "$pattern" app/desktop --include='*.h' --include='*.cpp' 2>/dev/null |
    grep -vE '^app/desktop/views/safe_text\.(h|cpp):|^[^:]*:[0-9]+:[[:space:]]*//' || true)
[ -z "$hits" ] && exit 0

while IFS=: read -r file line text; do
    echo "$file:$line: rich text is possible here; use app/desktop/views/safe_text.h:${text}"
done <<< "$hits"
exit 1
