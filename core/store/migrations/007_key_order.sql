-- SPDX-FileCopyrightText: 2026 The Millrace authors
-- SPDX-License-Identifier: Apache-2.0

-- Order within a partition key. A message stands where its sequence says, and a replay where the dead
-- letter stood that it was: only replays carry a place, so that every other row stays as short as it was.
ALTER TABLE message ADD COLUMN place INTEGER;
ALTER TABLE dead_letter ADD COLUMN place INTEGER;

-- Dead letters behind which their key is parked.
CREATE TABLE key_block (
    sequence INTEGER PRIMARY KEY,             -- of the dead letter
    queue_id INTEGER NOT NULL,
    place    INTEGER NOT NULL,
    key      TEXT NOT NULL
) STRICT;
