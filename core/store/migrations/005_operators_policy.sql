-- SPDX-FileCopyrightText: 2026 The Millrace authors
-- SPDX-License-Identifier: Apache-2.0

-- What the pipeline file declares, and whether an operator set the policy in use: then the file does not replace it.
ALTER TABLE queue ADD COLUMN file_policy TEXT;
ALTER TABLE queue ADD COLUMN set_by_operator INTEGER NOT NULL DEFAULT 0 CHECK (set_by_operator IN (0, 1));
