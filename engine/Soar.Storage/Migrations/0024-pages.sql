-- So that every page of every list is read along an index, however many runs and alerts there are.

CREATE INDEX runs_by_starter ON runs (started_by, run_no);
-- 0 is under way, 3 completed: nearly all runs are one and then the other, and cost this index nothing.
CREATE INDEX runs_of_playbook_by_status ON runs (playbook, status, run_no) WHERE status <> 0 AND status <> 3;
CREATE INDEX alerts_of_source_by_state ON alerts (source, state, alert_no);
