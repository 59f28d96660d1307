-- Alerts as their sources handed them over, what became of each, and what could not be read. Kept before anything is started for them.

CREATE TABLE alerts (
    alert_no    {{identity}},
    id          TEXT    NOT NULL UNIQUE CHECK (LENGTH(id) = 36),
    source      TEXT    NOT NULL CHECK (source <> ''),
    -- The detector's own id: with the source it makes intake idempotent.
    external_id TEXT    NOT NULL CHECK (external_id <> ''),
    alert       TEXT    NOT NULL,
    received_at BIGINT  NOT NULL,
    last_at     BIGINT  NOT NULL,
    times       INTEGER NOT NULL CHECK (times >= 1),
    resolved_at BIGINT,
    state       INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
    reason      TEXT    CHECK (reason IS NULL OR state IN (2, 3)),
    triggers    TEXT,
    decided_at  BIGINT,
    UNIQUE (source, external_id),
    CHECK ((state = 0) = (decided_at IS NULL)),
    CHECK (state <> 3 OR reason IS NOT NULL)
);
CREATE INDEX alerts_by_state ON alerts (state, alert_no);
CREATE INDEX alerts_by_source ON alerts (source, alert_no);

CREATE TABLE alert_sources (
    name       TEXT   NOT NULL PRIMARY KEY CHECK (name <> ''),
    alerts     BIGINT NOT NULL CHECK (alerts >= 0),
    repeated   BIGINT NOT NULL CHECK (repeated >= 0),
    ignored    BIGINT NOT NULL CHECK (ignored >= 0),
    unreadable BIGINT NOT NULL CHECK (unreadable >= 0),
    last_at    BIGINT NOT NULL
);

CREATE TABLE unreadable_inputs (
    source   TEXT    NOT NULL CHECK (source <> ''),
    hash     TEXT    NOT NULL CHECK (LENGTH(hash) = 64),
    text     TEXT    NOT NULL,
    problem  TEXT    NOT NULL CHECK (problem <> ''),
    first_at BIGINT  NOT NULL,
    last_at  BIGINT  NOT NULL,
    times    INTEGER NOT NULL CHECK (times >= 1),
    PRIMARY KEY (source, hash)
);
CREATE INDEX unreadable_inputs_newest ON unreadable_inputs (source, last_at);
