-- What people do with a case: where it stands, whose it is, what is to be done, what was said and done about it.

ALTER TABLE cases ADD COLUMN status INTEGER NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 3);
-- How it came out: of a closed one.
ALTER TABLE cases ADD COLUMN resolution INTEGER CHECK (resolution BETWEEN 0 AND 4);
ALTER TABLE cases ADD COLUMN priority INTEGER CHECK (priority BETWEEN 1 AND 5);
ALTER TABLE cases ADD COLUMN owner TEXT CHECK (owner <> '');
-- An incident is a case that was declared one.
ALTER TABLE cases ADD COLUMN declared_at BIGINT;
ALTER TABLE cases ADD COLUMN declared_by TEXT CHECK ((declared_by IS NULL) = (declared_at IS NULL));
-- The first time each; a case that is opened again has no end any more, but was acknowledged and contained.
ALTER TABLE cases ADD COLUMN acknowledged_at BIGINT;
ALTER TABLE cases ADD COLUMN contained_at BIGINT;
ALTER TABLE cases ADD COLUMN closed_at BIGINT CHECK ((closed_at IS NULL) = (status <> 3) AND (resolution IS NULL) = (status <> 3));
ALTER TABLE cases ADD COLUMN merged_into TEXT REFERENCES cases (id) CHECK (merged_into IS NULL OR status = 3);
CREATE INDEX cases_by_status ON cases (status, number);
CREATE INDEX cases_by_owner ON cases (owner, number) WHERE owner IS NOT NULL;
CREATE INDEX cases_by_opening ON cases (opened_at);

-- Appended, never changed.
CREATE TABLE case_events (
    event_no {{identity}},
    case_id  TEXT   NOT NULL REFERENCES cases (id),
    at       BIGINT NOT NULL,
    who      TEXT   NOT NULL CHECK (who <> ''),
    what     TEXT   NOT NULL CHECK (what <> ''),
    text     TEXT   NOT NULL,
    old      TEXT,
    new      TEXT
);
CREATE INDEX case_events_by_case ON case_events (case_id, event_no);

-- What people write; what runs write stands in notes.
CREATE TABLE case_notes (
    note_no {{identity}},
    case_id TEXT   NOT NULL REFERENCES cases (id),
    at      BIGINT NOT NULL,
    who     TEXT   NOT NULL CHECK (who <> ''),
    text    TEXT   NOT NULL CHECK (text <> '')
);
CREATE INDEX case_notes_by_case ON case_notes (case_id, note_no);

CREATE TABLE case_tasks (
    task_no    {{identity}},
    case_id    TEXT   NOT NULL REFERENCES cases (id),
    title      TEXT   NOT NULL CHECK (title <> ''),
    assignee   TEXT   CHECK (assignee <> ''),
    due        BIGINT,
    created_at BIGINT NOT NULL,
    created_by TEXT   NOT NULL CHECK (created_by <> ''),
    done_at    BIGINT,
    done_by    TEXT   CHECK ((done_by IS NULL) = (done_at IS NULL))
);
CREATE INDEX case_tasks_by_case ON case_tasks (case_id, task_no);

-- What a case is about, of its alerts and its runs: cases that share one of these are related.
CREATE TABLE case_facts (
    case_id TEXT NOT NULL REFERENCES cases (id),
    type    TEXT NOT NULL CHECK (type <> ''),
    value   TEXT NOT NULL CHECK (value <> ''),
    PRIMARY KEY (case_id, type, value)
) {{clustered}};
CREATE INDEX case_facts_by_value ON case_facts (type, value);
INSERT INTO case_facts (case_id, type, value)
    SELECT DISTINCT r.case_id, o.type, o.value FROM observables AS o JOIN runs AS r ON r.run_no = o.run_no JOIN cases AS c ON c.id = r.case_id;
INSERT INTO case_facts (case_id, type, value)
    SELECT DISTINCT case_id, SUBSTR(key, 1, INSTR(key, ':') - 1), SUBSTR(key, INSTR(key, ':') + 1) FROM case_keys WHERE INSTR(key, ':') > 1 AND LENGTH(key) > INSTR(key, ':')
    ON CONFLICT (case_id, type, value) DO NOTHING;
