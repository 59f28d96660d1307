-- A case may be opened by an alert as well as by a run, and alerts belong to cases by what they are about.

CREATE TABLE cases_new (
    id        TEXT    NOT NULL PRIMARY KEY CHECK (LENGTH(id) = 36),
    number    INTEGER NOT NULL UNIQUE CHECK (number >= 1),
    key       TEXT    NOT NULL UNIQUE,
    -- Who opened it: a run or an alert.
    run_no    BIGINT  REFERENCES runs (run_no),
    alert_no  BIGINT  REFERENCES alerts (alert_no),
    title     TEXT    NOT NULL CHECK (title <> ''),
    severity  INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 100),
    tlp       INTEGER NOT NULL CHECK (tlp BETWEEN 0 AND 4),
    opened_at BIGINT  NOT NULL,
    opened_by TEXT    NOT NULL,
    alerts    INTEGER NOT NULL DEFAULT 0 CHECK (alerts >= 0),
    CHECK ((run_no IS NULL) <> (alert_no IS NULL))
);
INSERT INTO cases_new (id, number, key, run_no, title, severity, tlp, opened_at, opened_by)
    SELECT id, number, key, run_no, title, severity, tlp, opened_at, opened_by FROM cases;
CREATE TABLE case_changes_new (
    change_no  {{identity}},
    case_id    TEXT    NOT NULL REFERENCES cases_new (id),
    run_no     BIGINT  REFERENCES runs (run_no),
    what       INTEGER NOT NULL CHECK (what BETWEEN 1 AND 255),
    at         BIGINT  NOT NULL,
    handled_at BIGINT
);
INSERT INTO case_changes_new (change_no, case_id, run_no, what, at, handled_at) SELECT change_no, case_id, run_no, what, at, handled_at FROM case_changes;
DROP TABLE case_changes;
DROP TABLE cases;
ALTER TABLE cases_new RENAME TO cases;
ALTER TABLE case_changes_new RENAME TO case_changes;
CREATE INDEX case_changes_open ON case_changes (change_no) WHERE handled_at IS NULL;

ALTER TABLE alerts ADD COLUMN case_id TEXT REFERENCES cases (id);
CREATE INDEX alerts_by_case ON alerts (case_id, alert_no) WHERE case_id IS NOT NULL;

-- Which case an alert with this key joins, as long as the last one is not too long ago.
CREATE TABLE case_keys (
    rule    TEXT   NOT NULL CHECK (rule <> ''),
    key     TEXT   NOT NULL CHECK (key <> ''),
    case_id TEXT   NOT NULL REFERENCES cases (id),
    last_at BIGINT NOT NULL,
    PRIMARY KEY (rule, key)
) {{clustered}};
