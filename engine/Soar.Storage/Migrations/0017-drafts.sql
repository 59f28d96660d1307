-- Playbooks that somebody is changing. One draft a playbook; whoever saves says which version theirs was made from.

CREATE TABLE drafts (
    playbook TEXT    NOT NULL PRIMARY KEY CHECK (playbook <> ''),
    version  INTEGER NOT NULL CHECK (version >= 1),
    -- NULL: discarded. The row stays, so that a version is never given twice and an old page cannot save over a new draft.
    source   TEXT,
    saved_by TEXT    NOT NULL CHECK (saved_by <> ''),
    saved_at BIGINT  NOT NULL
);
