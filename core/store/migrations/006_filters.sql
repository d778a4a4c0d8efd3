-- SPDX-FileCopyrightText: 2026 The Millrace authors
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE subscription ADD COLUMN source_pattern TEXT NOT NULL DEFAULT '';
ALTER TABLE subscription ADD COLUMN attributes TEXT NOT NULL DEFAULT ''; -- JSON object; '' = none
