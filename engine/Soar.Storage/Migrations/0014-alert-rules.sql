-- An alert that repeats another within a window, and one that a rule suppresses, are states of their own; a repeat is found by the first one's fingerprint.

CREATE TABLE alerts_new (
    alert_no      {{identity}},
    id            TEXT    NOT NULL UNIQUE CHECK (LENGTH(id) = 36),
    source        TEXT    NOT NULL CHECK (source <> ''),
    -- The detector's own id: with the source it makes intake idempotent.
    external_id   TEXT    NOT NULL CHECK (external_id <> ''),
    alert         TEXT    NOT NULL,
    received_at   BIGINT  NOT NULL,
    last_at       BIGINT  NOT NULL,
    times         INTEGER NOT NULL CHECK (times >= 1),
    resolved_at   BIGINT,
    state         INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),
    reason        TEXT    CHECK (reason IS NULL OR state BETWEEN 2 AND 5),
    triggers      TEXT,
    decided_at    BIGINT,
    -- Of those that can have repeats only: neither a repeat nor what is suppressed has any.
    fingerprint   TEXT    CHECK (fingerprint IS NULL OR (LENGTH(fingerprint) = 64 AND state < 4)),
    duplicate_of  BIGINT  CHECK (duplicate_of < alert_no),
    duplicates    INTEGER NOT NULL DEFAULT 0 CHECK (duplicates >= 0),
    suppressed_by TEXT    CHECK (suppressed_by <> ''),
    UNIQUE (source, external_id),
    CHECK ((state = 0) = (decided_at IS NULL)),
    CHECK (state < 3 OR reason IS NOT NULL),
    CHECK ((state = 4) = (duplicate_of IS NOT NULL)),
    CHECK ((state = 5) = (suppressed_by IS NOT NULL))
);
INSERT INTO alerts_new (alert_no, id, source, external_id, alert, received_at, last_at, times, resolved_at, state, reason, triggers, decided_at)
    SELECT alert_no, id, source, external_id, alert, received_at, last_at, times, resolved_at, state, reason, triggers, decided_at FROM alerts;
DROP TABLE alerts;
ALTER TABLE alerts_new RENAME TO alerts;
CREATE INDEX alerts_by_state ON alerts (state, alert_no);
CREATE INDEX alerts_by_source ON alerts (source, alert_no);
CREATE INDEX alerts_by_fingerprint ON alerts (fingerprint, received_at) WHERE fingerprint IS NOT NULL;
CREATE INDEX alerts_duplicates ON alerts (duplicate_of, alert_no) WHERE duplicate_of IS NOT NULL;

ALTER TABLE alert_sources ADD COLUMN duplicates BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alert_sources ADD COLUMN suppressed BIGINT NOT NULL DEFAULT 0;
