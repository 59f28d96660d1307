-- Who did what, and when: appended, never changed. Each record's hash covers the one before it; checkpoints sign a number and its hash.

CREATE TABLE audit (
    number   BIGINT NOT NULL PRIMARY KEY CHECK (number >= 1),
    at       BIGINT NOT NULL,
    who      TEXT   NOT NULL CHECK (who <> ''),
    origin   TEXT   NOT NULL CHECK (origin <> ''),
    what     TEXT   NOT NULL CHECK (what <> ''),
    target   TEXT   NOT NULL,
    details  TEXT   NOT NULL,
    outcome  TEXT   NOT NULL CHECK (outcome <> ''),
    previous TEXT   NOT NULL CHECK (LENGTH(previous) = 64),
    hash     TEXT   NOT NULL UNIQUE CHECK (LENGTH(hash) = 64)
);
CREATE INDEX audit_by_target ON audit (target, number);
CREATE INDEX audit_by_who ON audit (who, number);

CREATE TABLE audit_checkpoints (
    number    BIGINT NOT NULL PRIMARY KEY REFERENCES audit (number),
    hash      TEXT   NOT NULL CHECK (LENGTH(hash) = 64),
    at        BIGINT NOT NULL,
    key_id    TEXT   NOT NULL CHECK (LENGTH(key_id) = 64),
    signature TEXT   NOT NULL CHECK (signature <> '')
);
