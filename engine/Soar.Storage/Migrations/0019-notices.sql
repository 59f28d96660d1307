-- Telling people that a question waits for them. A question says when its people are next told; a notice is one message to one of them, and stays until it was handed over.

ALTER TABLE questions ADD COLUMN tlp INTEGER CHECK (tlp BETWEEN 0 AND 4);
-- How often they were told so far, and when next; NULL = not again. A new question is told about at once.
ALTER TABLE questions ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE questions ADD COLUMN tell_at BIGINT DEFAULT 0;
CREATE INDEX questions_to_tell ON questions (status, tell_at) WHERE tell_at IS NOT NULL;

CREATE TABLE notices (
    notice_no   {{identity}},
    id          TEXT    NOT NULL UNIQUE CHECK (LENGTH(id) = 36),
    question_id TEXT    NOT NULL REFERENCES questions (id),
    -- By mail a login name, by chat the connector instance.
    person      TEXT    NOT NULL CHECK (person <> ''),
    channel     INTEGER NOT NULL CHECK (channel IN (0, 1)),
    round       INTEGER NOT NULL CHECK (round >= 0),
    made_at     BIGINT  NOT NULL,
    state       INTEGER NOT NULL CHECK (state IN (0, 1, 2)),
    attempts    INTEGER NOT NULL CHECK (attempts >= 0),
    next_at     BIGINT  NOT NULL,
    ended_at    BIGINT,
    problem     TEXT,
    -- SHA-256 of what the mail's link holds, written before the mail leaves.
    link        TEXT    UNIQUE CHECK (LENGTH(link) = 64),
    wrong_codes INTEGER NOT NULL CHECK (wrong_codes >= 0),
    UNIQUE (question_id, channel, person, round)
);
CREATE INDEX notices_waiting ON notices (next_at) WHERE state = 0;
