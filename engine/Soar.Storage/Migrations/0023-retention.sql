-- A case on hold keeps everything that belongs to it, whatever the settings say; and what finds what nobody keeps any longer.

ALTER TABLE cases ADD COLUMN held_at BIGINT;
ALTER TABLE cases ADD COLUMN held_by TEXT CHECK ((held_by IS NULL) = (held_at IS NULL));
ALTER TABLE cases ADD COLUMN hold_reason TEXT CHECK ((hold_reason IS NULL) = (held_at IS NULL));

-- Whoever removes a run or an alert has to know at once that nothing refers to it.
CREATE INDEX cases_by_run ON cases (run_no) WHERE run_no IS NOT NULL;
CREATE INDEX cases_by_alert ON cases (alert_no) WHERE alert_no IS NOT NULL;
CREATE INDEX case_changes_by_run ON case_changes (run_no) WHERE run_no IS NOT NULL;
CREATE INDEX holders_by_run ON holders (run_id);
