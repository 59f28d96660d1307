-- Cases and what runs put into them, the chain of custody, and the SOC's versioned lists.
-- "key" is the idempotency key of the step that wrote: the same step again writes nothing.

CREATE TABLE cases (
    id        TEXT    NOT NULL PRIMARY KEY CHECK (LENGTH(id) = 36),
    number    INTEGER NOT NULL UNIQUE CHECK (number >= 1),
    key       TEXT    NOT NULL UNIQUE,
    run_no    BIGINT  NOT NULL REFERENCES runs (run_no),
    title     TEXT    NOT NULL CHECK (title <> ''),
    severity  INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 100),
    tlp       INTEGER NOT NULL CHECK (tlp BETWEEN 0 AND 4),
    opened_at BIGINT  NOT NULL,
    opened_by TEXT    NOT NULL
);
CREATE INDEX runs_by_case ON runs (case_id) WHERE case_id IS NOT NULL;

CREATE TABLE notes (
    note_no {{identity}},
    key     TEXT    NOT NULL UNIQUE,
    run_no  BIGINT  NOT NULL REFERENCES runs (run_no),
    step    TEXT    NOT NULL,
    at      BIGINT  NOT NULL,
    text    TEXT    NOT NULL CHECK (text <> '')
);
CREATE INDEX notes_by_run ON notes (run_no);

CREATE TABLE observables (
    observable_no {{identity}},
    key           TEXT    NOT NULL UNIQUE,
    run_no        BIGINT  NOT NULL REFERENCES runs (run_no),
    step          TEXT    NOT NULL,
    at            BIGINT  NOT NULL,
    type          TEXT    NOT NULL CHECK (type <> ''),
    value         TEXT    NOT NULL CHECK (value <> ''),
    verdict       INTEGER NOT NULL CHECK (verdict BETWEEN 0 AND 3)
);
CREATE INDEX observables_by_run ON observables (run_no);
CREATE INDEX observables_by_value ON observables (type, value);

CREATE TABLE evidence (
    evidence_no {{identity}},
    id          TEXT    NOT NULL UNIQUE CHECK (LENGTH(id) = 36),
    key         TEXT    NOT NULL UNIQUE,
    run_no      BIGINT  NOT NULL REFERENCES runs (run_no),
    step        TEXT    NOT NULL,
    at          BIGINT  NOT NULL,
    sha256      TEXT    NOT NULL CHECK (LENGTH(sha256) = 64),
    size        BIGINT  NOT NULL CHECK (size >= 0),
    name        TEXT    NOT NULL,
    media_type  TEXT    NOT NULL,
    description TEXT    NOT NULL
);
CREATE INDEX evidence_by_run ON evidence (run_no);

CREATE TABLE custody (
    number      BIGINT  NOT NULL PRIMARY KEY CHECK (number >= 1),
    evidence_id TEXT    NOT NULL REFERENCES evidence (id),
    what        TEXT    NOT NULL CHECK (what <> ''),
    who         TEXT    NOT NULL,
    at          BIGINT  NOT NULL,
    run_id      TEXT    NOT NULL CHECK (LENGTH(run_id) = 36),
    step        TEXT    NOT NULL,
    sha256      TEXT    NOT NULL CHECK (LENGTH(sha256) = 64),
    previous    TEXT    NOT NULL UNIQUE CHECK (LENGTH(previous) = 64),
    hash        TEXT    NOT NULL UNIQUE CHECK (LENGTH(hash) = 64)
);
CREATE INDEX custody_by_evidence ON custody (evidence_id);

CREATE TABLE lists (
    name        TEXT    NOT NULL CHECK (name <> ''),
    version     INTEGER NOT NULL CHECK (version >= 1),
    columns     TEXT    NOT NULL,
    rows        TEXT    NOT NULL,
    row_count   INTEGER NOT NULL CHECK (row_count >= 0),
    sha256      TEXT    NOT NULL CHECK (LENGTH(sha256) = 64),
    imported_by TEXT    NOT NULL,
    imported_at BIGINT  NOT NULL,
    PRIMARY KEY (name, version)
);
