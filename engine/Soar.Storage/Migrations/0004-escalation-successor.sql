-- When a question's escalation role came in, and in which role each person answered.
ALTER TABLE questions ADD COLUMN escalated_at BIGINT;
ALTER TABLE answers ADD COLUMN role TEXT;
-- The run that took over after RunAgain: who cancels the old one means this one.
ALTER TABLE runs ADD COLUMN successor_id TEXT CHECK (successor_id IS NULL OR LENGTH(successor_id) = 36);
