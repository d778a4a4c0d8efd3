-- SPDX-FileCopyrightText: 2026 The Millrace authors
-- SPDX-License-Identifier: Apache-2.0

-- Unique keys that live messages hold; the row goes with its message.
CREATE TABLE unique_key (
    sequence   INTEGER PRIMARY KEY,           -- of the message
    queue_id   INTEGER NOT NULL,
    key        TEXT NOT NULL,
    message_id TEXT NOT NULL
) STRICT;
