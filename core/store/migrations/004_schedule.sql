-- SPDX-FileCopyrightText: 2026 The Millrace authors
-- SPDX-License-Identifier: Apache-2.0

-- Messages that the node submits by itself. A row is replaced when it changes, and in the transaction of each run. One
-- that was removed stays, so that its runs are not submitted a second time and the pipeline file does not bring it back.
CREATE TABLE schedule (
    name        TEXT NOT NULL PRIMARY KEY,
    cron        TEXT NOT NULL,
    target      TEXT NOT NULL,                -- a queue or a topic
    missed      INTEGER NOT NULL,             -- 0 skip, 1 one
    envelope    BLOB NOT NULL,                -- of each message, but for id, time and idempotency key
    body        BLOB NOT NULL,
    paused      INTEGER NOT NULL CHECK (paused IN (0, 1)),
    by_operator INTEGER NOT NULL CHECK (by_operator IN (0, 1)),
    removed     INTEGER NOT NULL CHECK (removed IN (0, 1)),
    last_due_us INTEGER NOT NULL,             -- of the last run that was submitted; 0 = none
    next_us     INTEGER NOT NULL              -- 0 = never
) STRICT;
