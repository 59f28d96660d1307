-- The register of requests to providers, points of contact, Interpol and Europol. Entries are appended, never changed; "key" is the idempotency key of the step that wrote.

CREATE TABLE requests (
    number    INTEGER NOT NULL PRIMARY KEY CHECK (number >= 1),
    reference TEXT    NOT NULL UNIQUE CHECK (reference <> ''),
    key       TEXT    NOT NULL UNIQUE,
    kind      INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3),
    addressee TEXT    NOT NULL CHECK (addressee <> ''),
    subject   TEXT    NOT NULL CHECK (subject <> ''),
    run_no    BIGINT  NOT NULL REFERENCES runs (run_no),
    opened_at BIGINT  NOT NULL,
    extends   INTEGER REFERENCES requests (number) CHECK (extends < number)
);
CREATE INDEX requests_by_run ON requests (run_no);
CREATE INDEX requests_by_extends ON requests (extends) WHERE extends IS NOT NULL;

CREATE TABLE request_entries (
    entry_no {{identity}},
    key      TEXT    NOT NULL UNIQUE,
    number   INTEGER NOT NULL REFERENCES requests (number),
    run_no   BIGINT  NOT NULL REFERENCES runs (run_no),
    step     TEXT    NOT NULL,
    at       BIGINT  NOT NULL,
    status   INTEGER NOT NULL CHECK (status BETWEEN 1 AND 7),
    note     TEXT    NOT NULL CHECK (note <> ''),
    due      BIGINT  CHECK (due IS NULL OR status IN (1, 2, 3))
);
CREATE INDEX request_entries_by_number ON request_entries (number, entry_no);
CREATE INDEX request_entries_by_run ON request_entries (run_no);
