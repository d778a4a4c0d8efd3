-- SPDX-FileCopyrightText: 2026 The Millrace authors
-- SPDX-License-Identifier: Apache-2.0

-- Messages that were in flight when the node died and have been handed out alone since. Others are suspects by the
-- hand-out that names them, up to meta's crashed_handouts_through.
CREATE TABLE suspect (
    sequence         INTEGER PRIMARY KEY,
    crashes          INTEGER NOT NULL,        -- times that the node died while it was out alone
    handed_out_at_us INTEGER NOT NULL,        -- 0 = it is not out
    worker           TEXT NOT NULL
) STRICT;
