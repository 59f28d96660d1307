-- Published versions of playbooks: written once, never changed. Which one new runs take is told by the newest turn. A playbook without a turn, or whose newest names no version, is taken from the folder.

CREATE TABLE published_versions (
    publish_no   {{identity}},
    playbook     TEXT    NOT NULL CHECK (playbook <> ''),
    version      TEXT    NOT NULL CHECK (version <> ''),
    -- SHA-256 of the source as UTF-8: what a version says is the same for good.
    content      TEXT    NOT NULL CHECK (LENGTH(content) = 64),
    file         TEXT    NOT NULL CHECK (file <> ''),
    source       TEXT    NOT NULL CHECK (source <> ''),
    author       TEXT    NOT NULL CHECK (author <> ''),
    reviewer     TEXT    CHECK (reviewer <> '' AND reviewer <> author),
    commit_id    TEXT    CHECK (commit_id <> ''),
    note         TEXT    NOT NULL,
    -- How many tests of the playbook passed when it was published.
    tests        INTEGER NOT NULL CHECK (tests >= 0),
    published_by TEXT    NOT NULL CHECK (published_by <> ''),
    published_at BIGINT  NOT NULL,
    UNIQUE (playbook, version)
);

CREATE TABLE version_turns (
    turn_no  {{identity}},
    playbook TEXT   NOT NULL CHECK (playbook <> ''),
    -- NULL: withdrawn.
    version  TEXT,
    by_whom  TEXT   NOT NULL CHECK (by_whom <> ''),
    at       BIGINT NOT NULL,
    reason   TEXT   NOT NULL,
    FOREIGN KEY (playbook, version) REFERENCES published_versions (playbook, version)
);
CREATE INDEX version_turns_newest ON version_turns (playbook, turn_no);

-- Everybody who saved the draft since it was begun: none of them reviews it. And the content of the version it was begun from; NULL = none was published.
ALTER TABLE drafts ADD COLUMN writers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE drafts ADD COLUMN begun_from TEXT;

-- A draft as it was submitted. What is approved and published is this text, whatever becomes of the draft.
CREATE TABLE reviews (
    review_no    {{identity}},
    id           TEXT    NOT NULL UNIQUE CHECK (LENGTH(id) = 36),
    playbook     TEXT    NOT NULL CHECK (playbook <> ''),
    version      TEXT    NOT NULL CHECK (version <> ''),
    content      TEXT    NOT NULL CHECK (LENGTH(content) = 64),
    source       TEXT    NOT NULL,
    draft        INTEGER NOT NULL CHECK (draft >= 1),
    begun_from   TEXT,
    author       TEXT    NOT NULL CHECK (author <> ''),
    writers      TEXT    NOT NULL,
    note         TEXT    NOT NULL,
    tests        INTEGER NOT NULL CHECK (tests >= 0),
    submitted_at BIGINT  NOT NULL,
    -- 0 open, 1 approved, 2 refused, 3 withdrawn, 4 replaced by a later one, 5 published
    state        INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),
    reviewer     TEXT    CHECK (reviewer <> '' AND reviewer <> author),
    decided_at   BIGINT,
    reason       TEXT    NOT NULL,
    CHECK (state NOT IN (1, 2) OR (reviewer IS NOT NULL AND decided_at IS NOT NULL))
);
CREATE INDEX reviews_by_playbook ON reviews (playbook, review_no);
CREATE UNIQUE INDEX reviews_in_hand ON reviews (playbook) WHERE state IN (0, 1);

CREATE TABLE review_comments (
    comment_no {{identity}},
    review_no  BIGINT NOT NULL REFERENCES reviews (review_no),
    by_whom    TEXT   NOT NULL CHECK (by_whom <> ''),
    at         BIGINT NOT NULL,
    text       TEXT   NOT NULL CHECK (text <> ''),
    -- Of the submitted text, from 1; NULL = on all of it.
    line       INTEGER CHECK (line >= 1)
);
CREATE INDEX review_comments_of ON review_comments (review_no, comment_no);
