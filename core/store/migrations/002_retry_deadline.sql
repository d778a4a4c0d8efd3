-- SPDX-FileCopyrightText: 2026 The Millrace authors
-- SPDX-License-Identifier: Apache-2.0

-- A deadline for all attempts together counts from the first that failed. 0 = written before this version: it
-- counts from the next start.
ALTER TABLE failure ADD COLUMN first_attempt_at_us INTEGER NOT NULL DEFAULT 0;
