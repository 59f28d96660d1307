-- Who goes first among the runs that are due: a lane counts as if it had become due 15 seconds after the one before (Lanes.Behind).
ALTER TABLE runs ADD COLUMN lane INTEGER NOT NULL DEFAULT 2 CHECK (lane BETWEEN 0 AND 2);
DROP INDEX runs_ready;
CREATE INDEX runs_ready ON runs ((due_at + lane * 15000), run_no) WHERE ready = 1;
