-- What changed in cases, for triggers: written with the change itself, and handled once.
CREATE TABLE case_changes (
    change_no  {{identity}},
    case_id    TEXT    NOT NULL REFERENCES cases (id),
    run_no     BIGINT  NOT NULL REFERENCES runs (run_no),
    what       INTEGER NOT NULL CHECK (what BETWEEN 1 AND 255),
    at         BIGINT  NOT NULL,
    handled_at BIGINT
);
CREATE INDEX case_changes_open ON case_changes (change_no) WHERE handled_at IS NULL;

-- Triggers that could not be asked, starts that were refused: one line for a subject and a playbook version.
CREATE TABLE trigger_errors (
    subject  TEXT    NOT NULL,
    playbook TEXT    NOT NULL,
    message  TEXT    NOT NULL,
    at       BIGINT  NOT NULL,
    times    INTEGER NOT NULL CHECK (times >= 1),
    PRIMARY KEY (subject, playbook)
);
CREATE INDEX trigger_errors_newest ON trigger_errors (at);
