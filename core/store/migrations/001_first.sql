-- SPDX-FileCopyrightText: 2026 The Millrace authors
-- SPDX-License-Identifier: Apache-2.0

-- Small facts about this file: epoch, sequences_reserved_through, stopped_cleanly, store_id,
-- audit_records, syncs.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE queue (
    queue_id      INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    policy        TEXT NOT NULL,              -- JSON
    paused        INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    created_at_us INTEGER NOT NULL
) STRICT;

CREATE TABLE subscription (
    subscription_id INTEGER PRIMARY KEY,
    topic           TEXT NOT NULL,
    queue_id        INTEGER NOT NULL REFERENCES queue (queue_id),
    type_pattern    TEXT NOT NULL DEFAULT '',
    UNIQUE (topic, queue_id)
) STRICT;

-- Live messages: appended when submitted, deleted when settled, never updated. The few columns that
-- scheduling needs come first, so that a start reads them without touching overflow pages.
-- No second index: an insert is an append to the right edge of one tree.
CREATE TABLE message (
    sequence        INTEGER PRIMARY KEY,
    queue_id        INTEGER NOT NULL,
    priority        INTEGER NOT NULL,
    deliver_at_us   INTEGER NOT NULL,         -- 0 = at once
    expires_at_us   INTEGER NOT NULL,         -- 0 = never
    submitted_at_us INTEGER NOT NULL,
    partition_key   TEXT,
    content_of      INTEGER,                  -- the dead letter whose evidence holds envelope and body
    replay_of       INTEGER,
    replay_count    INTEGER NOT NULL DEFAULT 0,
    checksum        INTEGER NOT NULL,         -- of envelope and body
    envelope        BLOB,                     -- verbatim; NULL if content_of is set
    body            BLOB
) STRICT;

-- Only messages in trouble have a row here.
CREATE TABLE failure (
    sequence  INTEGER PRIMARY KEY,
    failures  INTEGER NOT NULL,
    due_at_us INTEGER NOT NULL,
    history   BLOB NOT NULL                   -- attempts, appended by concatenation
) STRICT;

-- What each commit handed out; what is left here after a crash was in flight.
CREATE TABLE handout (
    handout_id INTEGER PRIMARY KEY,
    sequences  BLOB NOT NULL                  -- varints of zigzag-coded differences
) STRICT;

CREATE TABLE deduplication (
    deduplication_id INTEGER PRIMARY KEY,
    queue_id         INTEGER NOT NULL,
    key              TEXT NOT NULL,
    sequence         INTEGER NOT NULL,
    message_id       TEXT NOT NULL,
    expires_at_us    INTEGER NOT NULL
) STRICT;

-- What a person browses. Bodies live beside it, so that a scan of a million rows reads no bodies.
CREATE TABLE dead_letter (
    sequence        INTEGER PRIMARY KEY,
    queue_id        INTEGER NOT NULL,
    state           INTEGER NOT NULL,         -- 8 dead, 9 archived, 10 replayed, 11 discarded
    reason          INTEGER NOT NULL,
    fingerprint     INTEGER NOT NULL,
    died_at_us      INTEGER NOT NULL,
    submitted_at_us INTEGER NOT NULL,
    priority        INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    replay_count    INTEGER NOT NULL,
    replay_of       INTEGER,
    replayed_as     INTEGER,
    content_of      INTEGER,                  -- set if the bytes lie with an earlier dead letter of the same lineage
    closed_by       INTEGER,                  -- operation
    closed_at_us    INTEGER,
    body_bytes      INTEGER NOT NULL,
    message_id      TEXT NOT NULL,
    type            TEXT NOT NULL,
    source          TEXT NOT NULL,
    correlation_id  TEXT NOT NULL,
    partition_key   TEXT,
    worker          TEXT NOT NULL,
    error_class     TEXT NOT NULL,
    error_text      TEXT NOT NULL
) STRICT;
-- Each index yields newest death first, ties by sequence: a scan goes on from (died_at_us, sequence)
-- without a sort. What follows the sequence only spares the look into the table.
CREATE INDEX dead_letter_by_time  ON dead_letter (state, died_at_us, sequence, queue_id, reason, fingerprint);
CREATE INDEX dead_letter_by_queue ON dead_letter (state, queue_id, died_at_us);
CREATE INDEX dead_letter_by_group ON dead_letter (state, fingerprint, died_at_us, sequence, queue_id, reason);
CREATE INDEX dead_letter_by_operation ON dead_letter (closed_by) WHERE closed_by IS NOT NULL;

CREATE TABLE dead_letter_content (
    sequence INTEGER PRIMARY KEY,
    checksum INTEGER NOT NULL,
    history  BLOB NOT NULL,
    envelope BLOB,                            -- NULL if dead_letter.content_of is set
    body     BLOB
) STRICT;

-- One row for each kind of failure ever seen.
CREATE TABLE failure_group (
    fingerprint     INTEGER PRIMARY KEY,
    reason          INTEGER NOT NULL,
    error_class     TEXT NOT NULL,
    text            TEXT NOT NULL,
    first_died_at_us INTEGER NOT NULL
) STRICT;

-- What people did to many dead letters at once: durable, continued after a restart.
CREATE TABLE operation (
    operation_id  INTEGER PRIMARY KEY,
    verb          INTEGER NOT NULL,
    state         INTEGER NOT NULL,           -- 0 running, 1 done, 2 cancelled
    actor         TEXT NOT NULL,
    reason        TEXT NOT NULL,
    total         INTEGER NOT NULL,
    cursor        INTEGER NOT NULL,
    moved         INTEGER NOT NULL,
    skipped       INTEGER NOT NULL,
    started_at_us INTEGER NOT NULL,
    ended_at_us   INTEGER NOT NULL            -- 0 = runs
) STRICT;
CREATE INDEX operation_by_state ON operation (state);

-- The frozen selection. Beside the operation, because each chunk updates that row and SQLite writes
-- a changed row anew, with all of its blob.
CREATE TABLE operation_members (
    operation_id INTEGER PRIMARY KEY,
    members      BLOB NOT NULL                -- varints of zigzag-coded differences, in order
) STRICT;

-- Append-only; each row's hash covers the row and the hash before it.
CREATE TABLE audit (
    audit_id      INTEGER PRIMARY KEY,
    at_us         INTEGER NOT NULL,
    actor         TEXT NOT NULL,
    verb          TEXT NOT NULL,
    target        TEXT NOT NULL,
    count         INTEGER NOT NULL,
    parameters    TEXT NOT NULL,              -- JSON
    outcome       TEXT NOT NULL,
    members_hash  BLOB NOT NULL,
    previous_hash BLOB NOT NULL,
    hash          BLOB NOT NULL
) STRICT;
