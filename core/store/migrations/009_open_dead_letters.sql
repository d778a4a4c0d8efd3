-- SPDX-FileCopyrightText: 2026 The Millrace authors
-- SPDX-License-Identifier: Apache-2.0

-- The indexes that browsing needs hold the dead letters that wait for a person (state 8). One that is dealt with leaves
-- them and gets a single entry among the closed ones: a replay of many spends its time on these entries.
-- Each yields newest death first, ties by sequence: a scan goes on from (died_at_us, sequence) without a sort. What
-- follows the sequence only spares the look into the table; SQLite would look there even for the state, which is
-- always 8.
DROP INDEX dead_letter_by_time;
DROP INDEX dead_letter_by_queue;
DROP INDEX dead_letter_by_group;
CREATE INDEX dead_letter_by_time
    ON dead_letter (died_at_us, sequence, queue_id, reason, fingerprint, state) WHERE state = 8;
CREATE INDEX dead_letter_by_queue ON dead_letter (queue_id, died_at_us, sequence, state) WHERE state = 8;
CREATE INDEX dead_letter_by_group
    ON dead_letter (fingerprint, died_at_us, sequence, queue_id, reason, state) WHERE state = 8;
CREATE INDEX dead_letter_closed
    ON dead_letter (state, died_at_us, sequence, queue_id, reason, fingerprint) WHERE state > 8;
