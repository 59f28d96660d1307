-- Runs, their journals, inboxes, questions and the containment ledger.
-- Times are UTC Unix milliseconds, ids UUIDv7 as text. Numbers of enumerations are persisted and only grow.

CREATE TABLE versions (
    hash        TEXT    NOT NULL PRIMARY KEY,
    playbook    TEXT    NOT NULL CHECK (playbook <> ''),
    version     TEXT    NOT NULL,
    file        TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    header      TEXT    NOT NULL,
    put_no      BIGINT  NOT NULL UNIQUE,
    put_at      BIGINT  NOT NULL
);
CREATE INDEX versions_newest ON versions (playbook, put_no);

CREATE TABLE runs (
    run_no           {{identity}},
    id               TEXT    NOT NULL UNIQUE CHECK (LENGTH(id) = 36),
    playbook         TEXT    NOT NULL CHECK (playbook <> ''),
    playbook_version TEXT    NOT NULL,
    version_hash     TEXT    NOT NULL,
    mode             INTEGER NOT NULL CHECK (mode BETWEEN 0 AND 2),
    status           INTEGER NOT NULL CHECK (status BETWEEN 0 AND 7),
    parent_id        TEXT,
    parent_ordinal   INTEGER,
    depth            INTEGER NOT NULL CHECK (depth >= 0),
    trigger_key      TEXT    UNIQUE,
    case_id          TEXT,
    started_by       TEXT    NOT NULL,
    created_at       BIGINT  NOT NULL,
    ended_at         BIGINT,
    result           TEXT,
    deaths           INTEGER NOT NULL CHECK (deaths >= 0),
    -- The fencing number: every write names it and is refused when it is not the newest.
    epoch            BIGINT  NOT NULL CHECK (epoch >= 0),
    lease_owner      TEXT,
    lease_until      BIGINT,
    wake_at          BIGINT,
    -- Something newer than the driver's last look lies in the inbox.
    woken            INTEGER NOT NULL CHECK (woken IN (0, 1)),
    -- Made from the columns above at every change (RunRow.Due), so that finding due runs is one index seek:
    -- ready = due whatever the clock says, since due_at; otherwise due when the clock reaches due_at; NULL = not by the clock.
    ready            INTEGER NOT NULL CHECK (ready IN (0, 1)),
    due_at           BIGINT,
    CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
    -- 3 to 5 have ended. Not written as IN (3, 4, 5): SQLite makes a table of its own for such a list at every change of a row.
    CHECK ((status BETWEEN 3 AND 5) = (ended_at IS NOT NULL)),
    CHECK (status NOT BETWEEN 3 AND 5 OR (lease_owner IS NULL AND due_at IS NULL)),
    CHECK (ready = 0 OR (due_at IS NOT NULL AND lease_owner IS NULL))
);
CREATE INDEX runs_ready ON runs (due_at, run_no) WHERE ready = 1;
CREATE INDEX runs_timed ON runs (due_at, run_no) WHERE ready = 0 AND due_at IS NOT NULL;
CREATE INDEX runs_by_status ON runs (status, run_no);
CREATE INDEX runs_by_playbook ON runs (playbook, run_no);

-- Rows lie in the order in which they were committed, so that a commit of 500 runs' records fills a few pages instead of touching 500; the key finds a run's own.
CREATE TABLE journal (
    position {{identity}},
    run_no   BIGINT  NOT NULL REFERENCES runs (run_no),
    seq      INTEGER NOT NULL CHECK (seq >= 1),
    at       BIGINT  NOT NULL,
    kind     INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 255),
    ordinal  INTEGER NOT NULL CHECK (ordinal >= -1),
    delivery INTEGER NOT NULL CHECK (delivery BETWEEN 0 AND 255),
    path     TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    hash     BIGINT  NOT NULL,
    payload  {{blob}} NOT NULL,
    -- SHA-256 of a payload that is too large to lie here; payload is empty then.
    artifact TEXT    CHECK (artifact IS NULL OR (LENGTH(artifact) = 64 AND LENGTH(payload) = 0)),
    UNIQUE (run_no, seq)
);

CREATE TABLE inbox (
    run_no   BIGINT  NOT NULL REFERENCES runs (run_no),
    arrival  BIGINT  NOT NULL CHECK (arrival >= 1),
    id       TEXT    NOT NULL,
    kind     INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 255),
    name     TEXT    NOT NULL,
    payload  {{blob}} NOT NULL,
    artifact TEXT    CHECK (artifact IS NULL OR (LENGTH(artifact) = 64 AND LENGTH(payload) = 0)),
    at       BIGINT  NOT NULL,
    -- Consumed items stay: the same id sent again must still count once.
    consumed INTEGER NOT NULL CHECK (consumed IN (0, 1)),
    PRIMARY KEY (run_no, arrival),
    UNIQUE (run_no, id)
) {{clustered}};

CREATE TABLE questions (
    id          TEXT    NOT NULL PRIMARY KEY CHECK (LENGTH(id) = 36),
    run_no      BIGINT  NOT NULL REFERENCES runs (run_no),
    ordinal     INTEGER NOT NULL CHECK (ordinal >= -1),
    kind        INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
    who         TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    details     TEXT    NOT NULL,
    asked_at    BIGINT  NOT NULL,
    until       BIGINT,
    quorum      INTEGER NOT NULL CHECK (quorum >= 1),
    escalate_to TEXT,
    status      INTEGER NOT NULL CHECK (status BETWEEN 0 AND 3)
);
CREATE UNIQUE INDEX questions_open ON questions (run_no, ordinal, kind) WHERE status = 0;
CREATE INDEX questions_by_status ON questions (status, asked_at);
CREATE INDEX questions_by_run ON questions (run_no, status);

CREATE TABLE answers (
    question_id TEXT    NOT NULL REFERENCES questions (id),
    person      TEXT    NOT NULL CHECK (person <> ''),
    position    INTEGER NOT NULL CHECK (position >= 1),
    approve     INTEGER NOT NULL CHECK (approve IN (0, 1)),
    reason      TEXT    NOT NULL,
    at          BIGINT  NOT NULL,
    value       TEXT,
    PRIMARY KEY (question_id, person),
    UNIQUE (question_id, position)
);

CREATE TABLE containments (
    id            TEXT    NOT NULL PRIMARY KEY CHECK (LENGTH(id) = 36),
    action        TEXT    NOT NULL CHECK (action <> ''),
    instance      TEXT    NOT NULL CHECK (instance <> ''),
    target        TEXT    NOT NULL CHECK (target <> ''),
    arguments     TEXT    NOT NULL,
    status        INTEGER NOT NULL CHECK (status BETWEEN 0 AND 6),
    prior_state   TEXT,
    result        TEXT,
    key           TEXT    NOT NULL,
    since         BIGINT  NOT NULL,
    until         BIGINT,
    lift_attempts INTEGER NOT NULL CHECK (lift_attempts >= 0),
    note          TEXT
);
-- 4 is Lifted; everything else stands, and only one row may stand for one target.
CREATE UNIQUE INDEX containments_standing ON containments (action, instance, target) WHERE status <> 4;
CREATE INDEX containments_due ON containments (until) WHERE status = 1;

CREATE TABLE holders (
    containment_id TEXT    NOT NULL REFERENCES containments (id),
    run_id         TEXT    NOT NULL CHECK (LENGTH(run_id) = 36),
    ordinal        INTEGER NOT NULL CHECK (ordinal >= -1),
    case_id        TEXT,
    until          BIGINT,
    released_at    BIGINT,
    released_by    TEXT,
    PRIMARY KEY (containment_id, run_id, ordinal)
);
CREATE INDEX holders_by_case ON holders (case_id) WHERE case_id IS NOT NULL;
